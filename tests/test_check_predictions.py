"""The checks of predictions and of the backward pass, fed with right and wrong work."""

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from rmsprop import RMSprop, check, minimize
from rmsprop._slips import errors
from rmsprop.check import Task, Verdict, judging, predictions, slopes

Work = Callable[..., Any]
TASKS = {
    "half_life": predictions._HALF_LIFE,
    "cycle": predictions._CYCLE,
    "first_step": predictions._FIRST_STEP,
    "backward": slopes._BACKWARD,
}
EACH = pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
SECOND = "There is a second slip."


def plain(verdict: Verdict) -> str:
    """Return a verdict's text in one line."""
    return " ".join(verdict.text.split())


def judged(task: str, work: Any) -> str:
    """Return what the check of a task says of some work, in one line."""
    verdict: Verdict = getattr(check, task)(work)
    assert bool(verdict) == verdict.text.startswith("Passed.")
    return plain(verdict)


def written(task: str, body: str) -> Work:
    """Return the function that a student writes with a body of one or more lines."""
    arguments = ", ".join(TASKS[task].arguments)
    lines = "\n    ".join(body.splitlines())
    scope: dict[str, Any] = {"np": np, "math": math}
    exec(f"def yours({arguments}):\n    {lines}", scope)  # noqa: S102 - our own text
    work: Work = scope["yours"]
    return work


def cases(bodies: dict[str, list[str]]) -> list[Any]:
    """Return one parameter set for each body of each task."""
    return [
        pytest.param(task, body, id=f"{task}: {body.splitlines()[-1]}")
        for task, own in bodies.items()
        for body in own
    ]


# --- Right work -----------------------------------------------------------------------

RIGHT = {
    "half_life": [
        "return np.log(2) / np.log(1 / gamma)",
        "return -np.log(2) / np.log(gamma)",
        "return np.log10(0.5) / np.log10(gamma)",
        "return -1 / np.log2(gamma)",
        "return np.emath.logn(gamma, 0.5)",
        "gamma = np.asarray(gamma)\n"
        "ages = [math.log(0.5, share) for share in gamma.ravel()]\n"
        "return np.reshape(ages, gamma.shape)",
    ],
    "cycle": [
        "return eta * np.sqrt(np.size(h)) / 2",
        "return eta / 2 * np.size(h) ** 0.5",
        "return np.linalg.norm(np.full(np.size(h), eta / 2))",
        "return float(np.sqrt(np.sum((eta / 2 + 0 * h) ** 2)))",
        "return math.hypot(*[eta / 2] * np.size(h))",
    ],
    "first_step": [
        "return -eta / np.sqrt(1 - gamma) * np.sign(g)",
        "return -eta * np.sign(g) * (1 - gamma) ** -0.5",
        "size = eta / math.sqrt(1 - gamma)\n"
        "return np.where(g > 0, -size, np.where(g < 0, size, 0.0))",
        "G = gamma * 0 + (1 - gamma) * g * g\n"
        "return -eta * np.divide(g, np.sqrt(G), out=0.0 * g, where=g != 0)"
        " if np.ndim(g) else -eta * g / np.sqrt(G)",
    ],
    "backward": [
        "dz = (p - y) / len(x)\nreturn x.T @ ((dz @ V) * (h > 0)), dz.T @ h",
        "dz = (p - y) / p.shape[0]\ndh = dz @ V\ndh[h <= 0] = 0\n"
        "return [(dh.T @ x).T, (h.T @ dz).T]",
        "dz = p - y\ndh = np.where(h > 0, dz @ V, 0)\n"
        "return x.T @ dh / len(y), np.einsum('mk,mj->kj', dz, h) / len(y)",
    ],
}


@pytest.mark.parametrize(("task", "body"), cases(RIGHT))
def test_right_work_passes(task: str, body: str) -> None:
    assert judged(task, written(task, body)).startswith("Passed.")


@EACH
def test_reference_passes(task: Task) -> None:
    assert check.judge(task.reference, task)


def test_half_life_halves_the_mean_square_where_gradients_are_zero() -> None:
    for steps in (1, 7, 40):
        decay = 0.5 ** (1 / steps)
        rule = RMSprop(0.1, decay)
        state = rule.update(1.0, 3.0, rule.init(1.0))[1]
        before = state.mean_square
        for _ in range(steps):
            state = rule.update(1.0, 0.0, state)[1]
        assert state.mean_square == pytest.approx(before / 2)
        assert predictions._HALF_LIFE.reference(decay) == pytest.approx(steps)


@pytest.mark.parametrize("h", [3.0, 20.0, np.array([1.0, 20.0]), np.full((2, 2), 3.0)])
def test_cycle_is_where_a_run_ends(h: Any) -> None:
    for eta, decay in ((0.1, 0.9), (0.02, 0.6)):
        rule = RMSprop(eta, decay, eps=1e-16)
        run = minimize(lambda theta: h * theta, 0 * h + 0.7, rule, steps=3000)
        distance = np.sqrt(np.sum(run.theta[-1] ** 2))
        predicted = predictions._CYCLE.reference(eta, decay, h)
        assert distance == pytest.approx(predicted, rel=1e-6)


@pytest.mark.parametrize("start", [2.0, np.array([2.0, -0.5])])
def test_first_step_is_the_package_s(start: Any) -> None:
    run = minimize(lambda theta: 5 * theta, start, RMSprop(0.1, 0.8), steps=1)
    predicted = predictions._FIRST_STEP.reference(5 * start, 0.1, 0.8)
    assert run.theta[1] - run.theta[0] == pytest.approx(predicted)


def test_backward_pass_agrees_with_differences_of_the_loss() -> None:
    rng = np.random.default_rng(0)
    x = np.hstack([rng.random((6, 3)), np.ones((6, 1))])
    W, V = rng.normal(size=(4, 5)), rng.normal(size=(3, 5))
    y = np.eye(3)[[0, 2, 1, 1, 0, 2]]

    def passed(W: Any, V: Any) -> tuple[Any, Any]:
        h = np.maximum(x @ W, 0)
        e = np.exp(h @ V.T)
        return h, e / e.sum(axis=1, keepdims=True)

    def loss(W: Any, V: Any) -> Any:
        return -np.log(passed(W, V)[1][y == 1]).mean()

    def grads(W: Any, V: Any) -> Any:
        return slopes._BACKWARD.reference(x, *passed(W, V), y, V)

    assert check.gradient(lambda W: grads(W, V)[0], lambda W: loss(W, V), W)
    assert check.gradient(lambda V: grads(W, V)[1], lambda V: loss(W, V), V)


# --- Known slips ----------------------------------------------------------------------


@EACH
def test_each_slip_gets_its_own_sentence(task: Task) -> None:
    alone = [slip for slip in task.slips if SECOND not in slip[1]]
    two = [slip for slip in task.slips if SECOND in slip[1]]
    assert len(alone) >= 20
    assert len(two) >= 30
    for slip, sentence in (*alone, *two[::8]):  # the next test speaks of all pairs
        verdict = check.judge(slip, task)
        assert not verdict
        assert plain(verdict) == f"Not yet. {sentence}"


def print_of(slip: Work, task: Task) -> list[Any]:
    """Return what a slip leads to in every case, faults and shapes included."""
    return [judging.call(slip, case, task) for case in task.cases]


@EACH
def test_no_two_slips_agree_on_the_cases_and_none_is_right(task: Task) -> None:
    known = ((task.reference, "The reference."), *task.slips)
    prints = [print_of(slip, task) for slip, _ in known]
    for i, (one, (_, text)) in enumerate(zip(prints, known, strict=True)):
        for other, (_, twin) in zip(prints[:i], known[:i], strict=True):
            assert not all(map(judging._agree, one, other)), (text, twin)


MASKED = "dh = (dz @ V) * (h > 0)\n"
MEAN = "dz = (p - y) / len(x)\n"
BOTH = "return x.T @ dh, dz.T @ h"
WRONG = {
    "half_life": {
        "count the minus signs": "return np.log(2) / np.log(gamma)",
        "is upside down": "return np.log(1 / gamma) / np.log(2)",
        "upside down. It says how many halvings there are in one step, and you need "
        "the number of steps in one halving. There is a second slip. Your number of "
        "steps has the wrong sign": "return np.log2(gamma)",
        "rule of thumb": "return 1 / (1 - gamma)",
        "fallen to 1/e": "return 1 / np.log(1 / gamma)",
        "percentage": "return np.log(0.5) / np.log(gamma / 100)",
        "for a percentage": "return np.log(0.5) / np.log(100 * gamma)",
        "the part that it keeps": "return np.log(0.5) / np.log(1 - gamma)",
        "effective sample size": "return (1 + gamma) / (1 - gamma)",
        "opposite question": "return 0.5 ** (1 / gamma)",
        "different bases": "return np.log10(0.5) / np.log(gamma)",
        "whole steps": "return np.ceil(np.log(0.5) / np.log(gamma))",
        "the age at which": "gamma, k = np.asarray(gamma), np.zeros_like(gamma)\n"
        "while (gamma**k > 0.5).any():\n    k = k + (gamma**k > 0.5)\nreturn k",
        "same amount away": "return 0.5 / (1 - gamma)",
        "an approximation": "return np.log(2) / (1 - gamma)",
        "one step too many": "return 1 + np.log(2) / np.log(1 / gamma)",
        "when the weight *is* one half": "return np.log(0.5 / (1 - gamma)) / "
        "np.log(gamma)",
        "a quarter of the weight": "return -2 * np.log(2) / np.log(gamma)",
        "fixed at 0.9": "return 6.578813478960585",
        "argument gamma in place": "gamma *= gamma\n"
        "return 2 * np.log(0.5) / np.log(gamma)",
    },
    "cycle": {
        "whole jump": "return eta * np.sqrt(np.size(h))",
        "as Pythagoras does": "return eta / 2",
        "a single coordinate": "return eta",
        "add up like that": "return eta / 2 * np.size(h)",
        "depends on the curvature": "return np.sqrt(np.sum((eta / (2 * h)) ** 2))",
        "the curvature through the step. There is a second slip. This is how far a "
        "single": "return eta / h",
        "length of the *first* step": "return eta / np.sqrt(1 - gamma) * "
        "np.size(h) ** 0.5",
        "however long its memory": "return eta * (1 - gamma) / 2 * np.sqrt(np.size(h))",
        "come to rest": "return 0",
        "halve twice": "return eta * np.sqrt(np.size(h)) / 4",
        "fixed at two": "return eta / 2 * np.sqrt(2)",
        "for each coordinate": "return eta / 2 * np.ones_like(h)",
        "`len` counts the rows": "n = len(h) if np.ndim(h) else 1\n"
        "return eta / 2 * np.sqrt(n)",
        "largest rate": "return 2 / h",
        "cuts off": "return eta // 2 * np.sqrt(np.size(h))",
        "number of coordinates. Each": "return eta / 2 / np.sqrt(np.size(h))",
        "fixed at 0.1": "return 0.05 * np.sqrt(np.size(h))",
        "argument h in place": "h *= 0\nreturn np.sqrt(np.sum((h + eta / 2) ** 2))",
    },
    "first_step": {
        "uphill": "return eta / np.sqrt(1 - gamma) * np.sign(g)",
        "mean square were full": "return -eta * np.sign(g)",
        "not by its root": "return -eta / (1 - gamma) * np.sign(g)",
        "its size after the division": "return -eta / np.sqrt(1 - gamma) * g",
        "second slip. Your step grows": "return -eta * g",
        "Epsilon shows": "return -eta * g / np.sqrt((1 - gamma) * g**2 + 1e-8)",
        "negligible": "return -eta * g / (np.sqrt((1 - gamma) * g**2) + 1e-8)",
        "zero by zero": "return -eta * g / np.sqrt((1 - gamma) * g**2)",
        "lost the direction": "return eta / np.sqrt(1 - gamma)",
        "changed places": "return -eta / np.sqrt(gamma) * np.sign(g)",
        "always goes the same way": "return -eta / np.sqrt(1 - gamma) + 0 * g",
        "multiply by the root": "return -eta * np.sqrt(1 - gamma) * np.sign(g)",
        "share one divisor": "return -eta * g / np.sqrt((1 - gamma) * np.sum(g * g))",
        "Eta is not used": "return -np.sign(g) / np.sqrt(1 - gamma)",
        "mean square itself": "return -eta * g / ((1 - gamma) * g**2)",
        "at its end": "return -eta / 2 * np.sign(g)",
        "second step": "return -eta / np.sqrt(1 - gamma**2) * np.sign(g)",
        "argument g in place": "g /= abs(g)\nreturn -eta / np.sqrt(1 - gamma) * g",
    },
    "backward": {
        "slopes are those of the sum": f"dz = p - y\n{MASKED}{BOTH}",
        "units that are off": f"{MEAN}dh = dz @ V\n{BOTH}",
        "downhill": f"dz = (y - p) / len(x)\n{MASKED}{BOTH}",
        "dV is transposed": f"{MEAN}{MASKED}return x.T @ dh, h.T @ dz",
        "dW is transposed": f"{MEAN}{MASKED}return dh.T @ x, dz.T @ h",
        "dV is missing a transpose": f"{MEAN}{MASKED}return x.T @ dh, dz @ h",
        "dW is missing a transpose": f"{MEAN}{MASKED}return x @ dh, dz.T @ h",
        "which axis of V counts": f"{MEAN}dh = (dz @ V.T) * (h > 0)\n{BOTH}",
        "summed over the wrong axis": f"{MEAN}{MASKED}dW = x.T @ dh\n"
        "dW[-1] = dh.sum(axis=1)\nreturn dW, dz.T @ h",
        "the wrong axis. Each bias": f"{MEAN}{MASKED}"
        "dW = np.vstack([x[:, :-1].T @ dh, dh.sum(axis=1)])\nreturn dW, dz.T @ h",
        "biases. Their slopes, the last row of dW, are missing": f"{MEAN}{MASKED}"
        "dW = x.T @ dh\ndW[-1] = 0\nreturn dW, dz.T @ h",
        "another number than": f"dz = (p - y) / p.shape[1]\n{MASKED}{BOTH}",
        "fixed at 50": f"dz = (p - y) / 50\n{MASKED}{BOTH}",
        "by the hidden units themselves": f"{MEAN}dh = (dz @ V) * h\n{BOTH}",
        "whether the slope is positive": f"{MEAN}dh = np.maximum(dz @ V, 0)"
        f" * (h > 0)\n{BOTH}",
        "wrong way round": f"{MEAN}dh = (dz @ V) * (h == 0)\n{BOTH}",
        "truth is missing": f"dz = p / len(x)\n{MASKED}{BOTH}",
        "belongs to a squared error": f"dz = 2 * (p - y) / len(x)\n{MASKED}{BOTH}",
        "comes in once more": f"dz = (p - y) * p * (1 - p) / len(x)\n{MASKED}{BOTH}",
        "dW comes first": f"{MEAN}{MASKED}return dz.T @ h, x.T @ dh",
        "argument p in place": f"p -= y\ndz = p / len(x)\n{MASKED}{BOTH}",
    },
}


@pytest.mark.parametrize(
    ("task", "clue", "body"),
    [
        pytest.param(task, clue, body, id=f"{task}: {clue}")
        for task, own in WRONG.items()
        for clue, body in own.items()
    ],
)
def test_slips_that_students_write_are_named(task: str, clue: str, body: str) -> None:
    told = judged(task, written(task, body))
    assert told.startswith("Not yet.")
    assert clue in told
    assert "expected" not in told


@pytest.mark.parametrize(
    ("task", "body", "clues"),
    [
        (
            "half_life",
            "return np.log(2) / np.log(1 - gamma)",
            ("part that a step forgets", "wrong sign"),
        ),
        ("cycle", "return eta * np.size(h)", ("whole jump", "Pythagoras")),
        ("cycle", "return eta * h / 2", ("curvature", "single coordinate")),
        (
            "first_step",
            "return eta / (1 - gamma) * np.sign(g)",
            ("not by its root", "uphill"),
        ),
        ("first_step", "return eta", ("mean square were full", "lost the direction")),
        (
            "backward",
            f"dz = p - y\ndh = dz @ V\n{BOTH}",
            ("those of the sum", "units that are off"),
        ),
        (
            "backward",
            f"dz = (y - p) / len(x)\n{MASKED}return x.T @ dh, h.T @ dz",
            ("downhill", "dV is transposed"),
        ),
        (
            "backward",
            f"dz = p - y\n{MASKED}return x.T @ dh, dz @ h",
            ("those of the sum", "dV is missing a transpose"),
        ),
    ],
)
def test_two_slips_at_once_are_both_named(
    task: str, body: str, clues: tuple[str, str]
) -> None:
    told = judged(task, written(task, body))
    first, _, second = told.partition(SECOND)
    assert clues[0] in first
    assert clues[1] in second
    assert "expected" not in told


# --- Unknown slips --------------------------------------------------------------------

UNKNOWN = {
    "half_life": [
        "return np.log(3) / np.log(1 / gamma)",
        "return np.sqrt(np.log(0.5) / np.log(gamma))",
        "return 7 * gamma / 0.9",
        "return np.exp(gamma)",
        "return gamma**0.5",
        "return np.log(2) * gamma",
        "return 0.7 / np.log(1 / gamma)",
        "return np.log(0.5) / np.log(gamma) + 0.001",
        "return gamma * np.nan",
        "return np.log(0.5) / np.log(gamma) - 1",
        "return 10 + 0 * gamma",
        "return gamma / (1 - gamma) ** 2",
    ],
    "cycle": [
        "return eta * np.sqrt(np.size(h)) / 3",
        "return eta * np.log(np.size(h) + 1)",
        "return eta**0.5 * np.sqrt(np.size(h)) / 2",
        "return eta / 2 + np.sqrt(np.size(h))",
        "return eta * np.sqrt(np.sum(h)) / 2",
        "return eta * np.max(h)",
        "return eta / np.min(h) / 2",
        "return gamma * np.sqrt(np.size(h))",
        "return eta * np.sqrt(np.size(h)) / 2 * np.nan",
        "return -eta * np.sqrt(np.size(h)) / 2",
        "return eta * np.sqrt(np.size(h) + 1) / 2",
        "return eta * (gamma + np.sqrt(np.size(h)))",
    ],
    "first_step": [
        "return -eta / np.cbrt(1 - gamma) * np.sign(g)",
        "return -eta * np.tanh(g) / np.sqrt(1 - gamma)",
        "return -eta / np.sqrt(1 - gamma) * np.sign(g) * g**2",
        "return g - eta / np.sqrt(1 - gamma) * np.sign(g)",
        "return -gamma * np.sign(g) / np.sqrt(eta)",
        "return -eta / np.sqrt(1 - gamma + 0.01) * np.sign(g)",
        "return -eta * g / np.sqrt((1 - gamma) * g**2 + 0.1)",
        "return -eta / (1 + gamma) * np.sign(g)",
        "return np.inf * g",
        "return -2 * eta / np.sqrt(1 - gamma) * np.sign(g)",
        "return 0.0 * g",
        "return -eta / np.sqrt(1 - gamma) * np.where(g >= 0, 1, -1)",
    ],
    "backward": [
        f"dz = 3 * (p - y) / len(x)\n{MASKED}{BOTH}",
        f"dz = (p - y) / len(x) + 1\n{MASKED}{BOTH}",
        f"dz = (p - y) ** 2 / len(x)\n{MASKED}{BOTH}",
        f"dz = np.sign(p - y) / len(x)\n{MASKED}{BOTH}",
        f"{MEAN}dh = (dz @ V) * (h > 1)\n{BOTH}",
        f"{MEAN}dh = (dz @ abs(V)) * (h > 0)\n{BOTH}",
        f"{MEAN}dh = (dz @ V) / 2 * (h > 0)\n{BOTH}",
        f"{MEAN}{MASKED}return x.T @ dh, dz.T @ (h > 0)",
        f"{MEAN}{MASKED}return 0 * (x.T @ dh), dz.T @ h",
        f"{MEAN}{MASKED}return x.T @ dh, dz.T @ h * np.nan",
        f"{MEAN}{MASKED}return -(x.T @ dh), dz.T @ h",
        f"{MEAN}{MASKED}return x.T @ dh, dz.T @ h / len(x)",
    ],
}


@pytest.mark.parametrize(("task", "body"), cases(UNKNOWN))
def test_unknown_slips_show_expected_beside_got(task: str, body: str) -> None:
    verdict = getattr(check, task)(written(task, body))
    assert not verdict
    assert "does not know this slip" in plain(verdict)
    found = re.findall(r"^(called with|expected|got) +(\w+) = ", verdict.text, re.M)
    first, result = TASKS[task].arguments[0], TASKS[task].results[0]
    assert found == [("called with", first), ("expected", result), ("got", result)]
    _, expected, got = re.split(r"^expected|^got", verdict.text, flags=re.M)
    assert expected.split() != got.split()


def test_the_case_with_the_largest_gap_is_shown() -> None:
    told = judged("half_life", lambda gamma: gamma * 0.0)
    assert "gamma = [[0.3 , 0.99], [0.7 , 0.85]]" in told  # 69 steps at 0.99
    told = judged("first_step", lambda g, *_: 0.0 * g)
    assert "g = [ 4, -3] eta = 2 gamma = 0.75" in told  # the longest step of all cases


def test_a_small_gap_is_shown_with_the_digits_that_it_needs() -> None:
    told = judged("half_life", lambda gamma: -0.69314718 / np.log(gamma))
    expected, got = re.findall(r"(?:expected|got) half_life = (.+?\]\])", told)
    assert expected != got
    assert "68.967563937" in expected


def test_lines_fit_a_page() -> None:
    for task, own in (
        UNKNOWN | {task: [*own.values()] for task, own in WRONG.items()}
    ).items():
        for body in own:
            text = getattr(check, task)(written(task, body)).text
            assert max(map(len, text.splitlines())) <= 76


# --- No result, and results of another kind -------------------------------------------

BLANK = ["...", "pass", "return ...", "return None", "raise NotImplementedError"]


@pytest.mark.parametrize("body", BLANK)
@pytest.mark.parametrize("task", TASKS)
def test_nothing_written_is_apart_from_wrong(task: str, body: str) -> None:
    told = judged(task, written(task, body))
    assert told.startswith("There is nothing written yet")


@pytest.mark.parametrize("body", ["return ..., ...", "dW = dV = None\nreturn dW, dV"])
def test_skeleton_of_the_backward_pass_is_nothing_written(body: str) -> None:
    told = judged("backward", written("backward", body))
    assert told == "There is nothing written yet for dW and dV."


def test_half_of_the_backward_pass_is_named() -> None:
    told = judged("backward", written("backward", f"{MEAN}return ..., dz.T @ h"))
    assert told == "There is nothing written yet for dW."


@pytest.mark.parametrize("task", TASKS)
def test_a_missing_return_is_told_from_nothing_written(task: str) -> None:
    first = TASKS[task].arguments[0]
    told = judged(task, written(task, f"result = {first} * 2"))
    assert told.startswith("Not yet.")
    assert "Look for its `return`" in told


def interrupted(*_: Any) -> Any:
    raise KeyboardInterrupt


def fails(*_: Any) -> Any:
    raise ValueError("no luck")


def leaves(*_: Any) -> Any:
    raise SystemExit


def no_argument() -> Any:
    return 1.0


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize(
    ("work", "clue"),
    [
        (fails, "It raised ValueError: no luck"),
        (leaves, "It raised SystemExit"),
        (no_argument, "takes 0 positional arguments"),
        (lambda *_: missing, "name 'missing' is not defined"),  # type: ignore[name-defined]  # noqa: F821 - on purpose
        (lambda *_: ("one", "two"), "neither a float nor an array"),
        (lambda *_: True, ""),
        (lambda *_: [[1.0], [1.0, 2.0]], ""),
        (3.0, "without parentheses"),
        (None, "without parentheses"),
    ],
)
def test_whatever_happens_is_told_and_not_raised(
    task: str, work: Any, clue: str
) -> None:
    told = judged(task, work)
    assert told.startswith("Not yet.")
    assert clue in told
    assert "Traceback" not in told


@pytest.mark.parametrize("task", TASKS)
def test_interrupting_an_endless_function_still_works(task: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        getattr(check, task)(interrupted)


@pytest.mark.parametrize("task", TASKS)
def test_a_wrong_number_of_arguments_is_told_the_right_ones(task: str) -> None:
    for work in (no_argument, lambda a, b, c, d: (a, b, c, d)):
        told = judged(task, work)
        assert f"calls your function with ({', '.join(TASKS[task].arguments)})." in told


def test_whole_numbers_are_numbers() -> None:
    assert "does not know" in judged(
        "half_life", lambda gamma: np.full(np.shape(gamma), 7)
    )
    assert "come to rest" in judged("cycle", lambda *_: 0)
    assert "always goes" not in judged("first_step", lambda g, *_: -np.sign(g))


def test_whole_numbers_are_a_slip_in_the_backward_pass() -> None:
    body = f"{MEAN}{MASKED}dV = np.zeros_like(V)\ndV[...] = dz.T @ h\n"
    told = judged("backward", written("backward", body + "return x.T @ dh, dV"))
    assert "Its dV comes back as whole numbers" in told
    assert "called with x = [[0, 1, 1], [1, 0, 1]]" in told


@pytest.mark.parametrize(
    ("task", "body", "clue"),
    [
        ("half_life", "return math.log(0.5) / math.log(gamma)", "use `np.sqrt`"),
        ("half_life", "k = 0\nwhile gamma**k > 0.5:\n    k += 1\nreturn k", "`while`"),
        ("cycle", "return eta / 2 * np.sqrt(len(h))", "no entries to count"),
        ("cycle", "return math.hypot(*[eta / 2 for _ in h])", "no entries to count"),
        ("first_step", "return -eta if g > 0 else eta", "single question"),
        ("backward", "return x @ p, p", "Write down the shape of each"),
    ],
)
def test_work_for_numbers_alone_or_unfit_arrays_is_told_where_to_look(
    task: str, body: str, clue: str
) -> None:
    told = judged(task, written(task, body))
    assert clue in told


@pytest.mark.parametrize(
    ("task", "result", "says"),
    [
        ("half_life", np.ones(3), "Its half_life has the shape (3,)"),
        ("cycle", np.ones((1, 1)), "Its distance has the shape (1, 1), and () is"),
        ("first_step", np.ones(5), "Its change has the shape (5,)"),
        ("backward", (np.ones(2), np.ones(2)), "Its dW has the shape (2,)"),
        ("backward", np.ones((3, 2, 2)), "must return dW, dV, and it returned one"),
    ],
)
def test_another_shape_is_told(task: str, result: Any, says: str) -> None:
    assert says in judged(task, lambda *_: result)


# --- What is said ---------------------------------------------------------------------

CODE = r"np\.(?!size)|\blog2?\(|sqrt|sign\(|\*\*|\*|@|\.T\b|[a-z)] ?/ ?[a-z(]|\[|1 - "


@EACH
def test_sentences_do_not_hold_the_solution(task: Task) -> None:
    hints = [text for _, text in (*errors.NUMBERS, *errors.SHAPES)]
    for text in (*hints, *(sentence for _, sentence in task.slips)):
        assert not re.search(CODE, re.sub(r"\*(is|share|first)\*", "", text)), text


@EACH
def test_sentences_are_short(task: Task) -> None:
    for _, sentence in task.slips:
        assert all(len(part) <= 250 for part in sentence.split(SECOND))


@EACH
def test_cases_are_as_they_were_after_a_check(task: Task) -> None:
    before = repr(task.cases)

    def spoil(*arguments: Any) -> Any:
        for argument in arguments:
            if np.ndim(argument):
                argument[...] = 0

    assert not check.judge(spoil, task)
    assert repr(task.cases) == before


def test_rows_of_a_long_array_stay_together() -> None:
    text = check.backward(lambda x, h, p, *_: (x.T @ h, p.T @ h)).text
    assert "\N{NO-BREAK SPACE}" not in text
    for line in text.splitlines()[1:]:
        assert line.count("[") - line.count("]") in (-1, 0, 1)
