"""Numbers: which are let in, and the exact square root. All rules stand on this.

A wrong value is refused where it enters, by name.
"""

import math
from collections.abc import Callable, Hashable, Iterator
from functools import cache
from typing import Any, ClassVar

import numpy as np

FLOATS = {
    "float16",
    "bfloat16",
    "float32",
    "float64",
    "longdouble",
    "float96",  # NumPy's names of longdouble: by the bits that it takes
    "float128",
}
"""What the elements of an array may be, in every library: torch.float32, too."""

INTEGERS = {f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)}
"""What a hyper-parameter may be besides."""

OPERATORS = [f"__{name}__" for name in ("add", "sub", "mul", "truediv", "pow")]
"""What a number without a dtype must know: SymPy's expressions do."""


def check_positive(name: str, value: Any) -> None:
    """Refuse a `value` that is not finite and greater than zero everywhere."""
    _check(name, value, lambda x: x > 0, "be finite and greater than 0")


def check_not_negative(name: str, value: Any) -> None:
    """Refuse a `value` that is not finite and at least zero everywhere."""
    _check(name, value, lambda x: x >= 0, "be finite and at least 0")


def check_fraction(name: str, value: Any) -> None:
    """Refuse a `value` that does not lie in [0, 1) everywhere."""
    _check(name, value, lambda x: (x >= 0) & (x < 1), "lie in [0, 1)")


def check_finite(name: str, value: Any) -> None:
    """Refuse a `value` that is not finite everywhere."""
    _check(name, value, np.isfinite, "be finite")


def check_count(name: str, value: Any, least: int = 0) -> None:
    """Refuse a `value` that is no integer, or less than `least`."""
    if not isinstance(value, int | np.integer) or isinstance(value, bool):
        raise TypeError(f"{name} must be an integer, got {value!r}")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, got {value}")


def check_float(name: str, x: Any) -> None:
    """Refuse an `x` that is not a float or an array of floats of some library."""
    if isinstance(x, float):
        return
    dtype = getattr(x, "dtype", None)
    if not (_is_symbol(x) if dtype is None else _name(dtype) in FLOATS):
        kind = type(x).__name__ if dtype is None else dtype
        raise TypeError(f"{name} must be a float or an array of floats, got {kind}")


def check_grad(grad: Any, theta: Any) -> None:
    """Refuse a gradient that is not of floats, or has another shape than `theta`."""
    check_float("grad", grad)
    if _shape(grad) != _shape(theta):
        raise _misshapen("grad", grad, theta)


def check_state(state: Any, kind: type[Any], theta: Any) -> None:
    """Refuse the state of another optimizer, or of another shape than `theta`.

    Only the count ``steps`` has no shape.
    """
    if not isinstance(state, kind):
        got = type(state).__name__
        raise TypeError(f"state must be a {kind.__name__}, got {got}")
    wanted = _shape(theta)
    for i, part in enumerate(state):
        if getattr(part, "shape", ()) != wanted and state._fields[i] != "steps":
            raise _misshapen(f"the state's {state._fields[i]}", part, theta)


def check_step(theta: Any, grad: Any, state: Any, kind: type[Any]) -> None:
    """Refuse arguments of an `update` that do not belong together."""
    check_float("theta", theta)
    check_grad(grad, theta)
    check_state(state, kind, theta)


def iterator(name: str, value: Any) -> Iterator[Any]:
    """Return an iterator over `value`, or refuse what has none."""
    try:
        return iter(value)
    except TypeError:
        kind = type(value).__name__
        raise TypeError(f"{name} must be iterable, got {kind}") from None


def all_finite(x: Any) -> bool:
    """Return whether no element is nan or infinite; what are no numbers always are.

    Examples
    --------
    >>> all_finite(np.array([1.0, 2.0])), all_finite(np.float64("nan"))
    (True, False)
    """
    try:
        flags: bytes = np.isfinite(x).tobytes()
    except TypeError:
        return True
    return 0 not in flags  # takes half as long as np.all, of two numbers


def _check(name: str, value: Any, holds: Callable[[Any], Any], rule: str) -> None:
    if not _is_number(value):
        kind = type(value).__name__
        raise TypeError(f"{name} must be a number or an array of numbers, got {kind}")
    try:
        x = np.asarray(float(value) if isinstance(value, int) else value)
    except OverflowError:
        x = np.asarray(np.inf)  # an integer that no float can hold
    except (TypeError, RuntimeError):
        return  # traced by JAX, or to be differentiated by PyTorch: no value yet
    if not np.all(holds(x) & np.isfinite(x)):
        raise ValueError(f"{name} must {rule}, got {value}")


def _shape(x: Any) -> Any:
    return getattr(x, "shape", ())


def _misshapen(name: str, x: Any, theta: Any) -> ValueError:
    wanted, got = tuple(_shape(theta)), tuple(_shape(x))
    return ValueError(f"{name} must have the shape of theta, {wanted}, got {got}")


def _is_number(value: Any) -> bool:
    dtype = getattr(value, "dtype", None)
    if dtype is None:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return _name(dtype) in FLOATS | INTEGERS


def _is_symbol(x: Any) -> bool:
    """Return whether x knows all operators and is neither an integer nor a container.

    Complex numbers know the operators as well, but no order.
    """
    knows = all(hasattr(type(x), operator) for operator in OPERATORS)
    return knows and not (isinstance(x, int | complex) or hasattr(x, "__len__"))


@cache
def _name(dtype: Hashable) -> str:
    """Return the plain name of an element type: float32 of torch.float32."""
    return str(getattr(dtype, "name", dtype)).rpartition(".")[2]


class ByValue:
    """Equality and hash of a dataclass whose fields may hold arrays.

    Two of one class are equal if their numbers are; arrays count by their elements.
    Dataclasses take it as their base and are made with ``eq=False``.
    """

    __dataclass_fields__: ClassVar[dict[str, Any]]

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return bool(_key(self) == _key(other))

    def __hash__(self) -> int:
        return hash(_key(self))


def _key(value: Any) -> Any:
    """Return something like `value` that can be compared and hashed."""
    if isinstance(value, ByValue):
        return tuple(_key(getattr(value, name)) for name in value.__dataclass_fields__)
    if isinstance(value, tuple):
        return tuple(_key(part) for part in value)
    try:
        x = np.asarray(value)
    except (TypeError, RuntimeError):
        return id(value)  # what cannot be looked at equals itself only
    return (x.shape, *x.ravel().tolist()) if x.ndim else x.tolist()


def sqrt(x: Any) -> Any:
    """Return the square root of a float or of an array, correctly rounded.

    Array libraries take ``x**0.5`` as a square root. Single floats, Python's and
    NumPy's, take it as a power, which misses the correctly rounded root about once in
    a thousand.

    Parameters
    ----------
    x : float or array of floats
        At least 0.

    Returns
    -------
    float or array of floats
        The root, elementwise.

    Examples
    --------
    >>> sqrt(6.25)
    2.5
    """
    if isinstance(x, float):  # NumPy's float64 is one too
        return math.sqrt(x)
    return np.sqrt(x) if isinstance(x, np.floating) else x**0.5
