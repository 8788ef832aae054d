"""The same rule in place: nothing above a block is allocated, memory is walked once.

`RMSprop.update` is the rule as one writes it, and makes new arrays at every step. Here
the same numbers, bit for bit, are written over the old ones. The chapter *As fast as
memory allows* measures what that saves.
"""

from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib.util import find_spec
from itertools import pairwise
from threading import Thread
from typing import Any

import numpy as np
from numpy import add, asarray, divide, multiply, shares_memory, sqrt, subtract
from numpy.typing import NDArray

from rmsprop._numbers import check_count
from rmsprop.optimizer import RMSprop, RMSpropState

BLOCK = 2**18
"""Bytes of one array in a block: five such rows take 1.3 MB, and fit the cache."""

SMALL = 2**15
"""Bytes of one array of which copies cost less than a change of what NumPy reports."""

PART = 2**17
"""Elements that a further thread must get, for its start takes as long as 20,000."""

F64, F32 = np.dtype(np.float64), np.dtype(np.float32)

Array = NDArray[Any]
Constants = tuple[Any, ...]
Arrays = tuple[Array, Array, Array]


def update_inplace(
    optimizer: RMSprop,
    theta: Array,
    grad: Array,
    state: RMSpropState,
    *,
    threads: int = 1,
    fused: bool | None = None,
) -> None:
    """Take one step of `RMSprop.update`, writing over `theta` and the state.

    Parameters
    ----------
    optimizer : RMSprop
        Its hyper-parameters are single numbers here. For a sweep take `update`.
    theta : array of float32 or float64, shape (...)
        The parameters, in any memory order. They are changed.
    grad : array, shape and dtype of theta
        g, the gradient of the objective at `theta`.
    state : RMSpropState
        What ``optimizer.init(theta)`` returned. Its array is changed.
    threads : int
        The most threads that the fused loop may take. Small arrays, and those that do
        not lie in memory without gaps, stay on one.
    fused : bool, optional
        Whether to take one loop that Numba compiles when it is first called (about a
        second), or NumPy in blocks. The default is the loop if Numba is installed.

    Raises
    ------
    TypeError
        If an array or hyper-parameter is of another kind than `theta` can hold, or
        `optimizer` or `state` is not RMSprop's.
    ValueError
        If shapes differ, an array that is changed is read-only, arrays share memory,
        or a hyper-parameter is an array.
    ModuleNotFoundError
        If `fused` is true and Numba is not installed.

    Notes
    -----
    All is checked, and all memory taken, before the first write, so that no error can
    leave a step half done. Overflow gives inf; NumPy is asked to warn or to raise only
    where an array takes at most `SMALL` bytes, and before it is written. An interrupt
    from the keyboard can stop between blocks. Then `theta` and the state no longer
    belong together: go on from a copy.

    Source: the rule of `RMSprop`. Chapter: *As fast as memory allows*.

    Examples
    --------
    >>> optimizer = RMSprop(learning_rate=0.1)
    >>> theta = np.zeros(2)
    >>> state = optimizer.init(theta)
    >>> update_inplace(optimizer, theta, np.array([-16.0, 4.0]), state)
    >>> theta.round(6), state.mean_square.round(6)
    (array([ 0.316228, -0.316228]), array([25.6,  1.6]))
    """
    if threads != 1:
        check_count("threads", threads, 1)
    constants, numbers = _check(optimizer, theta, grad, state)
    arrays = asarray(theta), asarray(grad), asarray(state.mean_square)
    if fused or (fused is None and _has_numba()):
        _at_once(_loop(), arrays, numbers, threads)
    elif theta.size == 1:
        _in_numbers(arrays, numbers)
    elif theta.nbytes <= SMALL:
        _in_one(arrays, constants)
    else:
        _in_blocks(arrays, constants)


# --- NumPy in blocks ------------------------------------------------------------------


def _in_one(arrays: Arrays, constants: Constants) -> None:
    """Take the step at once: first all that can fail, then what is written."""
    theta, g, G = arrays
    decay, rest, rate, eps = constants
    a = multiply(g, g)
    multiply(a, rest, a)
    new_G = multiply(G, decay)
    add(new_G, a, new_G)
    add(new_G, eps, a)
    sqrt(a, a)
    b = multiply(g, rate)
    divide(b, a, b)
    subtract(theta, b, b)
    G[...] = new_G
    theta[...] = b


def _in_numbers(arrays: Arrays, numbers: Constants) -> None:
    """Take the step of one parameter, likewise; NumPy has quick numbers for this."""
    theta, g, G = (x.flat[0] for x in arrays)
    decay, rest, rate, eps = numbers
    new_G = decay * G + rest * (g * g)
    new_theta = theta - rate * g / sqrt(new_G + eps)
    arrays[2][...] = new_G
    arrays[0][...] = new_theta


def _in_blocks(arrays: Arrays, constants: Constants) -> None:
    decay, rest, rate, eps = constants
    a = b = np.empty(0)
    with np.errstate(all="ignore"):
        for theta, g, G in _blocks(arrays):
            if a.shape != g.shape:  # in the first block, and perhaps in the last
                a, b = np.empty_like(g), np.empty_like(g)
            multiply(g, g, a)
            multiply(a, rest, a)
            multiply(G, decay, G)
            add(G, a, G)
            add(G, eps, a)
            sqrt(a, a)
            multiply(g, rate, b)
            divide(b, a, b)
            subtract(theta, b, theta)


def _blocks(arrays: Arrays) -> Iterable[Any]:
    """Return the arrays in blocks of at most `BLOCK` bytes."""
    if arrays[0].nbytes <= BLOCK:
        return (arrays,)
    if (flat := _flat(arrays)) is None:
        return _copied(arrays)
    size, block = flat[0].size, BLOCK // flat[0].itemsize
    return ([x[i : i + block] for x in flat] for i in range(0, size, block))


def _flat(arrays: Arrays) -> list[Array] | None:
    """Return the arrays as rows of one order, or None where they would need a copy."""
    if all(x.flags.c_contiguous and x.flags.aligned for x in arrays):
        return [x.reshape(-1) for x in arrays]
    if all(x.flags.f_contiguous and x.flags.aligned for x in arrays):
        return [x.reshape(-1, order="F") for x in arrays]
    return None


def _copied(arrays: Arrays) -> Iterator[Any]:
    """Yield blocks of which NumPy copies in and back what has gaps."""
    both: Any = ["readwrite", "contig", "aligned"]
    read: Any = ["readonly", "contig", "aligned"]
    flags: Any = ["external_loop", "buffered", "zerosize_ok"]
    with np.nditer(arrays, flags, [both, read, both], buffersize=BLOCK // 8) as blocks:
        yield from blocks


# --- One fused loop -------------------------------------------------------------------


def _at_once(loop: Any, arrays: Arrays, constants: Constants, threads: int) -> None:
    def step(theta: Array, grad: Array, G: Array) -> None:
        loop(theta, grad, G, constants)

    if (flat := _flat(arrays)) is None:
        for block in _copied(arrays):
            step(*block)
    elif (parts := min(threads, flat[0].size // PART)) > 1:
        _side_by_side(step, flat, parts)
    else:
        step(*flat)


def _side_by_side(step: Any, arrays: list[Array], parts: int) -> None:
    """Take the step in as many parts, each on a thread, the first one on this."""
    edges = [arrays[0].size * i // parts for i in range(parts + 1)]
    first, *others = [[x[i:j] for x in arrays] for i, j in pairwise(edges)]
    threads = [Thread(target=step, args=part) for part in others]
    started = []
    for thread in threads:
        try:
            thread.start()
            started.append(thread)
        except RuntimeError:  # the system gives no more threads: do it on this one
            thread.run()
    step(*first)
    for thread in started:
        thread.join()


@cache
def _has_numba() -> bool:
    return find_spec("numba") is not None


@cache
def _loop() -> Any:
    """Return the fused loop, compiled; Numba is imported here and nowhere else."""
    from numba import njit  # noqa: PLC0415 - an extra

    return njit(nogil=True, error_model="numpy")(_fused)


def _fused(theta: Any, grad: Any, G: Any, constants: Any) -> None:
    decay, rest, rate, eps = constants
    for i in range(theta.size):
        g = grad[i]
        G[i] = decay * G[i] + rest * (g * g)
        theta[i] = theta[i] - rate * g / sqrt(G[i] + eps)


# --- What is refused ------------------------------------------------------------------


def _check(optimizer: Any, theta: Any, grad: Any, state: Any) -> tuple[Constants, ...]:
    """Refuse what is no step; return the constants of one."""
    if not isinstance(optimizer, RMSprop):
        got = type(optimizer).__name__
        raise TypeError(f"optimizer must be an RMSprop, got {got}")
    if not isinstance(state, RMSpropState):
        got = type(state).__name__
        raise TypeError(f"state must be an RMSpropState, got {got}")
    G = state.mean_square
    if not _are_plain(theta, grad, G):
        _check_array("theta", theta, theta)
        _check_array("grad", grad, theta)
        _check_array("the state's mean_square", G, theta)
        _check_writable("theta", theta)
        _check_writable("the state's mean_square", G)
        _check_apart(theta, grad, G)
    rate, decay, eps = optimizer.learning_rate, optimizer.decay, optimizer.eps
    if type(rate) is type(decay) is type(eps) is float:
        return _kept_constants(rate, decay, eps, theta.dtype)
    for name, value in (("learning_rate", rate), ("decay", decay), ("eps", eps)):
        _check_number(name, value, theta.dtype)
    return _constants(rate, decay, eps, theta.dtype)


def _are_plain(theta: Any, grad: Any, G: Any) -> bool:
    """Return whether all is right with the arrays, if that is soon seen.

    Two that own their memory meet only where they are one.
    """
    if not type(theta) is type(grad) is type(G) is np.ndarray:
        return False
    dtype, changed, kept = theta.dtype, theta.flags, G.flags
    return (
        (dtype is F64 or dtype is F32)
        and dtype is grad.dtype is G.dtype
        and theta.shape == grad.shape == G.shape
        and changed.owndata
        and kept.owndata
        and grad.flags.owndata
        and changed.writeable
        and kept.writeable
        and changed.forc
        and kept.forc
        and theta is not grad
        and grad is not G
        and G is not theta
    )


def _check_array(name: str, x: Any, theta: Any) -> None:
    if type(x) is not np.ndarray and type(x) is not np.memmap:
        raise TypeError(f"{name} must be a NumPy array, got {type(x).__name__}")
    if x.dtype not in {F64, F32}:
        raise TypeError(f"{name} must be of float32 or float64, got {x.dtype}")
    if x.dtype != theta.dtype:
        raise TypeError(
            f"{name} must have the dtype of theta, {theta.dtype}, got {x.dtype}"
        )
    if x.shape != theta.shape:
        raise ValueError(
            f"{name} must have the shape of theta, {theta.shape}, got {x.shape}"
        )


def _check_writable(name: str, x: Array) -> None:
    flags = x.flags
    if not flags.writeable:
        raise ValueError(f"{name} must be writable, got a read-only array")
    if not flags.forc and _meets_itself(x):
        raise ValueError(
            f"{name} must have a place in memory for each element,"
            f" got strides {x.strides} for the shape {x.shape}"
        )


def _check_apart(theta: Array, grad: Array, G: Array) -> None:
    if shares_memory(grad, theta) or shares_memory(G, theta) or shares_memory(G, grad):
        raise ValueError(
            "theta, grad and the state must not share memory, got two that do"
        )


def _meets_itself(x: Array) -> bool:
    """Return whether two elements may lie in one place, as in no slice of an array."""
    reach = x.itemsize
    for stride, count in sorted(zip(map(abs, x.strides), x.shape, strict=True)):
        if count > 1 and stride < reach:
            return True
        reach += stride * (count - 1)
    return False


def _check_number(name: str, value: Any, dtype: Any) -> None:
    if not isinstance(value, int | float | np.number):
        got = type(value).__name__
        raise TypeError(f"{name} must be a single number in place, got {got}")
    if np.result_type(dtype, value) != dtype:
        raise TypeError(f"{name} must fit into {dtype}, got {value!r}; take a float")


def _constants(rate: Any, decay: Any, eps: Any, dtype: Any) -> tuple[Constants, ...]:
    """Return decay, 1 - decay, rate and eps, for NumPy and for Numba.

    NumPy calculates with arrays of no dimension in a third of the time of floats.
    """
    with np.errstate(all="ignore"):
        numbers = tuple(map(dtype.type, (decay, 1 - decay, rate, eps)))
    return tuple(map(asarray, numbers)), numbers


_kept_constants = lru_cache(maxsize=64)(_constants)
