"""The student edition holds no solution; the search for leaks finds planted ones."""

import json
import shutil
import zipfile
from pathlib import Path

import pytest
from course import editions
from live_tools import ROOT

STEM = "definition"


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("edition") / "sources"
    editions.student_edition(folder)
    return folder


def solution(part: str = "averaged twice") -> str:
    """Return a text that stands in a solution and nowhere else."""
    texts = [text for _, text in editions.solutions(ROOT / "book")]
    return next(text for text in texts if part in text)


# --- The edition ----------------------------------------------------------------------


def test_no_notebook_holds_a_solution_and_every_one_its_exercises(
    sources: Path,
) -> None:
    for path in sources.rglob("*.ipynb"):
        here = path.read_text(encoding="utf-8")
        there = (ROOT / path.relative_to(sources)).read_text(encoding="utf-8")
        assert "{solution}" in there
        assert "{solution}" not in here
        assert here.count("{exercise}") == there.count("{exercise}") > 0


def test_its_cells_are_counted_from_one(sources: Path) -> None:
    for path in sources.rglob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = [cell for cell in cells if cell["cell_type"] == "code"]
        assert [c["execution_count"] for c in code] == [*range(1, len(code) + 1)]


def test_every_file_of_the_table_of_contents_is_there(sources: Path) -> None:
    lines = (sources / "_toc.yml").read_text(encoding="utf-8").splitlines()
    names = [line.split(": ")[1] for line in lines if "file: " in line]
    assert names
    for name in names:
        assert list(sources.glob(f"{name}.*")), name


def test_it_says_what_it_is_and_promises_no_solutions(sources: Path) -> None:
    index = (sources / "book" / "index.md").read_text(encoding="utf-8")
    assert "Student edition" in index
    assert "Student edition" in (sources / "README.md").read_text(encoding="utf-8")
    assert "teachers only" not in index
    assert "are folded until you open them" not in index


def test_nothing_of_the_course_pack_goes_along(sources: Path) -> None:
    assert not list(sources.rglob("course"))
    assert {file.name for file in sources.rglob("test_*")} == editions.TESTS


def test_a_folder_that_holds_something_is_refused(sources: Path) -> None:
    with pytest.raises(FileExistsError, match="empty or new, got"):
        editions.student_edition(sources)


def test_the_zip_holds_what_the_notebooks_need(sources: Path, tmp_path: Path) -> None:
    editions.notebooks_zip(sources, tmp_path / "notebooks.zip")
    with zipfile.ZipFile(tmp_path / "notebooks.zip") as archive:
        archive.extractall(tmp_path)
    book = tmp_path / "rmsprop-book"
    packed = {path.relative_to(book) for path in book.rglob("*.ipynb")}
    assert packed == {path.relative_to(sources) for path in sources.rglob("*.ipynb")}
    assert (book / "rmsprop" / "optimizer.py").exists()
    assert (book / "book" / "data").is_dir()


# --- Leaks ----------------------------------------------------------------------------


def test_the_edition_does_not_leak(sources: Path) -> None:
    assert editions.leaks(sources, sources) == []


def page(text: str) -> str:
    return f"<html><p>{text.replace('twice', '<em>twice</em>')}</p></html>"


def notebook(text: str) -> str:
    cell = {"cell_type": "markdown", "metadata": {}, "source": text.splitlines(True)}
    return json.dumps({"cells": [cell]})


def test_a_planted_solution_is_found(sources: Path, tmp_path: Path) -> None:
    text = solution()
    planted = {
        "all.json": json.dumps({"deep": [notebook(text)]}),
        "live.ipynb": notebook(text),
        "page.html": page(text),
        "page.txt": text,
        "search.js": f"Search.set({json.dumps(text)})",
    }
    of_the_assignment = solution("differ most near it")
    (tmp_path / "assignment.txt").write_text(of_the_assignment, encoding="utf-8")
    for name, content in planted.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    found = [line.split(": ")[:2] for line in editions.leaks(tmp_path, sources)]
    for name in planted:
        assert found.count([name, STEM]) > 10, name
    assert found.count(["assignment.txt", "assignment"]) > 10


def test_a_cell_that_was_not_dropped_is_found(sources: Path, tmp_path: Path) -> None:
    shutil.copy(ROOT / "book" / f"{STEM}.ipynb", tmp_path)
    assert len(editions.leaks(tmp_path, sources)) > 100


def test_what_a_solution_prints_belongs_to_it() -> None:
    texts = [text for _, text in editions.solutions(ROOT / "book")]
    assert "decay 0.9931, effective sample size 289\n" in texts


def test_what_everyone_may_read_is_no_leak(sources: Path, tmp_path: Path) -> None:
    shutil.copy(sources / "rmsprop" / "optimizer.py", tmp_path)
    assert editions.leaks(tmp_path, sources) == []


@pytest.mark.parametrize("mark", ["% {}", "  # {}", "<!-- {} -->"])
def test_a_part_for_teachers_is_dropped(mark: str) -> None:
    begin, end = mark.format("teachers only"), mark.format("everyone")
    text = f"a\n\n{begin}\nb\n\nc\n\n{end}\n\nd\n"
    assert editions.for_everyone(text) == "a\n\nd\n"
    assert editions.for_everyone("a\n\nd\n") == "a\n\nd\n"
