"""What the chapter Properties says of turned valleys and of the race."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rmsprop import Adam, GradientDescent, RMSprop, minimize
from rmsprop.baselines import Optimizer
from rmsprop.objectives import Quadratic, Rosenbrock

NUDGES = 1 + 1e-12 * np.array([[0, 0], [1, -1], [-1, 1], [1, 1], [-1, -1]])


Array = NDArray[np.float64]


def rotation(degrees: float) -> Array:
    c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    return np.array([[c, -s], [s, c]])


def entries(
    grad: Callable[[Any], Any], start: Array, rule: Optimizer
) -> tuple[Any, Any]:
    """Return the first step within 0.05 of the origin, and the one to stay from."""
    theta = minimize(grad, start, rule, steps=400).theta
    far = np.linalg.norm(theta, axis=-1) >= 0.05
    assert not far[-50:].any()
    return far.argmin(axis=0), len(far) - far[::-1].argmax(axis=0)


@pytest.mark.parametrize(
    ("rule", "first", "last"),
    [(GradientDescent(2 / 101), 191, 191), (RMSprop(0.05), 51, 153)],
)
def test_the_counts_along_the_axes_do_not_hang_on_the_last_bit(
    rule: Optimizer, first: int, last: int
) -> None:
    valley = Quadratic(100.0)
    counts = entries(valley.grad, valley.start * NUDGES, rule)
    assert [set(count) for count in counts] == [{first}, {last}]


@pytest.mark.parametrize("degrees", [10, 30, 40])
def test_the_median_counts_of_a_turned_valley_are_facts_to_tens(
    degrees: float,
) -> None:
    valley = Quadratic(100.0, np.deg2rad(degrees))
    cloud = np.random.default_rng(0).normal(size=(201, 2)) * 0.05 + [2.0, 1.0]
    tens = set()
    for nudge in NUDGES:
        counts = entries(
            valley.grad, cloud * nudge @ rotation(degrees).T, RMSprop(0.05)
        )
        tens.add(tuple(np.median(counts, axis=-1).round(-1)))
    assert len(tens) == 1


def test_a_single_run_in_a_turned_valley_hangs_on_the_twelfth_digit() -> None:
    valley = Quadratic(100.0, np.deg2rad(45))
    nudges = 1 + 1e-12 * np.random.default_rng(0).normal(size=(50, 2))
    starts = valley.start * nudges @ rotation(45).T
    assert np.ptp(entries(valley.grad, starts, RMSprop(0.05))[1]) > 2


@pytest.mark.parametrize("degrees", [0, 15, 45, 60, 90])
@pytest.mark.parametrize("decay", [0.9, 0.99])
def test_a_settled_divisor_is_half_a_row_sum_and_the_swing_half_a_rate(
    degrees: float, decay: float
) -> None:
    valley = Quadratic(100.0, np.deg2rad(degrees))
    rule = RMSprop(0.05, decay, eps=0.0)
    run = minimize(valley.grad, [2.0, 1.0] @ rotation(degrees).T, rule, 6000)
    divisor = np.sqrt(run.state.mean_square[-1]) / 0.05
    np.testing.assert_allclose(divisor, abs(valley.hessian).sum(axis=1) / 2, rtol=1e-3)
    np.testing.assert_allclose(abs(run.theta[-100:]), 0.025, rtol=1e-3)


def distance_left(rule: Any, falling: bool = False) -> float:
    """Return the median distance after 2000 steps in the curved valley."""
    valley = Rosenbrock()
    shift = 0.05 * np.random.default_rng(0).normal(size=(21, 2))
    theta = np.tile(valley.start + shift, (len(rule.learning_rate), 1, 1))
    state = rule.init(theta)
    with np.errstate(all="ignore"):
        for t in range(2000):
            rate = rule.learning_rate * (1 - t / 2000 if falling else 1.0)
            now = replace(rule, learning_rate=rate)
            theta, state = now.update(theta, valley.grad(theta), state)
        far = np.median(np.linalg.norm(theta - 1, axis=-1), axis=1)
    return float(np.nanmin(far))


def test_rmsprop_lacks_averaged_gradients_in_the_curved_valley_not_a_falling_rate() -> (
    None
):
    rates = np.logspace(-4, 0, 17)[:, None, None]
    alone = distance_left(RMSprop(rates))
    falling = distance_left(RMSprop(rates), falling=True)
    assert 0.07 < falling < alone < 0.11
    assert 0.07 < distance_left(Adam(rates, beta1=0.0, beta2=0.9)) < 0.11
    assert distance_left(Adam(rates, beta1=0.9, beta2=0.9)) < 0.001
