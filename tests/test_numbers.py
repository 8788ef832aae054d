"""Wrong values are refused where they enter, by name, value and rule."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pytest

from rmsprop._numbers import (
    ByValue,
    all_finite,
    check_count,
    check_finite,
    check_float,
    check_fraction,
    check_grad,
    check_not_negative,
    check_positive,
    check_state,
    check_step,
)

Check = Callable[[str, Any], None]


@pytest.mark.parametrize("value", [0.1, 1, 10**30, np.float32(2), np.array([0.1, 5])])
def test_positive_lets_pass(value: Any) -> None:
    check_positive("rate", value)


@pytest.mark.parametrize("value", [0, 0.0, 1e-300, np.array([0, 1])])
def test_not_negative_lets_pass(value: Any) -> None:
    check_not_negative("eps", value)


@pytest.mark.parametrize("value", [0, 0.0, 0.999999, np.array([[0], [0]])])
def test_fraction_lets_pass(value: Any) -> None:
    check_fraction("decay", value)


NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("check", "value", "message"),
    [
        (check_positive, 0, "x must be finite and greater than 0, got 0"),
        (check_positive, -0.1, "x must be finite and greater than 0, got -0.1"),
        (check_positive, NAN, "x must be finite and greater than 0, got nan"),
        (check_positive, INF, "x must be finite and greater than 0, got inf"),
        (check_not_negative, -0.1, "x must be finite and at least 0, got -0.1"),
        (check_not_negative, NAN, "x must be finite and at least 0, got nan"),
        (check_not_negative, INF, "x must be finite and at least 0, got inf"),
        (
            check_positive,
            10**400,
            f"x must be finite and greater than 0, got {10**400}",
        ),
        (check_finite, NAN, "x must be finite, got nan"),
        (check_finite, np.array([1, -INF]), "x must be finite, got [  1. -inf]"),
        (check_fraction, 1, "x must lie in [0, 1), got 1"),
        (check_fraction, -1e-9, "x must lie in [0, 1), got -1e-09"),
        (check_fraction, NAN, "x must lie in [0, 1), got nan"),
        (check_fraction, np.array([0.5, 1]), "x must lie in [0, 1), got [0.5 1. ]"),
    ],
)
def test_wrong_values_are_named(check: Check, value: Any, message: str) -> None:
    with pytest.raises(ValueError, match="x must") as error:
        check("x", value)
    assert str(error.value) == message


@pytest.mark.parametrize(
    "check", [check_positive, check_not_negative, check_fraction, check_finite]
)
@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("0.1", "str"),
        (None, "NoneType"),
        (True, "bool"),
        (0j, "complex"),
        ([0.1], "list"),
        ((0.1,), "tuple"),
        (np.array([True]), "ndarray"),
        (np.array([0.1], object), "ndarray"),
        (np.array(["0.1"]), "ndarray"),
        (np.timedelta64(1, "s"), "timedelta64"),
        (Decimal("0.1"), "Decimal"),
        (object(), "object"),
    ],
)
def test_what_is_no_number_is_named(check: Check, value: Any, kind: str) -> None:
    with pytest.raises(TypeError, match="x must") as error:
        check("x", value)
    assert str(error.value) == f"x must be a number or an array of numbers, got {kind}"


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (2.0, TypeError, r"n must be an integer, got 2\.0"),
        ("2", TypeError, "n must be an integer, got '2'"),
        (False, TypeError, "n must be an integer, got False"),
        (0, ValueError, "n must be at least 1, got 0"),
    ],
)
def test_counts_are_checked(value: Any, error: type[Exception], message: str) -> None:
    check_count("n", 0)
    check_count("n", np.int8(1), least=1)
    with pytest.raises(error, match=f"^{message}$"):
        check_count("n", value, least=1)


class Array:
    """What another library's arrays show of themselves."""

    def __init__(self, dtype: Any, shape: tuple[int, ...] = ()) -> None:
        self.dtype, self.shape = dtype, shape


class Kind:
    """An element type that has its name in an attribute, as TensorFlow's have."""

    def __init__(self, name: str) -> None:
        self.name = name


class Traced(Array):
    """A number whose value is not known yet."""

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise TypeError("traced")


class Differentiated(Array):
    """A number that would lose its history as an array of NumPy."""

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError("use detach")


class Symbol:
    """The least that a number without a dtype may be: it knows the operators."""

    def _operate(self, _: Any) -> "Symbol":
        return self

    __add__ = __sub__ = __mul__ = __truediv__ = __pow__ = _operate


class Frame(Symbol):
    """Columns under one name, with the operators of numbers: a data frame."""

    def __len__(self) -> int:
        return 2


@pytest.mark.parametrize("check", [check_positive, check_not_negative, check_fraction])
@pytest.mark.parametrize("kind", [Traced, Differentiated])
def test_values_that_cannot_be_looked_at_pass(check: Check, kind: Any) -> None:
    check("rate", kind("float32"))
    with pytest.raises(
        TypeError, match=f"^rate must be a number .*, got {kind.__name__}$"
    ):
        check("rate", kind("complex64"))


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        np.float16(1),
        np.float32(1),
        np.longdouble(1),
        np.ones(2),
        np.ones((2, 0)),
        np.ones(2, ">f4"),
        Fraction(1, 2),
        Symbol(),
        Array("torch.float16"),
        Array("bfloat16"),
        Array("mlx.core.float32"),
        Array(Kind("bfloat16")),
    ],
)
def test_floats_pass(value: Any) -> None:
    check_float("theta", value)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (1, "int"),
        (True, "bool"),
        (1j, "complex"),
        (None, "NoneType"),
        ("1", "str"),
        ([1.0], "list"),
        ((1.0,), "tuple"),
        ({"w": 1.0}, "dict"),
        (object(), "object"),
        (date(2024, 1, 1), "date"),
        (timedelta(1), "timedelta"),
        (Frame(), "Frame"),
        (np.ones(2, np.uint8), "uint8"),
        (np.ones(2, bool), "bool"),
        (np.ones(2, complex), "complex128"),
        (np.ones(2, object), "object"),
        (np.array(["1"]), "<U1"),
        (np.zeros(1, "M8[s]"), r"datetime64[s]"),
        (np.zeros(1, [("float64", "f8")]), "[('float64', '<f8')]"),
        (Array("torch.int64"), "torch.int64"),
        (Array("float8_e4m3fn"), "float8_e4m3fn"),
    ],
)
def test_what_is_no_float_is_named(value: Any, kind: str) -> None:
    with pytest.raises(TypeError, match="theta must") as error:
        check_float("theta", value)
    assert (
        str(error.value) == f"theta must be a float or an array of floats, got {kind}"
    )


def test_gradient_must_be_of_floats() -> None:
    with pytest.raises(TypeError, match=r"^grad must be a float .*, got int$"):
        check_grad(1, 1.0)


@pytest.mark.parametrize(
    ("grad", "theta", "shapes"),
    [
        (1.0, np.ones(2), r"\(2,\), got \(\)"),
        (np.ones(2), 1.0, r"\(\), got \(2,\)"),
        (np.ones((1, 2)), np.ones(2), r"\(2,\), got \(1, 2\)"),
        (Array("float32", (3,)), np.ones(2), r"\(2,\), got \(3,\)"),
    ],
)
def test_gradient_must_have_the_shape(grad: Any, theta: Any, shapes: str) -> None:
    with pytest.raises(
        ValueError, match=f"^grad must have the shape of theta, {shapes}$"
    ):
        check_grad(grad, theta)


def test_gradient_of_the_shape_passes() -> None:
    check_grad(1.0, np.float64(1))
    check_grad(np.array(1.0), 1.0)
    check_grad(Array("float32", (2,)), np.ones(2))


# --- States ---------------------------------------------------------------------------


class Memory(NamedTuple):
    mean: Any
    steps: Any = 0


def test_state_that_fits_passes() -> None:
    check_state(Memory(0.0), Memory, np.float64(1))
    check_state(Memory(np.ones(2), steps=3), Memory, np.ones(2))
    check_state(Memory(Array("float32", (2,)), np.array(3)), Memory, np.ones(2))


@pytest.mark.parametrize("state", [None, (0.0, 0), [0.0], np.zeros(2)])
def test_state_of_another_kind_is_named(state: Any) -> None:
    got = type(state).__name__
    with pytest.raises(TypeError, match=f"^state must be a Memory, got {got}$"):
        check_state(state, Memory, 1.0)


@pytest.mark.parametrize(
    ("part", "theta", "shapes"),
    [
        (0.0, np.ones(2), r"\(2,\), got \(\)"),
        (np.ones(2), 1.0, r"\(\), got \(2,\)"),
        (np.ones((2, 1)), np.ones((2, 2)), r"\(2, 2\), got \(2, 1\)"),
    ],
)
def test_state_of_another_shape_is_named(part: Any, theta: Any, shapes: str) -> None:
    message = f"^the state's mean must have the shape of theta, {shapes}$"
    with pytest.raises(ValueError, match=message):
        check_state(Memory(part), Memory, theta)


def test_all_arguments_of_a_step_are_checked() -> None:
    check_step(np.ones(2), np.ones(2), Memory(np.ones(2)), Memory)
    with pytest.raises(TypeError, match=r"^theta must be a float .*, got int$"):
        check_step(1, 1.0, Memory(1.0), Memory)
    with pytest.raises(TypeError, match=r"^grad must be a float .*, got int$"):
        check_step(1.0, 1, Memory(1.0), Memory)
    with pytest.raises(TypeError, match=r"^state must be a Memory, got float$"):
        check_step(1.0, 1.0, 1.0, Memory)


# --- Finite, and equal ----------------------------------------------------------------


@pytest.mark.parametrize("x", [1.0, np.float32(1), np.ones((2, 3)), np.ones(0), 3])
def test_finite_is_finite(x: Any) -> None:
    assert all_finite(x)
    assert all_finite(np.array([object()]))


@pytest.mark.parametrize("bad", [NAN, INF, -INF])
def test_one_number_that_is_not_finite_is_found(bad: float) -> None:
    x = np.ones((30, 20))
    x[29, 19] = bad
    assert not all_finite(x)
    assert not all_finite(bad)
    assert not all_finite(np.float16(bad))


@dataclass(frozen=True, eq=False)
class Setting(ByValue):
    rate: Any
    parts: Any = ()


def same(one: object, other: object) -> bool:
    """Return whether two are equal, and see to it that their hashes agree."""
    if one == other:
        assert hash(one) == hash(other)
    return one == other


def test_numbers_and_arrays_are_compared_by_value() -> None:
    assert same(Setting(0.5), Setting(np.float32(0.5)))
    assert same(Setting(np.array([1.0, 2.0])), Setting(np.array([1.0, 2.0])))
    assert same(Setting(1, Memory(np.ones(2))), Setting(1, Memory(np.ones(2))))
    assert not same(Setting(np.ones(2)), Setting(np.array([1.0, 2.0])))
    assert not same(Setting(np.ones((1, 2))), Setting(np.ones(2)))
    assert not same(Setting(np.ones(1)), Setting(1.0))
    assert not same(Setting(1, Memory(np.ones(2))), Setting(1, Memory(np.zeros(2))))


def test_other_classes_are_never_equal() -> None:
    class Other(Setting):
        pass

    assert Setting(1.0) != Other(1.0)
    assert Setting(1.0) != 1.0


def test_value_that_cannot_be_looked_at_equals_itself_only() -> None:
    rate = Traced("float32")
    assert same(Setting(rate), Setting(rate))
    assert not same(Setting(rate), Setting(Traced("float32")))
