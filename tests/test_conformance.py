"""This package beside the frameworks themselves, on random problems and settings.

Run them by ``pytest -m conformance``. A framework that is not installed is skipped;
with CI=true in the environment it fails. ``pip install -e ".[conformance]"`` brings
those of them that install side by side. The others want an older NumPy;
test_frameworks.py holds what was recorded from all.
"""

import dataclasses
import inspect
import os
import subprocess
import sys
from importlib.util import find_spec
from typing import Any

import numpy as np
import peers
import pytest

from rmsprop.frameworks import CONVENTIONS, FURTHER, build

ALL = CONVENTIONS | FURTHER

NAMES = (
    "pytorch",
    "keras",
    "keras_legacy",
    "tensorflow1",
    "optax",
    "timm",
    "jax_example",
    "sb3",
    "mlx",
    "sonnet",
    "river",
    "autograd",
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
    for word, (knob, default) in ALL[name].arguments.items():
        if knob in ("learning_rate", "decay", "eps") or rng.random() < 0.5:
            value = choices.get(knob, not default)
            arguments[word] = value if isinstance(value, bool) else float(value)
    if build(name, **arguments).centered:
        # A variance near 0 amplifies rounding by G / (variance + eps).
        arguments[ALL[name].word("eps") or ""] = 100.0
    return arguments


def exactly(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Round to float32 what a framework rounds, so that both have the same number."""
    if name == "mlx":
        rate = arguments["learning_rate"]
        arguments["learning_rate"] = float(np.float32(rate))
    return arguments


def beside(
    name: str, peer: Any, seed: int, dtype: str
) -> tuple[peers.Array, peers.Array]:
    """Return what the framework and this package make of one random problem."""
    arguments = exactly(name, setting(name, np.random.default_rng(seed)))
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
@pytest.mark.parametrize("name", [n for n in NAMES if n != "autograd"])  # float64 only
def test_in_float32_they_part_by_an_ulp_a_step(name: str, peer: Any, seed: int) -> None:
    theirs, ours = beside(name, peer, seed, "float32")
    assert theirs.dtype == ours.dtype == np.float32
    ulp = np.spacing(np.abs(ours).max(axis=0))
    assert (np.abs(theirs - ours) / ulp).max() < 50


# --- what the table of types and rows says ---


def needs(package: str) -> Any:
    """Return a package; skip, or fail in CI, where it is not installed."""
    if find_spec(package) is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{package} must be installed in CI")
        pytest.skip(f"{package} is not installed")
    return peers.load(package)


def test_torch_takes_a_complex_parameter_for_two_real_ones() -> None:
    torch = needs("torch")
    gradients = [3 + 0.1j, -1 + 0.2j, 0.5 - 0.1j]

    def run(theta: Any, gradients: Any) -> Any:
        parameter = torch.nn.Parameter(torch.tensor(theta))
        optimizer = torch.optim.RMSprop([parameter], lr=0.1, alpha=0.5)
        for grad in gradients:
            parameter.grad = torch.tensor(grad, dtype=parameter.dtype)
            optimizer.step()
        return parameter.detach().numpy()

    whole = run(np.array([1 + 1j]), [[g] for g in gradients])
    parts = run(np.array([1.0, 1.0]), [[g.real, g.imag] for g in gradients])
    np.testing.assert_allclose([whole[0].real, whole[0].imag], parts, rtol=1e-14)


def test_optax_divides_both_parts_by_the_mean_of_the_squared_modulus() -> None:
    jnp = (needs("jax"), peers.load("jax.numpy"))[1]
    peers.load("jax").config.update("jax_enable_x64", True)
    optax = needs("optax")
    rule = optax.rmsprop(learning_rate=0.1, decay=0.5, eps=0.0)
    theta = jnp.array([1 + 1j])
    updates, state = rule.update(jnp.array([3 + 4j]), rule.init(theta), theta)
    np.testing.assert_allclose(updates, [-0.1 * (3 + 4j) / np.sqrt(0.5 * 25)])
    assert state is not None


def complex_step(name: str) -> complex:
    """Return a first step for the gradient 3 + 4i, at rate 0.1 and decay 0.5."""
    theta, grad = np.array([1 + 1j], np.complex64), np.array([3 + 4j], np.complex64)
    if name == "keras":
        os.environ.setdefault("KERAS_BACKEND", "torch")
        keras = needs("keras")
        variable = keras.Variable(theta, dtype="complex64")
        optimizer = keras.optimizers.RMSprop(0.1, rho=0.5, epsilon=1e-12)
        optimizer.build([variable])
        optimizer.apply([keras.ops.convert_to_tensor(grad)])
        return complex(keras.ops.convert_to_numpy(variable.value)[0] - theta[0])
    mx = (needs("mlx"), peers.load("mlx.core"))[1]
    optimizer = peers.load("mlx.optimizers").RMSprop(0.1, alpha=0.5, eps=1e-12)
    new = optimizer.apply_gradients({"w": mx.array(grad)}, {"w": mx.array(theta)})
    return complex(new["w"][0].item() - theta[0])


@pytest.mark.parametrize("name", ["keras", "mlx"])
def test_a_square_without_the_conjugate_turns_the_step(name: str) -> None:
    length = 0.1 / np.sqrt(0.5)
    assert complex_step(name) == pytest.approx(-length, abs=1e-6)  # along the real axis


def test_torch_refuses_a_sparse_gradient() -> None:
    torch = needs("torch")
    embedding = torch.nn.Embedding(3, 1, sparse=True)
    optimizer = torch.optim.RMSprop(embedding.parameters())
    embedding(torch.tensor([1])).sum().backward()
    with pytest.raises(RuntimeError, match="sparse"):
        optimizer.step()


def absent_row(optimizer: Any, steps: int = 3) -> float:
    """Return the last step of a row of TensorFlow's that missed some in between."""
    tf = peers.load("tensorflow")
    table = tf.Variable(np.zeros((2, 1)))
    for row in [0, *[1] * steps, 0]:
        before = table.numpy()[0, 0]
        values, rows = tf.constant([[1.0]], tf.float64), tf.constant([row])
        grad = tf.IndexedSlices(values, rows, tf.constant([2, 1]))
        optimizer.apply_gradients([(grad, table)])
    return float(before - table.numpy()[0, 0])


RESTING = [0.5, 0.5 * 0.5 + 0.5]
"""G of a row at its two gradients of 1, from 0 at decay 0.5, if it rests between."""


def test_which_optimizers_let_the_mean_square_of_absent_rows_decay() -> None:
    needs("tensorflow")
    legacy = peers.load("tensorflow.python.keras.optimizer_v2.rmsprop").RMSprop
    decayed = 0.5 * 0.5**4 + 0.5  # as if there had been three zero gradients
    plain = absent_row(legacy(0.125, rho=0.5, epsilon=1e-12))
    assert plain == pytest.approx(0.125 / np.sqrt(decayed), rel=1e-6)
    first = peers.load("tensorflow").compat.v1.train.RMSPropOptimizer
    rests = 0.5 * (0.5 * 1 + 0.5) + 0.5  # from 1
    resting = absent_row(first(0.125, decay=0.5, epsilon=1e-12))
    assert resting == pytest.approx(0.125 / np.sqrt(rests), rel=1e-6)


def test_sonnet_lets_absent_rows_rest() -> None:
    needs("sonnet")
    tf = needs("tensorflow")
    rule = peers.load("sonnet").optimizers.RMSProp(0.125, decay=0.5, epsilon=0.0)
    table = tf.Variable(np.zeros((2, 1)))
    for row in [0, 1, 1, 1, 0]:
        before = table.numpy()[0, 0]
        values, rows = tf.constant([[1.0]], tf.float64), tf.constant([row])
        rule.apply([tf.IndexedSlices(values, rows, tf.constant([2, 1]))], [table])
    moved = before - table.numpy()[0, 0]
    assert moved == pytest.approx(0.125 / np.sqrt(RESTING[1]))


def test_torch_has_foreach_and_capturable_and_nothing_fused() -> None:
    torch = needs("torch")
    signature = inspect.signature(torch.optim.RMSprop)
    assert {"foreach", "capturable", "differentiable"} <= set(signature.parameters)
    assert "fused" not in signature.parameters
    ends = []
    for foreach in (False, True):
        parameter = torch.nn.Parameter(torch.tensor(np.linspace(-1, 1, 7)))
        optimizer = torch.optim.RMSprop([parameter], foreach=foreach, momentum=0.9)
        for _ in range(20):
            parameter.grad = parameter.detach() * 2
            optimizer.step()
        ends.append(parameter.detach().numpy())
    np.testing.assert_allclose(ends[0], ends[1], rtol=1e-14)


KERAS_ON_TENSORFLOW = """
import keras, numpy, tensorflow as tf
table = keras.Variable(numpy.zeros((2, 1), "float32"))
optimizer = keras.optimizers.RMSprop(0.125, rho=0.5, epsilon=1e-12)
optimizer.build([table])
for row in [0, 1, 1, 1, 0]:
    before = float(table[0, 0])
    grad = tf.IndexedSlices(tf.ones((1, 1)), tf.constant([row]), tf.constant([2, 1]))
    optimizer.apply([grad], [table])
print(before - float(table[0, 0]))
"""


def test_keras_on_tensorflow_lets_the_mean_square_of_absent_rows_decay() -> None:
    needs("keras"), needs("tensorflow")
    done = subprocess.run(  # noqa: S603 - our own code, in the other backend
        [sys.executable, "-c", KERAS_ON_TENSORFLOW],
        capture_output=True,
        check=True,
        env={**os.environ, "KERAS_BACKEND": "tensorflow"},
        encoding="utf-8",
    )
    decayed = 0.125 / np.sqrt(0.5 * 0.5**4 + 0.5)
    assert float(done.stdout) == pytest.approx(decayed, rel=1e-6)


def test_states_have_the_type_of_the_parameters() -> None:
    torch, optax = needs("torch"), needs("optax")
    parameter = torch.nn.Parameter(torch.ones(2, dtype=torch.bfloat16))
    optimizer = torch.optim.RMSprop([parameter])
    parameter.grad = torch.ones_like(parameter)
    optimizer.step()
    assert optimizer.state[parameter]["square_avg"].dtype == torch.bfloat16
    jnp = peers.load("jax.numpy")
    state = optax.scale_by_rms().init(jnp.ones(2, jnp.bfloat16))
    assert state.nu.dtype == jnp.bfloat16
    os.environ.setdefault("KERAS_BACKEND", "torch")
    keras = needs("keras")
    rule = keras.optimizers.RMSprop()
    rule.build([keras.Variable(np.ones(2, np.float32), dtype="bfloat16")])
    assert rule.variables[-1].dtype == "bfloat16"
    mx = (needs("mlx"), peers.load("mlx.core"))[1]
    rule = peers.load("mlx.optimizers").RMSprop(0.1)
    ones = mx.ones(2, dtype=mx.bfloat16)
    rule.apply_gradients({"w": ones}, {"w": ones})
    assert rule.state["w"]["v"].dtype == mx.bfloat16


def test_a_mean_square_in_bfloat16_stands_still_at_a_decay_of_999() -> None:
    torch = needs("torch")
    parameter = torch.nn.Parameter(torch.ones(1, dtype=torch.bfloat16))
    optimizer = torch.optim.RMSprop([parameter], alpha=0.999, lr=1e-6)
    parameter.grad = torch.ones_like(parameter)
    for _ in range(5000):
        optimizer.step()
    assert float(optimizer.state[parameter]["square_avg"]) == 0.5  # 0.993 in float32
