"""Every version of the assignment can be done, and a student's holds no solution."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from course import __main__ as commands
from course import assignment, nbgrader, versions
from course.marking.key import differences, rule_task
from course.marking.runner import BY_HAND
from live_tools import ROOT
from notebooks import read

from rmsprop.check import judge

SEEDS = range(50)


def sources(seed: int, kind: str) -> list[str]:
    return [cell.source for cell in assignment.derive(seed, kind).cells]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write both versions of one seed, not run."""
    made = tmp_path_factory.mktemp("assignment")
    for name, kind in (("assignment", "student"), ("solution", "solution")):
        nbformat.write(assignment.derive(1, kind), made / f"{name}.ipynb")
    return made


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write both versions of one seed, and run them."""
    made = tmp_path_factory.mktemp("ran")
    for kind in ("student", "solution"):
        assignment.write(1, kind, made)
    return made


def printed(path: Path) -> list[str]:
    outputs = [c["outputs"] for c in read(path)["cells"] if c["cell_type"] == "code"]
    return [o["text"] for several in outputs for o in several if "text" in o]


# --- Both versions --------------------------------------------------------------------


def test_a_version_is_the_same_every_time_and_another_for_another_seed() -> None:
    assert versions.version(7) == versions.version(7)
    assert len({str(versions.version(seed)) for seed in SEEDS}) == len(SEEDS)
    made = [versions.version(seed) for seed in SEEDS]
    assert {v.start for v in made} == set(versions.STARTS)
    assert {v.power for v in made} == {3, 4, 6}
    assert {bug for v in made for bug in v.bugs} == {*range(1, 9)}


@pytest.mark.parametrize("seed", range(8))
def test_nothing_of_the_source_is_left_to_fill_in(seed: int) -> None:
    for kind in assignment.KINDS:
        text = "\n".join(sources(seed, kind))
        assert "{{" not in text.replace("{{{", "")
        assert [f"def step_{letter}(" in text for letter in "abcd"] == [True] * 4


@pytest.mark.marking
def test_every_empty_exercise_says_so(ran: Path) -> None:
    said = printed(ran / "assignment.ipynb")
    assert [text.count("nothing written yet") for text in said] == [1, 4, 1, 1, 1, 1]


@pytest.mark.marking
def test_the_solution_answers_every_question(ran: Path) -> None:
    said = printed(ran / "solution.ipynb")
    # only the skeleton for the code of question 6 is still there
    assert said.count("nothing written yet\n") == 1
    assert not any("Traceback" in text for text in said)


def test_minutes_and_points_add_up() -> None:
    title = sources(0, "student")[0]
    rows = re.findall(r"^\| \d .*?\|(.*)\|(.*)\|(.*)\|$", title, re.MULTILINE)
    columns = np.array([[int(cell.strip() or 0) for cell in row] for row in rows])
    assert "50 points · 150 minutes" in title
    assert columns.sum(axis=0).tolist() == [150, 50, sum(BY_HAND.values())]


def test_the_source_is_the_version_of_its_numbers() -> None:
    cells = nbformat.read(versions.SOURCE, as_version=4).cells
    (own,) = [cell.source for cell in cells if "numbers" in versions.tags(cell)]
    names: dict[str, Any] = {}
    exec(own, names)  # noqa: S102 - our own cell
    assert set(names["SETTING"]) == set(versions.version(0).setting)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_differs_is_what_the_solution_says(seed: int) -> None:
    setting = versions.version(seed).setting
    assert differences(setting) == ({2, 4, 6} if setting["momentum"] else {2, 4})


@pytest.mark.parametrize("seed", range(12))
def test_no_slip_of_question_1_passes(seed: int) -> None:
    task = rule_task(versions.version(seed), seed)
    assert judge(task.reference, task)
    for slip, sentence in task.slips:
        text = " ".join(str(judge(slip, task)).split())  # without its line ends
        assert text == f"Not yet. {sentence}"


# --- Students get no solution ---------------------------------------------------------


def test_the_students_version_holds_no_solution(folder: Path) -> None:
    assert assignment.leaks(folder / "assignment.ipynb") == []


def test_a_planted_solution_is_found(folder: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(folder / "assignment.ipynb", as_version=4)
    cells = nbformat.read(versions.SOURCE, as_version=4).cells
    (planted,) = [c for c in cells if "differ most near it" in c.source]
    notebook.cells.append(planted)
    nbformat.write(notebook, tmp_path / "leaky.ipynb")
    assert len(assignment.leaks(tmp_path / "leaky.ipynb")) > 10
    assert len(assignment.leaks(folder / "solution.ipynb")) > 100


def test_its_tags_do_not_tell_the_bugs() -> None:
    notebook = assignment.derive(3, "student")
    assert "bug-" not in nbformat.writes(notebook)


def test_the_student_edition_gets_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("student_edition", "notebooks_zip", "leaks"):
        monkeypatch.setattr(commands, name, lambda *_: [])
    monkeypatch.setattr("subprocess.run", lambda *_, **__: None)
    monkeypatch.setattr(assignment, "run", lambda *_: None)
    commands.main(["student", str(tmp_path)])
    path = tmp_path / "sources" / "book" / "assignment.ipynb"
    assert path.exists()
    assert assignment.leaks(path) == []
    monkeypatch.setattr(assignment, "leaks", lambda _: ["a piece"])
    with pytest.raises(SystemExit, match="a piece"):
        commands.main(["student", str(tmp_path)])


# --- nbgrader -------------------------------------------------------------------------


def test_nbgrader_marks_what_the_page_says(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "assignment.ipynb"
    path.write_bytes((folder / "assignment.ipynb").read_bytes())
    nbgrader.prepare(path, 1)
    cells = nbformat.read(path, as_version=4).cells
    graded = [c.metadata.nbgrader for c in cells if "nbgrader" in c.metadata]
    assert len({cell.grade_id for cell in graded}) == len(graded) == 8
    assert sum(cell.points for cell in graded) == 50
    hidden = [c.source for c in cells if "BEGIN HIDDEN TESTS" in c.source]
    assert [f", {q})" in text for q, text in enumerate(hidden, 1)] == [True] * 5


@pytest.mark.marking
def test_its_tests_count_the_points_of_a_question() -> None:
    code = [
        cell.source
        for cell in assignment.derive(1, "solution").cells
        if cell.cell_type == "code" and {"given", "Q1"} & versions.tags(cell)
    ]
    code = [
        text for text in code if "digits.npz" not in text and "if written" not in text
    ]
    code += ["from course import nbgrader", "found = nbgrader.points(globals(), 1, 1)"]
    code += ["assert found == 12, found", "assert nbgrader.points({}, 1, 1) == 0"]
    paths = os.pathsep.join([str(ROOT), str(ROOT / "book")])
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", "\n".join(code)],
        capture_output=True,
        check=False,
        env={
            **os.environ,
            "PYTHONPATH": paths,
            "MPLBACKEND": "Agg",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        },
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr
