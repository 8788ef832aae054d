"""The table of conventions in words, as the chapter *Frameworks* prints it."""

from collections.abc import Mapping
from typing import Any

from rmsprop.frameworks.conventions import (
    CONVENTIONS,
    IN,
    OUT,
    REQUIRED,
    Convention,
)
from rmsprop.tables import Table

_HEADS = {
    "learning_rate": "learning rate",
    "decay": "decay",
    "eps": "eps",
    "eps_inside": "eps in root?",
    "eps_maximum": "eps taken as",
    "initial_mean_square": "G₀",
    "centered": "centered",
    "momentum": "momentum",
    "rate_in_buffer": "rate in buffer?",
    "nesterov": "Nesterov",
    "bias_correction": "bias correction",
    "weight_decay": "weight decay",
    "decoupled": "its kind",
    "maximize": "maximize",
}
_FACTS = ("title", "version", "source", "known", "note")
_SWITCHES = {
    "eps_inside": {IN: "inside", OUT: "outside"},
    "eps_maximum": {True: "maximum", False: "sum"},
    "rate_in_buffer": {IN: "inside", OUT: "outside"},
    "decoupled": {True: "decoupled", False: "coupled"},
}
"""How the table says the two states of a switch, where it is not yes or no."""
_NOTHING = {"-", ""}


def table(*columns: str, of: Mapping[str, Convention] = CONVENTIONS) -> Table:
    r"""Return the conventions as a table, a row a framework.

    Parameters
    ----------
    *columns : str
        Knobs of `Variant`, or "title", "version", "source", "known", "note".
    of : mapping
        The rows: `CONVENTIONS`, or `FURTHER`, or a choice of them by name.

    Returns
    -------
    Table
        ``word=default`` is an argument, a bare word one without a default, a bare value
        is fixed, and a dash says that there is no such thing. Frameworks that have none
        of the columns are left out.

    Raises
    ------
    ValueError
        If a column is unknown.

    Notes
    -----
    Chapter: *Frameworks*.

    Examples
    --------
    >>> from rmsprop.frameworks import table
    >>> print("\n".join(str(table("decay", "eps", "eps_inside")).splitlines()[:5]))
    framework     decay           eps            eps in root?
    hinton        decay=0.9       0              -
    graves        decay=0.95      eps=0.0001     inside
    pytorch       alpha=0.99      eps=1e-08      outside
    keras         rho=0.9         epsilon=1e-07  inside
    """
    known = (*_HEADS, *_FACTS)
    for column in columns:
        if column not in known:
            raise ValueError(f"columns must be of {', '.join(known)}; got {column!r}")
    heads = ("framework", *(_HEADS.get(column, column) for column in columns))
    rows = ((c.name, *(_cell(c, column) for column in columns)) for c in of.values())
    kept = tuple(row for row in rows if not _NOTHING.issuperset(row[1:]))
    return Table(heads, kept, words=True)


def _cell(convention: Convention, column: str) -> str:
    if column in _FACTS:
        return str(getattr(convention, column))
    word = convention.word(column)
    if word is not None:
        default = convention.arguments[word][1]
        value = f"{default:g}" if isinstance(default, float) else default
        return word if default is REQUIRED else f"{word}={value}"
    if column in convention.derived:
        return convention.derived[column][0]
    return _say(column, convention.fixed[column]) if column in convention.fixed else "-"


def _say(knob: str, value: Any) -> str:
    if isinstance(value, bool):
        return _SWITCHES.get(knob, {True: "yes", False: "no"})[value]
    return f"{value:g}"
