"""The check of a student's gradient, fed with right and wrong ones."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from rmsprop.check import Verdict, gradient

RNG = np.random.default_rng(0)
X, D = RNG.normal(size=(7, 3)), RNG.normal(size=(7, 2))
THETA = RNG.normal(size=(3, 2))


def loss(theta: Any) -> Any:
    """Return the mean over seven samples of half a squared error."""
    return ((X @ theta - D) ** 2).sum() / 14


def right(theta: Any) -> Any:
    return X.T @ (X @ theta - D) / 7


def said(verdict: Verdict) -> str:
    """Return the text without its breaks of lines."""
    return " ".join(verdict.text.split())


def in_place(theta: Any) -> Any:
    theta *= 2
    return right(theta / 2)


def test_a_right_gradient_passes() -> None:
    assert gradient(right, loss, THETA)
    assert gradient(lambda w: 3 * w**2, lambda w: w**3, -1.5)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda theta: -right(theta), "the wrong sign: it points downhill"),
        (lambda theta: 7 * right(theta), "is 7 times the right one"),
        (lambda theta: -7 * right(theta), "is -7 times the right one"),
        (lambda theta: right(theta).T, "is transposed"),
        (
            lambda theta: right(theta).sum(axis=0),
            "the shape (2,), and (3, 2) is needed",
        ),
        (lambda theta: 0 * theta, "the slope"),
        (lambda theta: right(theta) * [[1], [1], [np.nan]], "your gradient says nan"),
        (lambda theta: right(theta) + 1e-4, "The largest gap is in entry"),
        (lambda theta: theta @ theta, "Write down the shape of each"),
        (lambda theta: theta + X, "Write down the shape of each"),
        (lambda theta: theta > 0, "Its gradient is neither a float nor an array"),
        (lambda theta: right(theta).T * -7, "the shape (2, 3), and (3, 2) is needed"),
        (in_place, "changes its argument theta in place"),
    ],
)
def test_a_wrong_gradient_is_told_its_slip(
    wrong: Callable[[Any], Any], says: str
) -> None:
    verdict = gradient(wrong, loss, THETA)
    assert not verdict
    assert says in said(verdict)


def test_an_error_of_another_kind_is_not_blamed_on_shapes() -> None:
    told = said(gradient(lambda theta: theta if theta > 0 else 0, loss, THETA))
    assert "It raised ValueError" in told
    assert "shape" not in told


def test_who_changes_the_data_of_the_loss_is_told_so() -> None:
    data = D.copy()

    def grad(theta: Any) -> Any:
        residual = data
        residual -= X @ theta
        return -X.T @ residual / 7  # right, but the data are gone

    def loss(theta: Any) -> Any:
        return ((X @ theta - data) ** 2).sum() / 14

    assert "`a -= b` writes into the old one" in said(gradient(grad, loss, THETA))


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_a_loss_without_a_value_is_not_blamed_on_the_gradient(broken: float) -> None:
    told = said(gradient(right, lambda _: broken, THETA))
    assert told.startswith(f"Not yet. The loss itself is {broken} here.")


@pytest.mark.parametrize("blank", [..., None])
def test_nothing_written_is_no_mistake(blank: Any) -> None:
    verdict = gradient(lambda _: blank, loss, THETA)
    assert not verdict
    assert verdict.text.startswith("There is nothing written yet")


def test_a_blank_within_a_formula_is_no_mistake() -> None:
    blank: Any = ...
    assert gradient(lambda _: blank.T @ X, loss, THETA).text.endswith("its `...`.")


def test_a_square_gradient_can_be_transposed_too() -> None:
    A = RNG.normal(size=(3, 3))

    def trace(theta: Any) -> Any:
        return (A * theta).sum()

    assert "transposed" in gradient(lambda _: A.T, trace, np.zeros((3, 3))).text


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6])
def test_a_gradient_is_measured_by_its_own_size(size: float) -> None:
    def parabola(w: Any) -> Any:
        return size * w**2

    assert gradient(lambda w: 2 * size * w, parabola, 1.5)
    told = said(gradient(lambda w: 2.5 * size * w, parabola, 1.5))
    assert "is 1.25 times the right one" in told


def test_the_entry_with_the_largest_gap_is_told() -> None:
    weights, bump = np.array([3.0, 1.0, -2.0]), np.array([0.0, 0.5, 0.0])
    told = said(gradient(lambda _: weights + bump, weights.dot, np.ones(3)))
    assert "in entry (1,): the loss has the slope 1, your gradient says 1.5" in told


def test_at_the_minimum_the_gradient_is_zero() -> None:
    assert gradient(lambda w: 2 * w, lambda w: w**2, 0.0)


def test_a_start_of_whole_numbers_becomes_floats() -> None:
    assert gradient(lambda w: np.full_like(w, 0.5), lambda w: w.sum() / 2, [1, 2])


def test_no_parameters_have_no_gradient() -> None:
    assert gradient(lambda w: w, lambda _: 0.0, np.zeros(0))
