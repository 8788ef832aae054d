"""Checks of a step of RMSprop, as the chapter *Definition* asks for it."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from rmsprop._slips.rule import HISTORY, STEP
from rmsprop.check.judging import Task, Verdict, judge
from rmsprop.optimizer import RMSprop, RMSpropState


def _reference(theta: Any, G: Any, g: Any, eta: Any, gamma: Any, eps: Any) -> Any:
    state = RMSpropState(1.0 * G)  # whole numbers become floats
    theta, state = RMSprop(eta, gamma, eps).update(1.0 * theta, 1.0 * g, state)
    return theta, state.mean_square


def _run(theta: Any, gradients: list[Any], *rule: float) -> Iterator[tuple[Any, ...]]:
    """Yield the arguments of each step of a run, with all gradients so far."""
    theta = np.asarray(theta)[()]  # [()] makes a scalar of an array without axes
    G, seen = 0 * abs(theta), list[Any]()
    for g in gradients:
        seen.append(np.asarray(g)[()])
        yield theta, G, [*seen], *rule
        theta, G = _reference(theta, G, seen[-1], *rule)


# An epsilon of this size shows on which side of the root it stands.
_HISTORIES = (
    *_run(2.0, [3.0, -1.0, 0.5], 0.1, 0.9, 0.5),
    *_run([1.0, -2.0, 0.5], [[2.0, -1.0, 0.0], [0.5, 0.5, -3.0]], 0.2, 0.6, 0.25),
    *_run([[1.0, -1.0], [0.5, 3.0]], [[[1.0, 2.0], [-1.0, 0.3]]] * 2, 0.3, 0.75, 1.0),
    *_run([3, -2], [[2, -5], [1, 4]], 0.5, 0.8, 0.125),
)
_STEP = Task(
    ("theta", "G", "g", "eta", "gamma", "eps"),
    ("theta", "G"),
    tuple((theta, G, seen[-1], *rule) for theta, G, seen, *rule in _HISTORIES),
    _reference,
    STEP,
)

_REPAIR = Task(
    ("theta", "G", "gradients", "eta", "gamma", "eps"),
    ("theta", "G"),
    _HISTORIES,
    lambda theta, G, gradients, *rule: _reference(theta, G, gradients[-1], *rule),
    HISTORY,
)


def step(update: Any) -> Verdict:
    """Check a student's step of RMSprop.

    Parameters
    ----------
    update : callable
        ``update(theta, G, g, eta, gamma, eps)`` returns the new ``(theta, G)``. Here
        g is the gradient at theta, an array or a float as theta and G are.

    Returns
    -------
    Verdict
        Passed, or which slip the function holds.

    Notes
    -----
    Chapter: *Definition*. Epsilon stands under the root, as in `RMSprop`.

    Examples
    --------
    >>> step(lambda theta, G, g, eta, gamma, eps: None)
    There is nothing written yet: what comes back is None.
    """
    return judge(update, _STEP)


def repair(update: Any) -> Verdict:
    """Check a student's repair of the rule that averages twice.

    Parameters
    ----------
    update : callable
        ``update(theta, G, gradients, eta, gamma, eps)`` returns the new
        ``(theta, G)``. Here gradients is the list of all gradients so far, the one at
        theta last.

    Returns
    -------
    Verdict
        Passed, or which slip the function holds.

    Notes
    -----
    Chapter: *Definition*.

    Examples
    --------
    >>> repair(lambda theta, G, gradients, eta, gamma, eps: ...)
    There is nothing written yet: what comes back is Ellipsis.
    """
    return judge(update, _REPAIR)
