"""How a check judges: the cases, the calls, the comparison and what is told."""

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

from rmsprop._slips.errors import ERRORS

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
    whole : bool
        Whether a result may be a whole number, as the numbers of a formula may.
    hints : tuple of tuple of str and str
        What to look for in the text of an error, and what to say of it, beside the
        hints that all checks give.

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
    whole: bool = False
    hints: tuple[tuple[str, str], ...] = ()


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
    A function that never returns cannot be judged; interrupt it. Whoever marks the
    work of others runs the check in a process with a time limit.

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
        return not_yet(f"The check calls your function: {text}")
    got = [call(answer, case, task) for case in task.cases]
    if got[0].fault == "nothing":
        return Verdict(False, got[0].text)
    for outcome in got:
        if outcome.fault == "changed":
            return not_yet(outcome.text)
    wanted = [call(task.reference, case, task) for case in task.cases]
    if all(map(_agree, got, wanted)):
        cases = f"in all {len(task.cases)} cases"
        return Verdict(True, f"Passed. Your function agrees with the package {cases}.")
    for slip, sentence in task.slips:
        if all(map(_agree, got, (call(slip, case, task) for case in task.cases))):
            return not_yet(sentence)
    return _unknown(task, got, wanted)


# --- One call -------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """What one call led to: values, or else a kind of fault and its text."""

    values: tuple[Any, ...] = ()
    fault: str = ""
    text: str = ""


def call(answer: Any, case: tuple[Any, ...], task: Task) -> Outcome:
    """Return what a function does with a copy of a case's arguments."""
    arguments = copy.deepcopy(case)
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            outcome = _outcome(answer(*arguments), task, answer)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit must not end a session either
        outcome = _raised(error, task.hints)
    for name, now, before in zip(task.arguments, arguments, case, strict=True):
        if not _equal(now, before):
            return Outcome(fault="changed", text=_changed(name, before))
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


def _raised(error: BaseException, more: tuple[tuple[str, str], ...]) -> Outcome:
    text = traceback.format_exception_only(error)[-1].strip()
    if isinstance(error, NotImplementedError):
        return Outcome(fault="nothing", text="There is nothing written yet.")
    if "ellipsis" in text:
        return Outcome(fault="nothing", text="One line still holds its `...`.")
    hints = [f"{hint} " for clue, hint in (*ERRORS, *more) if re.search(clue, text)]
    text = f"{''.join(hints)}It raised {text}"
    return Outcome(fault=f"raised {type(error)}", text=text)


def _outcome(returned: Any, task: Task, answer: Any) -> Outcome:
    """Return what came back as arrays, or what is wrong with it."""
    names = task.results
    if returned is None or returned is NotImplemented or returned is ...:
        return _no_result(returned, names, answer)
    values = (returned,) if len(names) == 1 else returned
    if not isinstance(values, tuple | list) or len(values) != len(names):
        kind = type(returned).__name__
        text = f"It must return {', '.join(names)}, and it returned one {kind}."
        return Outcome(fault="form", text=text)
    blank = [n for n, v in zip(names, values, strict=True) if v is None or v is ...]
    if blank:
        text = f"There is nothing written yet for {' and '.join(blank)}."
        return Outcome(fault="nothing", text=text)
    arrays = tuple(map(np.asarray, values))
    for name, array in zip(names, arrays, strict=True):
        if array.dtype.kind not in ("iufc" if task.whole else "fc"):
            return Outcome(fault="no float", text=f"Its {name} {_kind(array)}")
    # A complex root is what np.sqrt calls not a number.
    return Outcome(tuple(np.where(a.imag == 0, a.real, np.nan) for a in arrays))


def _no_result(returned: Any, names: tuple[str, ...], answer: Any) -> Outcome:
    if returned is ... or _is_blank(answer):
        text = f"There is nothing written yet: what comes back is {returned}."
        return Outcome(fault="nothing", text=text)
    text = (
        f"Your function runs to its end, but what comes back is {returned}. Look for "
        f"its `return`, which has to hand over {' and '.join(names)}."
    )
    return Outcome(fault="no return", text=text)


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


def _agree(one: Outcome, other: Outcome) -> bool:
    return one.fault == other.fault and _gap(one, other) < TOLERANCE


def _gap(one: Outcome, other: Outcome) -> float:
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


def not_yet(sentence: str, *lines: str) -> Verdict:
    """Return the verdict of a wrong answer, in lines that fit a page."""
    told = textwrap.fill(f"Not yet. {sentence}", 76, break_on_hyphens=False)
    return Verdict(False, "\n".join([told, *lines]))


def _unknown(task: Task, got: list[Outcome], wanted: list[Outcome]) -> Verdict:
    worst = int(np.argmax([_size(g, w) for g, w in zip(got, wanted, strict=True)]))
    called = tuple(_lines("called with", task.arguments, task.cases[worst]))
    if got[worst].fault:
        always = all(outcome.text == got[worst].text for outcome in got)
        return not_yet(got[worst].text, *(() if always else called))
    shapes = zip(task.results, got[worst].values, wanted[worst].values, strict=True)
    for name, x, y in shapes:
        if x.shape != y.shape:
            text = f"Its {name} has the shape {x.shape}, and {y.shape} is needed."
            return not_yet(text, *called)
    digits = _digits(got[worst].values, wanted[worst].values)
    return not_yet(
        "The check does not know this slip. The largest gap is here:",
        *called,
        *_lines("expected", task.results, wanted[worst].values, digits),
        *_lines("got", task.results, got[worst].values, digits),
    )


def _size(got: Outcome, wanted: Outcome) -> float:
    """Return how bad an outcome is. Whole numbers matter if all else is right."""
    if got.fault == "no float":
        return TOLERANCE
    return np.inf if got.fault else _gap(got, wanted)


def _digits(one: tuple[Any, ...], other: tuple[Any, ...]) -> int:
    """Return how many digits tell two rows of values apart when they are shown."""
    few = (
        digits
        for digits in (6, 9, 12)
        if [_text(x, digits) for x in one] != [_text(y, digits) for y in other]
    )
    return next(few, 17)


def _lines(
    head: str, names: tuple[str, ...], values: tuple[Any, ...], digits: int = 6
) -> Iterator[str]:
    for name, value in zip(names, values, strict=True):
        start = f"{head:<13}{name} = "
        # A row of an array stays together: its blanks are no place to break a line.
        rows = re.sub(r"\[[^][]*\]", _unbroken, _text(value, digits))
        indent = " " * len(start)
        for line in textwrap.wrap(
            start + rows, 76, subsequent_indent=indent, break_long_words=False
        ):
            yield line.replace("\N{NO-BREAK SPACE}", " ")
        head = ""


def _unbroken(row: re.Match[str]) -> str:
    return row[0].replace(" ", "\N{NO-BREAK SPACE}")


def _text(value: Any, digits: int = 6) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_text(entry, digits) for entry in value) + "]"
    value = np.where(value == 0, abs(value), value)[()]  # no -0.
    if np.ndim(value) == 0:
        return f"{value:.{digits}g}"
    text = np.array2string(value, precision=digits, separator=", ")
    return " ".join(text.split())
