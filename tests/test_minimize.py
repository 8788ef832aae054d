"""minimize and its Trajectory: the article's five lines, shapes, schedules, errors."""

import math
import pickle
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from problems import OPTIMIZERS, follow

from rmsprop import (
    Adam,
    DivergenceError,
    GradientDescent,
    Momentum,
    RMSprop,
    minimize,
)
from rmsprop.baselines import Optimizer
from rmsprop.objectives import Quadratic, SquaredError

ARTICLE = """\
Iter 1: g=-8.000000, G=6.400000, w=0.316228
Iter 2: g=-6.735089, G=10.296142, w=0.526125
Iter 3: g=-5.895501, G=12.742222, w=0.691282
Iter 4: g=-5.234871, G=14.208387, w=0.830160
Iter 5: g=-4.679359, G=14.977189, w=0.951073"""


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
    path = follow(optimizer, np.ones(shape), run.grad)
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


@pytest.mark.parametrize("row", [0, 6, -1])
def test_rows_that_are_no_steps_are_refused(row: int) -> None:
    run = minimize(lambda x: x, 1.0, RMSprop(0.1), 5)
    with pytest.raises(ValueError, match=f"^rows must lie in 1 to 5, got {row}$"):
        run.table(rows=[row])


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


def test_wrong_rate_of_a_schedule_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^learning_rate must be .*, got 0\.0$"):
        minimize(lambda x: x, 1.0, RMSprop(0.1), 3, schedule=lambda _: 0.0)


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
        ValueError, match=r"step, \(\) of float64, got \(2,\) of float64$"
    ):
        minimize(lambda x: x, np.ones(2), summing, 3)


def test_state_must_keep_its_parts() -> None:
    forgetful: Any = Forgetful()
    with pytest.raises(ValueError, match="shorter"):
        minimize(lambda x: x, 1.0, forgetful, 3)


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


def test_parameters_that_overflow_end_the_run() -> None:
    with pytest.raises(
        DivergenceError, match=r"^theta .* inf at step 1, coordinate \(\)"
    ):
        minimize(lambda x: 0 * x - 1e300, 1.0, GradientDescent(1e10), 3)


def test_diverging_run_keeps_its_last_finite_step() -> None:
    with pytest.raises(DivergenceError) as error:
        minimize(lambda x: 1e100 * x, 1.0, GradientDescent(1.0), 100)
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


def test_exception_of_the_gradient_passes_through() -> None:
    def grad(_: Any) -> Any:
        raise KeyError("lost")

    with pytest.raises(KeyError, match="lost"):
        minimize(grad, 1.0, RMSprop(0.1), 3)


def test_numpys_warnings_are_as_before_after_the_run() -> None:
    before = np.geterr()
    minimize(lambda x: x, 1.0, RMSprop(0.1), 3)
    with pytest.raises(DivergenceError):
        minimize(lambda x: x * np.inf, 1.0, RMSprop(0.1), 3)
    assert np.geterr() == before


# --- What is refused ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "kind"),
    [(0, "int64"), ([1, 2], "int64"), (1j, "complex128"), (None, "NoneType")],
)
def test_start_must_be_of_floats(start: Any, kind: str) -> None:
    with pytest.raises(TypeError, match=f"^theta0 must be a float or .*, got {kind}$"):
        minimize(lambda x: x, start, RMSprop(0.1), 3)


@pytest.mark.parametrize(
    ("steps", "error", "message"),
    [
        (-1, ValueError, "steps must be at least 0, got -1"),
        (2.5, TypeError, r"steps must be an integer, got 2\.5"),
        ("3", TypeError, "steps must be an integer, got 3"),
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
        (1.0, np.ones(2), r"\(2,\) of float64, got \(\) of float64"),
        (
            np.ones((1, 2)),
            np.ones((3, 1)),
            r"\(3, 2\) of float64, got \(1, 2\) of float64",
        ),
        (np.ones(2, "f4"), np.ones(2), r"\(2,\) of float64, got \(2,\) of float32"),
    ],
)
def test_settings_must_not_outgrow_the_start(
    start: Any, rates: Any, sizes: str
) -> None:
    message = f"^theta0 must have the shape of a step, {sizes}$"
    with pytest.raises(ValueError, match=message):
        minimize(lambda x: x, start, RMSprop(rates), 3)
