"""Numbers: which are let in, and the exact square root. All rules stand on this.

A wrong value is refused where it enters, by name.
"""

import math
import re
from typing import Any

import numpy as np

NO_FLOAT = re.compile(r"\b(list|tuple|str|NoneType|u?int\d*|bool|complex\d*)\b")


def check_positive(name: str, value: Any) -> None:
    """Refuse a `value` that is not finite and greater than zero everywhere."""
    _check(name, value, (_number(name, value) > 0), "be finite and greater than 0")


def check_not_negative(name: str, value: Any) -> None:
    """Refuse a `value` that is not finite and at least zero everywhere."""
    _check(name, value, (_number(name, value) >= 0), "be finite and at least 0")


def check_fraction(name: str, value: Any) -> None:
    """Refuse a `value` that does not lie in [0, 1) everywhere."""
    number = _number(name, value)
    _check(name, value, (number >= 0) & (number < 1), "lie in [0, 1)")


def check_float(name: str, x: Any) -> None:
    """Refuse an `x` that is not a float or an array of floats."""
    # The name of the type serves every library: int64, torch.int64, Python's int.
    kind = str(getattr(x, "dtype", type(x).__name__))
    if NO_FLOAT.search(kind):
        raise TypeError(f"{name} must be a float or an array of floats, got {kind}")


def check_grad(grad: Any, theta: Any) -> None:
    """Refuse a gradient that is not of floats, or has another shape than `theta`."""
    check_float("grad", grad)
    shape, wanted = getattr(grad, "shape", ()), getattr(theta, "shape", ())
    if shape != wanted:
        shape, wanted = tuple(shape), tuple(wanted)
        raise ValueError(f"grad must have the shape of theta, {wanted}, got {shape}")


def all_finite(x: Any) -> bool:
    """Return whether no element is nan or infinite; what are no numbers always are.

    Examples
    --------
    >>> all_finite(np.array([1.0, 2.0])), all_finite(np.float64("nan"))
    (True, False)
    """
    x = np.asarray(x)
    if x.dtype == object:
        return True
    return 0 not in np.isfinite(x).tobytes()  # a third of what np.all costs


def _check(name: str, value: Any, holds: Any, rule: str) -> None:
    if not np.all(holds & np.isfinite(value)):
        raise ValueError(f"{name} must {rule}, got {value}")


def _number(name: str, value: Any) -> Any:
    number = np.asarray(value)
    if number.dtype.kind not in "iuf" or isinstance(value, list | tuple):
        kind = type(value).__name__
        raise TypeError(f"{name} must be a number or an array of numbers, got {kind}")
    return number


class ByValue:
    """Equality and hash of a dataclass whose fields may hold arrays.

    Two of one class are equal if their numbers are; arrays count by their elements.
    Dataclasses take it as their base and are made with ``eq=False``.
    """

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return _key(self) == _key(other)

    def __hash__(self) -> int:
        return hash(_key(self))


def _key(value: Any) -> Any:
    """Return something like `value` that can be compared and hashed."""
    if isinstance(value, ByValue):
        return tuple(_key(getattr(value, name)) for name in value.__dataclass_fields__)
    if isinstance(value, tuple):
        return tuple(_key(part) for part in value)
    if not hasattr(value, "tolist"):
        return value
    try:
        return np.shape(value), *np.ravel(value).tolist()
    except Exception:  # an array whose values cannot be looked at equals itself only
        return id(value)


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
