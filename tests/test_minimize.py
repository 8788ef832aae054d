"""minimize and its Trajectory: the article's five lines, shapes, schedules, errors."""

import itertools
import math
import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from unittest.mock import Mock

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from problems import OPTIMIZERS, walk

from rmsprop import (
    AdaGrad,
    Adam,
    DivergenceError,
    GradientDescent,
    Momentum,
    RMSprop,
    Trajectory,
    follow,
    minimize,
)
from rmsprop.minimize import Optimizer
from rmsprop.objectives import Quadratic, SquaredError

ARTICLE = """\
Iter 1: g=-8.000000, G=6.400000, w=0.316228
Iter 2: g=-6.735089, G=10.296142, w=0.526125
Iter 3: g=-5.895501, G=12.742222, w=0.691282
Iter 4: g=-5.234871, G=14.208387, w=0.830160
Iter 5: g=-4.679359, G=14.977189, w=0.951073"""


def kept_by(error: Any) -> Trajectory:
    """Return what an error hands back."""
    assert isinstance(error.trajectory, Trajectory)
    return error.trajectory


def article_program(steps: int, x: float = 2.0, y: float = 4.0) -> list[Any]:
    """Return w, g and G of each step, computed as the article's program does."""
    eta, gamma, eps = 0.1, 0.9, 1e-8
    w = G = 0.0
    rows = []
    for _ in range(steps):
        g = (y - w * x) * (-x)
        G = gamma * G + (1 - gamma) * (g**2)
        w = w - eta * g / (np.sqrt(G + eps))
        rows.append((w, g, G))
    return rows


# --- The article's example ------------------------------------------------------------


def test_the_five_lines_of_the_article() -> None:
    problem = SquaredError(half=True)
    run = minimize(problem.grad, problem.start, RMSprop(0.1), 5)
    assert run.table() == ARTICLE


def test_every_bit_of_the_articles_program() -> None:
    run = minimize(SquaredError(half=True).grad, 0.0, RMSprop(0.1), 58)
    w, g, G = np.array(article_program(58)).T
    assert_array_equal(run.theta[1:], w)
    assert_array_equal(run.grad, g)
    assert_array_equal(run.state.mean_square, G)


def test_the_weight_cannot_show_the_missing_factor_two() -> None:
    half, whole = (
        minimize(SquaredError(half=half).grad, 0.0, RMSprop(0.1), 5)
        for half in (True, False)
    )
    assert np.abs(half.theta - whole.theta).max() < 1e-9
    assert_array_equal(4 * half.state.mean_square[0], whole.state.mean_square[0])


def test_the_article_goes_on_to_two_by_accident() -> None:
    run = minimize(SquaredError(half=True).grad, 0.0, RMSprop(0.1), 60)
    assert np.argmax(np.abs(run.theta - 2) < 0.05) == 25
    assert run.theta[57] == 2.0 == run.theta[60]


def test_other_data_show_the_return_to_half_the_rate() -> None:
    run = minimize(SquaredError(x=3.0, y=1.0).grad, 0.0, RMSprop(0.1), 5000)
    error = np.abs(run.theta - 1 / 3)
    assert error.min() < 1e-9
    assert error[-1] == pytest.approx(0.05, rel=1e-3)


# --- The trajectory -------------------------------------------------------------------


@pytest.mark.parametrize(
    "optimizer", OPTIMIZERS, ids=lambda optimizer: type(optimizer).__name__
)
@pytest.mark.parametrize("shape", [(), (2,), (3, 2)])
def test_trajectory_holds_every_step(
    optimizer: Optimizer, shape: tuple[int, ...]
) -> None:
    run = minimize(lambda x: 2 * x, np.ones(shape), optimizer, 7)
    path = walk(optimizer, np.ones(shape), run.grad)
    assert run.steps == 7
    assert run.theta.shape == (8, *shape)
    assert run.grad.shape == (7, *shape)
    assert_array_equal(run.theta, [np.ones(shape), *(theta for theta, _ in path)])
    assert_array_equal(run.grad, 2 * run.theta[:-1])
    for i, part in enumerate(run.state):
        assert_array_equal(part, [state[i] for _, state in path])


def test_state_keeps_its_kind_and_names() -> None:
    run = minimize(lambda x: x, 1.0, Adam(0.1), 3)
    assert type(run.state) is type(Adam(0.1).init(1.0))
    assert_array_equal(run.state.steps, [1, 2, 3])
    assert np.asarray(run.state.steps).dtype.kind == "i"


def test_trajectory_cannot_be_changed_afterwards() -> None:
    run: Any = minimize(lambda x: x, 1.0, RMSprop(0.1), 3)
    with pytest.raises(AttributeError, match="theta"):
        run.theta = run.grad


def test_no_step_leaves_the_start() -> None:
    run = minimize(lambda x: x, [1.0, 2.0], RMSprop(0.1), 0)
    assert run.steps == 0
    assert_array_equal(run.theta, [[1, 2]])
    assert run.grad.shape == run.state.mean_square.shape == (0, 2)
    assert run.table() == ""


def test_start_may_be_a_list_and_is_never_changed() -> None:
    start = np.ones(2)
    from_array = minimize(lambda x: x, start, RMSprop(0.1), 5)
    from_list = minimize(lambda x: x, [1.0, 1.0], RMSprop(0.1), 5)
    assert_array_equal(from_array.theta, from_list.theta)
    assert_array_equal(start, 1)


@pytest.mark.parametrize("start", [1.0, np.float64(1), np.array(1.0)])
def test_single_numbers_reach_the_gradient_as_numbers(start: Any) -> None:
    kinds: set[type] = set()
    minimize(lambda x: kinds.add(type(x)) or x, start, RMSprop(0.1), 3)  # type: ignore[func-returns-value]
    assert kinds == {np.float64}


def test_gradient_may_be_a_python_float() -> None:
    run = minimize(lambda w: float(2 * w), 1.0, RMSprop(0.1), 5)
    same = minimize(lambda w: 2 * w, 1.0, RMSprop(0.1), 5)
    assert_array_equal(run.theta, same.theta)


def test_single_precision_stays_single() -> None:
    start = np.ones(2, np.float32)
    run = minimize(lambda x: x.astype(float), start, RMSprop(0.1), 3)
    assert run.theta.dtype == run.grad.dtype == np.float32
    assert run.state.mean_square.dtype == np.float32


# --- The table ------------------------------------------------------------------------


def test_reader_chooses_rows_and_precision() -> None:
    run = minimize(SquaredError(half=True).grad, 0.0, RMSprop(0.1), 5)
    lines = ARTICLE.splitlines()
    assert run.table(rows=[5, 1]) == "\n".join([lines[4], lines[0]])
    assert (
        run.table(rows=range(2, 3), precision=2) == "Iter 2: g=-6.74, G=10.30, w=0.53"
    )
    assert run.table(rows=[], precision=0) == ""


@pytest.mark.parametrize("row", [0, 6])
def test_rows_that_are_no_steps_are_refused(row: int) -> None:
    run = minimize(lambda x: x, 1.0, RMSprop(0.1), 5)
    with pytest.raises(ValueError, match=f"^rows must lie in 1 to 5, got {row}$"):
        run.table(rows=[row])


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"rows": [2.5]}, TypeError, r"rows must be an integer, got 2\.5"),
        ({"rows": 2}, TypeError, "rows must be iterable, got int"),
        ({"precision": -1}, ValueError, "precision must be at least 0, got -1"),
        ({"precision": 1.5}, TypeError, r"precision must be an integer, got 1\.5"),
    ],
)
def test_arguments_of_the_table_are_checked(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    run = minimize(lambda x: x, 1.0, RMSprop(0.1), 5)
    with pytest.raises(error, match=f"^{message}$"):
        run.table(**arguments)


def test_table_of_vectors_and_counts() -> None:
    run = minimize(lambda x: x, [1.0, -2.0], Adam(0.5, eps=0.0), 1)
    assert run.table(precision=1) == (
        "Iter 1: g=(1.0, -2.0), m=(0.1, -0.2), G=(0.0, 0.0), t=1, w=(0.5, -1.5)"
    )


def test_table_names_the_parts_of_a_state_by_their_symbols() -> None:
    lines = {
        type(optimizer).__name__: minimize(lambda x: x, 1.0, optimizer, 1).table()
        for optimizer in OPTIMIZERS
    }
    names = {
        kind: [part.split("=")[0] for part in line.removeprefix("Iter 1: ").split(", ")]
        for kind, line in lines.items()
    }
    assert names == {
        "RMSprop": ["g", "G", "w"],
        "GradientDescent": ["g", "w"],
        "Momentum": ["g", "v", "w"],
        "AdaGrad": ["g", "S", "w"],
        "Adam": ["g", "m", "G", "t", "w"],
    }


# --- Schedule and callback ------------------------------------------------------------


def test_schedule_gives_the_rate_of_each_step() -> None:
    run = minimize(
        lambda x: 1 + 0 * x, 0.0, GradientDescent(99.0), 4, schedule=lambda t: 2.0**-t
    )
    assert_array_equal(run.theta, [0, -1 / 2, -3 / 4, -7 / 8, -15 / 16])


def test_schedule_leaves_the_other_settings_and_the_optimizer_alone() -> None:
    optimizer = RMSprop(99.0, decay=0.5, eps=1.0)
    run = minimize(lambda x: x, 1.0, optimizer, 9, schedule=lambda _: 0.1)
    same = minimize(lambda x: x, 1.0, RMSprop(0.1, decay=0.5, eps=1.0), 9)
    assert_array_equal(run.theta, same.theta)
    assert optimizer.learning_rate == 99.0


def test_falling_rate_settles_the_run() -> None:
    problem = Quadratic(condition=10.0)
    run = minimize(
        problem.grad, problem.start, RMSprop(0.1), 4000, schedule=lambda t: 1 / (9 + t)
    )
    assert np.abs(run.theta[-1]).max() < 1e-3


@pytest.mark.parametrize("rate", [-0.5, math.nan, math.inf])
def test_wrong_rate_of_a_schedule_is_refused(rate: float) -> None:
    message = rf"^schedule\(2\) must be finite and at least 0, got {rate}\n"
    with pytest.raises(ValueError, match=message) as error:
        minimize(
            lambda x: x, 1.0, RMSprop(0.1), 3, schedule=lambda t: (1.0, rate)[t - 1]
        )
    assert kept_by(error.value).steps == 1


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_rate_of_zero_is_a_step_of_zero(optimizer: Optimizer) -> None:
    rates = [0.1, 0.0, 0.1, np.array([0.0, 0.1])]
    run = minimize(
        lambda x: x, np.ones(2), optimizer, 4, schedule=lambda t: rates[t - 1]
    )
    assert_array_equal(run.theta[2], run.theta[1])
    moved = np.diff(run.theta, axis=0) != 0
    assert_array_equal(moved, [[1, 1], [0, 0], [1, 1], [0, 1]])
    for part in run.state:
        assert not np.array_equal(part[1], part[0])  # the state goes on


class Memory(NamedTuple):
    last: Any
    before: Any = 0.0


class Halving:
    """An optimizer of a reader's own: no dataclass, no rate, a state of its own."""

    def init(self, theta: Any) -> Memory:
        return Memory(last=theta)

    def update(self, theta: Any, grad: Any, state: Any) -> tuple[Any, Any]:
        return theta - grad / 2, Memory(grad, state.last)


class Summing(Halving):
    """An optimizer whose step has fewer coordinates than theta."""

    def update(self, theta: Any, grad: Any, state: Any) -> tuple[Any, Any]:
        return (theta - grad / 2).sum(), state


class Forgetful(Halving):
    """An optimizer whose state loses a part."""

    def update(self, theta: Any, grad: Any, state: Any) -> tuple[Any, Any]:
        return theta - grad / 2, state[:1]


def test_optimizer_may_be_a_readers_own() -> None:
    halving: Any = Halving()
    run = minimize(lambda x: x, 1.0, halving, 3)
    assert_array_equal(run.theta, [1, 1 / 2, 1 / 4, 1 / 8])
    assert run.table([2], 2) == "Iter 2: g=0.50, last=0.50, before=1.00, w=0.25"


def test_step_must_keep_the_shape() -> None:
    summing: Any = Summing()
    with pytest.raises(
        ValueError, match=r"^a step of optimizer .*, \(2,\) of float64, got \(\) of "
    ):
        minimize(lambda x: x, np.ones(2), summing, 3)


def test_state_must_keep_its_parts() -> None:
    forgetful: Any = Forgetful()
    with pytest.raises(ValueError, match="shorter"):
        minimize(lambda x: x, 1.0, forgetful, 3)


@dataclass
class Doubled(Halving):
    """An optimizer that derives a number from its rate when it is made."""

    learning_rate: float

    def __post_init__(self) -> None:
        self.double = 2 * self.learning_rate

    def update(self, theta: Any, grad: Any, state: Any) -> tuple[Any, Any]:
        return theta - self.double * grad, state


def test_schedule_makes_the_optimizer_anew() -> None:
    run = minimize(
        lambda x: 1 + 0 * x, 0.0, Doubled(9.0), 2, schedule=lambda t: 1.0 * t
    )
    assert_array_equal(run.theta, [0, -2, -6])


def test_schedule_needs_a_dataclass() -> None:
    halving: Any = Halving()
    with pytest.raises(TypeError, match=r"dataclass to take a schedule, got Halving$"):
        minimize(lambda x: x, 1.0, halving, 3, schedule=lambda _: 0.1)


def test_callback_sees_every_step() -> None:
    seen: list[Any] = []
    run = minimize(
        lambda x: x, 1.0, RMSprop(0.1), 4, callback=lambda *step: seen.append(step)
    )
    times, thetas, states = zip(*seen, strict=True)
    assert times == (1, 2, 3, 4)
    assert_array_equal(thetas, run.theta[1:])
    assert_array_equal([s.mean_square for s in states], run.state.mean_square)


def test_callback_may_end_the_run_and_keep_it() -> None:
    def enough(t: int, *_: Any) -> None:
        if t == 3:
            raise StopIteration

    run = minimize(lambda x: x, 1.0, RMSprop(0.1), 10, callback=enough)
    assert_array_equal(run.theta, minimize(lambda x: x, 1.0, RMSprop(0.1), 3).theta)


def test_what_a_callback_returns_is_not_looked_at() -> None:
    # tqdm's update returns True whenever it has drawn the bar.
    run = minimize(lambda x: x, 1.0, RMSprop(0.1), 4, callback=lambda *_: True)
    assert run.steps == 4


# --- Streams --------------------------------------------------------------------------

STREAM = np.random.default_rng(3).normal(size=(200, 2))


def toward(theta: Any, sample: Any) -> Any:
    """Return the gradient of half the squared distance to a sample."""
    return theta - sample


def plain_loop(optimizer: Optimizer) -> tuple[Any, Any, Any]:
    theta, state = np.zeros(2), optimizer.init(np.zeros(2))
    thetas, grads, states = [theta], [], []
    for sample in STREAM:
        grads.append(theta - sample)
        theta, state = optimizer.update(theta, grads[-1], state)
        thetas.append(theta)
        states.append(state)
    return np.array(thetas), np.array(grads), states


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_follow_takes_a_step_for_each_sample(optimizer: Optimizer) -> None:
    run = follow(toward, np.zeros(2), optimizer, STREAM)
    theta, grad, states = plain_loop(optimizer)
    assert_array_equal(run.theta, theta)
    assert_array_equal(run.grad, grad)
    for i, part in enumerate(run.state):
        assert_array_equal(part, [state[i] for state in states])
    assert_array_equal(run.kept, np.arange(1, 201))


def test_samples_may_come_from_anything_that_can_be_iterated() -> None:
    wanted = follow(toward, np.zeros(2), RMSprop(0.1), STREAM)
    for samples in (list(STREAM), (sample for sample in STREAM), iter(STREAM)):
        assert follow(toward, np.zeros(2), RMSprop(0.1), samples) == wanted
    pairs = zip(STREAM, range(200), strict=True)
    run = follow(lambda w, pair: w - pair[0], np.zeros(2), RMSprop(0.1), pairs)
    assert run == wanted


def test_a_stream_may_be_empty() -> None:
    run = follow(toward, np.zeros(2), RMSprop(0.1), iter(()))
    assert run.steps == 0
    assert run.theta.shape == (1, 2)
    assert run.grad.shape == run.state.mean_square.shape == (0, 2)


def test_an_endless_stream_ends_with_the_callback() -> None:
    def enough(t: int, *_: Any) -> None:
        if t == 1000:
            raise StopIteration

    run = follow(
        lambda w, n: w - n, 0.0, RMSprop(0.1), itertools.count(), callback=enough
    )
    assert run.steps == len(run.grad) == 1000


@pytest.mark.parametrize(
    ("keep", "kept"),
    [
        (0, [200]),
        (1, range(1, 201)),
        (20, range(20, 201, 20)),
        (60, [60, 120, 180, 200]),
        (200, [200]),
        (999, [200]),
    ],
)
def test_long_streams_keep_the_rows_that_are_asked_for(keep: int, kept: Any) -> None:
    whole = follow(toward, np.zeros(2), RMSprop(0.1), STREAM)
    run = follow(toward, np.zeros(2), RMSprop(0.1), STREAM, keep=keep)
    rows = np.array(kept) - 1
    assert run.steps == 200
    assert_array_equal(run.kept, kept)
    assert_array_equal(run.theta, whole.theta[[0, *(rows + 1)]])
    assert_array_equal(run.grad, whole.grad[rows])
    assert_array_equal(run.state.mean_square, whole.state.mean_square[rows])
    assert run.table() == whole.table(rows=kept)


def test_rows_that_were_not_kept_are_refused() -> None:
    run = follow(toward, np.zeros(2), RMSprop(0.1), STREAM, keep=60)
    with pytest.raises(ValueError, match=r"^rows must be steps that were kept, got 61"):
        run.table(rows=[60, 61])


def test_follow_takes_a_schedule_and_a_callback() -> None:
    seen: list[Any] = []
    run = follow(
        toward,
        np.zeros(2),
        RMSprop(9.0),
        STREAM,
        schedule=lambda t: 1 / t,
        callback=lambda t, theta, state: seen.append((t, theta, state)),
        keep=50,
    )
    feed = iter(STREAM)
    wanted = minimize(
        lambda theta: theta - next(feed),
        np.zeros(2),
        RMSprop(9.0),
        200,
        schedule=lambda t: 1 / t,
    )
    times, thetas, _ = zip(*seen, strict=True)
    assert times == tuple(range(1, 201))
    assert_array_equal(thetas, wanted.theta[1:])
    assert_array_equal(run.theta, wanted.theta[::50])


@pytest.mark.parametrize("keep", [0, 1, 2])
def test_stream_that_breaks_keeps_what_was_computed(keep: int) -> None:
    def broken() -> Iterator[Any]:
        yield from STREAM[:3]
        raise OSError("the wire is cut")

    with pytest.raises(OSError, match="the 3 steps taken are in this") as error:
        follow(toward, np.zeros(2), RMSprop(0.1), broken(), keep=keep)
    whole = follow(toward, np.zeros(2), RMSprop(0.1), STREAM[:3], keep=keep)
    assert kept_by(error.value) == whole


def test_sample_that_is_not_finite_ends_the_run() -> None:
    with pytest.raises(DivergenceError, match=r"^gradient .* at step 2") as error:
        follow(toward, 0.0, RMSprop(0.1), [1.0, math.nan, 1.0], keep=0)
    assert_array_equal(error.value.trajectory.kept, [1])


# --- Runs that end early --------------------------------------------------------------


def nan_from(limit: float) -> Any:
    """Return a gradient whose second coordinate is nan once theta is low enough."""
    return lambda x: np.where([False, x[1] < limit], math.nan, x)


def test_gradient_that_is_not_finite_ends_the_run() -> None:
    with pytest.raises(DivergenceError) as error:
        minimize(nan_from(0.3), np.ones(2), GradientDescent(0.5), 100)
    # theta = 1, 1/2, 1/4: the third gradient is nan
    assert str(error.value) == (
        "gradient must be finite, got nan at step 3, coordinate (1,); "
        "the 2 steps before it are in this error's trajectory"
    )
    assert (error.value.step, error.value.coordinate) == (3, (1,))
    run = error.value.trajectory
    assert run.steps == len(run.state) + 2 == 2
    assert_array_equal(run.theta, [[1, 1], [0.5, 0.5], [0.25, 0.25]])
    assert_array_equal(run.grad, [[1, 1], [0.5, 0.5]])


def test_first_coordinate_that_is_not_finite_is_named() -> None:
    bad = np.array([[1.0, 2.0], [np.inf, np.nan]])
    with pytest.raises(DivergenceError, match=r"got inf at step 1, .* \(1, 0\);"):
        minimize(lambda _: bad, np.ones((2, 2)), RMSprop(0.1), 3)


def test_what_was_computed_is_not_lost() -> None:
    with pytest.raises(DivergenceError) as error:
        minimize(nan_from(0.3), np.ones(2), Momentum(0.1), 100)
    part = error.value.trajectory
    whole = minimize(lambda x: x, np.ones(2), Momentum(0.1), part.steps)
    assert_array_equal(part.theta, whole.theta)
    assert_array_equal(part.grad, whole.grad)
    assert_array_equal(part.state.velocity, whole.state.velocity)
    assert part.table() == whole.table()
    assert not hasattr(error.value, "__notes__")  # its message says it already


def test_parameters_that_overflow_end_the_run() -> None:
    with pytest.raises(
        DivergenceError, match=r"^theta .* inf at step 1, coordinate \(\)"
    ):
        minimize(lambda x: 0 * x - 1e300, 1.0, GradientDescent(1e10), 3)


def test_diverging_run_keeps_its_last_finite_step() -> None:
    with pytest.raises(DivergenceError) as error:
        minimize(lambda x: 3 * x, 1.0, GradientDescent(1e100), 100)
    assert np.isfinite(error.value.trajectory.theta).all()
    assert error.value.trajectory.steps == error.value.step - 1 > 0


def test_division_of_zero_by_zero_is_a_divergence_for_python_floats_too() -> None:
    with pytest.raises(
        DivergenceError, match=r"^theta must be finite, got nan at step 1"
    ):
        minimize(lambda _: 0.0, 1.0, RMSprop(0.1, eps=0.0), 3)


def test_divergence_travels_between_processes() -> None:
    with pytest.raises(DivergenceError) as error:
        minimize(nan_from(0.3), np.ones(2), RMSprop(0.1), 100)
    copy = pickle.loads(pickle.dumps(error.value))  # noqa: S301 - our own bytes
    assert str(copy) == str(error.value)
    assert (copy.step, copy.coordinate) == (error.value.step, error.value.coordinate)
    assert_array_equal(copy.trajectory.theta, error.value.trajectory.theta)


def test_divergence_is_an_arithmetic_error() -> None:
    assert issubclass(DivergenceError, ArithmeticError)


def fails_at(step: int, error: type[BaseException]) -> Callable[..., Any]:
    """Return a function that passes its argument on until a call raises."""
    calls = itertools.count(1)

    def function(value: Any, *_: Any) -> Any:
        if next(calls) == step:
            raise error("lost")
        return value

    return function


@pytest.mark.parametrize("where", ["grad", "schedule", "callback"])
@pytest.mark.parametrize("kind", [KeyError, KeyboardInterrupt, SystemExit])
def test_whatever_stops_a_run_hands_back_what_was_computed(
    where: str, kind: type[BaseException]
) -> None:
    functions: dict[str, Any] = {"grad": lambda x: x, "schedule": float}
    functions[where] = fails_at(4, kind)
    with pytest.raises(kind, match="lost") as error:
        minimize(theta0=np.ones(2), optimizer=RMSprop(1.0), steps=9, **functions)
    taken = 4 if where == "callback" else 3
    note = f"the {taken} steps taken are in this error's trajectory"
    assert error.value.__notes__ == [note]
    whole = minimize(lambda x: x, np.ones(2), RMSprop(1.0), taken, schedule=float)
    assert kept_by(error.value) == whole


def test_gradient_that_runs_dry_is_an_error() -> None:
    feed = iter([1.0, 2.0])
    with pytest.raises(StopIteration) as error:
        minimize(lambda _: next(feed), 0.0, RMSprop(0.1), 3)
    assert kept_by(error.value).steps == 2


def test_error_at_the_first_step_has_no_note() -> None:
    with pytest.raises(KeyError, match=r"^'lost'$") as error:
        minimize(fails_at(1, KeyError), 1.0, RMSprop(0.1), 3)
    assert kept_by(error.value).steps == 0


def test_numpys_warnings_are_as_before_after_the_run() -> None:
    before = np.geterr()
    minimize(lambda x: x, 1.0, RMSprop(0.1), 3)
    with pytest.raises(DivergenceError):
        minimize(lambda x: x * np.inf, 1.0, RMSprop(0.1), 3)
    assert np.geterr() == before


# --- What a gradient may do -----------------------------------------------------------


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_gradient_may_work_in_place(optimizer: Optimizer) -> None:
    def in_place(x: Any) -> Any:
        x *= 2
        return x

    start = np.ones(2)
    run = minimize(in_place, start, optimizer, 5)
    assert_array_equal(start, 1)
    assert run == minimize(lambda x: 2 * x, start, optimizer, 5)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_gradient_may_write_over_its_last_answer(optimizer: Optimizer) -> None:
    answer = np.empty(2)
    run = minimize(lambda x: np.multiply(2, x, out=answer), np.ones(2), optimizer, 5)
    assert run == minimize(lambda x: 2 * x, np.ones(2), optimizer, 5)


def test_callback_cannot_change_the_run() -> None:
    def clear(_: int, theta: Any, __: Any) -> None:
        theta[:] = 0

    run = minimize(lambda x: x, np.ones(2), RMSprop(0.1), 5, callback=clear)
    assert run == minimize(lambda x: x, np.ones(2), RMSprop(0.1), 5)


def test_numpy_warns_in_the_readers_own_functions() -> None:
    with pytest.warns(RuntimeWarning, match="overflow"):
        minimize(lambda x: np.exp(-1e4 / x) ** 0, -np.ones(1), RMSprop(0.1), 1)
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        minimize(
            lambda x: x,
            np.ones(1),
            RMSprop(0.1),
            1,
            callback=lambda _, x, __: 1 / (0 * x),
        )


# --- States that overflow, fractions without a value ----------------------------------


@pytest.mark.parametrize(
    ("kind", "size"), [(np.float64, 1e200), (np.float32, 2e19), (np.float16, 300)]
)
def test_state_that_overflows_ends_the_run(kind: Any, size: float) -> None:
    with pytest.raises(DivergenceError) as error:
        minimize(lambda w: 0 * w + kind(size), kind(1), RMSprop(0.1), 3)
    assert str(error.value).startswith(
        "mean_square must be finite, got inf at step 1, coordinate ();"
    )


def test_part_that_overflows_is_named() -> None:
    with pytest.raises(DivergenceError, match=r"^velocity must .* inf at step 2"):
        minimize(lambda w: 0 * w + 1e308, 0.0, Momentum(1e-9), 3)


@pytest.mark.parametrize(
    ("optimizer", "zeros"),
    [
        (RMSprop(0.1, eps=0.0), "gradient and mean_square and eps"),
        (AdaGrad(0.1, eps=0.0), "gradient and sum_of_squares and eps"),
        (Adam(0.1, eps=0.0), "gradient and mean and mean_square and eps"),
    ],
)
@pytest.mark.parametrize("start", [1.0, np.ones(2)])
def test_zero_over_zero_says_what_is_zero(
    optimizer: Any, zeros: str, start: Any
) -> None:
    where = np.shape(start) and (1,)
    with pytest.raises(DivergenceError) as error:
        minimize(
            lambda x: x * [1.0, 0.0][: x.size] if x.ndim else 0.0, start, optimizer, 3
        )
    assert str(error.value) == (
        f"theta must be finite, got nan at step 1, coordinate {where}, where {zeros} "
        "are 0: use eps > 0; the 0 steps before it are in this error's trajectory"
    )


def test_a_division_that_raises_ends_a_run_as_one_that_gives_nan() -> None:
    class Raising(RMSprop):
        def update(self, theta: Any, grad: Any, state: Any) -> Any:
            return theta - 1 / int(grad), state

    with pytest.raises(
        DivergenceError, match=r"^theta must be finite, got nan at step"
    ):
        minimize(lambda _: 0.0, 2.0, Raising(0.1), 3)


def test_square_that_underflows_is_named_too() -> None:
    with pytest.raises(DivergenceError, match="where mean_square and eps are 0: use"):
        minimize(lambda _: 1e-200, 1.0, RMSprop(0.1, eps=0.0), 3)


def test_another_overflow_is_not_blamed_on_eps() -> None:
    with pytest.raises(DivergenceError, match=r"^theta .* coordinate \(\);"):
        minimize(lambda _: 1.0, 1e308, RMSprop(1e308, eps=0.0, decay=0.9999), 3)


class PlainDivision(Halving):
    """An optimizer that computes with Python's floats, and divides."""

    eps = 0.0

    def update(self, theta: Any, grad: Any, state: Any) -> tuple[Any, Any]:
        return theta - np.float64(float(grad) / abs(float(grad))), state


def test_division_by_pythons_zero_is_the_same_error() -> None:
    with pytest.raises(DivergenceError, match="where gradient and before and eps are"):
        minimize(lambda _: 0.0, 1.0, PlainDivision(), 3)


# --- What is refused ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "kind"),
    [(0, "int64"), ([1, 2], "int64"), (1j, "complex128"), (None, "NoneType")],
)
def test_start_must_be_of_floats(start: Any, kind: str) -> None:
    with pytest.raises(TypeError, match=f"^theta0 must be a float or .*, got {kind}$"):
        minimize(lambda x: x, start, RMSprop(0.1), 3)


@pytest.mark.parametrize("start", [math.nan, [1.0, math.inf]])
def test_start_must_be_finite(start: Any) -> None:
    with pytest.raises(ValueError, match=r"^theta0 must be finite, got \[?(nan|1\.0)"):
        minimize(lambda x: x, start, RMSprop(0.1), 3)


def test_start_must_fit_into_an_array() -> None:
    with pytest.raises(TypeError, match=r"^theta0 must fit into an array, got list$"):
        minimize(lambda x: x, [[1.0], [1.0, 2.0]], RMSprop(0.1), 3)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("grad", np.ones(2), "grad must be callable, got ndarray"),
        ("optimizer", "adam", "optimizer must have init and update, got 'adam'"),
        ("optimizer", RMSprop, "optimizer must have init and update, got <class .*"),
        (
            "optimizer",
            Mock(["init"]),
            "optimizer must have init and update, got <Mock.*",
        ),
        ("schedule", 0.1, "schedule must be callable, got float"),
        ("callback", [], "callback must be callable, got list"),
        ("samples", 3, "samples must be iterable, got int"),
        ("samples", np.array(1.0), "samples must be iterable, got ndarray"),
        ("keep", 1.0, r"keep must be an integer, got 1\.0"),
        ("keep", True, "keep must be an integer, got True"),
        ("keep", None, "keep must be an integer, got None"),
    ],
)
def test_arguments_of_a_run_are_checked(name: str, value: Any, message: str) -> None:
    arguments: dict[str, Any] = {
        "grad": toward,
        "theta0": np.zeros(2),
        "optimizer": RMSprop(0.1),
        "samples": STREAM,
        name: value,
    }
    with pytest.raises(TypeError, match=f"^{message}$"):
        follow(**arguments)
    if name in {"grad", "optimizer", "schedule", "callback"}:
        arguments.pop("samples")
        with pytest.raises(TypeError, match=f"^{message}$"):
            minimize(**arguments, steps=3)


def test_keep_must_not_be_negative() -> None:
    with pytest.raises(ValueError, match=r"^keep must be at least 0, got -1$"):
        follow(toward, np.zeros(2), RMSprop(0.1), STREAM, keep=-1)


@pytest.mark.parametrize(
    ("steps", "error", "message"),
    [
        (-1, ValueError, "steps must be at least 0, got -1"),
        (2.5, TypeError, r"steps must be an integer, got 2\.5"),
        ("3", TypeError, "steps must be an integer, got '3'"),
        (True, TypeError, "steps must be an integer, got True"),
    ],
)
def test_steps_must_be_a_count(
    steps: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=f"^{message}$"):
        minimize(lambda x: x, 1.0, RMSprop(0.1), steps)


def test_steps_may_be_numpys_integer() -> None:
    assert minimize(lambda x: x, 1.0, RMSprop(0.1), np.int64(2)).steps == 2  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("grad", "error", "message"),
    [
        (lambda _: np.ones(3), ValueError, r"grad must have .*, \(2,\), got \(3,\)"),
        (lambda _: 1.0, ValueError, r"grad must have .*, \(2,\), got \(\)"),
        (lambda _: np.ones(2, int), TypeError, "grad must be a float .*, got int64"),
        (lambda _: [1.0, 1.0], TypeError, "grad must be a float .*, got list"),
        (lambda _: None, TypeError, "grad must be a float .*, got NoneType"),
    ],
)
def test_gradient_must_fit(grad: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"^{message}$"):
        minimize(grad, np.ones(2), RMSprop(0.1), 3)


@pytest.mark.parametrize(
    ("start", "rates", "sizes"),
    [
        (1.0, np.ones(2), r"\(\) of float64, got \(2,\) of float64"),
        (
            np.ones((1, 2)),
            np.ones((3, 1)),
            r"\(1, 2\) of float64, got \(3, 1\) of float64",
        ),
        (np.ones(2, "f4"), np.ones(2), r"\(2,\) of float32, got \(2,\) of float64"),
        (np.ones(2, "f4"), np.float64(1), r"\(2,\) of float32, got \(\) of float64"),
    ],
)
@pytest.mark.parametrize("name", ["learning_rate", "decay", "eps"])
def test_settings_must_not_outgrow_the_start(
    name: str, start: Any, rates: Any, sizes: str
) -> None:
    optimizer = RMSprop(**{"learning_rate": 0.1, name: rates / 2})
    with pytest.raises(ValueError, match=f"^{name} must fit into theta0, {sizes}$"):
        minimize(lambda x: x, start, optimizer, 3)


def test_setting_that_fits_is_not_blamed() -> None:
    optimizer = RMSprop(np.float64(0.1), decay=np.array([0.5, 0.9]))
    with pytest.raises(ValueError, match=r"^decay must fit into theta0, \(\) of"):
        minimize(lambda x: x, 1.0, optimizer, 3)
