"""Checks of gradients, as the chapter *A neural network* asks for them."""

from collections.abc import Callable
from typing import Any

import numpy as np

from rmsprop._slips import errors
from rmsprop._slips.backward import BACKWARD
from rmsprop.check.judging import TOLERANCE, Task, Verdict, call, judge, not_yet

NUDGE = 1e-5
"""How far `gradient` moves a parameter, up and down, to measure a slope."""
SLACK = 1e-6
"""The largest error of a right gradient, as a part of its largest entry."""

_START_AGAIN = "Run the cells that make its data again, and then this one."
_CHANGED = (
    "Your function changes an array in place that the loss needs too, so the loss is "
    "no longer the same. Make a new array instead: `a = a - b` makes one, `a -= b` "
    f"writes into the old one. {_START_AGAIN}"
)


def gradient(grad: Any, loss: Callable[[Any], Any], theta: Any) -> Verdict:
    """Check a student's gradient against differences of the loss.

    Parameters
    ----------
    grad : callable
        The student's ``grad(theta)`` returns the gradient, in theta's shape.
    loss : callable
        ``loss(theta)`` returns the loss, a number.
    theta : float or array
        Where to check. Every entry is nudged up and down by 1e-5, so the loss must be
        smooth around it, and theta of about the size of 1.

    Returns
    -------
    Verdict
        Passed, nothing written yet, or what is wrong: an error, an array of the loss
        changed in place, the shape, a transposed gradient, the sign or a constant
        factor, or else the entry with the largest gap.

    Notes
    -----
    Chapter: *A neural network*.

    Examples
    --------
    The loss ``w**2`` has the gradient ``2 * w``:

    >>> gradient(lambda w: 2 * w, lambda w: w**2, 3.0)
    Passed. Your gradient agrees with the differences of the loss.
    >>> gradient(lambda w: w, lambda w: w**2, 3.0)
    Not yet. Your gradient is 0.5 times the right one, in every entry.
    """
    theta = np.asarray(theta, float)[()]
    if not np.isfinite(before := loss(theta)):
        return not_yet(f"The loss itself is {before} here. {_START_AGAIN}")
    wanted = np.asarray(_differences(loss, theta))
    task = Task(("theta",), ("gradient",), (), grad, (), hints=errors.SHAPES)
    got = call(grad, (theta,), task)
    if got.fault == "nothing":
        return Verdict(False, got.text)
    if got.fault:
        return not_yet(got.text)
    if loss(theta) != before:
        return not_yet(_CHANGED)
    sentence = _slip(got.values[0], wanted)
    if sentence:
        return not_yet(sentence)
    return Verdict(
        True, "Passed. Your gradient agrees with the differences of the loss."
    )


def _differences(loss: Callable[[Any], Any], theta: Any) -> Any:
    slopes = np.empty(np.shape(theta))
    for place in np.ndindex(slopes.shape):
        nudge = np.zeros(slopes.shape)
        nudge[place] = NUDGE
        up, down = loss((theta + nudge)[()]), loss((theta - nudge)[()])
        slopes[place] = (up - down) / (2 * NUDGE)
    return slopes


def _slip(g: Any, wanted: Any) -> str:
    """Return the sentence that names what is wrong with a gradient, "" if nothing."""
    if _near(g, wanted):
        return ""
    if _near(g.T, wanted):
        return "Your gradient is transposed: its rows should be its columns."
    if g.shape != wanted.shape:
        return f"Your gradient has the shape {g.shape}, and {wanted.shape} is needed."
    factor = float((g * wanted).sum() / np.maximum((wanted * wanted).sum(), 1e-300))
    if _near(g, -wanted):
        return "Your gradient has the wrong sign: it points downhill."
    if abs(factor) > SLACK and _near(g, factor * wanted):
        return f"Your gradient is {factor:.4g} times the right one, in every entry."
    gap = np.where(np.isfinite(g), abs(g - wanted), np.inf)
    place = tuple(map(int, np.unravel_index(np.argmax(gap), g.shape)))
    return (
        f"The check does not know this slip. The largest gap is in entry {place}: the "
        f"loss has the slope {wanted[place]:.4g}, your gradient says {g[place]:.4g}."
    )


def _near(g: Any, wanted: Any) -> bool:
    slack = SLACK * np.max(abs(wanted), initial=0.0) + TOLERANCE
    return g.shape == wanted.shape and bool((abs(g - wanted) <= slack).all())


# --- The backward pass ----------------------------------------------------------------


def _backward(x: Any, h: Any, p: Any, y: Any, V: Any) -> Any:
    dz = (p - y) / len(p)
    return x.T @ ((dz @ V) * (h > 0)), dz.T @ h


def _batch(x: Any, h: Any, p: Any, y: Any, V: Any) -> tuple[Any, ...]:
    return tuple(map(np.array, (x, h, p, np.eye(len(p[0]))[y], V)))


# In the first batch all matrices are square, so that no missing transpose raises.
_BATCHES = (
    _batch(
        [[0.5, 0, 1], [1, 0.25, 1], [0, 0.75, 1]],
        [[2.0, 0, 0.5], [0, 1, 3], [0, 0.5, 0]],
        [[0.5, 0.3, 0.2], [0.1, 0.3, 0.6], [0.2, 0.2, 0.6]],
        [1, 2, 0],
        [[1.0, -2, 0.5], [0.5, 1, -1], [-1.5, 3, 2]],
    ),
    _batch(
        [[0.5, 1], [1, 1], [0, 1], [0.25, 1]],
        [[0.5, 0, 2], [0, 1, 0], [1, 0, 0], [3, 2, 0.5]],
        [[0.9, 0.1], [0.4, 0.6], [0.3, 0.7], [0.8, 0.2]],
        [0, 0, 1, 1],
        [[2.0, -1, 0.5], [-0.5, 1, 3]],
    ),
    _batch(
        [[0, 0.5, 0.75, 1], [1, 0.25, 0, 1]],
        [[0, 1.5], [2.5, 0.5]],
        [[0.2, 0.5, 0.3], [0.1, 0.8, 0.1]],
        [2, 0],
        [[1.0, 2], [-1, 0.5], [3, -2]],
    ),
    _batch(
        [[0, 1, 1], [1, 0, 1]],
        [[0, 2, 1, 3], [4, 0, 0, 1]],
        [[0.75, 0.25], [0.5, 0.5]],
        [1, 0],
        [[1, 2, -1, 3], [0, -2, 1, 5]],
    ),
)
_ARGUMENTS = ("x", "h", "p", "y", "V")
_BACKWARD = Task(
    _ARGUMENTS,
    ("dW", "dV"),
    _BATCHES,
    _backward,
    BACKWARD,
    hints=(*errors.SHAPES, errors.arguments(_ARGUMENTS)),
)


def backward(function: Any) -> Verdict:
    """Check a student's backward pass of a network with one hidden layer.

    Parameters
    ----------
    function : callable
        ``function(x, h, p, y, V)`` returns ``(dW, dV)``, the slopes of the loss with
        respect to the weights of both layers, in their shapes. The arrays come from a
        forward pass and have a row for each image of a batch: x the pixels, the last
        of them always 1, h the hidden units after the rectifier, p the probabilities,
        y a 1 in the place of the right digit. V has a row for each digit and a column
        for each hidden unit. The loss is the mean cross-entropy of the batch.

    Returns
    -------
    Verdict
        Passed, or which slip the function holds.

    Notes
    -----
    Chapter: *A neural network*.

    Examples
    --------
    >>> backward(lambda x, h, p, y, V: (..., ...))
    There is nothing written yet for dW and dV.
    """
    return judge(function, _BACKWARD)
