"""The wording of a translation's report."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from textwrap import TextWrapper
from typing import Any

import numpy as np

from rmsprop.frameworks.differences import EPS_SHAPES, floor
from rmsprop.frameworks.variant import Variant, denominator


def written(
    arguments: Mapping[str, Any], eps: str | None, asked: Variant, found: Variant
) -> str:
    """Return the arguments as one would type them; `eps` is the word for it."""
    words = {word: repr(value) for word, value in arguments.items()}
    about = ""
    moved_out = asked.eps_inside and not found.eps_inside
    if eps is not None and moved_out:
        value = arguments[eps]
        if value != float(f"{value:.12g}"):  # a root with seventeen digits
            words[eps] = f"{asked.eps!r}**0.5"
            about = f"  # {eps} is about {value:.3g}"
    return "  " + ", ".join(f"{word}={text}" for word, text in words.items()) + about


def reasons(asked: Variant, found: Variant, differ: list[str]) -> Iterator[str]:
    """Yield a sentence for each knob that differs."""
    for knob in differ:
        if knob == "eps" and EPS_SHAPES.intersection(differ):
            continue
        here, there = getattr(asked, knob), getattr(found, knob)
        consequence = _CONSEQUENCES[knob](asked, found)
        yield f"{knob}: asked {here}, there {there}; {consequence}."


def wrapped(sentence: str) -> str:
    """Return a sentence as an item of a list."""
    return _WRAPPER.fill(sentence)


_WRAPPER = TextWrapper(76, initial_indent="- ", subsequent_indent="  ")


def _of_eps(asked: Variant, found: Variant) -> str:
    wanted = floor(asked)
    if wanted != floor(found):
        return f"the floor of the denominator is {floor(found):g}, not {wanted:g}"
    size = "standard deviation" if asked.centered else "RMS gradient"
    near, far = (
        abs(denominator(found, x * x) / denominator(asked, x * x) - 1)
        for x in (wanted, 100 * wanted)
    )
    return (
        f"both floors are {wanted:g}, but the denominators differ by {near:.0%} where "
        f"the {size} equals the floor, by {far:.1%} where it is 100 times that"
    )


def _of_buffer(asked: Variant, _found: Variant) -> str:
    mu = asked.momentum
    steps = np.log(9) / np.log(1 / mu)  # until an excess of 9 moves has faded to 1
    return (
        "the same while the rate is constant; when it falls, the moves with the rate "
        f"inside are longer, by an excess that fades by a factor of {mu:g} a step: "
        "after a long constant gradient, they are still about twice as long "
        f"{steps:.0f} steps after a tenfold fall"
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
    "decay": lambda _a, b: (
        f"a squared gradient's weight falls by a factor of {b.decay:g} a step there"
    ),
    "eps": _of_eps,
    "eps_inside": _of_eps,
    "eps_maximum": _of_eps,
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
    "maximize": lambda _a, _b: "give it the gradient with the other sign there",
}
"""What a difference in a knob does, as the end of a sentence."""


def moves_table(asked: Variant, found: Variant) -> str:
    """Return a table of how far both go under constant gradients."""
    without = ",\nboth without weight decay" if asked.weight_decay > 0 else ""
    lines = [
        f"Moves under a constant gradient, in learning rates, asked / there{without}:",
        "  gradient   step 1              step 100            step 101, rate / 10",
    ]
    moves = zip(_GRADIENTS.tolist(), _moves(asked), _moves(found), strict=True)
    for g, *both in moves:
        pairs = zip(*both, strict=True)
        cells = "".join(f"{f'{here:.4g} / {there:.4g}':19} " for here, there in pairs)
        lines.append(f"  {g:<11g}{cells}".rstrip())
    return "\n".join(lines)


_GRADIENTS = np.array([1.0, 1e-3, 1e-6])


def _moves(variant: Variant) -> Any:
    """Return three moves downhill, a row a gradient; the rate falls after 100 steps.

    All start at 0, where a weight decay does nothing. NumPy divides by zero where eps
    and the mean square are both 0, and the move is infinite; Python's own numbers would
    raise.
    """
    fast = replace(variant, learning_rate=1.0)
    slow = replace(fast, learning_rate=0.1)
    theta = np.zeros(3)
    state, moves = fast.init(theta), []
    with np.errstate(all="ignore"):
        for t in range(1, 102):
            new, state = (fast if t <= 100 else slow).update(theta, _GRADIENTS, state)
            moves.append(theta - new)
    return np.transpose([moves[0], moves[99], moves[100]])
