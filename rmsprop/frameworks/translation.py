"""A setting of one framework, carried to another."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

import numpy as np

from rmsprop._numbers import sqrt
from rmsprop.frameworks.conventions import Convention, find
from rmsprop.frameworks.differences import differences, status
from rmsprop.frameworks.report import moves_table, reasons, wrapped, written
from rmsprop.frameworks.variant import Variant


@dataclass(frozen=True)
class Translation:
    """A setting of one framework in the words of another; `str` gives a report.

    Attributes
    ----------
    to : str
        The framework translated to.
    arguments : mapping
        What to write there: the three numbers that everyone has, and whatever differs
        from the defaults there. The nearest setting if there is no exact one; a weight
        decay of the other kind is left out.
    status : str
        "exact"; "same floor" if only the way that eps enters the denominator differs,
        and the denominators agree where no gradient was seen; "same at a constant
        rate" if only the place of the rate differs; "same floor at a constant rate" if
        both do; "different" otherwise.
    reasons : tuple of str
        What cannot be had there, a sentence a knob.
    asked, found : Variant
        What was to be translated, and what `arguments` gives.

    Notes
    -----
    Where eps moves out of the root, the report writes it as ``1e-07**0.5`` rather than
    with its seventeen digits; `arguments` holds the number.

    Examples
    --------
    >>> from rmsprop.frameworks import keras, translate
    >>> translation = translate(keras(epsilon=1e-6), to="pytorch")
    >>> translation.status, translation.arguments["eps"]
    ('same floor', 0.001)
    """

    to: str
    arguments: Mapping[str, Any]
    status: str
    reasons: tuple[str, ...]
    asked: Variant
    found: Variant

    def __str__(self) -> str:
        convention = find("to", self.to)
        words = written(self.arguments, convention.word("eps"), self.asked, self.found)
        lines = [f"{convention.title} ({convention.version}), {self.status}:", words]
        if self.status != "exact":
            lines += [*map(wrapped, self.reasons), moves_table(self.asked, self.found)]
        return "\n".join(lines)


def translate(setting: Variant, to: str) -> Translation:
    """Say what to write in another framework, and what cannot be had there.

    Parameters
    ----------
    setting : Variant
        What a constructor such as `keras` returned. Its values must be single numbers.
    to : str
        The framework to translate to.

    Returns
    -------
    Translation
        The arguments there, whether they are exact, and if not why not.

    Raises
    ------
    ValueError
        If the framework is unknown, or a hyper-parameter is an array.
    TypeError
        If the setting is not a `Variant`.

    Notes
    -----
    Where eps must change sides of the root, it keeps the floor of the denominator: e
    inside becomes sqrt(e) outside. Chapter: *Frameworks*.

    Examples
    --------
    >>> from rmsprop.frameworks import optax, translate
    >>> print(translate(optax(learning_rate=0.001), to="keras"))
    keras.optimizers.RMSprop (3.15.1), exact:
      learning_rate=0.001, rho=0.9, epsilon=1e-08
    """
    convention = find("to", to)
    setting = _plain(setting)
    arguments = _arguments(setting, convention)
    found = Variant(**convention.knobs(arguments))
    word = convention.word("eps")
    if word is not None and setting.eps_inside != found.eps_inside:
        arguments[word] = _same_floor(setting)
        found = Variant(**convention.knobs(arguments))
    differ = differences(setting, found)
    if "decoupled" in differ:
        del arguments[str(convention.word("weight_decay"))]
        found = replace(found, weight_decay=0.0)
    why = tuple(reasons(setting, found, differ))
    return Translation(to, arguments, status(setting, found), why, setting, found)


def _plain(setting: Variant) -> Variant:
    """Return the same setting in Python's own numbers and bools."""
    if not isinstance(setting, Variant):
        kind = type(setting).__name__
        what = "what a constructor such as keras(...) returns"
        raise TypeError(f"setting must be {what}, got {kind}")
    values = {f.name: np.asarray(getattr(setting, f.name)) for f in fields(setting)}
    for name, value in values.items():
        if value.ndim > 0:
            raise ValueError(f"translate needs single numbers, got several {name}")
    return Variant(**{name: value.item() for name, value in values.items()})


def _arguments(setting: Variant, convention: Convention) -> dict[str, Any]:
    arguments = {}
    for word, (knob, default) in convention.arguments.items():
        value = getattr(setting, knob)
        unset = value == (0.0 if default is None else default)
        second_spelling = word != convention.word(knob)
        if knob in ("learning_rate", "decay", "eps") or not (unset or second_spelling):
            arguments[word] = value
    return arguments


def _same_floor(setting: Variant) -> float:
    """Return the eps on the other side of the root that keeps the floor."""
    if setting.eps_inside:
        return float(sqrt(setting.eps))
    # The square of the number as it is written: that of 1e-8 is 1e-16, while in binary
    # 1e-8 * 1e-8 is 1.0000000000000001e-16.
    return float(Decimal(repr(setting.eps)) ** 2)
