"""The same rule in place: no array is allocated, and memory is walked through once.

`RMSprop.update` is the rule as one writes it, and makes seven arrays a step. Here the
same numbers, bit for bit, are written over the old ones. The chapter *Efficiency*
measures what that saves.
"""

from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import find_spec
from threading import Thread
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rmsprop._numbers import check_count, check_state
from rmsprop.optimizer import RMSprop, RMSpropState

BLOCK = 8192
"""Elements a block: five arrays of so many float64 take 320 kB, a second-level cache."""

PART = 2**17
"""Elements that a further thread must get, for its start takes as long as 20,000."""

Array = NDArray[Any]
Step = Callable[[Array, Array, Array], None]


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
    All is checked before the first write, and overflow gives inf without a warning, so
    that no error can leave a step half done. An interrupt from the keyboard can: then
    `theta` and the state no longer belong together, and the run goes on from a copy.

    Source: the rule of `RMSprop`. Chapter: *Efficiency*.

    Examples
    --------
    >>> optimizer = RMSprop(learning_rate=0.1)
    >>> theta = np.zeros(2)
    >>> state = optimizer.init(theta)
    >>> update_inplace(optimizer, theta, np.array([-16.0, 4.0]), state)
    >>> theta.round(6), state.mean_square.round(6)
    (array([ 0.316228, -0.316228]), array([25.6,  1.6]))
    """
    _check(optimizer, theta, grad, state)
    check_count("threads", threads, 1)
    arrays = theta, grad, state.mean_square
    loop = _loop() if fused or (fused is None and _has_numba()) else None
    if loop is None:
        blocks = _blocks(*arrays)
        _in_blocks(optimizer, blocks, theta.dtype, min(theta.size, BLOCK))
    else:
        _at_once(optimizer, loop, arrays, threads)


# --- NumPy in blocks ------------------------------------------------------------------


def _in_blocks(
    optimizer: RMSprop, blocks: Iterator[Any], dtype: Any, size: int
) -> None:
    decay, rest = optimizer.decay, 1 - optimizer.decay
    rate, eps = optimizer.learning_rate, optimizer.eps
    scratch = np.empty(size, dtype), np.empty(size, dtype)
    with np.errstate(all="ignore"):
        for theta, g, G in blocks:
            a, b = scratch if g.size == size else (s[: g.size] for s in scratch)
            np.multiply(g, g, a)
            np.multiply(a, rest, a)
            np.multiply(G, decay, G)
            np.add(G, a, G)
            np.add(G, eps, a)
            np.sqrt(a, a)
            np.multiply(g, rate, b)
            np.divide(b, a, b)
            np.subtract(theta, b, theta)


def _blocks(*arrays: Array) -> Iterator[Any]:
    """Yield the arrays in blocks without gaps, of at most `BLOCK` elements."""
    flat = _flat(*arrays)
    if flat is None:
        yield from _copied(*arrays)
    elif flat[0].size <= BLOCK:
        yield flat
    else:
        for i in range(0, flat[0].size, BLOCK):
            yield [x[i : i + BLOCK] for x in flat]


def _flat(*arrays: Array) -> list[Array] | None:
    """Return the arrays as rows of one order, or None where they would need a copy."""
    flags = [x.flags for x in arrays]
    if not all(flag.aligned for flag in flags):
        return None
    if all(flag.c_contiguous for flag in flags):
        return [np.asarray(x).reshape(-1) for x in arrays]
    if all(flag.f_contiguous for flag in flags):
        return [np.asarray(x).reshape(-1, order="F") for x in arrays]
    return None


def _copied(*arrays: Array) -> Iterator[Any]:
    """Yield blocks of which NumPy copies in and back what has gaps."""
    both, read = ["readwrite", "contig", "aligned"], ["readonly", "contig", "aligned"]
    flags = "external_loop", "buffered", "zerosize_ok"
    with np.nditer(arrays, flags, [both, read, both], buffersize=BLOCK) as blocks:
        yield from blocks


# --- One fused loop -------------------------------------------------------------------


def _at_once(
    optimizer: RMSprop, loop: Any, arrays: tuple[Array, ...], threads: int
) -> None:
    kind = arrays[0].dtype.type
    with np.errstate(all="ignore"):
        decay, rest = kind(optimizer.decay), kind(1 - optimizer.decay)
        rate, eps = kind(optimizer.learning_rate), kind(optimizer.eps)

    def step(theta: Array, g: Array, G: Array) -> None:
        loop(theta, g, G, decay, rest, rate, eps)

    flat = _flat(*arrays)
    if flat is None:
        for block in _copied(*arrays):
            step(*block)
    elif (parts := min(threads, flat[0].size // PART)) > 1:
        _side_by_side(step, flat, parts)
    else:
        step(*flat)


def _side_by_side(step: Step, arrays: list[Array], parts: int) -> None:
    """Take the step in as many parts, each on a thread, the first one on this."""
    edges = [arrays[0].size * i // parts for i in range(parts + 1)]
    first, *others = [[x[i:j] for x in arrays] for i, j in zip(edges, edges[1:])]
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


def _fused(
    theta: Any, grad: Any, G: Any, decay: Any, rest: Any, rate: Any, eps: Any
) -> None:
    for i in range(theta.size):
        g = grad[i]
        G[i] = decay * G[i] + rest * (g * g)
        theta[i] = theta[i] - rate * g / np.sqrt(G[i] + eps)


# --- What is refused ------------------------------------------------------------------


def _check(optimizer: Any, theta: Any, grad: Any, state: Any) -> None:
    if not isinstance(optimizer, RMSprop):
        got = type(optimizer).__name__
        raise TypeError(f"optimizer must be an RMSprop, got {got}")
    _check_array("theta", theta)
    check_state(state, RMSpropState, theta)
    G = state.mean_square
    for name, x in (("grad", grad), ("the state's mean_square", G)):
        _check_array(name, x)
        _check_like(name, x, theta)
    for name, x in (("theta", theta), ("the state's mean_square", G)):
        _check_writable(name, x)
    _check_apart(theta, grad, G)
    for name in ("learning_rate", "decay", "eps"):
        if type(value := getattr(optimizer, name)) is not float:
            _check_number(name, value, theta.dtype)


def _check_array(name: str, x: Any) -> None:
    if type(x) not in {np.ndarray, np.memmap}:
        raise TypeError(f"{name} must be a NumPy array, got {type(x).__name__}")
    if x.dtype != np.float64 and x.dtype != np.float32:
        raise TypeError(f"{name} must be of float32 or float64, got {x.dtype!s}")


def _check_like(name: str, x: Array, theta: Array) -> None:
    if x.shape != theta.shape:
        raise ValueError(
            f"{name} must have the shape of theta, {theta.shape}, got {x.shape}"
        )
    if x.dtype != theta.dtype:
        raise TypeError(
            f"{name} must have the dtype of theta, {theta.dtype}, got {x.dtype}"
        )


def _check_writable(name: str, x: Array) -> None:
    if not x.flags.writeable:
        raise ValueError(f"{name} must be writable, got a read-only array")
    if not x.flags.forc and _meets_itself(x):
        raise ValueError(
            f"{name} must have a place in memory for each element,"
            f" got strides {x.strides} for the shape {x.shape}"
        )


def _meets_itself(x: Array) -> bool:
    """Return whether two elements may lie in one place: no slice does that."""
    reach = x.itemsize
    for stride, count in sorted(zip(map(abs, x.strides), x.shape, strict=True)):
        if count > 1 and stride < reach:
            return True
        reach += stride * (count - 1)
    return False


def _check_apart(theta: Array, grad: Array, G: Array) -> None:
    pairs = (
        ("grad and theta", grad, theta),
        ("the state and theta", G, theta),
        ("the state and grad", G, grad),
    )
    for names, one, other in pairs:
        if np.shares_memory(one, other):
            raise ValueError(f"{names} must not share memory, got arrays that overlap")


def _check_number(name: str, value: Any, dtype: Any) -> None:
    if np.ndim(value):
        shape = np.shape(value)
        raise ValueError(
            f"{name} must be a single number in place, got the shape {shape}"
        )
    if np.result_type(dtype, value) != dtype:
        raise TypeError(
            f"{name} must fit into {dtype}, got {value!r}; take float({name})"
        )
