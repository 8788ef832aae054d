"""What PyTorch, Keras, TensorFlow 1, Optax and others compute as RMSprop.

There is a constructor for each framework, which takes that framework's own words and
defaults and returns a `Variant`. `translate` carries a setting from one to another.
The chapter *Frameworks* shows what the differences do.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from textwrap import TextWrapper
from typing import Any

import numpy as np

from rmsprop._numbers import sqrt
from rmsprop.conventions import CONVENTIONS, REQUIRED, Convention
from rmsprop.variant import NUMBERS, Variant, VariantState, check_knob

__all__ = ["Translation", "Variant", "VariantState", "build", "translate"]
__all__ += list(CONVENTIONS)


def build(framework: str, **arguments: Any) -> Variant:
    """Return the RMSprop of a framework, set in that framework's own words.

    Parameters
    ----------
    framework : str
        A name in `rmsprop.conventions.CONVENTIONS`.
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
    >>> build("pytorch", lr=0.1) == pytorch(lr=0.1)
    True
    """
    convention = _convention("framework", framework)
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


def _convention(name: str, framework: str) -> Convention:
    if not isinstance(framework, str) or framework not in CONVENTIONS:
        names = ", ".join(CONVENTIONS)
        raise ValueError(f"{name} must be one of {names}; got {framework!r}")
    return CONVENTIONS[framework]


def _constructor(name: str) -> Callable[..., Variant]:
    """Return `build` for one framework, with its signature and its facts."""
    convention = CONVENTIONS[name]

    def construct(*positional: Any, **arguments: Any) -> Variant:
        if positional:
            words = ", ".join(convention.arguments)
            given = ", ".join(map(repr, positional))
            raise TypeError(f"{name} takes {words} by name; got {given} without one")
        return build(name, **arguments)

    construct.__name__ = construct.__qualname__ = name
    construct.__doc__ = _docstring(convention)
    construct.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(word, inspect.Parameter.KEYWORD_ONLY, default=default)
            for word, (_, default) in convention.arguments.items()
        ]
    )
    return construct


def _docstring(convention: Convention) -> str:
    fixed = dict(convention.fixed)
    fixed |= {knob: words for knob, (words, _) in convention.derived.items()}
    lines = [
        f"Return the RMSprop of {convention.title}.",
        "\nParameters\n----------",
        *(
            f"{word} : {'float' if knob in NUMBERS else 'bool'}\n    Sets `{knob}`."
            for word, (knob, _) in convention.arguments.items()
        ),
        "\nReturns\n-------\nVariant\n    The optimizer.",
        "\nRaises\n------\nTypeError, ValueError\n    As `build` does.",
        "\nNotes\n-----",
        f"Version {convention.version}, {convention.source} ({convention.known}).",
        f"No choice: {', '.join(f'{k} = {v}' for k, v in fixed.items())}.",
        convention.note,
    ]
    return "\n".join(lines).rstrip() + "\n"


hinton = _constructor("hinton")
graves = _constructor("graves")
pytorch = _constructor("pytorch")
keras = _constructor("keras")
keras_legacy = _constructor("keras_legacy")
tensorflow1 = _constructor("tensorflow1")
optax = _constructor("optax")
timm = _constructor("timm")
jax_example = _constructor("jax_example")
chainer = _constructor("chainer")
mxnet = _constructor("mxnet")
mxnet2 = _constructor("mxnet2")
paddle = _constructor("paddle")
caffe = _constructor("caffe")
dl4j = _constructor("dl4j")
flux = _constructor("flux")
lasagne = _constructor("lasagne")


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
        "exact"; "equivalent" if only the place of eps (with the same floor) or that of
        the rate (the same while the rate is constant) differs; "different" otherwise.
    reasons : tuple of str
        What cannot be had there, a sentence a knob.
    asked, found : Variant
        What was to be translated, and what `arguments` gives.
    """

    to: str
    arguments: Mapping[str, Any]
    status: str
    reasons: tuple[str, ...]
    asked: Variant
    found: Variant

    def __str__(self) -> str:
        convention = CONVENTIONS[self.to]
        words = ", ".join(f"{word}={value!r}" for word, value in self.arguments.items())
        head = f"{convention.title} ({convention.version}), {self.status}:\n  {words}"
        if self.status == "exact":
            return head
        wrap = TextWrapper(76, initial_indent="- ", subsequent_indent="  ").fill
        reasons = "\n".join(map(wrap, self.reasons))
        return f"{head}\n{reasons}\n{_moves_table(self.asked, self.found)}"


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
    >>> print(translate(optax(learning_rate=0.001), to="keras"))
    keras.optimizers.RMSprop (3.15.1), exact:
      learning_rate=0.001, rho=0.9, epsilon=1e-08
    """
    convention = _convention("to", to)
    setting = _plain(setting)
    arguments = _arguments(setting, convention)
    found = Variant(**convention.knobs(arguments))
    word = convention.word("eps")
    if word is not None and setting.eps_inside != found.eps_inside:
        eps = setting.eps
        arguments[word] = sqrt(eps) if setting.eps_inside else eps * eps
        found = Variant(**convention.knobs(arguments))
    differ = _differences(setting, found)
    if "decoupled" in differ:
        del arguments[str(convention.word("weight_decay"))]
        found = replace(found, weight_decay=0.0)
    status = "different" if differ else "exact"
    if differ and set(differ) <= {"eps", "eps_inside", "rate_in_buffer"}:
        same_floor = _floor(setting) == _floor(found)
        status = "equivalent" if same_floor else "different"
    reasons = tuple(_reasons(setting, found, differ))
    return Translation(to, arguments, status, reasons, setting, found)


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
        if knob in ("learning_rate", "decay", "eps") or not unset:
            arguments[word] = value
    return arguments


def _differences(a: Variant, b: Variant) -> list[str]:
    """Return the knobs that differ, without those that are idle on one side."""
    idle = {
        knob
        for knob, other in _ACTS_WITH.items()
        if getattr(a, other) == 0 or getattr(b, other) == 0
    }
    knobs = [f.name for f in fields(a) if f.name not in idle]
    return [knob for knob in knobs if getattr(a, knob) != getattr(b, knob)]


_ACTS_WITH = {
    "eps_inside": "eps",
    "initial_mean_square": "decay",
    "rate_in_buffer": "momentum",
    "nesterov": "momentum",
    "bias_correction": "decay",
    "decoupled": "weight_decay",
}
"""Knobs that do nothing where another knob is 0."""


def _floor(variant: Variant) -> float:
    """Return the denominator at G = 0, rounded for comparison."""
    floor = variant.eps**0.5 if variant.eps_inside else variant.eps
    return float(f"{floor:.12g}")


def _reasons(asked: Variant, found: Variant, differ: list[str]) -> Iterator[str]:
    for knob in differ:
        if knob == "eps" and "eps_inside" in differ:
            continue
        here, there = getattr(asked, knob), getattr(found, knob)
        consequence = _CONSEQUENCES[knob](asked, found)
        yield f"{knob}: asked {here}, there {there}; {consequence}."


def _of_eps(asked: Variant, found: Variant) -> str:
    floor = _floor(asked)
    if floor != _floor(found):
        return f"the floor of the denominator is {_floor(found):g}, not {floor:g}"
    size = "standard deviation" if asked.centered else "RMS gradient"
    near, far = (
        abs(_root(found, x) / _root(asked, x) - 1) for x in (floor, 100 * floor)
    )
    return (
        f"both floors are {floor:g}, but the denominators differ by {near:.0%} where "
        f"the {size} equals the floor, by {far:.1%} where it is 100 times that"
    )


def _root(variant: Variant, rms: float) -> float:
    G, eps = rms * rms, variant.eps
    return float(sqrt(G + eps) if variant.eps_inside else sqrt(G) + eps)


def _of_buffer(asked: Variant, _found: Variant) -> str:
    steps = 1 / (1 - asked.momentum)
    return (
        "the same while the rate is constant; when it falls, a buffer with the rate "
        f"inside goes on at the old rate for about {steps:.0f} steps"
    )


def _of_momentum(asked: Variant, found: Variant) -> str:
    times = (1 - found.momentum) / (1 - asked.momentum)
    return f"a steady gradient moves theta {times:.3g} times as far as there"


def _of_weight_decay(asked: Variant, _found: Variant) -> str:
    effect = "moves theta by about one learning rate a step, before momentum"
    if asked.decoupled:
        effect = f"takes {asked.learning_rate * asked.weight_decay:.3g} of theta a step"
    return f"where g = 0 it {effect}; add it by other means there"


def _of_decoupled(asked: Variant, _found: Variant) -> str:
    part = asked.learning_rate * asked.weight_decay
    return (
        "where g = 0 a coupled decay moves theta by about one learning rate a step, "
        f"before momentum, a decoupled one takes {part:.3g} of theta a step; the "
        "number does not carry over"
    )


_CONSEQUENCES: dict[str, Callable[[Variant, Variant], str]] = {
    "eps": _of_eps,
    "eps_inside": _of_eps,
    "initial_mean_square": lambda a, _b: f"it weighs {a.decay:g}^t after t steps",
    "centered": lambda _a, _b: "the RMS and the standard deviation of g part",
    "momentum": _of_momentum,
    "rate_in_buffer": _of_buffer,
    "nesterov": lambda _a, _b: "the look-ahead changes every step",
    "bias_correction": lambda _a, _b: (
        "without it step t is 1/sqrt(1 - decay^t) times as long"
    ),
    "weight_decay": _of_weight_decay,
    "decoupled": _of_decoupled,
}
"""What a difference in a knob does, as the end of a sentence."""


def _moves_table(asked: Variant, found: Variant) -> str:
    without = ",\nboth without weight decay" if asked.weight_decay > 0 else ""
    lines = [
        f"Moves under a constant gradient, in learning rates, asked / there{without}:",
        "  gradient   step 1              step 100            step 101, rate / 10",
    ]
    for g in (1.0, 1e-3, 1e-6):
        pairs = zip(_moves(asked, g), _moves(found, g), strict=True)
        cells = "".join(f"{f'{here:.4g} / {there:.4g}':20}" for here, there in pairs)
        lines.append(f"  {g:<11g}{cells}".rstrip())
    return "\n".join(lines)


def _moves(variant: Variant, g: float) -> list[float]:
    """Return three moves along g; the rate falls tenfold after 100 steps."""
    variant = replace(variant, weight_decay=0.0)
    slow = replace(variant, learning_rate=variant.learning_rate / 10)
    theta, state, moves = 0.0, variant.init(0.0), []
    for t in range(1, 102):
        new, state = (variant if t <= 100 else slow).update(theta, g, state)
        moves.append(float(abs(new - theta) / variant.learning_rate))
        theta = new
    return [moves[0], moves[99], moves[100]]
