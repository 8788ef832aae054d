"""The marker gives right, empty and typical wrong submissions what they are worth.

The key of the wrong ones is here: which answers a submission holds, and its points.
"""

import csv
import io
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from course import __main__ as commands
from course import assignment, versions
from course.marking import cells, report, runner
from course.marking.runner import Finding, Marks

SEED = 2  # its rule divides by the sum of the weights
QUICK = 3.0  # seconds of computing; the other cells need a tenth of one


def submission(path: Path, *answers: str) -> Path:
    """Write a notebook of the cells that everyone gets, and of these answers."""
    cells = assignment.derive(SEED, "student").cells
    given = [cell for cell in cells if "given" in versions.tags(cell)]
    own = [nbformat.v4.new_code_cell(answer) for answer in answers]
    nbformat.write(nbformat.v4.new_notebook(cells=[*given, *own]), path)
    return path


def solution(*questions: str) -> list[str]:
    """Return the code of the solution for questions."""
    return [
        cell.source
        for cell in assignment.derive(SEED, "solution").cells
        if cell.cell_type == "code"
        and "solution" in versions.tags(cell)
        and versions.tags(cell) & set(questions)
    ]


def points(marks: Marks) -> list[float]:
    return [marks.of(question) for question in range(1, 7)]


UPDATE = solution("Q1")[0]
BESIDE = UPDATE.replace("(corrected + eps) ** (1 / POWER)", "X").replace(
    "X", "(corrected ** (1 / POWER) + eps)"
)
SWAPPED = UPDATE.replace("gamma * G + (1 - gamma) *", "(1 - gamma) * G + gamma *")


def test_the_wrong_answers_are_made() -> None:
    assert len({UPDATE, BESIDE, SWAPPED}) == 3


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the student's version and the solution, not run."""
    folder = tmp_path_factory.mktemp("versions")
    for kind in ("student", "solution"):
        nbformat.write(assignment.derive(SEED, kind), folder / f"{kind}.ipynb")
    return folder


# --- The key --------------------------------------------------------------------------


@pytest.mark.marking
def test_the_empty_version_is_worth_nothing(made: Path) -> None:
    marks = runner.mark(made / "student.ipynb", SEED)
    assert marks.total == 0
    assert not marks.cells
    assert not marks.texts
    assert {f.question for f in marks.findings} == {1, 2, 3, 4, 5}


@pytest.mark.marking
def test_the_solution_is_worth_everything_by_another_name_too(made: Path) -> None:
    renamed = made / "Ada's second try (1).ipynb"
    renamed.write_bytes((made / "solution.ipynb").read_bytes())
    marks = runner.mark(renamed, SEED, hand={4: 2, 5: 2, 6: 6})
    assert points(marks) == [12, 8, 8, 8, 8, 6]
    assert marks.total == sum(map(marks.possible, marks.questions)) == 50
    assert not marks.cells
    assert set(marks.texts) == {4, 5, 6}


@pytest.mark.marking
def test_typical_slips_of_question_1(tmp_path: Path) -> None:
    beside = runner.mark(submission(tmp_path / "a.ipynb", BESIDE), SEED)
    assert points(beside) == [7, 0, 0, 0, 0, 0]
    assert "Epsilon stands beside the root." in report.markdown(beside)
    swapped = runner.mark(submission(tmp_path / "b.ipynb", SWAPPED), SEED)
    assert points(swapped) == [2, 0, 0, 0, 0, 0]
    assert "The weights have changed places" in report.markdown(swapped)


HARD_CODED = """
def first_step(eta, gamma):
    return {first}


def cycle(eta):
    return {cycle}


def measure(grad, start, eta, gamma):
    return {first}, {cycle}


def port(learning_rate, decay, momentum, epsilon, centered):
    return {port}


def update(theta, G, g, t, rule):
    return theta - np.array([{eta}, -{eta}]), G
"""


@pytest.mark.marking
def test_hard_coded_answers_earn_only_what_is_on_the_page(tmp_path: Path) -> None:
    made = versions.version(SEED)
    wanted = {
        "lr": made.setting["learning_rate"],
        "alpha": made.setting["decay"],
        "eps": made.setting["epsilon"] ** 0.5,
        "momentum": made.setting["momentum"],
        "centered": made.setting["centered"],
    }
    code = HARD_CODED.format(
        first=made.eta / (1 - made.decay) ** 0.5,
        cycle=made.eta / 2,
        port=wanted,
        eta=made.eta,
    )
    marks = runner.mark(submission(tmp_path / "copied.ipynb", code), SEED)
    assert points(marks) == [2, 0, 0, 1, 0, 0]


@pytest.mark.marking
def test_what_never_ends_or_raises_costs_its_own_points(tmp_path: Path) -> None:
    """A cell loops for ever, one raises, one leaves Python; a function ends it."""
    path = submission(
        tmp_path / "stuck.ipynb",
        "while True:\n    try:\n        1 / 0\n    except BaseException:\n        pass",
        "raise KeyError('no such thing')",
        *solution("Q1", "Q4"),
        "%matplotlib inline\nimport sys\nsys.exit()",
        "def cycle(eta):\n    import os\n    os._exit(0)",
        "def first_step(eta, gamma):\n    return eta / np.sqrt(1 - gamma)",
    )
    marks = runner.mark(path, SEED, limit=QUICK)
    assert points(marks) == [12, 0, 2, 6, 0, 0]
    late = "It took too long, or it ended Python."
    raised = {5: "KeyError: 'no such thing'", 8: "SystemExit"}
    assert marks.cells == {4: late, **raised}
    (ended,) = [f for f in marks.findings if f.name == "test_cycle"]
    assert (ended.passed, ended.text) == (False, late)


# --- What comes out -------------------------------------------------------------------

FAILED = Finding("test_a", 1, 3, "It agrees.", False, "Not\nyet. Here:\ncalled with  1")
PASSED = Finding("test_b", 3, 2, "It is measured.", True, "")
MARKS = Marks("ada", 7, (FAILED, PASSED), {4: "It raised."}, {6: "I think."}, {6: 5})


def test_a_report_says_what_went_wrong_and_quotes_what_a_person_marks() -> None:
    text = report.markdown(MARKS)
    assert text.startswith("# ada: 7 of 15 points\n\n4 of these points are still")
    assert "- Cell 4: It raised." in text
    assert (
        "- **0 of 3** It agrees. *Not yet. Here:*\n\n  ```text\n  called with" in text
    )
    assert "- **2 of 2** It is measured.\n" in text
    assert text.count("To read again: *Definition*.") == text.count("To read") == 1
    assert "**By hand: 5** of 6\n\n> I think." in text


def test_gradescope_gets_scores_that_add_up() -> None:
    result = json.loads(report.gradescope(MARKS))
    assert result["score"] == sum(test["score"] for test in result["tests"]) == 7
    assert sum(test["max_score"] for test in result["tests"]) == 15
    assert {test["visibility"] for test in result["tests"]} == {"after_published"}


def test_the_table_has_a_row_a_submission() -> None:
    rows = list(csv.DictReader(io.StringIO(report.table([MARKS, MARKS]))))
    assert [row["submission"] for row in rows] == ["ada", "ada"]
    assert rows[0]["question 3"] == "2"
    assert rows[0]["total"] == "7"
    assert rows[0]["open"] == "4"


def test_points_by_hand_have_a_limit(tmp_path: Path) -> None:
    for hand in ({6: 7.0}, {1: 1.0}, {4: -1.0}):
        with pytest.raises(ValueError, match=r"must lie in 0 to \d, got"):
            runner.mark(tmp_path / "none.ipynb", SEED, hand=hand)


def test_a_failure_of_the_marker_is_no_failure_of_the_student(tmp_path: Path) -> None:
    (tmp_path / "broken.ipynb").write_text("{", encoding="utf-8")
    with pytest.raises(ValueError, match=r"broken\.ipynb is no notebook"):
        runner.mark(tmp_path / "broken.ipynb", SEED)


def test_the_command_writes_all_three(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = list[Any]()

    def mark(*given: Any) -> Marks:
        asked.append(given)
        return MARKS

    monkeypatch.setattr(runner, "mark", mark)
    line = f"mark a.ipynb b.ipynb --seed 7 --hand 6=4.5 --out {tmp_path}"
    commands.main(line.split())
    assert [given[1:] for given in asked] == [(7, runner.LIMIT, {6: 4.5})] * 2
    written = sorted(file.name for file in tmp_path.iterdir())
    assert written == ["a.json", "a.md", "b.json", "b.md", "marks.csv"]


def test_a_cell_that_fails_does_not_stop_the_rest() -> None:
    started: list[int] = []
    names, failed = cells.run(["a = 1", "b = a +", "c = a"], {9}, started.append)
    assert names["c"] == 1
    assert started == [1, 2, 3]
    assert failed[2].startswith("SyntaxError")
