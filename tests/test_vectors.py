"""The test vectors: their form, their numbers, and what they can tell apart."""

import importlib
import itertools
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rmsprop.frameworks import CONVENTIONS, FURTHER, Variant, build

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "tests" / "vectors"
VECTORS = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(FOLDER.glob("*.json"))
}
PAGE = (ROOT / "book/reference/vectors.md").read_text(encoding="utf-8")
ALL = CONVENTIONS | FURTHER
FORMS = [(name, form) for name, vector in VECTORS.items() for form in vector["forms"]]


def made(name: str, knobs: dict[str, Any]) -> Variant | None:
    """Return a framework's rule with these knobs, None where it cannot have them."""
    convention = ALL[name]
    words = {convention.word(knob): value for knob, value in knobs.items()}
    words[convention.word("learning_rate")] = 0.125
    variant = build(name, **{word: v for word, v in words.items() if word is not None})
    if name != "hinton":  # who has no eps; numbers in a source can be edited
        variant = replace(variant, decay=knobs["decay"], eps=knobs["eps"])
    has = all(getattr(variant, knob) == value for knob, value in knobs.items())
    return variant if has else None


def walk(variant: Variant, vector: dict[str, Any]) -> list[list[float]]:
    """Return the parameters after each step of a vector."""
    theta = np.array(vector["theta0"])
    state, rows = variant.init(theta), []
    for rate, grad in zip(vector["rates"], vector["gradients"], strict=True):
        now = replace(variant, learning_rate=rate)
        theta, state = now.update(theta, np.array(grad), state)
        rows.append(theta.tolist())
    return rows


def distance(a: Any, b: Any) -> float:
    return float(np.abs(np.array(a) - np.array(b)).max())


# --- the files ---


@pytest.mark.parametrize("name", VECTORS)
def test_a_vector_has_the_form_of_the_schema(name: str) -> None:
    schema = json.loads((FOLDER / "schema/vector.json").read_text(encoding="utf-8"))
    validator = importlib.import_module("jsonschema").Draft202012Validator(schema)
    assert [error.message for error in validator.iter_errors(VECTORS[name])] == []
    broken = {**VECTORS[name], "rates": [-1.0]}
    assert list(validator.iter_errors(broken)) != []


@pytest.mark.parametrize("name", VECTORS)
def test_all_lists_of_a_vector_have_its_length(name: str) -> None:
    vector = VECTORS[name]
    shape = (len(vector["rates"]), len(vector["theta0"]))
    assert np.shape(vector["gradients"]) == shape
    for form in vector["forms"].values():
        assert np.shape(form["theta"]) == shape


@pytest.mark.parametrize(("name", "form"), FORMS)
def test_who_is_named_goes_where_the_vector_says(name: str, form: str) -> None:
    vector = VECTORS[name]
    for framework in vector["forms"][form]["frameworks"]:
        variant = made(framework, vector["knobs"])
        assert variant is not None
        apart = distance(walk(variant, vector), vector["forms"][form]["theta"])
        assert apart <= vector["tolerance"] / 100, framework


@pytest.mark.parametrize("name", VECTORS)
def test_all_who_can_have_the_knobs_are_named_once(name: str) -> None:
    named = [f for form in VECTORS[name]["forms"].values() for f in form["frameworks"]]
    able = [f for f in ALL if made(f, VECTORS[name]["knobs"]) is not None]
    assert sorted(named) == sorted(able)


@pytest.mark.parametrize(("name", "form"), FORMS)
def test_a_form_was_recorded_unless_nobody_who_has_it_was_run(
    name: str, form: str
) -> None:
    entry = VECTORS[name]["forms"][form]
    if entry["recorded_from"] is None:
        aside = {"chainer", "graves", "mxnet", "paddle"}  # not beside the others
        ran = {f for f in entry["frameworks"] if ALL[f].known == "run"}
        assert ran <= aside
    else:
        framework, version = entry["recorded_from"].split()
        assert framework in entry["frameworks"]
        assert version == ALL[framework].version


@pytest.mark.parametrize("name", VECTORS)
def test_forms_lie_farther_apart_than_float32_can_blur(name: str) -> None:
    forms = VECTORS[name]["forms"].values()
    for a, b in itertools.combinations(forms, 2):
        assert distance(a["theta"], b["theta"]) > 1e-3


# --- what they tell apart ---


def settings() -> list[dict[str, Any]]:
    """Return settings that bring out all differences of two conventions."""
    switches = {
        "momentum": (0.0, 0.75),
        "nesterov": (False, True),
        "centered": (False, True),
        "weight_decay": (0.0, 0.5),
        "bias_correction": (False, True),
    }
    combinations = itertools.product(*switches.values())
    numbers = {"decay": 0.75, "eps": 0.5}
    return [numbers | dict(zip(switches, c, strict=True)) for c in combinations]


def behavior(name: str) -> list[list[list[float]] | None]:
    """Return where a convention goes under all settings, None where it cannot."""
    variants = [made(name, knobs) for knobs in settings()]
    return [None if v is None else walk(v, VECTORS["plain"]) for v in variants]


def verdict(name: str, vectors: dict[str, Any]) -> dict[str, str]:
    """Return the form that a convention has in each vector that it can run."""
    forms = {}
    for title, vector in vectors.items():
        variant = made(name, vector["knobs"])
        if variant is not None:
            theta = walk(variant, vector)
            forms[title] = next(
                form
                for form, entry in vector["forms"].items()
                if distance(theta, entry["theta"]) <= vector["tolerance"]
            )
    return forms


def unseparated(vectors: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the pairs that differ under some shared setting, and in no vector."""
    names = [name for name in ALL if name != "hinton"]
    does = {name: behavior(name) for name in names}
    says = {name: verdict(name, vectors) for name in names}
    found = []
    for a, b in itertools.combinations(names, 2):
        both = [
            (x, y) for x, y in zip(does[a], does[b], strict=True) if None not in (x, y)
        ]
        differ = any(distance(x, y) > 1e-9 for x, y in both)
        shared = says[a].keys() & says[b].keys()
        if differ and all(says[a][v] == says[b][v] for v in shared):
            found.append((a, b))
    return found


def test_any_two_conventions_that_differ_are_told_apart() -> None:
    assert unseparated(VECTORS) == []


@pytest.mark.parametrize(
    "without", [{"plain"}, {"momentum", "centered_momentum"}, {"weight_decay"}]
)
def test_without_a_vector_some_are_not_told_apart(without: set[str]) -> None:
    less = {title: v for title, v in VECTORS.items() if title not in without}
    assert unseparated(less) != []


# --- the page ---


def program() -> dict[str, Any]:
    """Run the page's program without its last line, and return its names."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    code = "\n".join(blocks).replace('check(run, "tests/vectors")', "")
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - the page's own program
    return names


def said(run: Callable[[Any], Any], capsys: pytest.CaptureFixture[str]) -> list[str]:
    program()["check"](run, FOLDER)
    return capsys.readouterr().out.splitlines()


def test_the_page_prints_what_its_program_prints(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = said(program()["run"], capsys)
    expected = re.search(r"```text\n(.*?)```", PAGE, re.DOTALL)
    assert expected is not None
    assert lines == expected[1].splitlines()


def test_the_checker_sees_eps_move_inside(capsys: pytest.CaptureFixture[str]) -> None:
    code = "\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
    outside = "(G[i] ** 0.5 + eps)"
    assert outside in code
    inside = code.replace(outside, "(G[i] + eps) ** 0.5")
    names: dict[str, Any] = {}
    exec(inside.replace('check(run, "tests/vectors")', ""), names)  # noqa: S102
    assert said(names["run"], capsys) == ["plain: eps inside, G0 = 0"]


@pytest.mark.parametrize("name", ALL)
def test_the_checker_names_the_forms_of_every_convention(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(vector: dict[str, Any]) -> list[list[float]] | None:
        variant = made(name, vector["knobs"])
        return None if variant is None else walk(variant, vector)

    expected = [f"{title}: {form}" for title, form in verdict(name, VECTORS).items()]
    assert said(run, capsys) == expected


@pytest.mark.parametrize("wrong", [[[1.0]], [[float("nan")] * 3] * 8, None])
def test_the_checker_is_not_fooled(
    wrong: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    first = VECTORS["plain"]["forms"]["eps inside, G0 = 0"]["theta"][:1]
    assert said(lambda _vector: wrong, capsys) == []
    assert said(lambda _vector: first, capsys) == []


def test_the_checker_has_ten_lines() -> None:
    first = re.search(r"```python\n.*?(def check.*?)```", PAGE, re.DOTALL)
    assert first is not None
    assert len(first[1].splitlines()) <= 10


def test_the_page_names_every_file() -> None:
    files = re.findall(r"\.\./\.\./tests/vectors/(\w+)\.json", PAGE)
    assert files == ["plain", "momentum", "nesterov", "centered", *files[4:]]
    assert sorted(files) == sorted(VECTORS)
