"""The assignment as a source notebook of nbgrader, for schools that use it.

nbgrader calls the marker once a question, in cells that are locked and whose content
students do not get; texts are its cells to mark by hand. The machine that marks needs
this book's `book` folder and `rmsprop` on its PYTHONPATH.

    cd book && python -m course assignment nbgrader 7 FOLDER
    nbgrader generate_assignment NAME
"""

from pathlib import Path
from typing import Any

import nbformat
import pytest

from course.marking.cells import WORDS
from course.marking.plugin import marked
from course.marking.runner import BY_HAND
from course.versions import tags

POINTS = {1: 12, 2: 8, 3: 8, 4: 6, 5: 6}
"""What the tests of each question are worth together."""
EMPTY = "### BEGIN SOLUTION\nnothing written yet\n### END SOLUTION"
TESTS = """# The points of question {question}
### BEGIN HIDDEN TESTS
from course import nbgrader

nbgrader.points(globals(), {seed}, {question})
### END HIDDEN TESTS"""


def prepare(path: Path, seed: int) -> None:
    """Turn a student's version into one for nbgrader's folder `source`."""
    notebook = nbformat.read(path, as_version=4)
    cells = list[Any]()
    for cell in notebook.cells:
        cells.append(cell)
        question = next((int(t[1]) for t in tags(cell) if t in QUESTIONS), 0)
        if cell.cell_type == "markdown" and question in BY_HAND:
            beginning = WORDS[question]
            cell.source = f"**{beginning}**\n\n{EMPTY}"
            _describe(cell, f"text-{question}", BY_HAND[question], by_hand=True)
        if "check" in tags(cell):
            tests = nbformat.v4.new_code_cell(
                TESTS.format(question=question, seed=seed)
            )
            tests.id = f"points-{question}"
            _describe(tests, f"points-{question}", POINTS[question])
            cells.append(tests)
    notebook.cells = cells
    nbformat.write(notebook, path)


QUESTIONS = {f"Q{question}" for question in range(1, 7)}


def _describe(cell: Any, name: str, points: int, *, by_hand: bool = False) -> None:
    """Write nbgrader's metadata: by hand a text to write, else locked tests."""
    cell.metadata.nbgrader = {
        "schema_version": 3,
        "grade_id": name,
        "grade": True,
        "solution": by_hand,
        "task": False,
        "locked": not by_hand,
        "points": points,
    }


def points(names: dict[str, Any], seed: int, question: int) -> int:
    """Return the points of a question, for the names of the notebook that runs now."""
    counted = Counting(names, seed, question)
    tests = Path(__file__).parent / "marking" / "questions.py"
    options = ["-c", str(tests.with_name("pytest.ini")), "-q", "--no-summary"]
    pytest.main([*options, "-p", "no:cacheprovider", str(tests)], plugins=[counted])
    return counted.points


class Counting:
    """Pytest's part: gives the tests of one question their names, and counts points."""

    def __init__(self, names: dict[str, Any], seed: int, question: int) -> None:
        self.given, self.of, self.question, self.points = names, seed, question, 0

    @pytest.fixture(scope="session")
    def names(self) -> dict[str, Any]:
        """Return what the notebook defined."""
        return self.given

    @pytest.fixture(scope="session")
    def seed(self) -> int:
        """Return the teacher's seed."""
        return self.of

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the tests of the question."""
        items[:] = [item for item in items if marked(item)[1] == self.question]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Any:
        """Count the points of what passed."""
        report = yield
        if report.when == "call" and report.passed:
            self.points += marked(item)[0]
        return report
