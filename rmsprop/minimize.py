"""Run an optimizer, on one objective or along a stream, and keep what it did.

The chapter *Example* prints the iteration table that `Trajectory.table` makes.
"""

from collections.abc import Callable, Iterable
from contextvars import copy_context
from copy import copy
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rmsprop._numbers import (
    ByValue,
    all_finite,
    check_count,
    check_float,
    check_grad,
    check_not_negative,
    iterator,
)


class Optimizer(Protocol):
    """What `minimize` and `follow` ask of an optimizer: a state and a step.

    Examples
    --------
    One of your own, sign descent, which remembers nothing:

    >>> from typing import NamedTuple
    >>> from rmsprop import minimize
    >>> Nothing = NamedTuple("Nothing", [])
    >>> class SignDescent:
    ...     def init(self, theta):
    ...         return Nothing()
    ...
    ...     def update(self, theta, grad, state):
    ...         return theta - 0.5 * np.sign(grad), state
    >>> minimize(lambda w: w - 2, 0.0, SignDescent(), steps=4).theta
    array([0. , 0.5, 1. , 1.5, 2. ])
    """

    def init(self, theta: Any) -> Any:
        """Return the state before the first step, a named tuple."""

    def update(self, theta: Any, grad: Any, state: Any) -> tuple[Any, Any]:
        """Return the parameters and the state after one step."""


SYMBOLS = {
    "mean_square": "G",
    "sum_of_squares": "S",
    "velocity": "v",
    "mean": "m",
    "steps": "t",
}
"""The book's symbol of each part of a state, for the iteration table."""


@dataclass(frozen=True, eq=False)
class Trajectory(ByValue):
    """What a run computed, step by step.

    Attributes
    ----------
    theta : array, shape (rows + 1, ...)
        The parameters: ``theta[0]`` is the start, ``theta[i]`` follows step
        ``kept[i - 1]``. Where every step is kept, ``theta[t]`` follows step t.
    grad : array, shape (rows, ...)
        The gradients that the kept steps used. Where every step is kept,
        ``grad[t - 1]`` was taken at ``theta[t - 1]``.
    state : NamedTuple of arrays, each of shape (rows, ...)
        The optimizer's state after each kept step.
    kept : array of int, shape (rows,)
        The steps that have a row here, counted from 1. The last step always has one.

    Examples
    --------
    >>> from rmsprop import GradientDescent, minimize
    >>> run = minimize(lambda w: 2 * w, 1.0, GradientDescent(0.25), steps=3)
    >>> run.theta, run.grad, run.steps
    (array([1.   , 0.5  , 0.25 , 0.125]), array([2. , 1. , 0.5]), 3)
    >>> print(run.table(rows=[3], precision=3))
    Iter 3: g=0.500, w=0.125
    """

    theta: NDArray[Any]
    grad: NDArray[Any]
    state: Any
    kept: NDArray[np.int_]

    @property
    def steps(self) -> int:
        """The number of steps taken."""
        return int(self.kept[-1]) if len(self.kept) else 0

    def table(self, rows: Iterable[int] | None = None, precision: int = 6) -> str:
        """Return the iteration table as text, a line a step.

        Parameters
        ----------
        rows : iterable of int, optional
            The steps to show, counted from 1; all kept ones if omitted.
        precision : int
            Digits after the decimal point, at least 0.

        Returns
        -------
        str
            Lines such as ``Iter 1: g=-8.000000, G=6.400000, w=0.316228``. The gradient
            is the one that the step used, w is what the step led to.

        Raises
        ------
        ValueError
            If a row is no step of this run or was not kept, or `precision` is negative.
        TypeError
            If a row or `precision` is no integer.
        """
        check_count("precision", precision)
        rows = self.kept.tolist() if rows is None else iterator("rows", rows)
        return "\n".join(self._row(t, precision) for t in rows)

    def _row(self, t: int, precision: int) -> str:
        check_count("rows", t)
        if not 1 <= t <= self.steps:
            raise ValueError(f"rows must lie in 1 to {self.steps}, got {t}")
        i = int(np.searchsorted(self.kept, t))
        if self.kept[i] != t:
            raise ValueError(f"rows must be steps that were kept, got {t}")
        parts = {"g": self.grad[i]}
        for name, value in self.state._asdict().items():
            parts[SYMBOLS.get(name, name)] = value[i]
        parts["w"] = self.theta[i + 1]
        texts = (f"{k}={_text(value, precision)}" for k, value in parts.items())
        return f"Iter {t}: " + ", ".join(texts)


class DivergenceError(ArithmeticError):
    """A run met a number that is not finite.

    Attributes
    ----------
    step : int
        The step, counted from 1, that could not be taken.
    coordinate : tuple of int
        The first coordinate that is not finite.
    trajectory : Trajectory
        Everything up to the step before.

    Examples
    --------
    A gradient whose square is larger than every float ends a run of RMSprop:

    >>> from rmsprop import RMSprop, minimize
    >>> try:
    ...     minimize(lambda w: 1.0 if w > 0 else 1e200, 1.0, RMSprop(1.0), 9)
    ... except DivergenceError as error:
    ...     print(str(error).partition(";")[0])
    ...     print(error.trajectory.theta.round(2))
    mean_square must be finite, got inf at step 2, coordinate ()
    [ 1.   -2.16]
    """

    def __init__(
        self,
        what: str,
        step: int,
        values: NDArray[Any],
        trajectory: Trajectory,
        cause: str,
    ) -> None:
        self.step = step
        self.coordinate = tuple(int(i) for i in np.argwhere(~np.isfinite(values))[0])
        self.trajectory = trajectory
        self._arguments = what, step, values, trajectory, cause
        super().__init__(
            f"{what} must be finite, got {values[self.coordinate]} at step {step}, "
            f"coordinate {self.coordinate}{cause}; the {trajectory.steps} steps before "
            "it are in this error's trajectory"
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
        ``schedule(t)`` returns the learning rate of step t = 1, 2, ..., at least 0; it
        takes the place of ``optimizer.learning_rate``.
    callback : callable, optional
        ``callback(t, theta, state)`` is called after step t. What it returns is not
        looked at; if it raises StopIteration, the run ends after this step.

    Returns
    -------
    Trajectory
        Parameters, gradients and states of all steps.

    Raises
    ------
    DivergenceError
        If a gradient, a part of the state or a parameter is not finite.
    TypeError
        If an argument, a gradient or a rate is not of the kind above: integers where
        floats are needed, say, or a schedule for an optimizer that is no dataclass.
    ValueError
        If a gradient has another shape than theta, `steps` is negative, a rate lies
        outside its range, or hyper-parameters do not fit into theta's shape and
        precision.

    Notes
    -----
    Whatever ends a run before its last step, a DivergenceError, an error in `grad` or
    Ctrl-C, carries what was computed: a Trajectory in its attribute ``trajectory``.
    Chapter: *Example*.

    Examples
    --------
    The article's five steps on half of (4 - 2w)^2:

    >>> from rmsprop import RMSprop, minimize
    >>> run = minimize(lambda w: -2 * (4 - 2 * w), 0.0, RMSprop(0.1), steps=5)
    >>> print(run.table(rows=[1, 5]))
    Iter 1: g=-8.000000, G=6.400000, w=0.316228
    Iter 5: g=-4.679359, G=14.977189, w=0.951073

    Stop as soon as the weight has passed 0.5:

    >>> def enough(t, w, state):
    ...     if w > 0.5:
    ...         raise StopIteration
    >>> minimize(
    ...     lambda w: -2 * (4 - 2 * w), 0.0, RMSprop(0.1), steps=5, callback=enough
    ... ).steps
    2
    """
    check_count("steps", steps)
    _check_callable("grad", grad)
    return follow(
        lambda theta, _: grad(theta),
        theta0,
        optimizer,
        range(steps),
        schedule=schedule,
        callback=callback,
    )


def follow(  # noqa: PLR0913 - one option, keep, more than minimize
    grad: Callable[[Any, Any], Any],
    theta0: ArrayLike,
    optimizer: Optimizer,
    samples: Iterable[Any],
    *,
    schedule: Callable[[int], Any] | None = None,
    callback: Callable[[int, Any, Any], object] | None = None,
    keep: int = 1,
) -> Trajectory:
    """Take one step of `optimizer` for each sample of a stream.

    Parameters
    ----------
    grad : callable
        ``grad(theta, sample)`` returns the gradient, in the shape of theta.
    theta0 : float or array of floats, shape (...)
        The start.
    optimizer : Optimizer
        `RMSprop` or anything else with `init` and `update`.
    samples : iterable
        The samples, one a step: a generator, a list, or an array, whose samples lie
        along its first axis. Two arrays side by side are ``zip(X, d)``.
    schedule, callback : callable, optional
        As in `minimize`.
    keep : int
        Keep the start, every `keep`-th step and the last one; with 0 only the start
        and the last step. At least 0.

    Returns
    -------
    Trajectory
        Parameters, gradients and states of the kept steps.

    Raises
    ------
    DivergenceError, TypeError, ValueError
        As `minimize` does; also if `samples` is not iterable or `keep` no count.

    Notes
    -----
    As in `minimize`, whatever ends a run early carries what was computed in its
    attribute ``trajectory``. Chapters: *Adaptive filter*, *Neural network*.

    Examples
    --------
    A mean that follows its samples. The loss of one is (d - w)^2 / 2:

    >>> from rmsprop import GradientDescent, follow
    >>> stream = [1.0, 3.0, 2.0, 4.0]
    >>> run = follow(lambda w, d: w - d, 0.0, GradientDescent(0.5), stream)
    >>> run.theta
    array([0.    , 0.5   , 1.75  , 1.875 , 2.9375])

    Of a long stream we keep every second row:

    >>> run = follow(lambda w, d: w - d, 0.0, GradientDescent(0.5), stream, keep=2)
    >>> run.theta, run.kept
    (array([0.    , 1.75  , 2.9375]), array([2, 4]))

    A progress bar wraps the samples, ``follow(grad, w, optimizer, tqdm(samples))``, or
    hangs on the callback, ``callback=lambda *_: bar.update()``.
    """
    _check_run(grad, optimizer, schedule, callback)
    check_count("keep", keep)
    theta = _start(theta0)
    state = optimizer.init(theta)
    run = _Recorder(theta, state, keep)
    try:
        for t, sample in enumerate(iterator("samples", samples), start=1):
            rule = _with_rate(optimizer, schedule, t) if schedule else optimizer
            g = grad(theta.copy(), sample)  # a copy: grad may work in place
            check_grad(g, theta)
            g = np.asarray(g, theta.dtype)[()].copy()
            if not all_finite(g):
                raise run.error("gradient", g)
            theta, state = _step(rule, theta, g, state, run)
            run.record(theta, g, state)
            if callback and _ends(callback, t, theta, state):
                break
    except BaseException as error:
        _hand_back(error, run.trajectory())
        raise
    return run.trajectory()


def _step(
    rule: Optimizer, theta: Any, grad: Any, state: Any, run: "_Recorder"
) -> tuple[Any, Any]:
    """Take one step and refuse what is not finite or has outgrown theta."""
    try:
        moved, state = run.quiet.run(rule.update, theta, grad, state)
    except ZeroDivisionError:  # where arrays give nan, Python's floats raise
        cause = _cause(rule, theta * np.nan, grad, state)
        raise run.error("theta", theta * np.nan, cause) from None
    for i, part in enumerate(state):
        if not all_finite(part):
            raise run.error(state._fields[i], part)
    _check_same(rule, theta, moved)
    if not all_finite(moved):
        raise run.error("theta", moved, _cause(rule, moved, grad, state))
    return moved, state


def _cause(rule: Optimizer, theta: Any, grad: Any, state: Any) -> str:
    """Return what is zero under a fraction without a value, if that is the cause."""
    where = np.argwhere(~np.isfinite(theta))[0]
    parts = {"gradient": grad, **state._asdict(), "eps": getattr(rule, "eps", 1.0)}
    zero = [
        name
        for name, part in parts.items()
        if np.broadcast_to(part, theta.shape)[*where] == 0
    ]
    if len(zero) < 2 or zero[-1] != "eps":
        return ""
    return f", where {' and '.join(zero)} are 0: use eps > 0"


class _Recorder:
    """The rows that a run keeps. They grow: a stream need not know its length."""

    def __init__(self, theta: Any, state: Any, keep: int) -> None:
        self.keep, self.steps, self.kept = int(keep), 0, 0
        self.kind = type(state)
        # Inside an update NumPy does not warn: what is not finite becomes an error.
        self.quiet = copy_context()
        self.quiet.run(np.seterr, all="ignore")
        self.theta, *self.rows = map(_two_rows, (theta, theta, *state))
        self.theta[0] = theta

    def record(self, theta: Any, grad: Any, state: Any) -> None:
        """Write the row of a step over the last one, unless that is to be kept."""
        i = self.kept
        if i + 1 == len(self.theta):
            self.theta, *self.rows = map(_doubled, (self.theta, *self.rows))
        self.theta[i + 1] = theta
        for rows, part in zip(self.rows, (grad, *state), strict=True):
            rows[i] = part
        self.steps += 1
        if self.keep and self.steps % self.keep == 0:
            self.kept += 1

    def error(self, what: str, values: Any, cause: str = "") -> DivergenceError:
        """Return the error of a step that led to `values`."""
        step, run = self.steps + 1, self.trajectory()
        return DivergenceError(what, step, np.asarray(values), run, cause)

    def trajectory(self) -> Trajectory:
        """Return the start, the kept rows and the last one."""
        kept = np.arange(1, self.kept + 1) * self.keep
        if self.steps > self.kept * self.keep:
            kept = np.append(kept, self.steps)
        grad, *state = (rows[: len(kept)] for rows in self.rows)
        return Trajectory(self.theta[: len(kept) + 1], grad, self.kind(*state), kept)


def _start(theta0: Any) -> Any:
    """Return the start as an array of NumPy, or as a number if it has no axes."""
    try:
        theta = np.asarray(theta0)[()]
    except (TypeError, ValueError, RuntimeError):
        kind = type(theta0).__name__
        raise TypeError(f"theta0 must fit into an array, got {kind}") from None
    check_float("theta0", theta)
    if not all_finite(theta):
        raise ValueError(f"theta0 must be finite, got {theta0}")
    return theta


def _with_rate(optimizer: Optimizer, schedule: Callable[[int], Any], t: int) -> Any:
    """Return the optimizer with the rate of step t, which may be 0."""
    rate = schedule(t)
    check_not_negative(f"schedule({t})", rate)
    if np.all(rate):
        # The protocol cannot say that it is a dataclass; _check_run does.
        return replace(optimizer, learning_rate=rate)  # type: ignore[type-var]
    # No optimizer would be made with a rate of 0, and one step of it is well defined.
    resting = copy(optimizer)
    object.__setattr__(resting, "learning_rate", rate)
    return resting


def _ends(callback: Callable[..., object], t: int, theta: Any, state: Any) -> bool:
    """Call the callback and return whether it ends the run."""
    try:
        callback(t, theta.copy(), state)
    except StopIteration:
        return True
    return False


def _hand_back(error: BaseException, run: Trajectory) -> None:
    """Give an error that stops a run what was computed before it."""
    if isinstance(error, DivergenceError):
        return  # it has its trajectory already
    error.trajectory = run  # type: ignore[attr-defined]
    if run.steps:
        error.add_note(f"the {run.steps} steps taken are in this error's trajectory")


def _check_run(grad: Any, optimizer: Any, schedule: Any, callback: Any) -> None:
    _check_callable("grad", grad)
    if isinstance(optimizer, type) or not (
        hasattr(optimizer, "init") and hasattr(optimizer, "update")
    ):
        raise TypeError(f"optimizer must have init and update, got {optimizer!r}")
    for name, value in {"schedule": schedule, "callback": callback}.items():
        if value is not None:
            _check_callable(name, value)
    if schedule is not None and not hasattr(optimizer, "__dataclass_fields__"):
        kind = type(optimizer).__name__
        raise TypeError(f"optimizer must be a dataclass to take a schedule, got {kind}")


def _check_callable(name: str, value: Any) -> None:
    if not callable(value):
        raise TypeError(f"{name} must be callable, got {type(value).__name__}")


def _check_same(rule: Any, theta: Any, moved: Any) -> None:
    """Refuse a step that does not fit into theta, and name the setting to blame."""
    if moved.shape == theta.shape and moved.dtype == theta.dtype:
        return
    wanted = f"{theta.shape} of {theta.dtype}"
    for name in getattr(rule, "__dataclass_fields__", ()):
        value = getattr(rule, name)
        if isinstance(value, np.ndarray | np.generic):
            wider = theta * value
            if wider.shape != theta.shape or wider.dtype != theta.dtype:
                got = f"{value.shape} of {value.dtype}"
                raise ValueError(f"{name} must fit into theta0, {wanted}, got {got}")
    got = f"{moved.shape} of {moved.dtype}"
    raise ValueError(f"a step of optimizer must fit theta0, {wanted}, got {got}")


def _two_rows(value: Any) -> NDArray[Any]:
    value = np.asarray(value)
    return np.empty((2, *value.shape), value.dtype)


def _doubled(rows: NDArray[Any]) -> NDArray[Any]:
    more = np.empty((2 * len(rows), *rows.shape[1:]), rows.dtype)
    more[: len(rows)] = rows
    return more


def _text(value: Any, precision: int) -> str:
    if np.ndim(value) > 0:
        return "(" + ", ".join(_text(v, precision) for v in value) + ")"
    if isinstance(value, np.integer):
        return str(value)
    return f"{value:.{precision}f}"
