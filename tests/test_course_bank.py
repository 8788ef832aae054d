"""The question bank holds true questions, whole, in both of its formats."""

import hashlib
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import chapter_rules
import numpy as np
import pytest
from course import bank
from course.chapters import Question, chapters

from rmsprop import RMSprop, follow, minimize
from rmsprop.baselines import AdaGrad, Adam, GradientDescent, Momentum
from rmsprop.frameworks import Variant, tensorflow1

MORE = bank.more()
QUESTIONS = [question for _, asked in bank.bank() for question in asked]
Q = {"q": bank.QTI}


def named(question: Question) -> str:
    return question.name


# --- The questions --------------------------------------------------------------------


def test_thirty_more_than_the_chapters_ask() -> None:
    assert len(MORE) == 30
    asked = sum(len(chapter.questions) for chapter in chapters())
    assert len(QUESTIONS) == asked + 30
    assert len({question.name for question in QUESTIONS}) == len(QUESTIONS)
    assert all(question.text for question in QUESTIONS)


def test_each_of_the_thirty_belongs_to_an_exercise() -> None:
    assert set(MORE) <= {label for c in chapters() for label in c.exercise}


@pytest.mark.parametrize("question", QUESTIONS, ids=named)
def test_one_answer_is_right_and_each_says_why(question: Question) -> None:
    assert sum(answer.right for answer in question.answers) == 1
    assert len(question.answers) == 3
    for answer in question.answers:
        start = "**Right.** " if answer.right else "**Not quite.** "
        assert answer.reason.startswith(start)
        assert len(answer.reason) > 40
        assert chapter_rules.count(answer.reason) <= chapter_rules.MAX_PARAGRAPH


def test_nothing_but_the_content_tells_the_right_answer() -> None:
    assert list(chapter_rules.telling([list(q.answers) for q in MORE.values()])) == []
    assert list(chapter_rules.telling([list(q.answers) for q in QUESTIONS])) == []


# --- Their numbers, from the package --------------------------------------------------


def step(rule: Any, grad: Any, state: Any = None) -> Any:
    """Return how far one step goes from 0."""
    zero = 0.0 * grad
    return abs(rule.update(zero, grad, rule.init(zero) if state is None else state)[0])


def last_step(rule: Any, gradients: Any) -> float:
    """Return how long the last step is that these gradients cause."""
    run = follow(lambda _, g: g, 0.0, rule, gradients)
    return float(abs(run.theta[-1] - run.theta[-2]))


def converges(rate: float) -> bool:
    curvatures = np.array([1.0, 50.0])
    start = np.ones(2)
    run = minimize(lambda x: curvatures * x, start, GradientDescent(rate), 2000)
    return bool(abs(run.theta[-1]).max() < 1e-3)


def rates_of_a_valley() -> list[float]:
    assert converges(0.0399)
    assert not converges(0.0401)
    return [2 / 50, 1 / 50, 2 / 1]


def steps_of_a_valley() -> list[float]:
    needed = [1 / np.log((k + 1) / (k - 1)) for k in (100.0, 400.0)]
    return [np.sqrt(400 / 100), needed[1] / needed[0]]


def averaged_gradients() -> list[float]:
    mean = 0.0
    for t in range(1000):
        mean = 0.9 * mean + 0.1 * (-1) ** t
    return [1 / abs(mean), last_step(RMSprop(1.0, 0.9, 0.0), (-1.0) ** np.arange(500))]


def by_hand() -> list[float]:
    gradient = 2 * (3.0 - 1.0)
    rule = RMSprop(0.1, 0.75, 0.0)
    moved, _ = rule.update(3.0, gradient, rule.init(3.0))
    return [3 - 0.1 * gradient, 3 - 0.1, moved]


def two_weights() -> list[float]:
    start, rule = np.array([1.0, 1.3]), RMSprop(0.02, 0.9, 0.0)
    run = minimize(lambda x: 5 * x, start, rule, 3000)
    distance = np.linalg.norm(run.theta[-1])
    return [distance * np.sqrt(2), distance / np.sqrt(2), distance]


def ten_million_weights() -> list[float]:
    few = np.zeros(10, dtype=np.float32)
    stored = [
        sum(part.nbytes for part in rule.init(few) if isinstance(part, np.ndarray))
        for rule in (RMSprop(0.1), Adam(0.1))
    ]
    return [np.nan, *stored]  # bytes for ten weights, megabytes for ten million


def beside_and_under_the_root() -> list[float]:
    steady = np.full(500, 1e-3)
    return [
        last_step(RMSprop(1.0, 0.9, 1e-4), steady),
        last_step(Variant(1.0, 0.9, 1e-4, eps_inside=False), steady),
        last_step(RMSprop(1.0, 0.9, 0.0), steady),
    ]


def other_unit() -> list[float]:
    def moved(rule: Any, unit: float) -> float:
        run = minimize(lambda phi: unit * (unit * phi), 1.0 / unit, rule, 1)
        return float(unit * (run.theta[0] - run.theta[1]))

    rule, descent = RMSprop(0.01, 0.9, 0.0), GradientDescent(0.01)
    return [
        np.nan,
        moved(descent, 2.0) / moved(descent, 1.0),
        moved(rule, 2.0) / moved(rule, 1.0),
    ]


def outlier() -> list[float]:
    gradients = np.append(np.ones(3000), 100.0)
    return [
        last_step(RMSprop(1.0, 0.99, 0.0), gradients),
        last_step(GradientDescent(1.0), gradients),
        last_step(RMSprop(1.0, 0.99, 0.0), gradients[:-1]),
    ]


def warm_up() -> list[float]:
    real = tensorflow1(learning_rate=1e-3, decay=0.9)
    return [
        step(RMSprop(1e-3, 0.9, 0.0), 0.01),
        step(real, 0.01),
        last_step(RMSprop(1e-3, 0.9, 0.0), np.full(500, 0.01)),
    ]


def way() -> list[float]:
    run = minimize(lambda x: x, 5.0, RMSprop(1e-3, 0.9), 1000)
    return [np.nan, np.nan, 5.0 - float(run.theta[-1])]


def rare_gradients() -> list[float]:
    gradients = np.append(np.tile(np.append(1.0, np.zeros(99)), 20), 1.0)
    return [
        np.mean(gradients),
        last_step(RMSprop(1.0, 0.9, 0.0), gradients),
        last_step(RMSprop(1.0, 0.9, 0.0), np.ones(500)),
    ]


def hundred_gradients() -> list[float]:
    gradients = np.full(100, 0.3)
    return [
        last_step(AdaGrad(1.0, 0.0), gradients),
        last_step(RMSprop(1.0, 0.9, 0.0), gradients),
        1 / 100,
    ]


def forgotten_state() -> list[float]:
    return [np.nan, np.nan, step(RMSprop(1.0, 0.999, 0.0), 0.7)]


NUMBERS: dict[str, Callable[[], list[Any]]] = {
    "ex-introduction-predict": rates_of_a_valley,
    "ex-introduction-condition": steps_of_a_valley,
    "ex-definition-memory": lambda: [1 / 0.01, 1.99 / 0.01, np.log(0.5) / np.log(0.99)],
    "ex-definition-bias": lambda: [
        1e-3,
        step(RMSprop(1e-3, 0.999, 0.0), 0.4),
        1e-3 / (1 - 0.999),
    ],
    "ex-definition-repair": averaged_gradients,
    "ex-example-start": by_hand,
    "ex-example-schedule": two_weights,
    "ex-properties-memory": ten_million_weights,
    "ex-properties-epsilon": beside_and_under_the_root,
    "ex-properties-units": other_unit,
    "ex-recurrent-longer": lambda: [80, 100 * 0.8**16, 100 * 0.8 / 16],
    "ex-recurrent-outlier": outlier,
    "ex-frameworks-warmup": warm_up,
    "ex-convergence-budget": way,
    "ex-proved-rare": lambda: [0.5 ** (1 / 100), 1 - 1 / 100],
    "ex-deep-rare": rare_gradients,
    "ex-lineage-name": hundred_gradients,
    "ex-scaling-restart": forgotten_state,
}
WORDS = {
    "twice": 2,
    "four times": 4,
    "a tenth": 0.1,
    "a hundredth": 0.01,
    "one": 1,
    "three": 3,
}


def said(offer: str) -> float:
    """Return the first number of an answer."""
    number = re.search(r"[\d.]*\d|" + "|".join(WORDS), offer.lower())
    assert number, offer
    return float(WORDS.get(number[0], number[0]))


@pytest.mark.parametrize("label", NUMBERS)
def test_numbers_are_those_of_the_package(label: str) -> None:
    pairs = zip(MORE[label].answers, NUMBERS[label](), strict=False)
    checked = [(a, value) for a, value in pairs if not np.isnan(value)]
    assert any(answer.right for answer, _ in checked)
    for answer, value in checked:
        assert said(answer.offer) == pytest.approx(value, rel=0.07), answer.offer


def test_every_question_with_a_number_in_its_right_answer_is_checked() -> None:
    for label, question in MORE.items():
        right = next(answer.offer for answer in question.answers if answer.right)
        if label not in NUMBERS and label != "ex-choosing-floor":
            assert not re.search(r"\d", right.replace("exactly 0", "")), right


def test_a_floor_for_small_gradients() -> None:
    steady = np.full(500, 1e-5)
    floors = (1e-5, 1e-8, 1e-12)
    long = [last_step(RMSprop(1.0, 0.9, eps), steady) for eps in floors]
    assert long == pytest.approx([0.003, 0.1, 0.995], rel=0.06)


def test_what_the_other_answers_claim() -> None:
    silent = RMSprop(1.0, 0.9, 0.0)
    assert step(silent, 1e-3) == pytest.approx(step(silent, 1e3))
    signs = step(RMSprop(0.1, 0.0, 0.0), np.array([3.0, -0.01]))
    assert signs == pytest.approx([0.1, 0.1])
    assert said(MORE["ex-proved-rare"].answers[0].offer) ** 100 == pytest.approx(
        0.5, rel=1e-2
    )


def test_the_gradient_of_a_layer() -> None:
    rng = np.random.default_rng(0)
    a, W, d = (
        rng.normal(size=s) for s in ((50, 64), (64, 10), (50, 10))
    )  # the loss sum(d * (a @ W)) has the slopes d
    small = np.zeros_like(W)
    small[5, 3] = 1e-4
    difference = np.sum(d * (a @ (W + small)) - d * (a @ (W - small))) / 2e-4
    assert (a.T @ d)[5, 3] == pytest.approx(difference)
    assert (d @ W.T).shape == a.shape
    assert (d.T @ a).shape == (10, 64)


def test_the_limit_of_a_filter_falls_with_the_square() -> None:
    def rest(x: float, rate: float) -> float:
        w = 1.0
        for _ in range(200):
            w -= rate * (w * x) * x
        return abs(w)

    for x in (1.0, 10.0):
        assert rest(x, 1.9 / x**2) < 1e-6
        assert rest(x, 2.1 / x**2) > 1


def test_the_place_of_a_constant_rate_makes_no_difference() -> None:
    inside, outside = (
        minimize(
            lambda x: 3 * x, 1.0, Variant(0.01, momentum=0.9, rate_in_buffer=b), 50
        )
        for b in (True, False)
    )
    assert inside.theta == pytest.approx(outside.theta, abs=1e-12)


def test_the_centered_form_runs_away_from_a_constant_gradient() -> None:
    steady = np.ones(400)
    centered = Variant(1.0, 0.9, 1e-8, centered=True)
    assert last_step(centered, steady) == pytest.approx(1e4, rel=0.01)
    assert last_step(centered, steady[:100]) > last_step(centered, steady[:50]) > 1


@pytest.mark.parametrize(("decay", "drift"), [(0.9, 0.14), (0.99, 0.013)])
def test_skewed_gradients_push_toward_the_many(decay: float, drift: float) -> None:
    cycle = np.array([9.0] + [-1.0] * 9)
    gradients = np.random.default_rng(0).permutation(np.tile(cycle, 4000))
    run = follow(lambda _, g: g, 0.0, RMSprop(1.0, decay), gradients, keep=0)
    assert run.theta[-1] / len(gradients) == pytest.approx(drift, rel=0.2)


def test_momentum_needs_the_root_of_the_condition_number() -> None:
    def gradient(theta: Any) -> Any:
        return np.array([1.0, k]) * theta

    for k in (100.0, 400.0):
        best = ((np.sqrt(k) - 1) / (np.sqrt(k) + 1)) ** 2
        rule = Momentum((2 / (1 + np.sqrt(k))) ** 2, best)
        steps = int(15 * np.sqrt(k))
        run = minimize(gradient, np.ones(2), rule, steps)
        assert abs(run.theta[-1]).max() < 1e-5


# --- The two formats ------------------------------------------------------------------


def parsed(xml: bytes) -> Element:
    return fromstring(xml)  # noqa: S314 - our own


def html_of(part: Element | None) -> str:
    assert part is not None
    return part.text or ""


def test_moodle_has_every_question_with_its_feedback() -> None:
    quiz = parsed(bank.moodle(bank.bank()))
    kinds = [item.get("type") for item in quiz]
    assert kinds.count("category") == len(chapters())
    items = [item for item in quiz if item.get("type") == "multichoice"]
    assert [item.findtext("name/text") for item in items] == [*map(named, QUESTIONS)]
    for item, question in zip(items, QUESTIONS, strict=True):
        offered = item.findall("answer")
        right = [part.get("fraction") == "100" for part in offered]
        assert right == [answer.right for answer in question.answers]
        says = [html_of(part.find("feedback/text")) for part in offered]
        assert says == [bank.to_html(answer.reason) for answer in question.answers]
        assert item.findtext("single") == item.findtext("shuffleanswers") == "true"


def test_canvas_has_every_question_with_its_feedback() -> None:
    files = bank.canvas(bank.bank())
    found = [
        item
        for name in files
        if name != "imsmanifest.xml"
        for item in parsed(files[name]).iterfind(".//q:item", Q)
    ]
    assert [item.get("ident") for item in found] == [*map(named, QUESTIONS)]
    for item, question in zip(found, QUESTIONS, strict=True):
        idents = [part.get("ident") for part in item.iterfind(".//q:response_label", Q)]
        scored = [
            condition.findtext("q:conditionvar/q:varequal", None, Q)
            for condition in item.iterfind(".//q:respcondition", Q)
            if condition.find("q:setvar", Q) is not None
        ]
        right = [answer.right for answer in question.answers].index(True)
        assert scored == [idents[right]]
        shown = {
            condition.findtext("q:conditionvar/q:varequal", None, Q): part.get(
                "linkrefid"
            )
            for condition in item.iterfind(".//q:respcondition", Q)
            for part in condition.iterfind("q:displayfeedback", Q)
        }
        says = {
            part.get("ident"): html_of(part.find(".//q:mattext", Q))
            for part in item.iterfind("q:itemfeedback", Q)
        }
        for ident, answer in zip(idents, question.answers, strict=True):
            assert says[shown[ident]] == bank.to_html(answer.reason)


def test_the_manifest_names_every_file_of_the_package() -> None:
    files = bank.canvas(bank.bank())
    manifest = parsed(files["imsmanifest.xml"])
    named = [part.get("href") for part in manifest.iter(f"{{{bank.PACKAGE}}}file")]
    assert ["imsmanifest.xml", *named] == [*files]


def test_formulas_survive_and_nothing_of_markdown_is_left() -> None:
    for question in QUESTIONS:
        for text in (question.text, *(part for a in question.answers for part in a)):
            html = bank.to_html(text)
            assert "](" not in html
            assert "**" not in html
            assert "$" not in html
            assert ":::" not in html
            formulas = [f for f in re.findall(r"\$([^$]+)\$", text) if f]
            held = re.findall(r"\\\((.*?)\\\)", html, re.DOTALL)
            unescaped = [h.replace("&lt;", "<").replace("&gt;", ">") for h in held]
            assert [u.replace("&amp;", "&") for u in unescaped] == formulas


def test_a_text_becomes_html() -> None:
    text = 'With "one" [link](a.md#b): $a < b_1 * c_1$ and `x * y`, *so* it **is**.'
    assert bank.to_html(text) == (
        "<p>With “one” link: \\(a &lt; b_1 * c_1\\) and <code>x * y</code>, "
        "<em>so</em> it <strong>is</strong>.</p>"
    )


def test_two_builds_give_the_same_bytes(tmp_path: Path) -> None:
    digests = set()
    for name in "ab":
        bank.write_bank(tmp_path / name)
        parts = [
            (tmp_path / name / f).read_bytes() for f in ("moodle.xml", "canvas.zip")
        ]
        digests.add(hashlib.sha256(b"".join(parts)).hexdigest())
    assert len(digests) == 1
    with zipfile.ZipFile(tmp_path / "a" / "canvas.zip") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [*bank.canvas(bank.bank())]
