"""The checks of students' work, fed with right and wrong work."""

import re
import sys
import warnings
from collections.abc import Callable
from functools import partial
from io import StringIO
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest

from rmsprop import check
from rmsprop._slips import errors
from rmsprop._slips import rule as _slips
from rmsprop.check import Task, Verdict, judge, judging, rule

Update = Callable[..., Any]
HALVES = (*_slips.MEANS, *_slips.FINISHES, *_slips.HISTORIES, *_slips.LISTED)
SINGLE = [text for _, text in HALVES if text]
BOTH = pytest.mark.parametrize(
    "task", [rule._STEP, rule._REPAIR], ids=["step", "repair"]
)


def plain(verdict: Verdict) -> str:
    """Return a verdict's text in one line."""
    return " ".join(verdict.text.split())


def written(body: str) -> Update:
    """Return the function that a student writes with a body of one or more lines."""
    lines = "\n    ".join(body.splitlines())
    source = f"def update(theta, G, g, eta, gamma, eps):\n    {lines}"
    scope: dict[str, Any] = {"np": np}
    exec(source, scope)  # noqa: S102 - our own text, in the student's place
    update: Update = scope["update"]
    return update


# --- Right work -----------------------------------------------------------------------

RIGHT = {
    "product": "G = gamma * G + (1 - gamma) * g * g\n"
    "return theta - eta * g / np.sqrt(G + eps), G",
    "power": "G = gamma * G + (1 - gamma) * g**2\n"
    "return theta - eta / np.sqrt(G + eps) * g, G",
    "square": "G = G + (1 - gamma) * (np.square(g) - G)\n"
    "return theta - eta * g * (G + eps) ** -0.5, G",
    "list": "G = gamma * G + (1 - gamma) * g**2\n"
    "return [theta - eta * g / (G + eps) ** 0.5, G]",
    "own arrays, in place": "G = G * gamma\nG += (1 - gamma) * g * g\n"
    "theta = theta - eta * g / np.sqrt(G + eps)\nreturn theta, G",
    "coordinate by coordinate": "new, mean = 1.0 * theta, 1.0 * G\n"
    "for i in np.ndindex(np.shape(theta)):\n"
    "    m = gamma * np.asarray(G)[i] + (1 - gamma) * np.asarray(g)[i] ** 2\n"
    "    s = eta * np.asarray(g)[i] / (m + eps) ** 0.5\n"
    "    if i == ():\n"
    "        return theta - s, m\n"
    "    mean[i], new[i] = m, theta[i] - s\n"
    "return new, mean",
}


@pytest.mark.parametrize("body", RIGHT.values(), ids=RIGHT)
def test_right_work_passes(body: str) -> None:
    verdict = check.step(written(body))
    assert verdict, verdict
    assert plain(verdict).startswith("Passed.")


@BOTH
def test_reference_passes(task: Task) -> None:
    assert judge(task.reference, task)


@pytest.mark.parametrize("last", ["gradients[-1]", "list(gradients).pop()"])
def test_repaired_rule_passes(last: str) -> None:
    repaired = written(f"gradients = g\ng = {last}\n{RIGHT['power']}")
    assert check.repair(repaired)


def test_unknown_slip_in_a_repair_shows_the_list_of_gradients() -> None:
    body = f"gradients = g\ng = gradients[-1] * 1.5\n{RIGHT['power']}"
    verdict = plain(check.repair(written(body)))
    assert "does not know this slip" in verdict
    assert re.search(r"gradients = \[.+, .+\]", verdict)


def test_skeleton_that_calls_something_is_still_nothing_written() -> None:
    def yours(*_: Any) -> Any:
        return outer(abs(1))

    def outer(_: int) -> Any:
        return ...

    assert plain(check.step(yours)).startswith("There is nothing written yet")


def test_float32_in_between_is_a_slip_but_no_crash() -> None:
    rounded = written("g = np.float32(g)\n" + RIGHT["power"])
    assert not check.step(rounded)


# --- Known slips ----------------------------------------------------------------------


@BOTH
def test_each_slip_gets_its_own_sentence(task: Task) -> None:
    alone = [slip for slip in task.slips if "second slip" not in slip[1]]
    two = [slip for slip in task.slips if "second slip" in slip[1]]
    assert len(alone) > 35
    assert len(two) > 350
    for slip, sentence in (*alone, *two[::20]):  # the next test speaks of all pairs
        verdict = judge(slip, task)
        assert not verdict
        assert plain(verdict) == f"Not yet. {sentence}"


def figures(slip: Update, task: Task) -> Any:
    """Return all numbers of a slip in one row, with zeros for a case that it fails."""
    rows = []
    for case in task.cases:
        wanted = judging.call(task.reference, case, task).values
        got = judging.call(slip, case, task).values
        fits = [x.shape for x in got] == [x.shape for x in wanted]
        rows += [np.ravel(x) for x in (got if fits else map(np.zeros_like, wanted))]
    return np.nan_to_num(np.concatenate(rows), nan=1e6, posinf=2e6, neginf=3e6)


@BOTH
def test_no_two_slips_agree_on_the_cases_and_none_is_right(task: Task) -> None:
    known = ((task.reference, "The reference."), *task.slips)
    table = np.array([figures(slip, task) for slip, _ in known])
    for i, row in enumerate(table[:-1]):
        gaps = abs(table[i + 1 :] - row).max(axis=1)
        twin = i + 1 + int(gaps.argmin())
        assert gaps.min() > judging.TOLERANCE, (known[i][1], known[twin][1])


def test_pairs_that_are_left_out_are_one_slip_over_again() -> None:
    newest = MEAN.replace("gamma * G + (1 - gamma) * g**2", "g**2")
    divided = "return theta - eta * g / np.sqrt(g**2 + eps), G"
    assert plain(check.step(written(newest + divided))).endswith(_slips.NEWEST_KEPT)


MEAN = "G = gamma * G + (1 - gamma) * g**2\n"
STEP = "\nreturn theta - eta * g / np.sqrt(G + eps), G"
WRONG = {
    "changed places": "G = gamma * g * g + (1 - gamma) * G\n"
    "return theta - eta * g / np.sqrt(G + eps), G",
    "divides by G itself": "G = gamma * G + (1 - gamma) * g**2\n"
    "return theta - eta * g / (G + eps), G",
    "beside the root": "G = gamma * G + (1 - gamma) * g**2\n"
    "return theta - eta * g / (np.sqrt(G) + eps), G",
    "the old G": "new = gamma * G + (1 - gamma) * g**2\n"
    "return theta - eta * g / np.sqrt(G + eps), new",
    "uphill": "G = gamma * G + (1 - gamma) * g**2\n"
    "return theta + eta * g / np.sqrt(G + eps), G",
    "cancel": "G = gamma * G + (1 - gamma) * g\n"
    "return theta - eta * g / (G + eps) ** 0.5, G",
    "handed over, and the new one": "new = gamma * G + (1 - gamma) * g**2\n"
    "return theta - eta * g / np.sqrt(new + eps), G",
    "were zero": "G = (1 - gamma) * g**2\nreturn theta - eta * g / np.sqrt(G + eps), G",
    "works elementwise": "G = gamma * G + (1 - gamma) * (g @ g)" + STEP,
    "Look for an operation": "G = gamma * G + (1 - gamma) * g @ g\n"
    "return theta - eta * g / np.sqrt(G + eps), G",
    "AdaGrad": "G = G + g**2\nreturn theta - eta * g / np.sqrt(G + eps), G",
    "add up to 1": "G = gamma * G + g**2\nreturn theta - eta * g / np.sqrt(G + eps), G",
    "parentheses": "G = gamma * G + ((1 - gamma) * g) ** 2\n"
    "return theta - eta * g / np.sqrt(G + eps), G",
    "not used": "G = gamma * G + (1 - gamma) * g**2\n"
    "return theta - eta * g / np.sqrt(G), G",
    "Theta comes first": "G = gamma * G + (1 - gamma) * g**2\n"
    "return G, theta - eta * g / np.sqrt(G + eps)",
    "absolute values": "G = gamma * G + (1 - gamma) * abs(g)" + STEP,
    "more than the gradient": "G = (gamma * G + (1 - gamma) * g) ** 2" + STEP,
    "added up over": "G = gamma * G + (1 - gamma) * np.sum(g**2)" + STEP,
    "share one number": "G = gamma * G + (1 - gamma) * np.mean(g**2)" + STEP,
    "own G for each": "G = gamma * G + (1 - gamma) * np.dot(g, g)" + STEP,
    "the old G does not fade": "G = G + (1 - gamma) * g**2" + STEP,
    "not the gradient": MEAN + "return theta - eta / np.sqrt(G + eps), G",
    "belongs to the step alone": MEAN
    + "return theta - eta * g / np.sqrt(G + eps), np.sqrt(G)",
    "pile up": "G = gamma * G + (1 - gamma) * g**2 + eps\n"
    "return theta - eta * g / np.sqrt(G), G",
    "Epsilon belongs there": "G = np.sqrt(gamma * G + (1 - gamma) * g**2)\n"
    "return theta - eta * g / G, G",
    "no parentheses": "G = gamma * G + 1 - gamma * g**2" + STEP,
    "Two times a number": "G = gamma * G + (1 - gamma) * g * 2" + STEP,
    "fixed at 0.9 and 0.1": "G = 0.9 * G + 0.1 * g**2" + STEP,
    "newest square alone": "G = g**2" + STEP,
    "holds the square": MEAN + "return theta - eta * g * g / np.sqrt(G + eps), G",
    "only the sign": MEAN + "return theta - eta * np.sign(g) / np.sqrt(G + eps), G",
    "newest gradient alone": MEAN + "return theta - eta * g / np.sqrt(g**2 + eps), G",
    "Eta is not used": MEAN + "return theta - g / np.sqrt(G + eps), G",
    "guards nothing": MEAN + "return theta - (eta * g / np.sqrt(G) + eps), G",
    "added after the division": MEAN + "return theta - eta * g / np.sqrt(G) + eps, G",
    "parentheses of your divisor": MEAN
    + "return theta - (eta / np.sqrt(G) + eps) * g, G",
    "not the place": MEAN + "return eta * g / np.sqrt(G + eps), G",
    "the step, not": MEAN + "return -eta * g / np.sqrt(G + eps), G",
    "too early": "G = np.sqrt(gamma * G + (1 - gamma) * g**2)\n"
    "return theta - eta * g / (G + eps), G",
    "take the root in the step": "G = np.sqrt(gamma * G + (1 - gamma) * g**2 + eps)\n"
    "return theta - eta * g / G, G",
    "root is taken twice": "G = np.sqrt(gamma * G + (1 - gamma) * g**2)" + STEP,
    "in place": "G *= gamma\nG += (1 - gamma) * g * g\n"
    "theta -= eta * g / np.sqrt(G + eps)\nreturn theta, G",
    "argument theta in place": "G = gamma * G + (1 - gamma) * g * g\n"
    "theta -= eta * g / np.sqrt(G + eps)\nreturn theta, G",
    "whole numbers": "G = gamma * G + (1 - gamma) * g * g\n"
    "new = np.zeros_like(theta)\nnew[...] = theta - eta * g / np.sqrt(G + eps)\n"
    "return new, G",
}


@pytest.mark.parametrize(("clue", "body"), WRONG.items(), ids=WRONG)
def test_slips_that_students_write_are_named(clue: str, body: str) -> None:
    verdict = check.step(written(body))
    assert not verdict
    assert clue in plain(verdict)
    assert "expected" not in plain(verdict)


def test_a_change_in_place_is_told_without_a_call() -> None:
    assert "called with" not in plain(check.step(written(WRONG["in place"])))


NEWEST = "g = gradients[-1]\n"
UNREPAIRED = {
    "as it was printed": "square = sum(g * g for g in gradients) / len(gradients)\n"
    "G = gamma * G + (1 - gamma) * square\n" + NEWEST + STEP,
    "the uniform mean, where": "G = np.mean([g * g for g in gradients], axis=0)\n"
    + NEWEST
    + STEP,
    "now as their sum": "square = sum(g * g for g in gradients)\n"
    "G = gamma * G + (1 - gamma) * square\n" + NEWEST + STEP,
    "still divide it": NEWEST + "square = g * g / len(gradients)\n"
    "G = gamma * G + (1 - gamma) * square" + STEP,
    "first gradient in the list, at every step": "square = gradients[0] ** 2\n"
    "G = gamma * G + (1 - gamma) * square\n" + NEWEST + STEP,
    "square of a mean": "square = np.mean(gradients, axis=0) ** 2\n"
    "G = gamma * G + (1 - gamma) * square\n" + NEWEST + STEP,
    "follows the first gradient": NEWEST + MEAN + "g = gradients[0]" + STEP,
    "mean of all gradients above": NEWEST
    + MEAN
    + "g = sum(gradients) / len(gradients)"
    + STEP,
    "divides by the uniform mean": NEWEST
    + MEAN
    + "square = sum(x * x for x in gradients) / len(gradients)\n"
    "return theta - eta * g / np.sqrt(square + eps), G",
    "newest gradient alone": NEWEST
    + MEAN
    + "return theta - eta * g / np.sqrt(g * g + eps), G",
}


@pytest.mark.parametrize(("clue", "body"), UNREPAIRED.items(), ids=UNREPAIRED)
def test_slips_in_a_repair_are_named(clue: str, body: str) -> None:
    verdict = check.repair(written("gradients = g\n" + body))
    assert not verdict
    assert clue in plain(verdict)
    assert "second slip" not in plain(verdict)


def test_epsilon_beside_the_root_is_told_apart_and_not_passed() -> None:
    verdict = check.step(written(WRONG["beside the root"]))
    assert not verdict
    assert "right in PyTorch" in plain(verdict)


@pytest.mark.parametrize("line", ["g = g.pop()", "g[0] *= 2\ng = g[-1]"])
def test_taking_from_the_list_of_gradients_is_a_change(line: str) -> None:
    verdict = plain(check.repair(written(f"{line}\n{RIGHT['power']}")))
    assert "changes the list gradients" in verdict
    assert "+=" not in verdict


# --- Unknown slips --------------------------------------------------------------------

UNKNOWN = [
    "G = 0.8 * G + 0.2 * g**2\nreturn theta - eta * g / np.sqrt(G + eps), G",
    MEAN + "return theta - 0.1 * g / np.sqrt(G + eps), G",
    MEAN + "return theta - eta * g / np.sqrt(G + 1e-8), G",
    MEAN + "return theta - eta * g / np.cbrt(G + eps), G",
    MEAN + "return theta - eta * g**3 / np.sqrt(G + eps), G",
    MEAN + "return theta, G",
    "return theta - eta * g, G",
    "G = gamma * G + (1 - gamma) * g**4\nreturn theta - eta * g / np.sqrt(G + eps), G",
    MEAN + "return theta - eta * (1 - gamma) * g / np.sqrt(G + eps), G",
    MEAN + "return theta * np.nan, G",
    MEAN + "return theta - np.inf, G",
    MEAN + "return theta - eta * np.sign(g), G",
]


@pytest.mark.parametrize("body", UNKNOWN)
def test_unknown_slips_show_expected_beside_got(body: str) -> None:
    verdict = check.step(written(body))
    assert not verdict
    assert "does not know this slip" in plain(verdict)
    found = re.findall(r"^(called with|expected|got) +theta = ", verdict.text, re.M)
    assert found == ["called with", "expected", "got"]
    assert len(re.findall(r"^ {13}G = ", verdict.text, re.M)) == 3


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2 / 3, "0.666667"),
        (np.array([2 / 3, 1.0]), "[0.666667, 1. ]"),
        ([1.0, np.array([2.0])], "[1, [2.]]"),
    ],
)
def test_numbers_are_shown_with_six_digits(value: Any, text: str) -> None:
    assert judging._text(value) == text


def test_the_case_with_the_largest_gap_is_shown() -> None:
    halved = Task(("x",), ("y",), ((1.0,), (8.0,), (2.0,)), lambda x: x, ())
    verdict = judge(lambda x: x / 2, halved)
    assert "called with  x = 8" in verdict.text
    assert "got          y = 4" in verdict.text


# --- No result ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        "...",
        "pass",
        "return ...",
        "return NotImplemented",
        "raise NotImplementedError",
        "G = ...\ntheta = ...\nreturn theta, G",
        "theta = None\nreturn theta, G",
    ],
)
def test_nothing_written_is_apart_from_wrong(body: str) -> None:
    verdict = check.step(written(body))
    assert not verdict
    assert "nothing written yet" in plain(verdict)
    assert "Not yet" not in plain(verdict)


@pytest.mark.parametrize(
    "body",
    [
        "'What it does.'",
        "'What it does.'\n...\npass",
        "pass\npass",
        "return None",
        MEAN + "return ...",  # the skeleton's own blank
    ],
)
def test_a_body_without_work_is_not_written(body: str) -> None:
    assert plain(check.step(written(body))).startswith("There is nothing written yet")


@pytest.mark.parametrize(
    "update",
    [
        written(MEAN + "theta = theta - eta * g / np.sqrt(G + eps)"),
        written("gamma * G"),
        written("G = -g\nprint(end='')"),
        written(MEAN + "return print(end='')"),
        lambda *arguments: [*arguments].clear(),
        partial(print, end="", sep="", file=StringIO()),
        Mock(return_value=None),
    ],
)
def test_a_missing_return_is_told_from_nothing_written(update: Any) -> None:
    verdict = plain(check.step(update))
    assert "nothing written" not in verdict
    assert re.search("what comes back is (None|Ellipsis)", verdict)


def test_a_return_that_is_missing_in_some_cases_is_shown_with_its_call() -> None:
    branch = MEAN + "if np.ndim(g) == 0:\n    return theta - g, G"
    verdict = plain(check.step(written(branch)))
    assert "its `return`, which has to hand over theta and G. called with" in verdict


def test_a_line_still_to_fill_in_is_named() -> None:
    half = "G = ...\nreturn theta - eta * g / np.sqrt(G + eps), G"
    told = plain(check.step(written(half)))
    assert told == "One line still holds its `...`."


def test_results_still_to_fill_in_are_named() -> None:
    told = plain(check.step(written("return None, ...")))
    assert told == "There is nothing written yet for theta and G."


def test_nothing_written_is_seen_in_a_single_case() -> None:
    single = Task(("x",), ("y",), ((1.0,),), lambda x: x, ())
    assert plain(judge(lambda _: ..., single)).startswith("There is nothing written")


class Unprintable(Exception):  # noqa: N818 - it is no error of ours
    def __str__(self) -> str:
        raise RuntimeError("no text either")


def nested(*arguments: Any) -> Any:
    return nested(*arguments)


def leave(*_: Any) -> Any:
    sys.exit("gone")


def unprintable(*_: Any) -> Any:
    raise Unprintable


def warns(*_: Any) -> Any:
    warnings.warn("look out", stacklevel=1)
    return [np.float64(0.0) / 0.0, np.mean([])]


@pytest.mark.parametrize(
    ("update", "clue"),
    [
        (nested, "RecursionError"),
        (leave, "SystemExit"),
        (unprintable, "Unprintable"),
        (lambda theta, G: (theta, G), "positional arguments"),
        (written("return theta - grad, G"), "name 'grad' is not defined"),
        (written("return theta, g^2"), "Python writes a power with"),
        (written("return theta, 1.5^2.0"), "Python writes a power with"),
        (written("return __import__('math').sqrt(g * g), G"), "use `np.sqrt`"),
        (written("return theta, eta * [g]"), "calculate with a whole list"),
        (written("return theta"), "must return theta, G, and it returned one float64"),
        (written("return theta, G, g"), "must return theta, G"),
        (written("return 'theta', G"), "neither a float nor an array"),
        (written("return theta > 0, G"), "neither a float nor an array"),
        (written("return [[1.0], [1.0, 2.0]], G"), "It raised ValueError"),
        (written("return int(np.sum(theta)), G"), "whole numbers"),
        (None, "without parentheses"),
        ((1.0, 2.0), "without parentheses"),
    ],
)
def test_whatever_happens_is_told_and_not_raised(update: Any, clue: str) -> None:
    verdict = check.step(update)
    assert not verdict
    assert clue in plain(verdict)


def test_warnings_of_the_student_s_code_stay_inside() -> None:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        verdict = check.step(warns)
    assert not seen
    assert "got theta = nan" in re.sub(" +", " ", plain(verdict))


def test_a_session_that_raises_on_overflow_gets_the_same_verdict() -> None:
    infinite = written(MEAN + "return theta - np.inf, G")
    told = [check.step(warns).text, check.step(infinite).text]
    with np.errstate(all="raise"):
        assert [check.step(warns).text, check.step(infinite).text] == told


@pytest.mark.parametrize("same", [np.inf, -np.inf, np.nan])
def test_what_is_not_finite_on_both_sides_hides_no_gap(same: float) -> None:
    task = Task(("x",), ("y",), ((np.ones(2),),), lambda x: x * [same, 1.0], ())
    assert judge(lambda x: x * [same, 1.0], task)
    assert not judge(lambda x: x * [same, 2.0], task)


def test_arrays_without_entries_agree() -> None:
    assert judge(abs, Task(("x",), ("y",), ((np.zeros(0),),), lambda x: x, ()))


def test_an_error_of_another_kind_is_another_slip() -> None:
    slip = (lambda x: x + None, "You add None.")
    addition = Task(("x",), ("y",), ((1.0,),), lambda x: x + 1, (slip,))
    assert plain(judge(lambda x: x + None, addition)) == "Not yet. You add None."
    assert "ZeroDivisionError" in plain(judge(lambda x: x / 0, addition))


def test_a_fault_in_every_case_needs_no_call() -> None:
    assert "called with" not in plain(check.step(written("return theta - grad, G")))


def test_zeros_have_no_sign() -> None:
    zero = check.step(written("return -0.0 * theta, -0.0 * G")).text
    assert not re.search(r"-0\.?[],\s]", zero + "\n")
    zeros = Task(("x",), ("y",), ((np.array([-0.0, -1.5]),),), lambda x: x - 9, ())
    assert "[ 0. , -1.5]" in judge(lambda x: 1.0 * x, zeros).text


def test_a_wrong_shape_is_told_with_the_call() -> None:
    square = MEAN + "return np.outer(theta, theta), G"
    verdict = plain(check.step(written(square)))
    assert "shape" in verdict
    assert "called with theta = " in verdict


def test_a_complaint_about_a_later_case_shows_that_case() -> None:
    only_single = written(
        "if np.ndim(g): raise ValueError('too many')\n" + RIGHT["power"]
    )
    verdict = plain(check.step(only_single))
    assert "ValueError: too many called with theta = [ 1. , -2. , 0.5]" in verdict


def test_interrupting_still_works() -> None:
    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check.step(interrupted)


def test_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    check.step(written(WRONG["uphill"]))
    assert capsys.readouterr() == ("", "")


# --- What is said ---------------------------------------------------------------------


def test_sentences_do_not_hold_the_solution() -> None:
    for sentence in SINGLE + [text for _, text in errors.ERRORS]:
        assert not re.search(r"gamma \* G|\* g\b|g\s?\*\*|sqrt\(|\*\* ?0?\.5", sentence)


def test_lines_fit_a_page() -> None:
    bodies = [*WRONG.values(), *UNKNOWN]
    lines = [row for b in bodies for row in check.step(written(b)).text.splitlines()]
    assert max(map(len, lines)) <= 76


def test_cases_are_as_they_were_after_a_check() -> None:
    before = repr(rule._HISTORIES)
    check.repair(written("g.clear()\ntheta *= 0\nreturn theta, G"))
    check.step(written(WRONG["in place"]))
    assert repr(rule._HISTORIES) == before


def test_a_verdict_is_true_or_false() -> None:
    assert bool(Verdict(True, "Passed.")) is True
    assert bool(Verdict(False, "Not yet.")) is False
    assert repr(Verdict(False, "Not yet.")) == "Not yet."
