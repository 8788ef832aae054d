"""What each framework's constructor computes, against recorded and read evidence.

Recorded: tests/data/frameworks.json, made by tests/data/record.py from the frameworks
themselves. Read: recurrences on one number, written down from the frameworks' sources.
"""

import ast
import dataclasses
import importlib
import inspect
import itertools
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import peers
import pytest
import readings
from hypothesis import given
from hypothesis import strategies as st

from rmsprop import Adam, RMSprop, frameworks, minimize
from rmsprop.frameworks import (
    CONVENTIONS,
    FURTHER,
    Convention,
    Variant,
    build,
    table,
    translate,
)

RECORDED = json.loads(
    (Path(__file__).parent / "data/frameworks.json").read_text(encoding="utf-8")
)
ALL = CONVENTIONS | FURTHER
REQUIRED = inspect.Parameter.empty
"""What a row of the table has where an argument has no default."""

ROUNDED = ("mxnet", "paddle", "tensorflow1", "keras_legacy", "sonnet")
"""These keep numbers in float32, so that a default decay of 0.9 is another one there.

The numbers that are not defaults were chosen, or passed, so that nothing is rounded.
"""

GRADIENTS = [3.0, -1e-4, 0.02, 5.0, -2.0, 1e-3, 0.5, -0.25]


# --- evidence ---


def ours(
    optimizer: Any, problem: peers.Problem, rate: float | None = None
) -> peers.Array:
    """Run an optimizer of this package on a problem."""
    theta = problem.theta0
    state = optimizer.init(theta)

    def step(grad: peers.Array, eta: float | None) -> peers.Array:
        nonlocal theta, state
        now = dataclasses.replace(optimizer, learning_rate=eta) if eta else optimizer
        theta, state = now.update(theta, grad, state)
        return np.asarray(theta)

    return problem.run(step, rate)


def error(theta: peers.Array, expected: peers.Array) -> float:
    """Return the largest difference, as a part of how far the coordinate moved.

    Where it hardly moved, rounding of theta itself is what one may expect.
    """
    moved = np.abs(expected - expected[0]).max(axis=0)
    ulp = 64 * np.finfo(theta.dtype).eps * np.abs(expected).max(axis=0)
    excess = np.maximum(np.abs(theta - expected) - ulp, 0)
    return float((excess / moved).max()) if np.isfinite(theta).all() else math.inf


def recorded(name: str, case: Mapping[str, Any]) -> float:
    problem = peers.Problem(case["seed"])
    theta = ours(build(name, **case["arguments"]), problem, case["rate"])
    steps = sorted(map(int, case["theta"]))
    expected = np.array([problem.theta0, *(case["theta"][str(t)] for t in steps)])
    return error(theta[[0, *steps]], expected)


def tolerance(name: str, case: Mapping[str, Any]) -> float:
    by_default = ALL[name].word("decay") not in case["arguments"]
    return 1e-6 if name in ROUNDED and by_default else 1e-12


def hinton() -> Iterator[float]:
    w, v = 1.0, 0.0
    for g in GRADIENTS:
        v = 0.9 * v + 0.1 * g**2
        w -= 0.01 * g / math.sqrt(v)
        yield w


def caffe(decay: float) -> Iterator[float]:
    w, history = 1.0, 0.0
    for g in GRADIENTS:
        diff = g + decay * w
        history = (1 - 0.99) * diff**2 + 0.99 * history
        w -= 0.01 * (diff / (history**0.5 + 1e-8))
        yield w


def dl4j() -> Iterator[float]:
    w, cache = 1.0, 1e-8
    for g in GRADIENTS:
        cache = cache * 0.95 + g * g * (1 - 0.95)
        w -= 0.1 * g / (math.sqrt(cache) + 1e-8)
        yield w


def flux(centered: bool) -> Iterator[float]:
    w, quad, lin = 1.0, 0.0, 0.0
    for dx in GRADIENTS:
        quad = 0.9 * quad + (1 - 0.9) * abs(dx) ** 2
        lin = 0.9 * lin + (1 - 0.9) * dx if centered else 0.0
        w -= dx * 0.001 / (math.sqrt(quad - lin**2) + 1e-8)
        yield w


def lasagne() -> Iterator[float]:
    w, accu = 1.0, 0.0
    for grad in GRADIENTS:
        accu = 0.9 * accu + (1 - 0.9) * grad**2
        w -= 1.0 * grad / math.sqrt(accu + 1e-6)
        yield w


def mxnet2(wd: float) -> Iterator[float]:
    weight, var = 1.0, 0.0
    for g in GRADIENTS:
        grad = g + wd * weight
        var = 0.9 * var + (1 - 0.9) * grad**2
        weight -= 0.001 * grad / (math.sqrt(var) + 1e-8)
        yield weight


def mxnet2_centered() -> Iterator[float]:
    weight, mean, var, mom = 1.0, 0.0, 0.0, 0.0
    for t, grad in enumerate(GRADIENTS):
        lr = 0.001 if t < 4 else 0.0001
        mean = 0.9 * mean + (1 - 0.9) * grad
        var = 0.9 * var + (1 - 0.9) * grad**2
        mom = 0.9 * mom - lr * grad / math.sqrt(var - mean**2 + 1e-8)
        weight += mom
        yield weight


Read = tuple[dict[str, Any], Callable[[], Iterator[float]]]
READ: dict[str, list[Read]] = {
    "hinton": [({"learning_rate": 0.01}, hinton)],
    "caffe": [
        ({"base_lr": 0.01}, lambda: caffe(0.0)),
        ({"base_lr": 0.01, "weight_decay": 0.3}, lambda: caffe(0.3)),
    ],
    "dl4j": [({}, dl4j)],
    "flux": [({}, lambda: flux(False)), ({"centered": True}, lambda: flux(True))],
    "lasagne": [({}, lasagne)],
    "mxnet2": [
        ({}, lambda: mxnet2(0.0)),
        ({"wd": 0.3}, lambda: mxnet2(0.3)),
        ({"centered": True}, mxnet2_centered),
    ],
}
"""Settings, and the recurrence that the framework's source gives for them."""

READ |= readings.READINGS


def read(name: str, arguments: dict[str, Any], expected: Iterator[float]) -> float:
    optimizer = build(name, **arguments)
    theta, state, rows = 1.0, optimizer.init(1.0), [1.0]
    rate_falls = name in FURTHER or (name == "mxnet2" and "centered" in arguments)
    for t, g in enumerate(readings.GRADIENTS if name in FURTHER else GRADIENTS):
        falls = rate_falls and t >= 4
        eta = optimizer.learning_rate / (10 if falls else 1)
        now = dataclasses.replace(optimizer, learning_rate=eta)
        theta, state = now.update(theta, g, state)
        rows.append(theta)
    return error(np.array(rows)[:, None], np.array([1.0, *expected])[:, None])


def failures(name: str) -> list[str]:
    """Return the evidence on a framework that its constructor contradicts."""
    cases = RECORDED.get(name, {"cases": []})["cases"]
    return [
        f"recorded {case['arguments']}"
        for case in cases
        if recorded(name, case) > tolerance(name, case)
    ] + [
        f"read {arguments}"
        for arguments, expected in READ.get(name, [])
        if read(name, arguments, expected()) > 1e-12
    ]


@pytest.mark.parametrize("name", ALL)
def test_the_constructor_agrees_with_all_evidence(name: str) -> None:
    assert failures(name) == []


@pytest.mark.parametrize("name", ALL)
def test_what_is_said_to_be_known_is_known(name: str) -> None:
    convention = ALL[name]
    if convention.known == "run":
        assert RECORDED[name]["version"] == convention.version
    elif convention.known == "golden":
        assert f"test_{name}_meets_the_numbers_of_its_own_test" in globals()
    else:
        assert name in READ or name == "graves"


def test_burn_meets_the_numbers_of_its_own_test() -> None:
    # crates/burn-optim/src/optim/rmsprop.rs, test_rmsprop_optimizer_with_numbers_basic:
    # a linear layer of ones, so that the gradient of a weight is the sum of its input.
    first = np.array([1.3446, 1.0499, 1.6069, 1.4508, 1.1167, 1.3193, 2.0])
    second = np.array([1.1761, 0.2520, 1.4477, 1.4038, 0.8722, 1.1613, 2.0])
    expected = [0.743937, 0.783809, 0.742881, 0.740366, 0.748005, 0.743710, 0.239199]
    burn = build("burn", lr=0.01, epsilon=1e-8, weight_decay=0.05)
    theta = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.5])  # the last is the bias
    state = burn.init(theta)
    for grad in (first, second):
        theta, state = burn.update(theta, grad, state)
    np.testing.assert_allclose(theta, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "last"),
    [
        ({}, [0.9988262, 0.9256831, 0.8990271, 0.8955128, 0.8955067]),
        (
            {"momentum": 0.9},
            [0.9970101, 0.798177, 0.71185935, 0.69974965, 0.6997286],
        ),
        ({"eps": 1e-2}, [0.9988343, 0.9259014, 0.89906746, 0.8955129, 0.8955067]),
        ({"centered": True}, [0.9988262, 0.9190646, 0.8847198, 0.87998855, 0.8799804]),
        (
            {"weight_decay": 0.5},
            [0.97128564, 0.9186157, 0.89865, 0.89551276, 0.8955067],
        ),
    ],
)
def test_dfdx_meets_the_numbers_of_its_own_test(
    arguments: dict[str, Any], last: list[float]
) -> None:
    # src/optim/rmsprop/mod.rs at commit 046a969: the sum of (rate theta)^2, five steps.
    rate = np.array([0.1, 1.0, 2.0, 10.0, 100.0])
    dfdx = build("dfdx", **arguments)
    theta = np.ones(5)
    state = dfdx.init(theta)
    for _ in range(5):
        theta, state = dfdx.update(theta, 2 * rate**2 * theta, state)
    np.testing.assert_allclose(theta, last, atol=2e-6)


# --- every knob matters ---


def flipped(convention: Convention) -> Iterator[tuple[str, Convention]]:
    """Yield the convention with one thing wrong, and what is wrong."""
    for word, (knob, default) in convention.arguments.items():
        if default is not REQUIRED:
            wrong = {**convention.arguments, word: (knob, _other(knob, default))}
            yield f"default {word}", dataclasses.replace(convention, arguments=wrong)
    for knob, value in convention.fixed.items():
        wrong_value = {**convention.fixed, knob: _other(knob, value)}
        yield knob, dataclasses.replace(convention, fixed=wrong_value)
    for knob in convention.derived:
        lost = {k: v for k, v in convention.derived.items() if k != knob}
        yield f"derived {knob}", dataclasses.replace(convention, derived=lost)
    absent = {f.name for f in dataclasses.fields(Variant)} - {
        *(knob for knob, _ in convention.arguments.values()),
        *convention.fixed,
        *convention.derived,
    }
    for knob in absent - _idle(convention):
        default = Variant.__dataclass_fields__[knob].default
        more = {**convention.fixed, knob: _other(knob, default)}
        yield f"absent {knob}", dataclasses.replace(convention, fixed=more)


def _idle(convention: Convention) -> set[str]:
    """Return the knobs that only act together with one that is absent."""
    idle = set()
    if convention.word("momentum") is None and "momentum" not in convention.fixed:
        idle |= {"rate_in_buffer", "nesterov"}
    if convention.word("weight_decay") is None:
        idle.add("decoupled")
    if convention.fixed.get("eps") == 0:
        idle |= {"eps_inside", "eps_maximum"}
    return idle


def _other(knob: str, value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if not value:
        return {"momentum": 0.5, "initial_mean_square": 1.0}.get(knob, 0.1)
    return 1 - value if knob == "decay" else value / 2


@pytest.mark.parametrize(
    ("name", "what", "wrong"),
    [
        pytest.param(name, what, wrong, id=f"{name}: {what}")
        for name, convention in ALL.items()
        for what, wrong in flipped(convention)
    ],
)
def test_flipping_any_knob_contradicts_the_evidence(
    name: str, what: str, wrong: Convention, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = CONVENTIONS if name in CONVENTIONS else FURTHER
    monkeypatch.setitem(table, name, wrong)
    assert failures(name), what


@pytest.mark.parametrize("name", ALL)
def test_each_argument_sets_its_own_knob(name: str) -> None:
    convention = ALL[name]
    for word, (knob, _) in convention.arguments.items():
        on = {"centered": True} if name in ("mxnet", "mxnet2") else {}
        value = True if knob in SWITCHES else 0.25
        optimizer = build(name, **{**required(name), **on, word: value})
        assert getattr(optimizer, knob) == value


SWITCHES = {f.name for f in dataclasses.fields(Variant) if f.type in (bool, "bool")}


# --- relations ---


def test_equal_arrays_of_settings_are_equal_settings() -> None:
    one, same, other = (
        frameworks.keras(rho=np.array([0.5, last])) for last in (0.9, 0.9, 0.8)
    )
    assert one == same
    assert hash(one) == hash(same)
    assert one != other
    assert one != 3


@given(
    gradients=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8),
    decay=st.floats(0, 0.999),
    eps=st.floats(1e-12, 10),
)
def test_with_all_knobs_at_rest_it_is_rmsprop(
    gradients: list[float], decay: float, eps: float
) -> None:
    plain, variant = RMSprop(0.1, decay, eps), Variant(0.1, decay, eps)
    theta, state = 1.0, plain.init(1.0)
    other, other_state = 1.0, variant.init(1.0)
    for g in gradients:
        theta, state = plain.update(theta, g, state)
        other, other_state = variant.update(other, g, other_state)
    assert other == theta
    assert other_state.mean_square == state.mean_square
    assert other_state.mean == 0


class Counted(np.ndarray[Any, Any]):
    """An array that counts how often arithmetic passes over arrays like it."""

    passes = 0

    def __array_ufunc__(
        self, ufunc: Any, method: str, *inputs: Any, **options: Any
    ) -> Any:
        Counted.passes += 1
        plain = (x.view(np.ndarray) if isinstance(x, Counted) else x for x in inputs)
        return np.asarray(getattr(ufunc, method)(*plain, **options)).view(Counted)


def passes(optimizer: Any) -> int:
    """Return how many passes over the parameters a step of an optimizer takes."""
    theta = np.ones(3).view(Counted)
    state = optimizer.init(theta)
    before = Counted.passes
    optimizer.update(theta, theta, state)
    return Counted.passes - before


@pytest.mark.parametrize("inside", [True, False])
def test_an_idle_knob_costs_no_pass(inside: bool) -> None:
    idle: dict[str, Any] = {
        "momentum": 0.0,
        "weight_decay": 0.0,
        "nesterov": True,
        "decoupled": True,
    }
    variant = Variant(0.1, eps_inside=inside, rate_in_buffer=inside, **idle)
    assert passes(variant) == passes(RMSprop(0.1))


@pytest.mark.parametrize(
    "knob", [{"momentum": 0.9}, {"weight_decay": 0.1}, {"centered": True}]
)
def test_a_knob_at_work_costs_passes(knob: dict[str, Any]) -> None:
    assert passes(Variant(0.1, **knob)) > passes(RMSprop(0.1))


@pytest.mark.parametrize("rate_in_buffer", [True, False])
def test_arrays_of_knobs_are_runs_side_by_side(rate_in_buffer: bool) -> None:
    momentum, decay = np.array([0.0, 0.5, 0.9]), np.array([0.0, 0.0, 0.1])

    def make(mu: Any, wd: Any) -> Variant:
        return Variant(0.1, momentum=mu, weight_decay=wd, rate_in_buffer=rate_in_buffer)

    def run(optimizer: Variant, theta: Any) -> Any:
        state = optimizer.init(theta)
        for g in GRADIENTS:
            theta, state = optimizer.update(theta, g + 0 * theta, state)
        return theta

    together = run(make(momentum, decay), np.ones(3))
    alone = [run(make(m, w), 1.0) for m, w in zip(momentum, decay, strict=True)]
    assert together.tolist() == alone


@pytest.mark.parametrize(
    "knobs", [{}, {"momentum": 0.9, "centered": True}, {"weight_decay": 0.1}]
)
def test_to_climb_is_to_descend_the_negative(knobs: dict[str, Any]) -> None:
    up, down = frameworks.pytorch(maximize=True, **knobs), frameworks.pytorch(**knobs)
    theta, state = 1.0, up.init(1.0)
    other, other_state = 1.0, down.init(1.0)
    for g in GRADIENTS:
        theta, state = up.update(theta, g, state)
        other, other_state = down.update(other, -g, other_state)
    assert (theta, state) == (other, other_state)


def test_bias_correction_with_eps_outside_is_adam_without_a_mean() -> None:
    problem = peers.Problem(3)
    optimizer = frameworks.optax(
        learning_rate=0.01, decay=0.9, eps_in_sqrt=False, bias_correction=True
    )
    adam = ours(Adam(0.01, beta1=0.0, beta2=0.9, eps=1e-8), problem)
    np.testing.assert_allclose(ours(optimizer, problem), adam, rtol=1e-14)


def test_the_place_of_the_rate_matters_only_when_the_rate_changes() -> None:
    problem = peers.Problem(4)
    inside = frameworks.timm(lr=0.01, momentum=0.9)
    outside = frameworks.timm(lr=0.01, momentum=0.9, lr_in_momentum=False)
    a, b = ours(inside, problem), ours(outside, problem)
    np.testing.assert_allclose(a, b, rtol=1e-12)
    a, b = ours(inside, problem, rate=0.01), ours(outside, problem, rate=0.01)
    np.testing.assert_allclose(a[25], b[25], rtol=1e-12)
    assert np.abs(a[27] - b[27]).max() > 1e-3


def test_the_place_of_eps_is_idle_when_eps_is_zero() -> None:
    problem = peers.Problem(5)
    inside, outside, larger = (
        Variant(0.01, eps=0.0, eps_inside=x, eps_maximum=y)
        for x, y in ((True, False), (False, False), (False, True))
    )
    assert np.array_equal(ours(inside, problem), ours(outside, problem))
    assert np.array_equal(ours(inside, problem), ours(larger, problem))


@pytest.mark.parametrize(
    ("eps", "inside", "maximum", "move"),
    [
        (1e-5, False, True, "0.2000"),  # the eps, which is larger than the root
        (1e-5, False, False, "0.1752"),
        (1e-10, True, False, "0.1980"),
        (1e-10, True, True, "0.2000"),
    ],
)
def test_shapes_of_one_floor_part_where_the_gradient_is_small(
    eps: float, inside: bool, maximum: bool, move: str
) -> None:
    # A gradient of 2e-6 after which G is 2e-12, at rate 1.
    optimizer = Variant(1.0, 0.5, eps, eps_inside=inside, eps_maximum=maximum)
    theta, state = optimizer.update(0.0, -2e-6, optimizer.init(0.0))
    assert state.mean_square == pytest.approx(2e-12)
    assert f"{theta:.4f}" == move


@given(g=st.floats(1e-6, 1e6), floor=st.floats(1e-6, 1e6))
def test_a_floor_by_maximum_is_the_larger_on_both_sides(g: float, floor: float) -> None:
    for inside, eps in ((True, floor * floor), (False, floor)):
        optimizer = Variant(1.0, 0.0, eps, eps_inside=inside, eps_maximum=True)
        theta, _ = optimizer.update(0.0, -g, optimizer.init(0.0))
        assert theta == pytest.approx(min(1.0, g / floor), rel=1e-12)


def test_a_mean_square_that_rounding_makes_negative_is_clamped() -> None:
    optimizer = frameworks.keras(centered=True, epsilon=1e-7, rho=0.5)
    theta, state = np.zeros(3), optimizer.init(np.zeros(3))
    gradient = np.array([1e8, 1e10 / 3, 7e9])  # eps is lost beside these squares
    with np.errstate(all="raise"):
        for _ in range(200):
            theta, state = optimizer.update(theta, gradient, state)
    assert np.isfinite(theta).all()


def test_centered_blows_up_under_a_constant_gradient() -> None:
    plain, centered = frameworks.pytorch(), frameworks.pytorch(centered=True)
    ends = [
        float(minimize(lambda w: 0 * w + 1, 0.0, o, 3000).theta[-1])
        for o in (plain, centered)
    ]
    assert -40 < ends[0] < -30
    assert ends[1] < -1e4


def test_minimize_records_a_variant() -> None:
    run = minimize(lambda w: 2 * w, 1.0, frameworks.graves(), steps=3)
    assert run.table(rows=[1]).startswith("Iter 1: g=2.000000, G=0.200000, m=0.100000")


def test_the_old_keras_takes_arrays() -> None:
    eps = frameworks.keras_legacy(epsilon=np.array([0.0, 1e-3])).eps
    assert eps.tolist() == [1e-7, 1e-3]
    assert frameworks.keras_legacy(momentum=np.array([0.1, 0.9])).eps_inside


# --- errors ---


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: build("torch"), "framework must be one of hinton, .*; got 'torch'"),
        (
            lambda: frameworks.pytorch(lr=-1),
            "lr must be finite and greater than 0, got",
        ),
        (lambda: frameworks.pytorch(alpha=1.2), r"alpha must lie in \[0, 1\), got 1.2"),
        (lambda: frameworks.keras(epsilon=-1), "epsilon must be finite and at least 0"),
        (lambda: Variant(0.1, momentum=1.0), r"momentum must lie in \[0, 1\), got 1.0"),
        (lambda: build(["pytorch"]), "framework must be one of hinton, "),  # type: ignore[arg-type]
        (lambda: translate(frameworks.keras(), "jax"), "to must be one of hinton, "),
        (
            lambda: frameworks.keras_legacy(momentum=np.array([0.0, 0.9])),
            "momentum must be 0 everywhere or greater than 0 everywhere",
        ),
        (
            lambda: translate(Variant(np.ones(2)), "optax"),
            "translate needs single numbers, got several learning_rate",
        ),
        (lambda: table("epsilon"), "columns must be of .*; got 'epsilon'"),
    ],
)
def test_a_wrong_value_is_refused_in_the_users_words(
    make: Callable[[], object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: frameworks.pytorch(rho=0.9), "pytorch takes lr, .*; got rho"),  # type: ignore[call-arg]
        (frameworks.optax, "optax has no default for learning_rate"),
        (
            lambda: frameworks.optax(learning_rate=None),  # type: ignore[arg-type]
            "learning_rate must be a number",
        ),
        (lambda: frameworks.keras(centered=1), "centered must be True or False, got 1"),  # type: ignore[arg-type]
        (lambda: frameworks.keras().init(1), "theta must be a float"),
        (lambda: frameworks.pytorch(0.1), "by name; got 0.1 without one"),  # type: ignore[call-arg]
        (
            lambda: translate(RMSprop(0.1), "keras"),  # type: ignore[arg-type]
            r"what a constructor such as keras\(...\) returns, got RMSprop",
        ),
    ],
)
def test_a_wrong_kind_is_refused_in_the_users_words(
    make: Callable[[], object], message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        make()


def required(name: str, but: str = "") -> dict[str, Any]:
    """Return values for the arguments of a framework that have no default."""
    arguments = ALL[name].arguments.items()
    return {w: 0.5 for w, (_, d) in arguments if d is REQUIRED and w != but}


NUMBERS = {f.name for f in dataclasses.fields(Variant)} - SWITCHES


@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf, np.array([0.5, -1.0])])
@pytest.mark.parametrize("knob", sorted(NUMBERS))
def test_a_number_out_of_range_is_refused(knob: str, value: Any) -> None:
    with pytest.raises(ValueError, match=rf"^{knob} must .*, got \[?[^\n]+$"):
        Variant(**{"learning_rate": 0.1, knob: value})


@pytest.mark.parametrize("value", ["0.5", None, True, [0.5], 0.5j, object()])
@pytest.mark.parametrize("knob", sorted(NUMBERS))
def test_what_is_no_number_is_refused(knob: str, value: Any) -> None:
    with pytest.raises(TypeError, match=f"^{knob} must be a number .*, got .+$"):
        Variant(**{"learning_rate": 0.1, knob: value})


@pytest.mark.parametrize("value", [1, 0.0, None, "yes", np.array([True])])
@pytest.mark.parametrize("knob", sorted(SWITCHES))
def test_what_is_no_switch_is_refused(knob: str, value: Any) -> None:
    with pytest.raises(TypeError, match=f"^{knob} must be True or False, got .+$"):
        Variant(**{"learning_rate": 0.1, knob: value})


@pytest.mark.parametrize("name", ALL)
def test_every_argument_is_checked_under_its_own_name(name: str) -> None:
    for word, (knob, _) in ALL[name].arguments.items():
        bad = "on" if knob in SWITCHES else -0.5
        with pytest.raises((TypeError, ValueError), match=f"^{word} must .*{bad}"):
            build(name, **required(name, word), **{word: bad})


@pytest.mark.parametrize("name", ALL)
def test_a_framework_takes_its_own_none(name: str) -> None:
    for word, (_, default) in ALL[name].arguments.items():
        if default is None:
            spelled = build(name, **required(name), **{word: None})
            assert spelled == build(name, **required(name))


@pytest.mark.parametrize(
    ("theta", "grad", "error", "message"),
    [
        (1.0, 1, TypeError, "grad must be a float .*, got int"),
        (1.0, "1.0", TypeError, "grad must be a float .*, got str"),
        (np.ones(2), np.ones(3), ValueError, r"grad must have the shape of theta"),
        (np.ones(2), 1.0, ValueError, r"grad must have the shape of theta, \(2,\)"),
    ],
)
def test_a_gradient_that_does_not_fit_is_refused(
    theta: Any, grad: Any, error: type[Exception], message: str
) -> None:
    optimizer = Variant(0.1)
    with pytest.raises(error, match=message):
        optimizer.update(theta, grad, optimizer.init(theta))


def test_the_state_of_another_optimizer_is_refused() -> None:
    plain, variant = RMSprop(0.1), Variant(0.1)
    with pytest.raises(TypeError, match="state must be a VariantState, got RMSprop"):
        variant.update(1.0, 1.0, plain.init(1.0))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"mean_square must have the shape of theta"):
        variant.update(np.ones(3), np.ones(3), variant.init(np.ones(2)))


def test_both_spellings_of_flux_turn_centering_on() -> None:
    centered = frameworks.flux(centered=True)
    assert frameworks.flux(centred=True) == centered
    assert frameworks.flux(centred=True, centered=False) == centered
    assert not frameworks.flux(centred=False).centered
    assert "centred" not in translate(centered, "flux").arguments


# --- documents ---


@pytest.mark.parametrize("name", CONVENTIONS)
def test_signature_and_docstring_state_the_table(name: str) -> None:
    convention, construct = CONVENTIONS[name], getattr(frameworks, name)
    signature = inspect.signature(construct)
    assert {w: p.default for w, p in signature.parameters.items()} == {
        word: default for word, (_, default) in convention.arguments.items()
    }
    text = inspect.getdoc(construct) or ""
    for fact in (convention.title, convention.version, convention.source):
        assert fact in text


def test_the_table_has_a_line_for_each_framework() -> None:
    lines = str(table("eps_inside", "momentum", "nesterov", "note")).splitlines()
    assert len(lines) == 1 + len(CONVENTIONS)
    row = next(line for line in lines if line.startswith("keras_legacy "))
    assert row.split("  ")[1:]
    assert "if momentum > 0" in row
    assert " - " in row


def test_the_table_leaves_out_who_has_none_of_its_columns() -> None:
    assert table("nesterov", "bias_correction").rows == (
        ("optax", "nesterov=False", "bias_correction=False"),
    )
    noted = [name for name, c in CONVENTIONS.items() if c.note]
    assert [name for name, _ in table("note").rows] == noted


def test_the_table_has_a_head_on_a_page() -> None:
    page = table("decay")._repr_html_()
    assert '<th scope="col">decay</th>' in page
    assert "<td>alpha=0.99</td>" in page


ROOT = Path(__file__).parents[1]


def programs() -> Iterator[tuple[str, str]]:
    """Yield the code of each file outside the wing, notebooks without their text."""
    for path in sorted(ROOT.glob("*/**/*.py")):
        wing = ROOT / "rmsprop" / "frameworks"
        if (
            not path.is_relative_to(wing)
            and path.relative_to(ROOT).parts[0][:1] not in "._"
        ):
            yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
    for path in sorted(ROOT.glob("book/**/*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = ("".join(c["source"]) for c in cells if c["cell_type"] == "code")
        yield str(path.relative_to(ROOT)), "\n".join(code)


def behind_the_door(code: str) -> list[str]:
    """Return what a program imports from the wing other than through its door."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and node.module == "rmsprop.frameworks":
            found += [n.name for n in node.names if n.name not in frameworks.__all__]
        elif isinstance(node, ast.ImportFrom | ast.Import):
            module = getattr(node, "module", None)
            names = [module or ""] if module else [n.name for n in node.names]
            found += [n for n in names if n.startswith("rmsprop.frameworks.")]
    return found


def test_nobody_imports_what_is_behind_the_door() -> None:
    found = {name: behind_the_door(code) for name, code in programs()}
    assert {name: names for name, names in found.items() if names} == {}
    assert {"rmsprop/conventions.py", "book/further/frameworks.ipynb"} <= set(found)


@pytest.mark.parametrize(
    "code",
    [
        "from rmsprop.frameworks import conventions",
        "from rmsprop.frameworks.variant import Variant",
        "import rmsprop.frameworks.report as words",
    ],
)
def test_a_look_behind_the_door_is_seen(code: str) -> None:
    assert behind_the_door(code)
    assert not behind_the_door("from rmsprop.frameworks import keras, translate")


def test_the_first_editions_import_still_works() -> None:
    first = importlib.import_module("rmsprop.conventions")
    assert (first.CONVENTIONS, first.table) == (CONVENTIONS, table)


@pytest.mark.parametrize("name", frameworks.__all__)
def test_what_the_door_shows_has_an_example(name: str) -> None:
    if name not in ("CONVENTIONS", "FURTHER"):
        assert ">>> " in (inspect.getdoc(getattr(frameworks, name)) or "")


# --- translation ---


@cache
def path(variant: Variant) -> peers.Array:
    """Return a short run in which the rate falls, and a gradient is below any floor."""
    problem = peers.Problem(6, steps=30)
    problem.curvature[0] *= 1e-3
    problem.noise[:, 0] *= 1e-3
    return ours(variant, problem, variant.learning_rate)


def apart(a: Variant, b: Variant) -> bool:
    return error(path(a), path(b)) > 1e-12


def different_knobs(a: Variant, b: Variant) -> set[str]:
    """Return the knobs that matter in both when they are set as in the other.

    Eps and its shape are one knob here: together they are the denominator.
    """
    groups = {f.name: [f.name] for f in dataclasses.fields(Variant)}
    groups["eps"] += groups.pop("eps_inside") + groups.pop("eps_maximum")

    def moves(x: Variant, other: Variant, group: list[str]) -> bool:
        return apart(x, dataclasses.replace(x, **{k: getattr(other, k) for k in group}))

    return {
        k for k, group in groups.items() if moves(a, b, group) and moves(b, a, group)
    }


@pytest.mark.parametrize("knobs", [{}, {"momentum": 0.9, "weight_decay": 0.01}])
@pytest.mark.parametrize("source", ALL)
def test_a_translation_is_true(source: str, knobs: dict[str, float]) -> None:
    arguments = ALL[source].arguments
    setting = build(
        source,
        **{w: 0.01 for w, (_, default) in arguments.items() if default is REQUIRED},
        **{w: knobs[knob] for w, (knob, _) in arguments.items() if knob in knobs},
    )
    for to, convention in ALL.items():
        translation = translate(setting, to)
        named = {
            re.sub("^eps_.*", "eps", reason.split(":")[0])
            for reason in translation.reasons
        }
        found = translation.found
        assert build(to, **translation.arguments) == found
        assert (translation.status == "exact") == (not apart(setting, found))
        if convention.word("weight_decay"):
            found = dataclasses.replace(found, weight_decay=setting.weight_decay)
        assert named == different_knobs(setting, found), to


def test_a_weight_decay_of_the_other_kind_is_left_out() -> None:
    translation = translate(frameworks.keras(weight_decay=0.01), "pytorch")
    assert "weight_decay" not in translation.arguments
    assert translation.found.weight_decay == 0
    assert "both without weight decay:" in str(translation)


def test_what_the_decay_of_zero_makes_idle_is_not_a_difference() -> None:
    setting = frameworks.optax(
        learning_rate=0.1, decay=0.0, bias_correction=True, eps_in_sqrt=False
    )
    assert translate(setting, "pytorch").status == "exact"


@pytest.mark.parametrize(
    ("setting", "to"),
    [
        (frameworks.timm(alpha=0.0), "keras"),  # G_0 weighs nothing
        (frameworks.optax(learning_rate=0.1, nesterov=True), "keras"),  # no momentum
        (frameworks.optax(learning_rate=0.1, eps=0.0), "pytorch"),
    ],
)
def test_an_idle_knob_is_not_a_difference(setting: Variant, to: str) -> None:
    translation = translate(setting, to)
    assert (translation.status, translation.reasons) == ("exact", ())
    assert not apart(setting, translation.found)


@pytest.mark.parametrize("eps", [0.009, 0.017, 1e-8, 3e-5])
def test_the_floor_is_the_same_but_for_rounding(eps: float) -> None:
    setting = frameworks.pytorch(eps=eps)
    there = translate(setting, "keras")
    assert there.status == "same floor"
    assert math.isclose(math.sqrt(there.arguments["epsilon"]), eps, rel_tol=1e-15)
    assert translate(there.found, "pytorch").status == "same floor"


@pytest.mark.parametrize(
    ("setting", "to", "text"),
    [
        (frameworks.pytorch(), "keras", "epsilon=1e-16"),
        (frameworks.pytorch(eps=0.0), "keras", "epsilon=0.0"),
        (frameworks.keras(epsilon=0.0), "pytorch", "eps=0.0"),
        (frameworks.keras(epsilon=1e-6), "pytorch", "eps=0.001"),
        (frameworks.keras(), "pytorch", "eps=1e-07**0.5  # eps is about 0.000316"),
        (frameworks.keras(), "caffe", "delta=1e-07**0.5  # delta is about 0.000316"),
    ],
)
def test_eps_is_written_as_one_would_type_it(
    setting: Variant, to: str, text: str
) -> None:
    line = str(translate(setting, to)).splitlines()[1]
    assert text in line
    assert line.rpartition("=")[2] == text.rpartition("=")[2]  # and nothing after it


def test_what_is_written_gives_the_arguments_again() -> None:
    for name, to in itertools.product(ALL, ALL):
        translation = translate(build(name, **required(name)), to)
        typed = eval(f"dict({str(translation).splitlines()[1]}\n)")  # noqa: S307
        assert typed == pytest.approx(translation.arguments, rel=1e-15)
        assert build(to, **translation.arguments) == translation.found


@pytest.mark.parametrize("decay", [0.0, 0.9])
@pytest.mark.parametrize("source", CONVENTIONS)
def test_a_report_exists_where_nothing_keeps_from_dividing_by_zero(
    source: str, decay: float
) -> None:
    convention, knobs = CONVENTIONS[source], {"eps": 0.0, "decay": decay}
    for centered in (False, True):
        words = {convention.word(k): value for k, value in knobs.items()}
        words[convention.word("centered")] = centered
        given = {word: value for word, value in words.items() if word is not None}
        setting = build(source, **{**required(source), **given})
        for to in CONVENTIONS:
            assert str(translate(setting, to)).startswith(CONVENTIONS[to].title)


def test_an_infinite_move_is_called_infinite() -> None:
    setting = frameworks.pytorch(eps=0.0, alpha=0.0)
    assert "  1          1 / inf " in str(translate(setting, "graves"))


def test_moves_are_reported_without_weight_decay() -> None:
    def moves(setting: Variant) -> list[str]:
        report = str(translate(setting, "pytorch"))
        return report[report.index("  gradient") :].splitlines()

    assert moves(frameworks.keras(weight_decay=0.5)) == moves(frameworks.keras())


def test_who_climbs_is_told_what_to_do_elsewhere() -> None:
    translation = translate(frameworks.pytorch(maximize=True), "chainer")
    assert translation.status == "different"
    assert translation.reasons == (
        "maximize: asked True, there False; give it the gradient with the other sign "
        "there.",
    )
    assert "-10 / 10 " in str(translation)
    assert translate(translation.asked, "pytorch").arguments["maximize"]


def test_numpy_numbers_are_reported_as_numbers() -> None:
    setting = frameworks.keras(
        learning_rate=np.float64(1e-3),
        rho=np.array(0.5),
        centered=np.bool_(True),  # type: ignore[arg-type]
    )
    report = str(translate(setting, "optax"))
    assert report.endswith("learning_rate=0.001, decay=0.5, eps=1e-07, centered=True")


def test_to_itself_every_setting_is_exact() -> None:
    setting = frameworks.optax(
        learning_rate=0.1, momentum=0.9, nesterov=True, centered=True, initial_scale=0.5
    )
    translation = translate(setting, "optax")
    assert str(translation).splitlines()[0] == "optax.rmsprop (0.2.8), exact:"


def test_a_report_gives_arguments_reasons_and_sizes() -> None:
    report = str(translate(frameworks.keras(learning_rate=1e-3), to="pytorch"))
    assert report.splitlines() == [
        "torch.optim.RMSprop (2.13.0), same floor:",
        "  lr=0.001, alpha=0.9, eps=1e-07**0.5  # eps is about 0.000316",
        "- eps_inside: asked True, there False; both floors are 0.000316228, but the",
        "  denominators differ by 41% where the RMS gradient equals the floor, by",
        "  1.0% where it is 100 times that.",
        "Moves under a constant gradient, in learning rates, asked / there:",
        "  gradient   step 1              step 100            step 101, rate / 10",
        "  1          3.162 / 3.159       1 / 0.9997          0.1 / 0.09997",
        "  0.001      2.236 / 1.581       0.9535 / 0.7598     0.09535 / 0.07598",
        "  1e-06      0.003162 / 0.003159 0.003162 / 0.003152 0.0003162 / 0.0003152",
    ]


@pytest.mark.parametrize(
    ("setting", "to", "status", "words"),
    [
        (
            Variant(0.1, eps_inside=False),
            "keras",
            "same floor",
            "both floors are 1e-08",
        ),
        (Variant(0.1), "hinton", "different", "the floor .* is 0, not 0.0001"),
        (frameworks.pytorch(), "hinton", "different", "- eps: asked 1e-08, there 0"),
        (Variant(0.1, momentum=0.9), "lasagne", "different", "10 times as far"),
        (
            Variant(0.1, momentum=0.9, rate_in_buffer=False, eps=0.0),
            "keras",
            "same at a constant rate",
            r"by a factor of 0\.9 a step",
        ),
        (Variant(0.1, initial_mean_square=1.0), "keras", "different", r"0\.9\^t"),
        (Variant(0.1, weight_decay=0.1), "keras", "different", "not carry over"),
        (Variant(0.1, weight_decay=0.1), "optax", "different", "one learning rate"),
        (
            Variant(0.1, weight_decay=0.1, decoupled=True),
            "optax",
            "different",
            "it takes 0.01 of theta",
        ),
        (
            frameworks.graves(),
            "pytorch",
            "same floor at a constant rate",
            "where the standard deviation",
        ),
        (Variant(0.1, centered=True), "lasagne", "different", "standard deviation"),
        (Variant(0.1, bias_correction=True), "keras", "different", "1 - decay"),
        (build("blocks"), "pytorch", "same floor", "by 100% where the RMS"),
        (
            Variant(0.1, eps_inside=False, eps_maximum=True, momentum=0.9),
            "pytorch",
            "same floor at a constant rate",
            "both floors are 1e-08",
        ),
        (frameworks.keras(), "dqn", "different", r"by a factor of 0\.95 a step"),
        (Variant(0.1, momentum=0.9, nesterov=True), "keras", "different", "look-ahead"),
    ],
)
def test_what_cannot_be_had_is_said(
    setting: Variant, to: str, status: str, words: str
) -> None:
    translation = translate(setting, to)
    assert translation.status == status
    assert re.search(words, " ".join(str(translation).split()))


def steady_moves(rate_in_buffer: bool, momentum: float) -> peers.Array:
    """Return the moves under a constant gradient after the rate has fallen tenfold."""
    full = round(40 / (1 - momentum))
    rates = np.repeat([1.0, 0.1], [full + 1, full])  # entry t is the rate of step t
    variant = Variant(
        1.0, decay=0.0, eps=0.0, momentum=momentum, rate_in_buffer=rate_in_buffer
    )
    run = minimize(lambda w: 0 * w + 1, 0.0, variant, 2 * full, schedule=rates.item)
    return -np.diff(run.theta)[full:]


@pytest.mark.parametrize("momentum", [0.5, 0.9, 0.99])
def test_the_report_says_how_long_a_fall_of_the_rate_is_felt(momentum: float) -> None:
    outside = Variant(0.1, momentum=momentum, rate_in_buffer=False, eps=0.0)
    report = " ".join(str(translate(outside, "keras")).split())
    said = re.search(r"about twice as long (\d+) steps after a tenfold fall", report)
    assert said is not None
    excess = steady_moves(True, momentum) / steady_moves(False, momentum) - 1
    assert excess[1] / excess[0] == pytest.approx(momentum)
    assert excess[int(said[1]) - 1] == pytest.approx(1, abs=0.15)


@pytest.mark.parametrize("eps", [1 / 3, 1e-7 / 3])
def test_eps_that_stays_in_the_root_is_written_as_it_is(eps: float) -> None:
    setting = frameworks.keras(epsilon=eps)
    line = str(translate(setting, "optax")).splitlines()[1]
    assert line.endswith(f" eps={eps!r}")


def test_an_eps_of_one_is_not_idle() -> None:
    translation = translate(frameworks.keras(epsilon=1.0), "pytorch")
    assert translation.status == "same floor"
    assert translation.reasons[0].startswith("eps_inside: asked True, there False")


def test_the_table_says_switches_and_defaults_in_words() -> None:
    asked = table("learning_rate", "eps_inside", "centered", "momentum", "decoupled")
    rows = {name: cells for name, *cells in asked.rows}
    assert rows["graves"][1:3] == ["inside", "yes"]
    assert rows["pytorch"] == [
        "lr=0.01",
        "outside",
        "centered=False",
        "momentum=0",
        "coupled",
    ]
    assert rows["keras"][4] == "decoupled"
    assert rows["optax"][0] == "learning_rate"  # it has no default
    assert asked.heads[:3] == ("framework", "learning rate", "eps in root?")
    assert asked.words


@pytest.mark.parametrize(("decoupled", "to"), [(True, "pytorch"), (False, "keras")])
def test_a_decay_of_the_other_kind_is_told_its_size(decoupled: bool, to: str) -> None:
    setting = Variant(0.1, weight_decay=0.02, decoupled=decoupled)
    report = " ".join(str(translate(setting, to)).split())
    assert "a decoupled one takes 0.002 of theta a step" in report


def test_a_docstring_gives_types_sections_and_what_is_no_choice() -> None:
    lines = (inspect.getdoc(frameworks.keras) or "").splitlines()
    for word, kind in {
        "rho": "float or array",
        "centered": "bool",
        "weight_decay": "float or array or None",
    }.items():
        assert f"{word} : {kind}" in lines
    sections = [
        name for name, line in itertools.pairwise(lines) if re.fullmatch("-+", line)
    ]
    assert sections == ["Parameters", "Returns", "Raises", "Notes", "Examples"]
    legacy = (inspect.getdoc(frameworks.keras_legacy) or "").splitlines()
    (fixed,) = (line for line in legacy if line.startswith("No choice: "))
    assert "rate_in_buffer = True, eps_inside = if momentum > 0" in fixed


def test_rate_decay_and_eps_are_given_even_where_they_are_defaults() -> None:
    line = str(translate(frameworks.pytorch(), "pytorch")).splitlines()[1]
    assert line == "  lr=0.01, alpha=0.99, eps=1e-08"


# --- the page of further implementations ---

PAGE = (ROOT / "book/reference/implementations.md").read_text(encoding="utf-8")
DEFAULTS = ("learning_rate", "decay", "eps")
SHAPE = ("eps_inside", "initial_mean_square")
OPTIONS = ("momentum", "rate_in_buffer", "centered")
WEIGHTS = ("weight_decay", "decoupled")


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize("columns", [DEFAULTS, SHAPE, OPTIONS, WEIGHTS])
def test_the_page_has_the_tables_of_the_package(
    columns: tuple[str, ...], read_only: bool
) -> None:
    rows = {n: c for n, c in FURTHER.items() if (c.known == "read") == read_only}
    assert markdown(*columns, of=rows) in PAGE


def test_the_page_has_the_notes_and_sources_of_the_package() -> None:
    assert markdown("note", of=FURTHER) in PAGE
    for c in FURTHER.values():
        line = f"- `{c.name}`: {c.title}, `{c.version}`, `{c.source}` ({c.known})\n"
        assert line in PAGE


def markdown(*columns: str, of: Mapping[str, Convention]) -> str:
    """Return a table of the package as a table of a Markdown page."""
    made = table(*columns, of=of)
    rows = [made.heads, ["---"] * len(made.heads), *made.rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def test_what_the_page_says_of_a_row_that_is_absent() -> None:
    assert round(0.9**-50, -1) == 190
    optimizer = Variant(1.0, 0.9, 0.0)
    theta, state = 0.0, optimizer.init(0.0)
    for g in [1.0] * 100 + [0.0] * 100 + [1.0]:
        before = theta
        theta, state = optimizer.update(theta, g, state)
    assert before - theta == pytest.approx(1 / math.sqrt(0.1), rel=1e-3)


def test_what_the_page_says_of_two_eps() -> None:
    G = 10.0 ** np.arange(-12, 3)
    one, two = np.sqrt(G + 1e-6), np.sqrt(G + 1e-6) + 1e-6
    assert np.abs(two / one - 1).max() <= 1.001e-3
    assert build("keras1", rho=0.95).eps == 1e-6
