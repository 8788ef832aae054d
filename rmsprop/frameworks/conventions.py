"""How a framework's conventions become a row of a table, and a constructor.

`constructors` declares the rows, a function each. What is written there is written
nowhere else: the signature gives the framework's own words and their defaults, and the
decorator `row` what there is no choice about.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, ParamSpec

from rmsprop.frameworks.variant import NUMBERS, Variant, check_knob

REQUIRED = inspect.Parameter.empty
"""Stands where an argument has no default."""

IN, OUT = True, False

Knobs = Mapping[str, Any]
Derived = Mapping[str, tuple[str, Callable[[Knobs], Any]]]


@dataclass(frozen=True)
class Convention:
    """One framework's RMSprop, in terms of the knobs of `Variant`.

    Attributes
    ----------
    name : str
        The name of the constructor in `rmsprop.frameworks`, if it is in `CONVENTIONS`.
    title : str
        Where a user finds it.
    version : str
        The version that was checked.
    source : str
        The file, or the paper's equations, that says so.
    known : str
        How: "run" (that version was run beside this package), "golden" (its source was
        read, and the numbers in its own tests were met), "read" (its source was), or
        "quoted" (from other texts that cite it).
    arguments : mapping
        Its own word for each knob, and its default: ``word -> (knob, default)``.
    fixed : mapping
        The knobs that it leaves no choice about. A knob in neither is absent.
    derived : mapping
        Knobs that follow from others: ``knob -> (words, function of the knobs)``.
    note : str
        What else one must know.

    Examples
    --------
    >>> from rmsprop.frameworks import CONVENTIONS
    >>> CONVENTIONS["pytorch"].arguments["alpha"]
    ('decay', 0.99)
    >>> CONVENTIONS["pytorch"].fixed["eps_inside"]
    False
    """

    name: str
    title: str
    version: str
    source: str
    known: str
    arguments: Mapping[str, tuple[str, Any]]
    fixed: Knobs
    derived: Derived = field(default_factory=dict)
    note: str = ""

    def word(self, knob: str) -> str | None:
        """Return this framework's own word for a knob, None if it has none.

        Parameters
        ----------
        knob : str
            A field of `Variant`.

        Returns
        -------
        str or None
            The first word, where there are two spellings.

        Examples
        --------
        >>> from rmsprop.frameworks import CONVENTIONS
        >>> CONVENTIONS["mxnet"].word("decay"), CONVENTIONS["mxnet"].word("nesterov")
        ('gamma1', None)
        """
        words = [word for word, (k, _) in self.arguments.items() if k == knob]
        return words[0] if words else None

    def knobs(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return all knobs for a setting in this framework's own words.

        Parameters
        ----------
        arguments : mapping
            The framework's own arguments; those left out take its own defaults.

        Returns
        -------
        dict
            What `Variant` takes. A knob that is absent here keeps its default there.

        Examples
        --------
        >>> from rmsprop.frameworks import CONVENTIONS
        >>> CONVENTIONS["lasagne"].knobs({"rho": 0.5})["decay"]
        0.5
        """
        values: dict[str, Any] = {}
        for word, (knob, default) in self.arguments.items():
            value = arguments.get(word, default)
            if value is default is None:  # some write None where others write 0
                value = 0.0
            # A switch with two spellings is on if either is.
            values[knob] = values.get(knob, False) or value
        values.update(self.fixed)
        return values | {knob: f(values) for knob, (_, f) in self.derived.items()}


CONVENTIONS: dict[str, Convention] = {}
"""One row a framework, by the name of its constructor."""

FURTHER: dict[str, Convention] = {}
"""Further implementations, by the name that `build` and `translate` take."""


def find(name: str, framework: Any) -> Convention:
    """Return the row of a framework, which the user's argument `name` named."""
    known = CONVENTIONS | FURTHER
    if not isinstance(framework, str) or framework not in known:
        raise ValueError(f"{name} must be one of {', '.join(known)}; got {framework!r}")
    return known[framework]


def build(framework: str, **arguments: Any) -> Variant:
    """Return the RMSprop of a framework, set in that framework's own words.

    Parameters
    ----------
    framework : str
        A name in `CONVENTIONS` or `FURTHER`.
    **arguments
        The framework's own arguments; those left out take its own defaults.

    Returns
    -------
    Variant
        The optimizer.

    Raises
    ------
    ValueError
        If the framework is unknown, or a value lies outside its range.
    TypeError
        If an argument is unknown there, missing, or of a wrong type.

    Examples
    --------
    A loop over frameworks has their names as text:

    >>> from rmsprop.frameworks import build
    >>> [build(name).decay for name in ("pytorch", "keras", "dl4j")]
    [0.99, 0.9, 0.95]
    """
    convention = find("framework", framework)
    given = ", ".join(name for name in arguments if name not in convention.arguments)
    if given:
        known = ", ".join(convention.arguments)
        raise TypeError(f"{framework} takes {known}; got {given}")
    for word, (knob, default) in convention.arguments.items():
        if default is REQUIRED and word not in arguments:
            raise TypeError(f"{framework} has no default for {word}; give it a value")
        if word in arguments and not (arguments[word] is default is None):
            check_knob(knob, word, arguments[word])
    return Variant(**convention.knobs(arguments))


P = ParamSpec("P")


def row(  # noqa: PLR0913 - the columns
    *,
    title: str,
    version: str,
    source: str,
    known: str,
    fixed: Knobs,
    words: Mapping[str, str] | None = None,
    derived: Derived | None = None,
    note: str = "",
) -> Callable[[Callable[P, None]], Callable[P, Variant]]:
    """Enter a declaration into `CONVENTIONS`, and make a constructor of it.

    `words` says which knob a word sets, unless the two have the same name. The others
    are those of `Convention`.
    """

    def enter(declaration: Callable[P, None]) -> Callable[P, Variant]:
        name = declaration.__name__
        signature = inspect.signature(declaration)
        arguments = {
            word: ((words or {}).get(word, word), parameter.default)
            for word, parameter in signature.parameters.items()
        }
        convention = CONVENTIONS[name] = Convention(
            name, title, version, source, known, arguments, fixed, derived or {}, note
        )

        @wraps(declaration)
        def construct(*positional: P.args, **given: P.kwargs) -> Variant:
            if positional:
                known, values = ", ".join(arguments), ", ".join(map(repr, positional))
                rule = f"{name} takes {known} by name"
                raise TypeError(f"{rule}; got {values} without one")
            return build(name, **given)

        construct.__doc__ = _docstring(convention, inspect.getdoc(declaration) or "")
        construct.__signature__ = (  # type: ignore[attr-defined]
            signature.replace(return_annotation=Variant)
        )
        return construct

    return enter


def _docstring(convention: Convention, example: str) -> str:
    fixed = dict(convention.fixed)
    fixed |= {knob: words for knob, (words, _) in convention.derived.items()}
    lines = [
        f"Return the RMSprop of {convention.title}.",
        "\nParameters\n----------",
        *(
            f"{word} : {'float or array' if knob in NUMBERS else 'bool'}"
            f"{' or None' if default is None else ''}\n    Sets `{knob}`."
            for word, (knob, default) in convention.arguments.items()
        ),
        "\nReturns\n-------\nVariant\n    The optimizer.",
        "\nRaises\n------\nTypeError, ValueError\n    As `build` does.",
        "\nNotes\n-----",
        f"Version {convention.version}, {convention.source} ({convention.known}).",
        f"No choice: {', '.join(f'{k} = {v}' for k, v in fixed.items())}.",
        convention.note,
    ]
    notes = "\n".join(lines).rstrip()
    return f"{notes}\n\nExamples\n--------\n{example}\n"
