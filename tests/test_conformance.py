"""This package beside the frameworks themselves, on random problems and settings.

Run them by ``pytest -m conformance``. A framework that is not installed is skipped;
with CI=true in the environment it fails. ``pip install -e ".[conformance]"`` brings
those of them that install side by side. The others want an older NumPy;
test_frameworks.py holds what was recorded from all.
"""

import dataclasses
import os
from importlib.util import find_spec
from typing import Any

import numpy as np
import peers
import pytest

from rmsprop.frameworks import CONVENTIONS, build

NAMES = (
    "pytorch",
    "keras",
    "keras_legacy",
    "tensorflow1",
    "optax",
    "timm",
    "jax_example",
)
SEEDS = range(12)

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.filterwarnings("ignore"),  # the frameworks' own are no failures
]


@pytest.fixture
def peer(name: str) -> Any:
    package = peers.PACKAGES[name]
    if find_spec(package) is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{package} must be installed in CI")
        pytest.skip(f"{package} is not installed")
    return peers.PEERS[name]


def setting(name: str, rng: np.random.Generator) -> dict[str, Any]:
    """Draw a setting in a framework's own words; half of the rest stays at default."""
    choices: dict[str, Any] = {
        "learning_rate": 10 ** rng.uniform(-3, -1),
        "decay": rng.uniform(0.5, 0.999),
        "eps": rng.choice([1e-10, 1e-7, 1e-3, 1.0]),
        "initial_mean_square": rng.choice([0.3, 1.0]),
        "momentum": rng.uniform(0.5, 0.95),
        "weight_decay": rng.uniform(0.01, 0.5),
    }
    arguments = {}
    for word, (knob, default) in CONVENTIONS[name].arguments.items():
        if knob in ("learning_rate", "decay", "eps") or rng.random() < 0.5:
            value = choices.get(knob, not default)
            arguments[word] = value if isinstance(value, bool) else float(value)
    if build(name, **arguments).centered:
        # A variance near 0 amplifies rounding by G / (variance + eps).
        arguments[CONVENTIONS[name].word("eps") or ""] = 100.0
    return arguments


def beside(
    name: str, peer: Any, seed: int, dtype: str
) -> tuple[peers.Array, peers.Array]:
    """Return what the framework and this package make of one random problem."""
    arguments = setting(name, np.random.default_rng(seed))
    problem = peers.Problem(seed, dtype)
    optimizer = build(name, **arguments)
    rate = optimizer.learning_rate
    theirs = problem.run(peer(arguments, problem.theta0), rate)
    theta = problem.theta0
    state = optimizer.init(theta)

    def step(grad: peers.Array, eta: float | None) -> peers.Array:
        nonlocal theta, state
        now = dataclasses.replace(optimizer, learning_rate=eta)
        theta, state = now.update(theta, grad, state)
        return np.asarray(theta)

    return theirs, problem.run(step, rate)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", NAMES)
def test_in_float64_both_go_the_same_way(name: str, peer: Any, seed: int) -> None:
    theirs, ours = beside(name, peer, seed, "float64")
    scale = np.abs(ours).max(axis=0)
    assert theirs.dtype == ours.dtype == np.float64
    assert (np.abs(theirs - ours) / scale).max() < 1e-13


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", NAMES)
def test_in_float32_they_part_by_an_ulp_a_step(name: str, peer: Any, seed: int) -> None:
    theirs, ours = beside(name, peer, seed, "float32")
    assert theirs.dtype == ours.dtype == np.float32
    ulp = np.spacing(np.abs(ours).max(axis=0))
    assert (np.abs(theirs - ours) / ulp).max() < 50
