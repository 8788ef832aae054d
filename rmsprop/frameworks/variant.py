"""RMSprop with every knob in which the frameworks differ.

`rmsprop.frameworks` sets the knobs as each framework does. Chapter: *Frameworks*.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np

from rmsprop._numbers import (
    ByValue,
    check_float,
    check_fraction,
    check_not_negative,
    check_positive,
    check_step,
    sqrt,
)


class VariantState(NamedTuple):
    """What a `Variant` remembers between two steps.

    Attributes
    ----------
    mean_square : float or array, shape of theta
        G, the exponential mean of the squared gradients.
    mean : float or array, shape of theta
        a, the exponential mean of the gradients; stays 0 unless centered.
    buffer : float or array, shape of theta
        b, the momentum buffer.
    steps : int
        t, the number of steps taken.

    Examples
    --------
    >>> from rmsprop.frameworks import graves
    >>> graves().init(0.0)
    VariantState(mean_square=0.0, mean=0.0, buffer=0.0, steps=0)
    """

    mean_square: Any
    mean: Any
    buffer: Any
    steps: int


NUMBERS: dict[str, Callable[[str, Any], None]] = {
    "learning_rate": check_positive,
    "decay": check_fraction,
    "eps": check_not_negative,
    "initial_mean_square": check_not_negative,
    "momentum": check_fraction,
    "weight_decay": check_not_negative,
}
"""What each number must satisfy; the other knobs are switches."""


def check_knob(knob: str, name: str, value: Any) -> None:
    """Refuse a value that a knob cannot take.

    Parameters
    ----------
    knob : str
        A field of `Variant`.
    name : str
        What the user calls it.
    value : object
        What the user gave.

    Raises
    ------
    ValueError
        If a number lies outside its range.
    TypeError
        If it is no number, or a switch is not a bool.
    """
    if knob in NUMBERS:
        NUMBERS[knob](name, value)
    elif not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be True or False, got {value!r}")


@dataclass(frozen=True, eq=False)
class Variant(ByValue):
    """RMSprop with every knob in which the frameworks differ.

    With g the gradient, all operations elementwise, and everything optional left out,
    one step is the one of `RMSprop`, to the last bit.

    Parameters
    ----------
    learning_rate : float or array
        eta, in units of theta. Greater than 0.
    decay : float or array
        gamma, the weight of the past in the means. In [0, 1).
    eps : float or array
        epsilon; in units of the squared gradient if inside the root, of the gradient if
        outside. At least 0.
    eps_inside : bool
        Divide by ``sqrt(G + eps)`` if true, by ``sqrt(G) + eps`` otherwise.
    eps_maximum : bool
        Where eps is added, take the larger of the two instead of their sum: divide by
        ``max(sqrt(G), eps)``, or by ``sqrt(max(G, eps))`` if eps is inside.
    initial_mean_square : float or array
        G before the first step. At least 0.
    centered : bool
        Use ``G - a * a`` in place of G, with a the exponential mean of the gradients.
        Rounding can make it negative; here it is then 0. The frameworks do not clamp
        it and return NaN, unless eps inside the root makes up for it.
    momentum : float or array
        mu, the part of the buffer that is kept. In [0, 1).
    rate_in_buffer : bool
        ``b <- mu b + eta u; theta -= b`` if true, with u the scaled gradient;
        ``b <- mu b + u; theta -= eta b`` otherwise.
    nesterov : bool
        Step by ``mu b + u`` with the new b, as Optax has it, instead of by b.
    bias_correction : bool
        Divide G and a by ``1 - decay**t`` in step t, whatever G was at the start.
    weight_decay : float or array
        lambda. At least 0.
    decoupled : bool
        First ``theta -= eta * lambda * theta`` if true (g is not changed);
        first ``g <- g + lambda * theta`` otherwise.
    maximize : bool
        Before all else ``g <- -g`` if true, so that the steps climb.

    Raises
    ------
    ValueError
        If a hyper-parameter lies outside its range.
    TypeError
        If one is neither a number nor an array of numbers, or a switch is not a bool.

    Notes
    -----
    Sources: those of `rmsprop.frameworks.CONVENTIONS`. Chapter: *Frameworks*.

    Examples
    --------
    With a mean square that starts at 1, as in TensorFlow 1, the first step is shorter:

    >>> from rmsprop.frameworks import Variant
    >>> for start in (0.0, 1.0):
    ...     optimizer = Variant(learning_rate=0.1, initial_mean_square=start)
    ...     w, _ = optimizer.update(0.0, -2.0, optimizer.init(0.0))
    ...     print(round(w, 6))
    0.316228
    0.175412
    """

    learning_rate: Any
    decay: Any = 0.9
    eps: Any = 1e-8
    eps_inside: bool = True
    eps_maximum: bool = False
    initial_mean_square: Any = 0.0
    centered: bool = False
    momentum: Any = 0.0
    rate_in_buffer: bool = True
    nesterov: bool = False
    bias_correction: bool = False
    weight_decay: Any = 0.0
    decoupled: bool = False
    maximize: bool = False

    def __post_init__(self) -> None:
        for knob in fields(self):
            check_knob(knob.name, knob.name, getattr(self, knob.name))

    def init(self, theta: Any) -> VariantState:
        """Return the state before the first step; errors as in `RMSprop.init`.

        Examples
        --------
        >>> from rmsprop.frameworks import tensorflow1
        >>> tensorflow1(learning_rate=0.1).init(0.0).mean_square
        1.0
        """
        check_float("theta", theta)
        zero = 0 * theta
        return VariantState(zero + self.initial_mean_square, zero, zero, steps=0)

    def update(
        self, theta: Any, grad: Any, state: VariantState
    ) -> tuple[Any, VariantState]:
        """Take one step; shapes and errors as in `RMSprop.update`.

        Examples
        --------
        A decoupled weight decay pulls theta to 0 where the gradient is 0:

        >>> from rmsprop.frameworks import keras
        >>> optimizer = keras(learning_rate=0.5, weight_decay=0.1)
        >>> theta, state = optimizer.update(1.0, 0.0, optimizer.init(1.0))
        >>> theta
        0.95
        """
        check_step(theta, grad, state, VariantState)
        eta, gamma, t = self.learning_rate, self.decay, state.steps + 1
        theta, g = self._decay_weights(theta, -grad if self.maximize else grad)
        G = gamma * state.mean_square + (1 - gamma) * (g * g)
        a = gamma * state.mean + (1 - gamma) * g if self.centered else state.mean
        u = (eta * g if self.rate_in_buffer else g) / self._denominator(G, a, t)
        b, move = self._gather(u, state.buffer)
        theta = theta - (move if self.rate_in_buffer else eta * move)
        return theta, VariantState(G, a, b, t)

    def _decay_weights(self, theta: Any, g: Any) -> tuple[Any, Any]:
        if _is_zero(self.weight_decay):
            return theta, g
        if self.decoupled:
            return theta - self.learning_rate * self.weight_decay * theta, g
        return theta, g + self.weight_decay * theta

    def _denominator(self, G: Any, a: Any, t: int) -> Any:
        if self.bias_correction:
            G, a = G / (1 - self.decay**t), a / (1 - self.decay**t)
        if self.centered:
            G = _positive_part(G - a * a)
        return denominator(self, G)

    def _gather(self, u: Any, b: Any) -> tuple[Any, Any]:
        """Return the new buffer, and what theta moves by."""
        if _is_zero(self.momentum):
            return u, u
        b = self.momentum * b + u
        return b, self.momentum * b + u if self.nesterov else b


def denominator(variant: Variant, G: Any) -> Any:
    """Return what a variant divides by where its mean square, or variance, is G."""
    eps = variant.eps
    if variant.eps_inside:
        return sqrt(_larger(G, eps) if variant.eps_maximum else G + eps)
    return _larger(sqrt(G), eps) if variant.eps_maximum else sqrt(G) + eps


def _larger(x: Any, y: Any) -> Any:
    return y + _positive_part(x - y)


def _positive_part(x: Any) -> Any:
    """Return the larger of x and 0, with operators only, as all libraries have them."""
    return (x + abs(x)) / 2


def _is_zero(value: Any) -> bool:
    """Say whether a knob is idle, so that it costs no pass over the parameters.

    An array is never idle: it may have a larger shape than theta.
    """
    return isinstance(value, int | float) and value == 0
