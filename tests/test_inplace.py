"""The step in place: the bits of the rule itself, whatever lies how in memory."""

import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from threading import Thread
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from problems import OPTIMIZERS
from test_package import imported_after

from rmsprop import RMSprop, RMSpropState, inplace
from rmsprop.inplace import BLOCK, PART, SMALL, update_inplace

NUMBA = pytest.mark.skipif(
    find_spec("numba") is None, reason="Numba is missing: pip install rmsprop[fast]"
)
ENGINES = [False, pytest.param(True, marks=NUMBA)]
fused_or_not = pytest.mark.parametrize("fused", ENGINES)


def not_aligned(x: Any) -> Any:
    raw = np.empty(x.nbytes + 1, np.uint8)[1:].view(x.dtype).reshape(x.shape)
    raw[...] = x
    return raw


Layout = Callable[[Any], Any]
LAYOUTS: dict[str, Layout] = {
    "C": np.ascontiguousarray,
    "Fortran": np.asfortranarray,
    "every other": lambda x: np.repeat(x, 2, axis=-1)[..., ::2],
    "backward": lambda x: x[..., ::-1].copy()[..., ::-1],
    "swapped": lambda x: np.swapaxes(x, 0, -1).copy().swapaxes(0, -1),
    "not aligned": not_aligned,
}


def draws(shape: Any, dtype: Any, count: int = 5, seed: int = 0) -> Any:
    """Return theta and the gradients of some steps, of very different sizes."""
    rng = np.random.default_rng(seed)
    size = np.exp(5 * rng.normal(size=(count, *shape)))
    return (size * rng.normal(size=(count, *shape))).astype(dtype)


def assert_same_bits(one: Any, other: Any) -> None:
    assert one.dtype == other.dtype
    assert_array_equal(one.view(f"u{one.itemsize}"), other.view(f"u{one.itemsize}"))


def assert_equal_runs(
    optimizer: RMSprop, theta: Any, grads: Any, layouts: Any, **options: Any
) -> None:
    """Take the steps by the rule and in place; all numbers must have the same bits."""
    w, state = theta, optimizer.init(theta)
    first, second, third = (LAYOUTS[name] for name in layouts)
    here, memory = first(theta), RMSpropState(third(np.zeros_like(theta)))
    for grad in grads:
        w, state = optimizer.update(w, grad, state)
        update_inplace(optimizer, here, second(grad), memory, **options)
        assert_same_bits(np.ascontiguousarray(here), np.ascontiguousarray(w))
        G, wanted = memory.mean_square, state.mean_square
        assert_same_bits(np.ascontiguousarray(G), np.ascontiguousarray(wanted))


# --- The same bits --------------------------------------------------------------------

SHAPES = st.lists(st.integers(0, 6), min_size=1, max_size=3).map(tuple)
NAMES = st.tuples(*[st.sampled_from(sorted(LAYOUTS))] * 3)
FRACTIONS = st.floats(0, 0.9999)


@fused_or_not
@given(
    shape=SHAPES,
    dtype=st.sampled_from([np.float32, np.float64]),
    layouts=NAMES,
    optimizer=st.builds(
        RMSprop, st.just(0.01), FRACTIONS, st.sampled_from([0.0, 1e-8, 1.0])
    ),
    seed=st.integers(0, 1000),
)
@settings(deadline=None)  # the first call compiles
def test_every_layout_gives_the_bits_of_the_rule(
    fused: bool,
    shape: Any,
    dtype: Any,
    layouts: Any,
    optimizer: RMSprop,
    seed: int,
) -> None:
    theta, *grads = draws(shape, dtype, seed=seed)
    with pytest.MonkeyPatch.context() as patch:  # small arrays have edges, too
        patch.setattr(inplace, "SMALL", seed % 2 * SMALL)
        patch.setattr(inplace, "BLOCK", 8 * (4 + seed % 5))
        assert_equal_runs(optimizer, theta, grads, layouts, fused=fused)


SIZES = [SMALL, SMALL + 8, BLOCK - 8, BLOCK, BLOCK + 8, 2 * BLOCK, 2 * BLOCK + 8]


@fused_or_not
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", SIZES)
def test_edges_of_blocks_give_the_bits_of_the_rule(
    size: int, dtype: Any, fused: bool
) -> None:
    theta, *grads = draws((size // np.dtype(dtype).itemsize,), dtype, 3)
    assert_equal_runs(RMSprop(0.01), theta, grads, ["C"] * 3, fused=fused)


@fused_or_not
@pytest.mark.parametrize("shape", [(), (1,), (1, 1, 1)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_single_parameter_gets_the_bits_of_the_rule(
    dtype: Any, shape: Any, fused: bool
) -> None:
    rng, optimizer = np.random.default_rng(1), RMSprop(3.0)
    w = np.asarray(rng.normal(size=shape)).astype(dtype)
    state, here = optimizer.init(w), w.copy()
    memory = RMSpropState(np.zeros_like(here))
    for _ in range(20):
        grad = np.asarray(rng.normal(size=shape)).astype(dtype)
        w, state = optimizer.update(w, grad, state)
        update_inplace(optimizer, here, grad, memory, fused=fused)
    assert here.dtype == dtype
    assert here.shape == shape
    assert here.tobytes() == np.asarray(w).tobytes()
    assert memory.mean_square.tobytes() == np.asarray(state.mean_square).tobytes()


@pytest.mark.parametrize("layouts", [["swapped", "C", "C"], ["C", "every other", "C"]])
def test_blocks_with_gaps_give_the_bits_of_the_rule(layouts: Any) -> None:
    theta, *grads = draws((3, BLOCK // 16, 2), np.float64, 2)
    assert_equal_runs(RMSprop(0.01), theta, grads, layouts, fused=False)


@NUMBA
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("threads", [1, 2, 3, 5])
@pytest.mark.parametrize("size", [PART - 1, 2 * PART - 1, 2 * PART, 3 * PART + 1])
def test_every_number_of_threads_gives_the_bits_of_the_rule(
    size: int, threads: int, dtype: Any
) -> None:
    theta, *grads = draws((size,), dtype, 2)
    optimizer = RMSprop(0.01)
    assert_equal_runs(optimizer, theta, grads, ["C"] * 3, fused=True, threads=threads)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_fused_loop_as_it_is_written_gives_the_bits_of_the_rule(dtype: Any) -> None:
    # Coverage cannot see what Numba has compiled: here Python runs the same lines.
    theta, grad = draws((50,), dtype, 2)
    optimizer, state = RMSprop(0.01), RMSpropState(np.ones(50, dtype))
    w, wanted = optimizer.update(theta, grad, state)
    numbers = inplace._constants(0.01, 0.9, 1e-8, theta.dtype)[1]
    inplace._fused(theta, grad, state.mean_square, numbers)
    assert_same_bits(theta, w)
    assert_same_bits(state.mean_square, wanted.mean_square)


@pytest.mark.parametrize("parts", [2, 3, 7])
def test_parts_meet_without_gap_or_overlap(parts: int) -> None:
    count = np.zeros(100)
    inplace._side_by_side(lambda part: part.__iadd__(1), [count], parts)
    assert_array_equal(count, 1)


def test_where_no_thread_starts_this_one_takes_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_: Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(Thread, "start", refuse)
    count = np.zeros(100)
    inplace._side_by_side(lambda part: part.__iadd__(1), [count], 3)
    assert_array_equal(count, 1)


@fused_or_not
def test_kinds_of_numbers_that_fit_are_taken_as_the_rule_takes_them(
    fused: bool,
) -> None:
    theta, *grads = draws((20,), np.float32)
    for decay in (0, 0.9, np.float32(0.1), np.float16(0.3)):
        optimizer = RMSprop(1, decay, eps=1)
        assert_equal_runs(optimizer, theta, grads, ["C"] * 3, fused=fused)


@fused_or_not
def test_zero_over_zero_and_overflow_are_those_of_the_rule(fused: bool) -> None:
    optimizer, grad = RMSprop(0.1, eps=0.0), np.array([0.0, 1e200, -1.0, np.nan])
    theta, state = np.ones(4), RMSpropState(np.zeros(4))
    with np.errstate(all="ignore"):
        w, wanted = optimizer.update(theta, grad, state)
        update_inplace(optimizer, theta, grad, state, fused=fused)
    assert_array_equal(theta, w)
    assert_array_equal(state.mean_square, wanted.mean_square)


@pytest.mark.parametrize("size", [1, 4, SMALL // 8])
@pytest.mark.parametrize(
    ("start", "slope", "rate"),
    [(1.0, 1e200, 0.1), (1.0, 1e10, 1e300), (-1.5e308, 1.0, 1e308)],
)
def test_what_numpy_raises_leaves_no_step_half_done(
    start: float, slope: float, rate: float, size: int
) -> None:
    # the first operation overflows, one in the middle, or the last
    theta, state = np.full(size, start), RMSpropState(np.full(size, 2.0))
    grad = np.full(size, slope)
    with np.errstate(all="raise"), pytest.raises(FloatingPointError):
        update_inplace(RMSprop(rate), theta, grad, state, fused=False)
    assert_array_equal(theta, start)
    assert_array_equal(state.mean_square, 2)


def test_numpy_is_asked_to_raise_nothing_in_blocks() -> None:
    size = SMALL // 8 + 1
    theta, state = np.ones(size), RMSpropState(np.ones(size))
    grad = np.full(size, 1e200)
    with np.errstate(all="raise"):
        update_inplace(RMSprop(0.1), theta, grad, state, fused=False)
    assert_array_equal(state.mean_square, np.inf)
    assert_array_equal(theta, 1)


def test_gradient_is_not_changed_and_nothing_is_returned() -> None:
    theta, grad = draws((10,), np.float64, 2)
    before, state = grad.copy(), RMSprop(0.1).init(theta)
    assert update_inplace(RMSprop(0.1), theta, grad, state) is None  # type: ignore[func-returns-value]
    assert_array_equal(grad, before)


def test_array_in_a_file_is_changed_there(tmp_path: Any) -> None:
    file = tmp_path / "theta"
    theta = np.memmap(file, np.float64, "w+", shape=(3,))
    update_inplace(RMSprop(0.1), theta, np.ones(3), RMSpropState(np.zeros(3)))
    theta.flush()
    w, _ = RMSprop(0.1).update(np.zeros(3), np.ones(3), RMSpropState(np.zeros(3)))
    assert_array_equal(np.fromfile(file), w)


def test_a_step_is_over_when_all_its_threads_are() -> None:
    done = []

    def step(part: Any) -> None:
        time.sleep(0.05 * bool(part[0]))  # that of the other thread takes longer
        done.append(part.tolist())

    inplace._side_by_side(step, [np.arange(4.0)], 2)
    assert done == [[0.0, 1.0], [2.0, 3.0]]


# --- What is refused, with nothing changed --------------------------------------------

ROW = np.zeros(4)
WRONG: dict[str, tuple[Any, Any, Any, Any, Any, str]] = {
    "optimizer": (OPTIMIZERS[1], 1, 1, 1, TypeError, "^optimizer must be an RMSprop"),
    "state": (RMSprop(1), 1, 1, None, TypeError, "^state must be an RMSpropState"),
    "list": (RMSprop(1), [1.0], 1, 1, TypeError, "^theta must be a NumPy array, got l"),
    "masked": (RMSprop(1), np.ma.ones(4), 1, 1, TypeError, "got MaskedArray$"),
    "integers": (RMSprop(1), np.ones(4, int), 1, 1, TypeError, "float64, got int64$"),
    "swapped": (RMSprop(1), np.ones(4, ">f8"), 1, 1, TypeError, "float64, got >f8$"),
    "grad": (RMSprop(1), 1, np.ones(3), 1, ValueError, r"^grad .* \(4,\), got \(3,\)$"),
    "shape": (RMSprop(1), 1, 1, np.ones(1), ValueError, r"square .* \(4,\), got \(1,"),
    "kind": (RMSprop(1), 1, np.ones(4, "f4"), 1, TypeError, "float64, got float32$"),
    "read-only": (
        RMSprop(1),
        np.broadcast_to(1.0, 4),
        1,
        1,
        ValueError,
        "^theta must be writable, got a read-only array$",
    ),
    "one place": (
        RMSprop(1),
        np.lib.stride_tricks.as_strided(ROW, (4,), (0,)),
        1,
        1,
        ValueError,
        r"^theta must have a place .* strides \(0,\) for the shape \(4,\)$",
    ),
    "overlap": (RMSprop(1), ROW, ROW[::-1], 1, ValueError, "must not share memory"),
    "one array": (RMSprop(1), ROW, ROW, 1, ValueError, "must not share memory"),
    "view": (RMSprop(1), ROW[:], 1, ROW, ValueError, "must not share memory"),
    "view of it": (RMSprop(1), ROW, 1, ROW[:], ValueError, "must not share memory"),
    "same state": (RMSprop(1), ROW, 1, ROW, ValueError, "must not share memory"),
    "state of g": (RMSprop(1), 1, ROW, ROW, ValueError, "must not share memory"),
    "sweep": (
        RMSprop(np.ones(4)),
        1,
        1,
        1,
        TypeError,
        "^learning_rate must be a single number in place, got ndarray$",
    ),
}


@pytest.mark.parametrize("case", WRONG)
@fused_or_not
def test_wrong_arguments_are_refused_and_nothing_is_changed(
    case: str, fused: bool
) -> None:
    optimizer, *given_, error, message = WRONG[case]
    theta, grad, G = (np.ones(4) if type(part) is int else part for part in given_)
    state = RMSpropState(G) if G is not None else (np.ones(4),)
    before = [np.array(theta), np.array(grad), np.array(state[0])]
    with pytest.raises(error, match=message):
        update_inplace(optimizer, theta, grad, state, fused=fused)  # type: ignore[arg-type]
    for now, then in zip([theta, grad, state[0]], before, strict=True):
        assert_array_equal(now, then)


def test_rate_that_single_precision_would_not_keep_is_refused() -> None:
    theta, grad = draws((4,), np.float32, 2)
    optimizer = RMSprop(np.float64(0.1))
    with pytest.raises(TypeError, match=r"^learning_rate must fit into float32, got"):
        update_inplace(optimizer, theta, grad, optimizer.init(theta))


@pytest.mark.parametrize(("threads", "error"), [(0, ValueError), (1.5, TypeError)])
def test_threads_are_counted(threads: Any, error: Any) -> None:
    state = RMSpropState(np.zeros(2))
    with pytest.raises(error, match=r"^threads must be"):
        update_inplace(RMSprop(1), np.ones(2), np.ones(2), state, threads=threads)


def test_columns_of_one_array_do_not_overlap() -> None:
    both = np.ones((5, 3))
    theta, grad, G = both.T
    update_inplace(RMSprop(0.1), theta, grad, RMSpropState(G))
    assert_array_equal(grad, 1)
    assert (theta < 1).all()


# --- Numba ----------------------------------------------------------------------------

STEP = "; ".join(
    [
        "import numpy as np",
        "from rmsprop import RMSprop",
        "from rmsprop.inplace import update_inplace",
        "w, o = np.ones(2), RMSprop(0.1)",
        "update_inplace(o, w, np.ones(2), o.init(w), fused={})",
    ]
)


def test_numba_is_not_imported_before_it_is_used() -> None:
    assert "numba" not in imported_after("import rmsprop.inplace")
    assert "numba" not in imported_after(STEP.format(False))


@NUMBA
def test_numba_is_used_where_it_is() -> None:
    assert "numba" in imported_after(STEP.format(None))


def test_without_numba_blocks_are_taken_and_the_loop_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)
    monkeypatch.setattr(inplace, "_has_numba", lambda: False)
    inplace._loop.cache_clear()
    theta, state = np.ones(2), RMSpropState(np.zeros(2))
    update_inplace(RMSprop(0.1), theta, np.ones(2), state)
    assert (theta < 1).all()
    before = theta.copy()
    with pytest.raises(ModuleNotFoundError, match="numba"):
        update_inplace(RMSprop(0.1), theta, np.ones(2), state, fused=True)
    assert_array_equal(theta, before)
