"""The rivals: hand-computed steps, known results, and the protocol they share."""

import math
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from problems import OPTIMIZERS, walk

from rmsprop import AdaGrad, Adam, GradientDescent, Momentum, minimize
from rmsprop.baselines import (
    AdaGradState,
    AdamState,
    GradientDescentState,
    MomentumState,
)
from rmsprop.minimize import Optimizer
from rmsprop.objectives import Quadratic

GRADS = np.random.default_rng(1).normal(size=(30, 3))

every_optimizer = pytest.mark.parametrize(
    "optimizer", OPTIMIZERS, ids=lambda optimizer: type(optimizer).__name__
)


# --- Steps by hand --------------------------------------------------------------------


def test_gradient_descent_by_hand() -> None:
    step = GradientDescent(0.25).update(1.0, 2.0, GradientDescentState())
    assert step == (0.5, GradientDescentState())


def test_momentum_by_hand() -> None:
    # v = 0.5 * 3 + 2 = 3.5, theta = 1 - 0.25 * 3.5
    step = Momentum(0.25, momentum=0.5).update(1.0, 2.0, MomentumState(velocity=3.0))
    assert step == (0.125, MomentumState(velocity=3.5))


def test_adagrad_by_hand() -> None:
    # S = 16 + 9 = 25, theta = 1 - 0.5 * 3 / (5 + 1); eps stands outside the root
    optimizer = AdaGrad(0.5, eps=1.0)
    step = optimizer.update(1.0, 3.0, AdaGradState(sum_of_squares=16.0))
    assert step == (0.75, AdaGradState(sum_of_squares=25.0))


def test_adam_by_hand() -> None:
    # t = 2: m = 1/2 * 2 + 1/2 * 4 = 3, m_hat = 3 / (1 - 1/4) = 4
    #        v = 3/4 * 4 + 1/4 * 16 = 7, v_hat = 7 / (1 - 9/16) = 16
    optimizer = Adam(0.5, beta1=0.5, beta2=0.75, eps=1.0)
    theta, state = optimizer.update(1.0, 4.0, AdamState(2.0, 4.0, steps=1))
    assert theta == pytest.approx(1 - 0.5 * 4 / (4 + 1), rel=1e-15)
    assert state == AdamState(mean=3.0, mean_square=7.0, steps=2)


def test_defaults_are_those_of_the_papers() -> None:
    assert Momentum(0.1) == Momentum(0.1, momentum=0.9)
    assert AdaGrad(0.1) == AdaGrad(0.1, eps=1e-8)
    assert Adam(0.1) == Adam(0.1, beta1=0.9, beta2=0.999, eps=1e-8)


# --- Known results --------------------------------------------------------------------


@pytest.mark.parametrize(("rate", "settles"), [(0.19, True), (0.21, False)])
def test_gradient_descent_settles_below_two_over_the_curvature(
    rate: float, settles: bool
) -> None:
    # curvatures 1 and 10: the limit is 2 / 10
    problem = Quadratic(condition=10.0)
    run = minimize(problem.grad, problem.start, GradientDescent(rate), 500)
    assert (np.abs(run.theta[-1]).max() < 1e-6) == settles


def test_momentum_of_zero_is_gradient_descent() -> None:
    heavy, _ = walk(Momentum(0.1, momentum=0.0), np.ones(3), GRADS)[-1]
    plain, _ = walk(GradientDescent(0.1), np.ones(3), GRADS)[-1]
    assert_array_equal(heavy, plain)


def test_momentum_multiplies_a_constant_gradient() -> None:
    _, state = walk(Momentum(0.1, momentum=0.9), 0.0, [2.0] * 400)[-1]
    assert state.velocity == pytest.approx(2.0 / (1 - 0.9), rel=1e-12)


def test_adagrad_steps_fall_with_the_root_of_time() -> None:
    path = walk(AdaGrad(0.1, eps=0.0), 0.0, [7.0] * 50)
    steps = np.diff([0.0, *(theta for theta, _ in path)])
    assert_allclose(steps, -0.1 / np.sqrt(np.arange(1, 51)), rtol=1e-12)


def test_adam_steps_by_eta_while_the_gradient_stays() -> None:
    path = walk(Adam(0.1, eps=0.0), np.zeros(2), [np.array([1e-3, -1e3])] * 50)
    steps = np.diff([np.zeros(2), *(theta for theta, _ in path)], axis=0)
    assert_allclose(steps, [[-0.1, 0.1]] * 50, rtol=1e-12)


# --- The protocol ---------------------------------------------------------------------


@every_optimizer
def test_python_floats_and_numpy_give_the_same_bits(optimizer: Optimizer) -> None:
    plain = walk(optimizer, 1.0, GRADS[:, 0].tolist())
    array = walk(optimizer, np.ones(1), GRADS[:, :1])
    for (one, state), (other, other_state) in zip(plain, array, strict=True):
        assert one == other[0]
        assert type(one) is float
        assert list(state) == [np.ravel(part)[0] for part in other_state]


@every_optimizer
def test_single_precision_stays_single(optimizer: Optimizer) -> None:
    theta, state = walk(optimizer, np.ones(3, np.float32), GRADS.astype("f4"))[-1]
    arrays = [theta, *(part for part in state if not isinstance(part, int))]
    assert {a.dtype for a in arrays} == {np.dtype(np.float32)}


@every_optimizer
def test_coordinates_do_not_see_each_other(optimizer: Optimizer) -> None:
    together, _ = walk(optimizer, np.ones(3), GRADS)[-1]
    alone = [walk(optimizer, np.ones(()), g)[-1][0] for g in GRADS.T]
    assert_array_equal(together, alone)


@every_optimizer
def test_arguments_are_never_changed(optimizer: Optimizer) -> None:
    theta, grad = np.ones(3), GRADS[0].copy()
    _, state = optimizer.update(theta, grad, optimizer.init(theta))
    before = [np.copy(part) for part in state]
    optimizer.update(theta, grad, state)
    assert_array_equal(theta, 1)
    assert_array_equal(grad, GRADS[0])
    assert all(map(np.array_equal, before, state))


@every_optimizer
def test_first_state_is_zero(optimizer: Optimizer) -> None:
    state = optimizer.init(np.full((2, 3), 5.0))
    assert all(np.all(part == 0) for part in state)
    assert {np.shape(part) for part in state} <= {(2, 3), ()}


@every_optimizer
def test_loss_falls(optimizer: Optimizer) -> None:
    problem = Quadratic(condition=5.0)
    run = minimize(problem.grad, problem.start, optimizer, 200)
    assert problem.loss(run.theta[-1]) < 0.1 * problem.loss(run.theta[0])


@every_optimizer
def test_integers_and_other_shapes_are_refused(optimizer: Optimizer) -> None:
    with pytest.raises(TypeError, match=r"^theta must be a float .*, got int$"):
        optimizer.init(1)
    state = optimizer.init(np.ones(2))
    with pytest.raises(ValueError, match=r"^grad must .* theta, \(2,\), got \(3,\)$"):
        optimizer.update(np.ones(2), np.ones(3), state)


@every_optimizer
def test_state_of_another_optimizer_is_refused(optimizer: Optimizer) -> None:
    class OtherState(NamedTuple):
        mean_square: Any = 0.0

    kind = type(optimizer.init(1.0)).__name__
    with pytest.raises(TypeError, match=f"^state must be a {kind}, got OtherState$"):
        optimizer.update(1.0, 1.0, OtherState())


@every_optimizer
def test_state_of_another_shape_is_refused(optimizer: Optimizer) -> None:
    state = optimizer.init(np.ones(2))
    for name in set(state._fields) - {"steps"}:
        wrong = state._replace(**{name: np.ones((2, 1))})
        message = rf"^the state's {name} must .* theta, \(2,\), got \(2, 1\)$"
        with pytest.raises(ValueError, match=message):
            optimizer.update(np.ones(2), np.ones(2), wrong)


@every_optimizer
def test_first_state_has_no_negative_zero(optimizer: Optimizer) -> None:
    state = optimizer.init(-np.ones(2))
    assert not any(np.signbit(part).any() for part in state)


@every_optimizer
def test_settings_may_be_arrays_that_are_compared_and_hashed(
    optimizer: Optimizer,
) -> None:
    rates = [{"learning_rate": np.array([0.1, rate])} for rate in (0.2, 0.2, 0.3)]
    one, same, other = (type(optimizer)(**rate) for rate in rates)
    assert one == same != other
    assert len({one, same, other, optimizer}) == 3


@pytest.mark.parametrize(
    ("kind", "wrong", "rule"),
    [
        (GradientDescent, {"learning_rate": 0.0}, "be finite and greater than 0"),
        (Momentum, {"learning_rate": -1.0}, "be finite and greater than 0"),
        (Momentum, {"momentum": 1.0}, r"lie in \[0, 1\)"),
        (AdaGrad, {"learning_rate": math.inf}, "be finite and greater than 0"),
        (AdaGrad, {"eps": -1.0}, "be finite and at least 0"),
        (Adam, {"learning_rate": math.nan}, "be finite and greater than 0"),
        (Adam, {"beta1": 1.0}, r"lie in \[0, 1\)"),
        (Adam, {"beta2": -0.1}, r"lie in \[0, 1\)"),
        (Adam, {"eps": math.nan}, "be finite and at least 0"),
    ],
)
def test_wrong_settings_are_refused(
    kind: Any, wrong: dict[str, float], rule: str
) -> None:
    ((name, value),) = wrong.items()
    with pytest.raises(ValueError, match=f"^{name} must {rule}, got {value}$"):
        kind(**{"learning_rate": 0.1, **wrong})
