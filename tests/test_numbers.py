"""Wrong values are refused where they enter, by name, value and rule."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from rmsprop._numbers import (
    check_float,
    check_fraction,
    check_grad,
    check_not_negative,
    check_positive,
)

Check = Callable[[str, Any], None]


@pytest.mark.parametrize("value", [0.1, 1, np.float32(2), np.array([0.1, 5])])
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


@pytest.mark.parametrize("check", [check_positive, check_not_negative, check_fraction])
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
    ],
)
def test_what_is_no_number_is_named(check: Check, value: Any, kind: str) -> None:
    with pytest.raises(TypeError, match="x must") as error:
        check("x", value)
    assert str(error.value) == f"x must be a number or an array of numbers, got {kind}"


class Array:
    """What another library's arrays show of themselves."""

    def __init__(self, dtype: str, shape: tuple[int, ...] = ()) -> None:
        self.dtype, self.shape = dtype, shape


class FixedPoint:
    """A kind of float whose name has "int" in it."""


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        np.float32(1),
        np.ones(2),
        np.ones((2, 0)),
        FixedPoint(),
        Array("torch.float16"),
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
        (np.ones(2, np.uint8), "uint8"),
        (np.ones(2, bool), "bool"),
        (np.ones(2, complex), "complex128"),
        (Array("torch.int64"), "torch.int64"),
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
