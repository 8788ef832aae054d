"""Checks of what a student predicts of a run: its memory, its first step, its end."""

from typing import Any

import numpy as np

from rmsprop._slips import errors
from rmsprop._slips.predictions import CYCLE, FIRST_STEP, HALF_LIFE
from rmsprop.check.judging import Task, Verdict, judge
from rmsprop.optimizer import RMSprop, RMSpropState


def _task(
    arguments: tuple[str, ...], result: str, cases: Any, reference: Any, slips: Any
) -> Task:
    hints = (*errors.NUMBERS, errors.arguments(arguments))
    return Task(arguments, (result,), cases, reference, slips, True, hints)


_HALF_LIFE = _task(
    ("gamma",),
    "half_life",
    (
        (0.9,),
        (0.5,),
        (np.array([0.6, 0.8, 0.95]),),
        (np.array([[0.3, 0.99], [0.7, 0.85]]),),
    ),
    lambda gamma: -np.log(2) / np.log(gamma),
    HALF_LIFE,
)

_CYCLE = _task(
    ("eta", "gamma", "h"),
    "distance",
    (
        (0.3, 0.9, 4.0),
        (0.1, 0.8, np.array([1.0, 20.0])),
        (2.5, 0.99, np.array([[1.0, 3.0, 0.5], [2.0, 0.2, 7.0]])),
        (3, 0.5, np.array([1, 2, 5])),
    ),
    lambda eta, _, h: eta / 2 * np.sqrt(np.size(h)),
    CYCLE,
)


def _first(g: Any, eta: float, gamma: float) -> Any:
    """Return the first step from zero, with an epsilon that no gradient notices."""
    rule = RMSprop(1.0 * eta, gamma, eps=1e-40)
    return rule.update(0.0 * g, 1.0 * g, RMSpropState(0.0 * g))[0]


_FIRST_STEP = _task(
    ("g", "eta", "gamma"),
    "change",
    (
        (-8.0, 0.1, 0.9),
        (1e-6, 0.02, 0.99),
        (np.array([3.0, -0.5, 0.0]), 0.2, 0.8),
        (np.array([[1.0, -20.0], [-0.01, 0.3]]), 0.5, 0.6),
        (np.array([4, -3]), 2, 0.75),
    ),
    _first,
    FIRST_STEP,
)


def half_life(function: Any) -> Verdict:
    """Check a student's half-life of a decay.

    Parameters
    ----------
    function : callable
        ``function(gamma)`` returns the number of steps, whole or not, after which the
        weight of a squared gradient has halved. The decay gamma is a float between 0
        and 1 or an array of them; the result has its shape.

    Returns
    -------
    Verdict
        Passed, or which slip the function holds.

    Notes
    -----
    Chapter: *Definition*.

    Examples
    --------
    >>> half_life(lambda gamma: ...)
    There is nothing written yet: what comes back is Ellipsis.
    >>> half_life(lambda gamma: 1 / gamma)
    Not yet. This is the factor between one weight and the next. How often must
    you apply it until the weights differ by the factor 2?
    """
    return judge(function, _HALF_LIFE)


def cycle(function: Any) -> Verdict:
    """Check a student's distance from the minimum in the cycle of a constant rate.

    Parameters
    ----------
    function : callable
        ``function(eta, gamma, h)`` returns how far from its minimum a run of RMSprop at
        the constant rate eta ends, on half the sum of h times the squared parameters,
        with a negligible epsilon. The curvatures h are positive: a float, or an array
        with an entry for each coordinate. The result is one number.

    Returns
    -------
    Verdict
        Passed, or which slip the function holds.

    Notes
    -----
    Chapter: *A worked example*. All coordinates jump to and fro, each about its
    minimum.

    Examples
    --------
    >>> cycle(lambda eta, gamma, h: eta)
    Not yet. You take the whole jump of a coordinate. A jump leads from one side
    of the minimum to the other, and the distance is measured from the middle.
    There is a second slip. This is how far a single coordinate is away from its
    minimum. With several coordinates, add the squares and take the root, as
    Pythagoras does.
    """
    return judge(function, _CYCLE)


def first_step(function: Any) -> Verdict:
    """Check a student's first step from a mean square of zero.

    Parameters
    ----------
    function : callable
        ``function(g, eta, gamma)`` returns what the first step of RMSprop adds to the
        parameters, with a negligible epsilon. The gradient g is a float or an array,
        and the result has its shape. Where g is zero, nothing is added.

    Returns
    -------
    Verdict
        Passed, or which slip the function holds.

    Notes
    -----
    Chapter: *A worked example*.

    Examples
    --------
    >>> first_step(lambda g, eta, gamma: -eta * g)  # doctest: +ELLIPSIS
    Not yet. This would be the length if the mean square were full. ...
    """
    return judge(function, _FIRST_STEP)
