"""Run an optimizer and keep everything that it did.

The chapter *Example* prints the iteration table that `Trajectory.table` makes.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rmsprop._numbers import check_float, check_grad
from rmsprop.baselines import Optimizer

SYMBOLS = {
    "mean_square": "G",
    "sum_of_squares": "S",
    "velocity": "v",
    "mean": "m",
    "steps": "t",
}
"""The book's symbol of each part of a state, for the iteration table."""


@dataclass(frozen=True)
class Trajectory:
    """What a run computed, step by step.

    Attributes
    ----------
    theta : array, shape (steps + 1, ...)
        The parameters: ``theta[0]`` is the start, ``theta[t]`` follows step t.
    grad : array, shape (steps, ...)
        The gradients: ``grad[t - 1]`` is the one that step t used, taken at
        ``theta[t - 1]``.
    state : NamedTuple of arrays, each of shape (steps, ...)
        The optimizer's state after each step.
    """

    theta: NDArray[Any]
    grad: NDArray[Any]
    state: Any

    @property
    def steps(self) -> int:
        """The number of steps taken."""
        return len(self.grad)

    def table(self, rows: Iterable[int] | None = None, precision: int = 6) -> str:
        """Return the iteration table as text, a line a step.

        Parameters
        ----------
        rows : iterable of int, optional
            The steps to show, counted from 1; all of them if omitted.
        precision : int
            Digits after the decimal point.

        Returns
        -------
        str
            Lines such as ``Iter 1: g=-8.000000, G=6.400000, w=0.316228``. The gradient
            is the one that the step used, w is what the step led to.

        Raises
        ------
        ValueError
            If a row is no step of this run.
        """
        rows = range(1, self.steps + 1) if rows is None else rows
        return "\n".join(self._row(t, precision) for t in rows)

    def _row(self, t: int, precision: int) -> str:
        if not 1 <= t <= self.steps:
            raise ValueError(f"rows must lie in 1 to {self.steps}, got {t}")
        parts = {"g": self.grad[t - 1]}
        for name, value in self.state._asdict().items():
            parts[SYMBOLS.get(name, name)] = value[t - 1]
        parts["w"] = self.theta[t]
        texts = (f"{k}={_text(value, precision)}" for k, value in parts.items())
        return f"Iter {t}: " + ", ".join(texts)


class DivergenceError(ArithmeticError):
    """A run met a number that is not finite.

    Attributes
    ----------
    step : int
        The step, counted from 1, that could not be taken.
    coordinate : tuple of int
        The first coordinate of the gradient or of the parameters that is not finite.
    trajectory : Trajectory
        Everything up to the step before.
    """

    def __init__(
        self, what: str, step: int, values: NDArray[Any], trajectory: Trajectory
    ) -> None:
        self.step = step
        self.coordinate = tuple(int(i) for i in np.argwhere(~np.isfinite(values))[0])
        self.trajectory = trajectory
        self._arguments = what, step, values, trajectory
        super().__init__(
            f"{what} must be finite, got {values[self.coordinate]} at step {step}, "
            f"coordinate {self.coordinate}; the {step - 1} steps before it are in "
            "this error's trajectory"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        """Let the error travel between processes with all that it carries."""
        return type(self), self._arguments


def minimize(
    grad: Callable[[Any], Any],
    theta0: ArrayLike,
    optimizer: Optimizer,
    steps: int,
    *,
    schedule: Callable[[int], Any] | None = None,
    callback: Callable[[int, Any, Any], object] | None = None,
) -> Trajectory:
    """Take `steps` steps of `optimizer` from `theta0` and return all of them.

    Parameters
    ----------
    grad : callable
        ``grad(theta)`` returns the gradient, in the shape of theta.
    theta0 : float or array of floats, shape (...)
        The start.
    optimizer : Optimizer
        `RMSprop` or anything else with `init` and `update`.
    steps : int
        How many steps to take, at least 0.
    schedule : callable, optional
        ``schedule(t)`` returns the learning rate of step t = 1, 2, ...; it takes the
        place of ``optimizer.learning_rate``.
    callback : callable, optional
        ``callback(t, theta, state)`` is called after step t.

    Returns
    -------
    Trajectory
        Parameters, gradients and states of all steps.

    Raises
    ------
    DivergenceError
        If a gradient or a parameter is not finite. The error carries the trajectory
        up to there.
    TypeError
        If `theta0` or a gradient holds integers, `steps` is no integer, or `schedule`
        is given and `optimizer` is no dataclass.
    ValueError
        If a gradient has another shape than theta, `steps` is negative, or a step
        changes theta's shape or precision, as hyper-parameters of a larger one do.

    Notes
    -----
    Chapter: *Example*.

    Examples
    --------
    The article's five steps on half of (4 - 2w)^2:

    >>> from rmsprop import RMSprop, minimize
    >>> run = minimize(lambda w: -2 * (4 - 2 * w), 0.0, RMSprop(0.1), steps=5)
    >>> print(run.table(rows=[1, 5]))
    Iter 1: g=-8.000000, G=6.400000, w=0.316228
    Iter 5: g=-4.679359, G=14.977189, w=0.951073
    """
    _check_steps(steps)
    if schedule is not None and not hasattr(optimizer, "__dataclass_fields__"):
        kind = type(optimizer).__name__
        raise TypeError(f"optimizer must be a dataclass to take a schedule, got {kind}")
    theta = np.asarray(theta0)[()]  # [()] makes a scalar of an array without axes
    check_float("theta0", theta)
    state = optimizer.init(theta)
    run = _Recorder(theta, state, steps)
    with np.errstate(all="ignore"):  # what is not finite is reported as an error
        for t in range(1, steps + 1):
            if schedule is not None:
                # The protocol cannot say that it is a dataclass; the check above does.
                optimizer = replace(optimizer, learning_rate=schedule(t))  # type: ignore[type-var]
            g = grad(theta)
            check_grad(g, theta)
            g = np.asarray(g, theta.dtype)[()]
            run.check("gradient", t, g)
            theta, state = optimizer.update(theta, g, state)
            run.check("theta", t, theta)
            run.record(t, theta, g, state)
            if callback is not None:
                callback(t, theta, state)
    return run.trajectory(steps)


class _Recorder:
    """The arrays that a run fills."""

    def __init__(self, theta: Any, state: Any, steps: int) -> None:
        self.theta = _rows(theta, steps + 1)
        self.grad = _rows(theta, steps)
        self.state = type(state)(*(_rows(part, steps) for part in state))
        self.theta[0] = theta

    def record(self, t: int, theta: Any, grad: Any, state: Any) -> None:
        _check_same(theta, self.theta[0])
        self.theta[t], self.grad[t - 1] = theta, grad
        for rows, part in zip(self.state, state, strict=True):
            rows[t - 1] = part

    def check(self, what: str, t: int, values: Any) -> None:
        if not np.all(np.isfinite(values)):
            raise DivergenceError(what, t, np.asarray(values), self.trajectory(t - 1))

    def trajectory(self, steps: int) -> Trajectory:
        state = type(self.state)(*(part[:steps] for part in self.state))
        return Trajectory(self.theta[: steps + 1], self.grad[:steps], state)


def _check_steps(steps: Any) -> None:
    if not isinstance(steps, int | np.integer):
        raise TypeError(f"steps must be an integer, got {steps}")
    if steps < 0:
        raise ValueError(f"steps must be at least 0, got {steps}")


def _check_same(theta: Any, theta0: Any) -> None:
    if (theta.shape, theta.dtype) != (theta0.shape, theta0.dtype):
        wanted, got = (f"{x.shape} of {x.dtype}" for x in (theta, theta0))
        raise ValueError(f"theta0 must have the shape of a step, {wanted}, got {got}")


def _rows(value: Any, rows: int) -> NDArray[Any]:
    value = np.asarray(value)
    return np.empty((rows, *value.shape), dtype=value.dtype)


def _text(value: Any, precision: int) -> str:
    if np.ndim(value) > 0:
        return "(" + ", ".join(_text(v, precision) for v in value) + ")"
    if isinstance(value, np.integer):
        return str(value)
    return f"{value:.{precision}f}"
