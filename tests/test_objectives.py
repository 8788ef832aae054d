"""The test problems: exact gradients, known minima, runs side by side."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from rmsprop.objectives import (
    Objective,
    Quadratic,
    Rosenbrock,
    SquaredError,
)

VECTOR_PROBLEMS: list[Objective] = [
    Quadratic(condition=10.0),
    Quadratic(condition=100.0, angle=0.7),
    Rosenbrock(),
]
SCALAR_PROBLEMS: list[Objective] = [
    SquaredError(),
    SquaredError(half=True),
    SquaredError(x=3.0, y=1.0),
]

every_problem = pytest.mark.parametrize("problem", VECTOR_PROBLEMS + SCALAR_PROBLEMS)
vector_problem = pytest.mark.parametrize("problem", VECTOR_PROBLEMS)
scalar_problem = pytest.mark.parametrize("problem", SCALAR_PROBLEMS)


def slopes(problem: Objective, theta: Any, h: float = 1e-6) -> Any:
    """Return the central differences of the loss along the last axis of theta."""
    moves = h * np.eye(theta.shape[-1])
    up, down = (problem.loss(theta[..., np.newaxis, :] + s * moves) for s in (1, -1))
    return (up - down) / (2 * h)


# --- Gradients ------------------------------------------------------------------------


@vector_problem
@pytest.mark.parametrize("leading", [(), (5,), (2, 3)])
def test_gradient_is_the_slope_of_the_loss(
    problem: Objective, leading: tuple[int, ...]
) -> None:
    n = len(problem.start)
    theta = np.random.default_rng(1).normal(size=(*leading, n))
    grad = problem.grad(theta)
    assert grad.shape == theta.shape
    assert_allclose(grad, slopes(problem, theta), rtol=1e-6, atol=1e-5)


@scalar_problem
@pytest.mark.parametrize("shape", [(), (5,), (2, 3)])
def test_scalar_gradient_is_the_slope_of_the_loss(
    problem: Objective, shape: tuple[int, ...]
) -> None:
    w, h = np.random.default_rng(1).normal(size=shape), 1e-4
    slope = (problem.loss(w + h) - problem.loss(w - h)) / (2 * h)
    assert np.shape(problem.grad(w)) == np.shape(problem.loss(w)) == shape
    assert_allclose(problem.grad(w), slope, rtol=1e-8)


@vector_problem
def test_runs_side_by_side_equal_single_runs(problem: Objective) -> None:
    theta = np.random.default_rng(2).normal(size=(4, 3, len(problem.start)))
    loss, grad = problem.loss(theta), problem.grad(theta)
    assert loss.shape == (4, 3)
    for i in np.ndindex(4, 3):
        assert_allclose(problem.loss(theta[i]), loss[i], rtol=1e-14)
        assert_allclose(problem.grad(theta[i]), grad[i], rtol=1e-12, atol=1e-15)


# --- Minima ---------------------------------------------------------------------------


@every_problem
def test_minimizer_has_no_gradient(problem: Objective) -> None:
    assert_allclose(problem.grad(problem.minimizer), 0, atol=1e-12)


@every_problem
def test_nothing_near_the_minimizer_is_lower(problem: Objective) -> None:
    best = problem.minimizer
    near = best + 0.1 * np.random.default_rng(3).normal(size=(1000, *np.shape(best)))
    assert np.all(problem.loss(near) > problem.loss(best))
    assert problem.loss(problem.start) > problem.loss(best)


@pytest.mark.parametrize("problem", VECTOR_PROBLEMS + SCALAR_PROBLEMS)
def test_least_loss_is_zero(problem: Objective) -> None:
    assert problem.loss(problem.minimizer) == 0


# --- Known values ---------------------------------------------------------------------


def test_squared_error_by_hand() -> None:
    # (4 - 2 * 1)^2 = 4, slope -2 * 2 * 2 = -8
    assert SquaredError().loss(1.0) == 4.0
    assert SquaredError().grad(1.0) == -8.0
    assert SquaredError().minimizer == 2.0
    assert SquaredError().start == 0.0


def test_half_the_squared_error_has_half_the_gradient() -> None:
    w = np.linspace(-1, 3, 9)
    assert_array_equal(2 * SquaredError(half=True).loss(w), SquaredError().loss(w))
    assert_array_equal(2 * SquaredError(half=True).grad(w), SquaredError().grad(w))


def test_squared_error_keeps_python_floats() -> None:
    assert type(SquaredError().grad(0.5)) is type(SquaredError().loss(0.5)) is float


@pytest.mark.parametrize("angle", [0.0, 0.3, 2.0])
def test_quadratic_has_the_curvatures_and_directions_it_is_made_of(
    angle: float,
) -> None:
    problem = Quadratic(condition=25.0, angle=angle)
    flat = np.array([np.cos(angle), np.sin(angle)])
    steep = np.array([-np.sin(angle), np.cos(angle)])
    assert_allclose(problem.hessian @ flat, flat, rtol=1e-12, atol=1e-13)
    assert_allclose(problem.hessian @ steep, 25 * steep, rtol=1e-12, atol=1e-13)
    assert_allclose(problem.loss(2 * steep), 25 * 2**2 / 2, rtol=1e-12)


def test_starts_are_the_usual_ones() -> None:
    assert_array_equal(Quadratic(1.0).start, [2, 1])
    assert_array_equal(Rosenbrock().start, [-1.2, 1])
    assert Rosenbrock().loss(Rosenbrock().start) == pytest.approx(24.2, rel=1e-14)


# --- What is refused ------------------------------------------------------------------


def test_squared_error_needs_an_input() -> None:
    with pytest.raises(ValueError, match=r"^x must not be 0, got 0\.0$"):
        SquaredError(x=0.0)


def test_condition_must_be_positive() -> None:
    with pytest.raises(
        ValueError, match=r"^condition must be .* greater than 0, got -1$"
    ):
        Quadratic(condition=-1)


@pytest.mark.parametrize(
    ("kind", "wrong", "error", "message"),
    [
        (SquaredError, {"x": "2"}, TypeError, "x must be a number .*, got str"),
        (SquaredError, {"x": np.nan}, ValueError, "x must be finite, got nan"),
        (SquaredError, {"x": np.arange(2.0)}, ValueError, r"x .* not be 0, got \[0.*"),
        (SquaredError, {"y": None}, TypeError, "y must be a number .*, got NoneType"),
        (SquaredError, {"half": 0.5}, TypeError, r"half must be .* False, got 0\.5"),
        (Quadratic, {"condition": 0.0}, ValueError, r"condition .* 0, got 0\.0"),
        (Quadratic, {"condition": "10"}, TypeError, "condition must .*, got str"),
        (Quadratic, {"angle": np.inf}, ValueError, "angle must be finite, got inf"),
        (Quadratic, {"angle": 1j}, TypeError, "angle must be a number .*, got complex"),
    ],
)
def test_wrong_numbers_are_refused(
    kind: Any, wrong: dict[str, Any], error: type[Exception], message: str
) -> None:
    given = {"condition": 10.0} if kind is Quadratic else {}
    with pytest.raises(error, match=f"^{message}$"):
        kind(**{**given, **wrong})


def test_squared_errors_may_stand_side_by_side() -> None:
    x, y = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    together = SquaredError(x, y)  # type: ignore[arg-type]
    assert_array_equal(together.minimizer, [3, 2])
    assert_array_equal(together.grad(np.zeros(2)), [-6, -16])
