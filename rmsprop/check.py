"""Checks of a student's own code, which name the slip they see.

A check calls the student's function on a few cases and compares it with the package
and with a list of known wrong versions. The chapter *Definition* uses `step` and
`repair`; a further check is one more `Task`. The chapter *A neural network* uses
`gradient`, which compares with differences of a loss.
"""

import copy
import dis
import re
import textwrap
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType
from typing import Any

import numpy as np

from rmsprop._slips import ERRORS, HISTORY, STEP
from rmsprop.optimizer import RMSprop, RMSpropState

TOLERANCE = 1e-9
"""The largest difference of two numbers that still agree."""


@dataclass(frozen=True)
class Verdict:
    """What a check found: true or false, with its reason as text.

    Attributes
    ----------
    passed : bool
        Whether the answer is right.
    text : str
        What to tell the student. A notebook shows it at the end of a cell.

    Examples
    --------
    >>> Verdict(False, "Not yet.")
    Not yet.
    >>> bool(Verdict(False, "Not yet."))
    False
    """

    passed: bool
    text: str

    def __bool__(self) -> bool:
        return self.passed

    def __repr__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Task:
    """What a check asks for.

    Attributes
    ----------
    arguments : tuple of str
        The names of the arguments that the student's function is called with.
    results : tuple of str
        The names of what it returns. If there is one, it is returned by itself.
    cases : tuple of tuple
        The arguments of each call: numbers, arrays or lists of them.
    reference : callable
        The right answer.
    slips : tuple of tuple of callable and str
        Known wrong answers, each with the sentence that names its slip.

    Examples
    --------
    >>> slip = (lambda x: x + x, "You double x.")
    >>> square = Task(("x",), ("y",), ((2.0,), (3.0,)), lambda x: x * x, (slip,))
    >>> judge(lambda x: x + x, square)
    Not yet. You double x.
    """

    arguments: tuple[str, ...]
    results: tuple[str, ...]
    cases: tuple[tuple[Any, ...], ...]
    reference: Callable[..., Any]
    slips: tuple[tuple[Callable[..., Any], str], ...]


def judge(answer: Any, task: Task) -> Verdict:
    """Compare a student's function with a task.

    Parameters
    ----------
    answer : callable
        The student's function. Whatever it raises or returns is reported, not raised.
    task : Task
        The cases, the right answer and the known wrong ones.

    Returns
    -------
    Verdict
        Passed, nothing written yet, nothing returned, a known slip by name, an error,
        a result of the wrong form, or else the case with the largest gap.

    Notes
    -----
    A function that never returns cannot be judged; interrupt it.

    Examples
    --------
    >>> square = Task(("x",), ("y",), ((2.0,), (3.0,)), lambda x: x * x, ())
    >>> judge(lambda x: x * x, square)
    Passed. Your function agrees with the package in all 2 cases.
    >>> judge(lambda x: x + x, square)
    Not yet. The check does not know this slip. The largest gap is here:
    called with  x = 3
    expected     y = 9
    got          y = 6
    """
    if not callable(answer):
        text = "hand over the function itself, its name without parentheses."
        return _not_yet(f"The check calls your function: {text}")
    got = [_call(answer, case, task) for case in task.cases]
    if got[0].fault == "nothing":
        return Verdict(False, got[0].text)
    for outcome in got:
        if outcome.fault == "changed":
            return _not_yet(outcome.text)
    wanted = [_call(task.reference, case, task) for case in task.cases]
    if all(map(_agree, got, wanted)):
        cases = f"in all {len(task.cases)} cases"
        return Verdict(True, f"Passed. Your function agrees with the package {cases}.")
    for slip, sentence in task.slips:
        if all(map(_agree, got, (_call(slip, case, task) for case in task.cases))):
            return _not_yet(sentence)
    return _unknown(task, got, wanted)


# --- One call -------------------------------------------------------------------------


@dataclass(frozen=True)
class _Outcome:
    """What one call led to: values, or else a kind of fault and its text."""

    values: tuple[Any, ...] = ()
    fault: str = ""
    text: str = ""


def _call(answer: Any, case: tuple[Any, ...], task: Task) -> _Outcome:
    arguments = copy.deepcopy(case)
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            outcome = _outcome(answer(*arguments), task.results, answer)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit must not end a session either
        outcome = _raised(error)
    for name, now, before in zip(task.arguments, arguments, case, strict=True):
        if not _equal(now, before):
            return _Outcome(fault="changed", text=_changed(name, before))
    return outcome


def _changed(name: str, before: Any) -> str:
    if isinstance(before, list):
        return (
            f"Your function changes the list {name}, and whoever called it has lost "
            f"the old one. Read an entry by its place in the list, and leave the list "
            "and its entries as they are."
        )
    return (
        f"Your function changes its argument {name} in place, and whoever called it "
        f"has lost the old {name}. Make a new array instead: `a = a + b` makes one, "
        "`a += b` writes into the old one."
    )


def _raised(error: BaseException) -> _Outcome:
    text = traceback.format_exception_only(error)[-1].strip()
    if isinstance(error, NotImplementedError):
        return _Outcome(fault="nothing", text="There is nothing written yet.")
    if "ellipsis" in text:
        return _Outcome(fault="nothing", text="One line still holds its `...`.")
    hints = [f"{hint} " for clue, hint in ERRORS if re.search(clue, text)]
    text = f"{''.join(hints)}It raised {text}"
    return _Outcome(fault=f"raised {type(error)}", text=text)


def _outcome(returned: Any, names: tuple[str, ...], answer: Any) -> _Outcome:
    """Return what came back as arrays, or what is wrong with it."""
    if returned is None or returned is NotImplemented or returned is ...:
        return _no_result(returned, names, answer)
    values = (returned,) if len(names) == 1 else returned
    if not isinstance(values, tuple | list) or len(values) != len(names):
        kind = type(returned).__name__
        text = f"It must return {', '.join(names)}, and it returned one {kind}."
        return _Outcome(fault="form", text=text)
    blank = [n for n, v in zip(names, values, strict=True) if v is None or v is ...]
    if blank:
        text = f"There is nothing written yet for {' and '.join(blank)}."
        return _Outcome(fault="nothing", text=text)
    arrays = tuple(map(np.asarray, values))
    for name, array in zip(names, arrays, strict=True):
        if array.dtype.kind not in "fc":
            return _Outcome(fault="no float", text=f"Its {name} {_kind(array)}")
    # A complex root is what np.sqrt calls not a number.
    return _Outcome(tuple(np.where(a.imag == 0, a.real, np.nan) for a in arrays))


def _no_result(returned: Any, names: tuple[str, ...], answer: Any) -> _Outcome:
    if returned is ... or _is_blank(answer):
        text = f"There is nothing written yet: what comes back is {returned}."
        return _Outcome(fault="nothing", text=text)
    text = (
        f"Your function runs to its end, but what comes back is {returned}. Look for "
        f"its `return`, which has to hand over {' and '.join(names)}."
    )
    return _Outcome(fault="no return", text=text)


def _is_blank(answer: Any) -> bool:
    """Return whether the body of a function calculates nothing and calls nothing."""
    code = getattr(answer, "__code__", None)  # of a built-in function there is none
    return isinstance(code, CodeType) and not any(
        instruction.opname.startswith(("BINARY", "CALL"))
        for instruction in dis.get_instructions(code)
    )


def _kind(array: Any) -> str:
    if array.dtype.kind in "iu":
        return (
            "comes back as whole numbers, which cut off a part of each step. Look for "
            "`int`, or for an array that was made in the type of whole numbers."
        )
    return "is neither a float nor an array of floats."


# --- Comparing ------------------------------------------------------------------------


def _equal(now: Any, before: Any) -> bool:
    if isinstance(before, list):
        return len(now) == len(before) and all(map(_equal, now, before))
    return np.array_equal(now, before)


def _agree(one: _Outcome, other: _Outcome) -> bool:
    return one.fault == other.fault and _gap(one, other) < TOLERANCE


def _gap(one: _Outcome, other: _Outcome) -> float:
    """Return the largest difference of two outcomes; infinite if it has no size."""
    gaps = [0.0]
    for x, y in zip(one.values, other.values, strict=True):
        if x.shape != y.shape or (np.isnan(x) != np.isnan(y)).any():
            return np.inf
        with np.errstate(all="ignore"):  # two infinities have no difference
            gap = np.where((x == y) | np.isnan(x), 0.0, abs(x - y))
        gaps.append(float(np.max(gap, initial=0.0)))
    return max(gaps)


# --- Telling --------------------------------------------------------------------------


def _not_yet(sentence: str, *lines: str) -> Verdict:
    return Verdict(
        False, "\n".join([textwrap.fill(f"Not yet. {sentence}", 76), *lines])
    )


def _unknown(task: Task, got: list[_Outcome], wanted: list[_Outcome]) -> Verdict:
    worst = int(np.argmax([_size(g, w) for g, w in zip(got, wanted, strict=True)]))
    called = _lines("called with", task.arguments, task.cases[worst])
    if got[worst].fault:
        always = all(outcome.text == got[worst].text for outcome in got)
        return _not_yet(got[worst].text, *(() if always else called))
    shapes = zip(task.results, got[worst].values, wanted[worst].values, strict=True)
    for name, x, y in shapes:
        if x.shape != y.shape:
            text = f"Its {name} has the shape {x.shape}, and {y.shape} is needed."
            return _not_yet(text, *called)
    return _not_yet(
        "The check does not know this slip. The largest gap is here:",
        *called,
        *_lines("expected", task.results, wanted[worst].values),
        *_lines("got", task.results, got[worst].values),
    )


def _size(got: _Outcome, wanted: _Outcome) -> float:
    """Return how bad an outcome is. Whole numbers matter if all else is right."""
    if got.fault == "no float":
        return TOLERANCE
    return np.inf if got.fault else _gap(got, wanted)


def _lines(head: str, names: tuple[str, ...], values: tuple[Any, ...]) -> Iterator[str]:
    for name, value in zip(names, values, strict=True):
        yield f"{head:<13}{name} = {_text(value)}"
        head = ""


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_text, value)) + "]"
    value = np.where(value == 0, abs(value), value)[()]  # no -0.
    if np.ndim(value) == 0:
        return f"{value:.6g}"
    text = np.array2string(value, precision=6, separator=", ")
    return " ".join(text.split())


# --- The chapter Definition -----------------------------------------------------------


def _reference(theta: Any, G: Any, g: Any, eta: Any, gamma: Any, eps: Any) -> Any:
    state = RMSpropState(1.0 * G)  # whole numbers become floats
    theta, state = RMSprop(eta, gamma, eps).update(1.0 * theta, 1.0 * g, state)
    return theta, state.mean_square


def _run(theta: Any, gradients: list[Any], *rule: float) -> Iterator[tuple[Any, ...]]:
    """Yield the arguments of each step of a run, with all gradients so far."""
    theta = np.asarray(theta)[()]  # [()] makes a scalar of an array without axes
    G, seen = 0 * abs(theta), list[Any]()
    for g in gradients:
        seen.append(np.asarray(g)[()])
        yield theta, G, [*seen], *rule
        theta, G = _reference(theta, G, seen[-1], *rule)


# An epsilon of this size shows on which side of the root it stands.
_HISTORIES = (
    *_run(2.0, [3.0, -1.0, 0.5], 0.1, 0.9, 0.5),
    *_run([1.0, -2.0, 0.5], [[2.0, -1.0, 0.0], [0.5, 0.5, -3.0]], 0.2, 0.6, 0.25),
    *_run([[1.0, -1.0], [0.5, 3.0]], [[[1.0, 2.0], [-1.0, 0.3]]] * 2, 0.3, 0.75, 1.0),
    *_run([3, -2], [[2, -5], [1, 4]], 0.5, 0.8, 0.125),
)
_STEP = Task(
    ("theta", "G", "g", "eta", "gamma", "eps"),
    ("theta", "G"),
    tuple((theta, G, seen[-1], *rule) for theta, G, seen, *rule in _HISTORIES),
    _reference,
    STEP,
)

_REPAIR = Task(
    ("theta", "G", "gradients", "eta", "gamma", "eps"),
    ("theta", "G"),
    _HISTORIES,
    lambda theta, G, gradients, *rule: _reference(theta, G, gradients[-1], *rule),
    HISTORY,
)


def step(update: Any) -> Verdict:
    """Check a student's step of RMSprop.

    Parameters
    ----------
    update : callable
        ``update(theta, G, g, eta, gamma, eps)`` returns the new ``(theta, G)``. Here
        g is the gradient at theta, an array or a float as theta and G are.

    Returns
    -------
    Verdict
        Passed, or which slip the function holds.

    Notes
    -----
    Chapter: *Definition*. Epsilon stands under the root, as in `RMSprop`.

    Examples
    --------
    >>> step(lambda theta, G, g, eta, gamma, eps: None)
    There is nothing written yet: what comes back is None.
    """
    return judge(update, _STEP)


def repair(update: Any) -> Verdict:
    """Check a student's repair of the rule that averages twice.

    Parameters
    ----------
    update : callable
        ``update(theta, G, gradients, eta, gamma, eps)`` returns the new
        ``(theta, G)``. Here gradients is the list of all gradients so far, the one at
        theta last.

    Returns
    -------
    Verdict
        Passed, or which slip the function holds.

    Notes
    -----
    Chapter: *Definition*.

    Examples
    --------
    >>> repair(lambda theta, G, gradients, eta, gamma, eps: ...)
    There is nothing written yet: what comes back is Ellipsis.
    """
    return judge(update, _REPAIR)


# --- The chapter A neural network -----------------------------------------------------

NUDGE = 1e-5
"""How far `gradient` moves a parameter, up and down, to measure a slope."""
SLACK = 1e-6
"""The largest error of a right gradient, as a part of its largest entry."""

_START_AGAIN = "Run the cells that make its data again, and then this one."
_CHANGED = (
    "Your function changes an array in place that the loss needs too, so the loss is "
    "no longer the same. Make a new array instead: `a = a - b` makes one, `a -= b` "
    f"writes into the old one. {_START_AGAIN}"
)
_FIT = (
    ". Two arrays do not fit together. Write down the shape of each, and the shape "
    "that you want."
)


def gradient(grad: Any, loss: Callable[[Any], Any], theta: Any) -> Verdict:
    """Check a student's gradient against differences of the loss.

    Parameters
    ----------
    grad : callable
        The student's ``grad(theta)`` returns the gradient, in theta's shape.
    loss : callable
        ``loss(theta)`` returns the loss, a number.
    theta : float or array
        Where to check. Every entry is nudged up and down by 1e-5, so the loss must be
        smooth around it, and theta of about the size of 1.

    Returns
    -------
    Verdict
        Passed, nothing written yet, or what is wrong: an error, an array of the loss
        changed in place, the shape, a transposed gradient, the sign or a constant
        factor, or else the entry with the largest gap.

    Notes
    -----
    Chapter: *A neural network*.

    Examples
    --------
    The loss ``w**2`` has the gradient ``2 * w``:

    >>> gradient(lambda w: 2 * w, lambda w: w**2, 3.0)
    Passed. Your gradient agrees with the differences of the loss.
    >>> gradient(lambda w: w, lambda w: w**2, 3.0)
    Not yet. Your gradient is 0.5 times the right one, in every entry.
    """
    theta = np.asarray(theta, float)[()]
    if not np.isfinite(before := loss(theta)):
        return _not_yet(f"The loss itself is {before} here. {_START_AGAIN}")
    wanted = np.asarray(_differences(loss, theta))
    got = _call(grad, (theta,), Task(("theta",), ("gradient",), (), grad, ()))
    if got.fault == "nothing":
        return Verdict(False, got.text)
    if got.fault:
        unfit = "mismatch" in got.text or "broadcast" in got.text
        return _not_yet(got.text + _FIT * unfit)
    if loss(theta) != before:
        return _not_yet(_CHANGED)
    sentence = _slip(got.values[0], wanted)
    if sentence:
        return _not_yet(sentence)
    return Verdict(
        True, "Passed. Your gradient agrees with the differences of the loss."
    )


def _differences(loss: Callable[[Any], Any], theta: Any) -> Any:
    slopes = np.empty(np.shape(theta))
    for place in np.ndindex(slopes.shape):
        nudge = np.zeros(slopes.shape)
        nudge[place] = NUDGE
        up, down = loss((theta + nudge)[()]), loss((theta - nudge)[()])
        slopes[place] = (up - down) / (2 * NUDGE)
    return slopes


def _slip(g: Any, wanted: Any) -> str:
    """Return the sentence that names what is wrong with a gradient, "" if nothing."""
    if _near(g, wanted):
        return ""
    if _near(g.T, wanted):
        return "Your gradient is transposed: its rows should be its columns."
    if g.shape != wanted.shape:
        return f"Your gradient has the shape {g.shape}, and {wanted.shape} is needed."
    factor = float((g * wanted).sum() / np.maximum((wanted * wanted).sum(), 1e-300))
    if _near(g, -wanted):
        return "Your gradient has the wrong sign: it points downhill."
    if abs(factor) > SLACK and _near(g, factor * wanted):
        return f"Your gradient is {factor:.4g} times the right one, in every entry."
    gap = np.where(np.isfinite(g), abs(g - wanted), np.inf)
    place = tuple(map(int, np.unravel_index(np.argmax(gap), g.shape)))
    return (
        f"The check does not know this slip. The largest gap is in entry {place}: the "
        f"loss has the slope {wanted[place]:.4g}, your gradient says {g[place]:.4g}."
    )


def _near(g: Any, wanted: Any) -> bool:
    slack = SLACK * np.max(abs(wanted), initial=0.0) + TOLERANCE
    return g.shape == wanted.shape and bool((abs(g - wanted) <= slack).all())
