"""The counts that the chapter Introduction prints do not hang on the last bit."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rmsprop import RMSprop, minimize
from rmsprop.objectives import Quadratic

NUDGES = 1 + 1e-12 * np.array([[0, 0], [1, -1], [-1, 1], [1, 1], [-1, -1]])


def arrivals(
    valley: Quadratic, start: Any, optimizer: RMSprop, steps: int, tolerance: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return each start's first step within the tolerance, and the one to stay."""
    theta = minimize(valley.grad, start, optimizer, steps).theta
    far = np.linalg.norm(theta, axis=-1) >= tolerance
    assert not far[-50:].any()
    return far.argmin(axis=0), len(far) - far[::-1].argmax(axis=0)


@pytest.mark.parametrize("condition", [2.0, 10.0, 50.0, 100.0, 200.0, 1000.0])
def test_rmsprop_takes_the_same_steps_in_every_valley(condition: float) -> None:
    valley = Quadratic(condition)
    starts = valley.start * NUDGES
    enters, stays = arrivals(valley, starts, RMSprop(0.05), 500, 0.05)
    assert set(enters) == {51}
    assert set(stays) == {153}


@pytest.mark.parametrize("tolerance", [0.05, 0.001, 0.0001])
def test_a_rate_of_the_tolerance_takes_its_inverse_in_steps(tolerance: float) -> None:
    valley, optimizer = Quadratic(100.0), RMSprop(tolerance, eps=0.0)
    steps = int(2.5 / tolerance) + 200
    counts = arrivals(valley, valley.start * NUDGES, optimizer, steps, tolerance)
    assert [len(set(count)) for count in counts] == [1, 1]
    assert abs(counts[0][0] - 2 / tolerance) < 100


def test_the_turned_valley_is_a_fact_to_the_nearest_fifty_only() -> None:
    angle = np.pi / 4
    c, s = np.cos(angle), np.sin(angle)
    starts = np.array([2 * c - s, 2 * s + c]) * NUDGES
    valley = Quadratic(100.0, angle)
    _, stays = arrivals(valley, starts, RMSprop(0.05), 600, 0.05)
    assert set(np.round(stays / 50)) == {4}
