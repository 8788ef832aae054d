"""What the chapter on networks says of late spikes beyond the runs that it shows."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rmsprop import RMSprop, follow

RATE = 0.01


def distances(noise: float, limit: float = np.inf) -> NDArray[Any]:
    """Return twenty runs to the bottom of a parabola, in units of the rate."""

    def clipped(theta: Any, noise: Any) -> Any:
        return np.clip(theta + noise, -limit, limit)

    kicks = np.random.default_rng(0).uniform(-noise, noise, (1500, 20))
    rule = RMSprop(RATE, 0.99, eps=0.0)
    return abs(follow(clipped, np.ones(20), rule, kicks).theta) / RATE


def test_a_spike_is_higher_after_a_quieter_stretch() -> None:
    loud, quiet = (distances(noise)[300:].max(axis=0) for noise in (1e-7, 1e-12))
    assert np.median(quiet) > np.median(loud) + 0.5


def test_clipped_at_the_rate_the_run_cycles_at_once() -> None:
    far = distances(1e-9, limit=RATE)
    arrival = np.argmax(far[:, 0] < 1)
    assert far[arrival:].max() < 1
    assert far[arrival:].min() > 0.1
    np.testing.assert_allclose(far[-1], 0.5, rtol=1e-3)


def test_clipped_at_twice_the_rate_the_spike_stays() -> None:
    far = distances(1e-9, limit=2 * RATE)
    assert far[150:200].max() < 0.01
    assert np.median(far[200:].max(axis=0)) > 2
