"""RMSprop: hand-computed steps, limits, equalities and invariances."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from problems import walk

from rmsprop import AdaGrad, Adam, RMSprop, RMSpropState, minimize
from rmsprop._numbers import sqrt
from rmsprop.objectives import SquaredError

GRADS = np.random.default_rng(0).normal(size=(50, 4)) * [1e-3, 1.0, 1.0, 1e3]


# --- Steps by hand --------------------------------------------------------------------


def test_first_step_by_hand() -> None:
    # G = 3/4 * 0 + 1/4 * 64 = 16, theta = 1 - 1/2 * 8 / sqrt(16 + 9) = 0.2
    optimizer = RMSprop(learning_rate=0.5, decay=0.75, eps=9.0)
    theta, state = optimizer.update(1.0, 8.0, optimizer.init(1.0))
    assert (theta, state) == (1 - 0.5 * 8 / 5, RMSpropState(mean_square=16.0))


def test_second_step_by_hand() -> None:
    # G = 3/4 * 16 + 1/4 * 16 = 16, theta = 0.2 + 1/2 * 4 / sqrt(16 + 9) = 0.6
    optimizer = RMSprop(learning_rate=0.5, decay=0.75, eps=9.0)
    theta, state = optimizer.update(0.2, -4.0, RMSpropState(mean_square=16.0))
    assert theta == pytest.approx(0.6, rel=1e-15)
    assert state.mean_square == 16.0


def test_eps_stands_under_the_root() -> None:
    # Under the root sqrt(16 + 9) = 5; outside it would be sqrt(16) + 9 = 13.
    optimizer = RMSprop(learning_rate=1.0, decay=0.0, eps=9.0)
    theta, _ = optimizer.update(0.0, 4.0, optimizer.init(0.0))
    assert theta == -4 / 5


def test_defaults_are_hintons_decay_and_a_small_eps() -> None:
    assert RMSprop(0.1) == RMSprop(learning_rate=0.1, decay=0.9, eps=1e-8)


def test_mean_square_is_an_exponential_mean_of_squares() -> None:
    g = GRADS[:, 1]
    _, state = walk(RMSprop(0.1, decay=0.8), 0.0, g.tolist())[-1]
    weights = 0.2 * 0.8 ** np.arange(len(g))[::-1]
    assert state.mean_square == pytest.approx(weights @ g**2, rel=1e-14)


# --- Limits and equalities ------------------------------------------------------------


@pytest.mark.parametrize("decay", [0.0, 0.5, 0.9, 0.99])
def test_first_step_knows_only_the_sign(decay: float) -> None:
    optimizer = RMSprop(0.1, decay, eps=0.0)
    theta, _ = optimizer.update(np.zeros(4), GRADS[0], optimizer.init(np.zeros(4)))
    assert_allclose(theta, -0.1 / math.sqrt(1 - decay) * np.sign(GRADS[0]), rtol=1e-14)


def test_no_decay_is_sign_descent() -> None:
    path = walk(RMSprop(0.1, decay=0.0, eps=0.0), np.zeros(4), GRADS)
    steps = np.diff([np.zeros(4), *(theta for theta, _ in path)], axis=0)
    assert_allclose(steps, -0.1 * np.sign(GRADS), rtol=1e-12)


def test_uniform_mean_with_a_falling_rate_is_adagrad() -> None:
    theta, state = np.zeros(4), RMSpropState(mean_square=np.zeros(4))
    adagrad = walk(AdaGrad(0.1, eps=0.0), theta, GRADS)
    for t, (g, (wanted, sums)) in enumerate(zip(GRADS, adagrad, strict=True), start=1):
        optimizer = RMSprop(0.1 / math.sqrt(t), decay=1 - 1 / t, eps=0.0)
        theta, state = optimizer.update(theta, g, state)
        assert_allclose(theta, wanted, rtol=1e-12)
        assert_allclose(t * state.mean_square, sums.sum_of_squares, rtol=1e-12)


def test_adam_without_beta1_is_rmsprop_with_a_corrected_start() -> None:
    theta, state = np.zeros(4), RMSpropState(mean_square=np.zeros(4))
    adam = walk(Adam(0.1, beta1=0.0, beta2=0.9, eps=0.0), theta, GRADS)
    for t, (g, (wanted, both)) in enumerate(zip(GRADS, adam, strict=True), start=1):
        optimizer = RMSprop(0.1 * math.sqrt(1 - 0.9**t), decay=0.9, eps=0.0)
        theta, state = optimizer.update(theta, g, state)
        assert_allclose(theta, wanted, rtol=1e-12)
        assert_array_equal(state.mean_square, both.mean_square)


@pytest.mark.parametrize("h", [0.1, 1.0, 30.0])
@pytest.mark.parametrize("decay", [0.5, 0.9, 0.99])
def test_constant_rate_ends_in_a_two_cycle(h: float, decay: float) -> None:
    run = minimize(lambda x: h * x, 1.0, RMSprop(0.1, decay, eps=0.0), 5000)
    assert run.theta[-1] == pytest.approx(-run.theta[-2], rel=1e-9)
    assert abs(run.theta[-1]) == pytest.approx(0.1 / 2, rel=1e-9)


@pytest.mark.parametrize(("h", "eps"), [(1.0, 0.09), (2.0, 0.36), (1.0, 0.16)])
def test_eps_shrinks_the_two_cycle(h: float, eps: float) -> None:
    # eta = 1: |theta| = sqrt(1/4 - eps / h^2)
    run = minimize(lambda x: h * x, 1.0, RMSprop(1.0, 0.9, eps), 5000)
    assert abs(run.theta[-1]) == pytest.approx(math.sqrt(0.25 - eps / h**2), rel=1e-6)


def test_large_eps_lets_the_run_settle() -> None:
    # eps / h^2 > eta^2 / 4
    run = minimize(lambda x: x, 1.0, RMSprop(1.0, 0.9, eps=0.5), 1000)
    assert abs(run.theta[-1]) < 1e-12


# --- Invariances ----------------------------------------------------------------------


@pytest.mark.parametrize("scale", [2.0**40, 2.0**-40])
def test_scale_of_the_gradients_changes_no_bit(scale: float) -> None:
    optimizer = RMSprop(0.1, decay=0.9, eps=0.0)
    one = walk(optimizer, np.ones(4), GRADS)
    other = walk(optimizer, np.ones(4), scale * GRADS)
    for (theta, state), (scaled_theta, scaled_state) in zip(one, other, strict=True):
        assert_array_equal(theta, scaled_theta)
        assert_array_equal(scale**2 * state.mean_square, scaled_state.mean_square)


def test_eps_scales_with_the_square_of_the_gradients() -> None:
    one = walk(RMSprop(0.1, eps=0.01), np.ones(4), GRADS)
    other = walk(RMSprop(0.1, eps=0.01 * 2.0**80), np.ones(4), 2.0**40 * GRADS)
    assert_array_equal(one[-1][0], other[-1][0])


def test_order_of_the_coordinates_does_not_matter() -> None:
    order = [2, 0, 3, 1]
    theta, state = walk(RMSprop(0.1), np.ones(4), GRADS)[-1]
    permuted, permuted_state = walk(RMSprop(0.1), np.ones(4), GRADS[:, order])[-1]
    assert_array_equal(permuted, theta[order])
    assert_array_equal(permuted_state.mean_square, state.mean_square[order])


def test_mirrored_gradients_give_the_mirrored_path() -> None:
    one, _ = walk(RMSprop(0.1), np.zeros(4), GRADS)[-1]
    other, _ = walk(RMSprop(0.1), np.zeros(4), -GRADS)[-1]
    assert_array_equal(one, -other)


def test_turned_axes_change_the_path() -> None:
    turn = np.array([[0.8, -0.6], [0.6, 0.8]])
    one, _ = walk(RMSprop(0.1), np.zeros(2), GRADS[:, :2])[-1]
    other, _ = walk(RMSprop(0.1), np.zeros(2), GRADS[:, :2] @ turn.T)[-1]
    assert np.abs(turn @ one - other).max() > 0.1


gradients = st.floats(-1e100, 1e100).filter(lambda g: g == 0 or abs(g) > 1e-100)


@given(
    grads=st.lists(gradients, min_size=1, max_size=20),
    decay=st.floats(0, 0.9999),
    eps=st.floats(1e-12, 1.0),
)
def test_no_step_is_longer_than_the_bound(
    grads: list[float], decay: float, eps: float
) -> None:
    path = walk(RMSprop(1.0, decay, eps), np.zeros(1), np.array(grads)[:, np.newaxis])
    steps = np.diff([np.zeros(1), *(theta for theta, _ in path)], axis=0)
    assert np.abs(steps).max() <= (1 + 1e-12) / math.sqrt(1 - decay)


@given(st.lists(gradients, min_size=1, max_size=20), st.floats(0, 0.9999))
def test_mean_square_lies_below_the_largest_square(
    grads: list[float], decay: float
) -> None:
    _, state = walk(RMSprop(1.0, decay), 0.0, grads)[-1]
    assert 0 <= state.mean_square <= max(g * g for g in grads) * (1 + 1e-12)


# --- What theta may be ----------------------------------------------------------------


@given(
    st.lists(gradients, min_size=1, max_size=20),
    st.floats(-10, 10),
    st.floats(0, 0.9999),
)
def test_python_floats_and_numpy_give_the_same_bits(
    grads: list[float], start: float, decay: float
) -> None:
    optimizer = RMSprop(0.1, decay)
    plain = walk(optimizer, start, grads)
    single = walk(optimizer, np.float64(start), np.array(grads))
    array = walk(optimizer, np.array([start]), np.array(grads)[:, np.newaxis])
    for one, two, three in zip(plain, single, array, strict=True):
        assert one == two == (three[0][0], (three[1].mean_square[0],))


def test_python_floats_stay_python_floats() -> None:
    theta, state = walk(RMSprop(0.1), 1.0, [3.0, 4.0])[-1]
    assert type(theta) is type(state.mean_square) is float


@pytest.mark.parametrize("start", [np.ones(4, np.float32), np.float32(1)])
def test_single_precision_stays_single(start: Any) -> None:
    grads = GRADS.astype(np.float32) if start.shape else GRADS[:, 1].astype(np.float32)
    theta, state = walk(RMSprop(0.1), start, grads)[-1]
    assert theta.dtype == state.mean_square.dtype == np.float32


def test_single_numbers_and_arrays_of_single_precision_give_the_same_bits() -> None:
    grads = GRADS.astype(np.float32)
    array, _ = walk(RMSprop(0.1), np.ones(4, np.float32), grads)[-1]
    single = [walk(RMSprop(0.1), np.float32(1), g)[-1][0] for g in grads.T]
    assert_array_equal(array, single)


class OnlyOperators:
    """An array that knows nothing but ``+ - * / **``: the least that theta may be."""

    def __init__(self, *values: float) -> None:
        self.values = values

    def _with(self, other: Any, operator: Any) -> "OnlyOperators":
        others = getattr(other, "values", [other] * len(self.values))
        pairs = zip(self.values, others, strict=True)
        return OnlyOperators(*(operator(a, b) for a, b in pairs))

    def __add__(self, other: Any) -> "OnlyOperators":
        return self._with(other, lambda a, b: a + b)

    def __sub__(self, other: Any) -> "OnlyOperators":
        return self._with(other, lambda a, b: a - b)

    def __mul__(self, other: Any) -> "OnlyOperators":
        return self._with(other, lambda a, b: a * b)

    def __truediv__(self, other: Any) -> "OnlyOperators":
        return self._with(other, lambda a, b: a / b)

    def __pow__(self, power: float) -> "OnlyOperators":
        assert power == 0.5
        return OnlyOperators(*(math.sqrt(a) for a in self.values))

    __rmul__ = __mul__


def test_an_array_that_knows_only_operators_will_do() -> None:
    theta, state = walk(RMSprop(0.1), np.ones(4), GRADS)[-1]
    start, grads = OnlyOperators(1.0, 1.0, 1.0, 1.0), [OnlyOperators(*g) for g in GRADS]
    other, other_state = walk(RMSprop(0.1), start, grads)[-1]
    assert_array_equal(theta, other.values)
    assert_array_equal(state.mean_square, other_state.mean_square.values)


def test_arguments_are_never_changed() -> None:
    theta, grad = np.ones(4), GRADS[0].copy()
    state = RMSpropState(mean_square=np.full(4, 2.0))
    RMSprop(0.1).update(theta, grad, state)
    assert_array_equal(theta, 1)
    assert_array_equal(grad, GRADS[0])
    assert_array_equal(state.mean_square, 2)


def test_sweep_of_ten_thousand_settings_is_one_run() -> None:
    rates, decays = np.geomspace(1e-3, 1, 100), np.linspace(0, 0.999, 100)
    problem = SquaredError()
    sweep = RMSprop(rates[:, np.newaxis], decays)
    runs = minimize(problem.grad, np.zeros((100, 100)), sweep, 20)
    for i, j in [
        (0, 0),
        (0, 99),
        (99, 0),
        (99, 99),
        *zip(range(100), range(100), strict=True),
    ]:
        single = minimize(problem.grad, 0.0, RMSprop(rates[i], decays[j]), 20)
        assert_array_equal(runs.theta[:, i, j], single.theta)
        assert_array_equal(runs.state.mean_square[:, i, j], single.state.mean_square)


def test_every_coordinate_may_have_its_own_eps() -> None:
    both = walk(RMSprop(0.1, eps=np.array([0.0, 1.0])), np.ones(2), GRADS[:, 1:3])
    for i, eps in enumerate([0.0, 1.0]):
        alone = walk(RMSprop(0.1, eps=eps), 1.0, GRADS[:, 1 + i].tolist())
        assert [theta[i] for theta, _ in both] == [theta for theta, _ in alone]


# --- The root -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [float, np.float64, np.float32])
def test_root_is_correctly_rounded(kind: Any) -> None:
    draws = np.exp(np.random.default_rng(0).normal(size=5000) * 5)
    for x in map(kind, draws):
        root, gap = Fraction(float(sqrt(x))), Fraction(float(np.spacing(kind(sqrt(x)))))
        assert (root - gap / 2) ** 2 <= Fraction(float(x)) <= (root + gap / 2) ** 2


def test_root_keeps_the_type() -> None:
    assert type(sqrt(2.0)) is float
    assert type(sqrt(np.float32(2))) is np.float32
    assert sqrt(np.ones(2, np.float32)).dtype == np.float32


# --- What is refused ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"learning_rate": 0.0},
            "learning_rate must be finite and greater than 0, got 0.0",
        ),
        (
            {"learning_rate": -1},
            "learning_rate must be finite and greater than 0, got -1",
        ),
        ({"decay": 1.2}, r"decay must lie in \[0, 1\), got 1.2"),
        ({"decay": 1.0}, r"decay must lie in \[0, 1\), got 1.0"),
        ({"eps": -1e-9}, "eps must be finite and at least 0, got -1e-09"),
    ],
)
def test_wrong_settings_are_refused(settings: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        RMSprop(**{"learning_rate": 0.1, **settings})


def test_integers_cannot_be_optimized() -> None:
    with pytest.raises(TypeError, match=r"^theta must be a float or .*, got int64$"):
        RMSprop(0.1).init(np.zeros(2, dtype=np.int64))


def test_gradient_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^grad must .* theta, \(2,\), got \(3,\)$"):
        RMSprop(0.1).update(np.ones(2), np.ones(3), RMSpropState(np.zeros(2)))


def test_no_eps_leaves_zero_over_zero_to_the_operators() -> None:
    optimizer = RMSprop(0.1, eps=0.0)
    with np.errstate(invalid="ignore"):
        theta, state = optimizer.update(
            np.ones(2), np.zeros(2), RMSpropState(np.zeros(2))
        )
    assert np.isnan(theta).all()
    assert_array_equal(state.mean_square, 0)
    with pytest.raises(ZeroDivisionError):
        optimizer.update(1.0, 0.0, RMSpropState(0.0))


# --- Other libraries ------------------------------------------------------------------


@pytest.mark.conformance
def test_rate_may_be_traced_by_jax() -> None:
    jax = pytest.importorskip("jax")
    jnp = jax.numpy

    def moved(rate: Any) -> Any:
        optimizer = RMSprop(rate, decay=0.75, eps=0.0)
        theta = jnp.zeros(2)
        return optimizer.update(theta, theta + 8, optimizer.init(theta))[0].sum()

    # each coordinate moves by 8 / sqrt(64 / 4) = 2 times the rate
    assert jax.jit(moved)(0.5) == -2.0
    assert jax.grad(moved)(0.5) == jax.jit(jax.grad(moved))(0.5) == -4.0
    assert_array_equal(jax.vmap(moved)(jnp.array([0.5, 1.0])), [-2, -4])


@pytest.mark.conformance
def test_rate_may_be_learned_by_torch() -> None:
    torch = pytest.importorskip("torch")
    rate = torch.tensor(0.5, requires_grad=True)
    optimizer = RMSprop(rate, decay=0.75, eps=0.0)
    theta = torch.zeros(2)
    optimizer.update(theta, theta + 8, optimizer.init(theta))[0].sum().backward()
    assert rate.grad == -4.0
    with pytest.raises(ValueError, match="learning_rate must be finite and greater"):
        RMSprop(torch.tensor(-0.5))


@pytest.mark.conformance
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_precisions_of_torch_are_let_in(dtype: str) -> None:
    torch = pytest.importorskip("torch")
    theta = torch.ones(2, dtype=getattr(torch, dtype))
    moved, state = walk(RMSprop(0.1), theta, [theta, theta])[-1]
    assert moved.dtype == state.mean_square.dtype == theta.dtype


def test_settings_cannot_be_changed_afterwards() -> None:
    optimizer: Any = RMSprop(0.1)
    with pytest.raises(AttributeError, match="decay"):
        optimizer.decay = 2.0
