"""The teaching guide says what the chapters say, and its minutes add up."""

import re
from pathlib import Path

import chapter_rules
import pytest
from course import editions, exam, objectives
from course.bank import bank
from course.chapters import chapters
from live_tools import ROOT
from notebooks import read

GUIDE = objectives.GUIDE.read_text(encoding="utf-8")
PLANS = GUIDE.partition("## Plans")[2].partition("## What to cut first")[0]
MINUTES = {
    label: minutes
    for chapter in chapters()
    for label, minutes in zip(
        chapter.exercise, objectives.SAID["minutes"][chapter.stem], strict=True
    )
}
ROW = re.compile(r"^\| (\d+) \| ([^|]*) \| (.*) \|$", re.MULTILINE)


# --- The table of objectives ----------------------------------------------------------


def test_the_table_is_fresh() -> None:
    assert objectives.with_table(GUIDE) == GUIDE, (
        "run: cd book && python -m course objectives"
    )


def test_a_guide_without_its_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="once, not 0 times"):
        objectives.with_table("no table")


def test_every_objective_has_a_level_and_exercises_that_exist() -> None:
    there = {label for chapter in chapters() for label in chapter.exercise}
    for chapter in chapters():
        assert chapter.objectives
        for text, labels in chapter.objectives:
            assert text.split()[0] in objectives.LEVELS, text
            assert labels
            assert set(labels) <= there


def test_every_exercise_is_trained_for_and_has_its_minutes() -> None:
    for chapter in chapters():
        trained = {label for _, labels in chapter.objectives for label in labels}
        assert trained == set(chapter.exercise)
        assert sum(MINUTES[label] for label in chapter.exercise) == chapter.exercises


def test_every_question_has_its_objective() -> None:
    for chapter in chapters():
        aims = objectives.SAID["questions"][chapter.stem]
        assert len(aims) == len(chapter.questions)
        assert all(0 <= aim <= len(chapter.objectives) for aim in aims)
    shown = [
        name
        for chapter in chapters()
        for place in range(1, len(chapter.objectives) + 1)
        for name in objectives.asked(chapter, place)
    ]
    alone = sum(aims.count(0) for aims in objectives.SAID["questions"].values())
    assert alone == 2  # the guide says which
    assert len(shown) + alone == sum(len(asked) for _, asked in bank())


def test_every_topic_of_the_exam_has_its_objectives() -> None:
    topics = {question.topic for question in exam.exam(0)}
    assert set(objectives.SAID["exam"]) == topics
    there = {
        f"{chapter.stem} {place}"
        for chapter in chapters()
        for place in range(1, len(chapter.objectives) + 1)
    }
    for aims in objectives.SAID["exam"].values():
        assert aims
        assert set(aims) <= there


# --- The plans ------------------------------------------------------------------------


def plans() -> dict[str, list[tuple[int, str, str]]]:
    """Return the rows of each plan, by its heading."""
    parts = re.split(r"^#{3,4} (.*)$", PLANS, flags=re.MULTILINE)
    found = {
        heading: [(int(m[1]), m[2], m[3]) for m in ROW.finditer(text)]
        for heading, text in zip(parts[1::2], parts[2::2], strict=True)
    }
    return {heading: rows for heading, rows in found.items() if rows}


@pytest.mark.parametrize("heading", plans())
def test_minutes_of_a_plan_add_up(heading: str) -> None:
    said = re.search(r"(?:(\d+) h )?(\d+) min(?:utes)?$", heading)
    assert said
    total = 60 * int(said[1] or 0) + int(said[2])
    assert sum(minutes for minutes, _, _ in plans()[heading]) == total


def test_all_plans_are_there() -> None:
    assert [heading.split(":")[0].split(",")[0] for heading in plans()] == [
        "45 minutes",
        "90 minutes",
        "First lesson",
        "Second lesson",
        *(f"Week {week}" for week in range(1, 5)),
    ]


@pytest.mark.parametrize("heading", plans())
def test_exercises_get_their_minutes(heading: str) -> None:
    for minutes, part, text in plans()[heading]:
        needed = sum(MINUTES[label] for label in re.findall(r"#(ex-[\w-]+)\)", text))
        if part == "Home" and (said := re.search(r", (\d+) minutes\.$", text)):
            assert needed == int(said[1]), text
        elif part in {"Home", "Lab"}:
            assert needed == minutes, text
        else:
            assert needed <= minutes, text


def test_reading_gets_the_minutes_of_the_chapters() -> None:
    reading = {chapter.path.name: chapter.reading for chapter in chapters()}
    rows = [row for plan in plans().values() for row in plan if row[1] == "Read"]
    assert len(rows) == 4
    for minutes, _, text in rows:
        assert sum(reading[name] for name in re.findall(r"(\w+\.ipynb)\)", text)) == (
            minutes
        )


def test_every_question_that_is_named_is_in_the_bank() -> None:
    there = {question.name for _, asked in bank() for question in asked}
    votes = re.findall(r"`([a-z_]+-[a-z0-9]+)`", GUIDE)
    assert len(votes) > 20
    assert set(votes) <= there


def test_every_exercise_that_is_named_is_there() -> None:
    for number, label in re.findall(
        r"\[Exercise ([\d.]+)\]\([^)]*#(ex-[\w-]+)\)", GUIDE
    ):
        titles = [c.exercise[label] for c in chapters() if label in c.exercise]
        assert [title.split()[0] for title in titles] == [number]


# --- The page -------------------------------------------------------------------------


def test_the_commands_that_are_named_exist() -> None:
    main = (ROOT / "book" / "course" / "__main__.py").read_text(encoding="utf-8")
    named = set(re.findall(r"`python -m course ([a-z]+)", GUIDE))
    assert {"student", "exam", "bank", "objectives"} <= named
    for name in named:
        assert f'"{name}"' in main


def test_paragraphs_are_short() -> None:
    notebook = read(objectives.GUIDE)
    assert list(chapter_rules.short_paragraphs(notebook)) == []


def test_students_do_not_get_it(tmp_path: Path) -> None:
    editions.student_edition(tmp_path / "sources")
    toc = (tmp_path / "sources" / "_toc.yml").read_text(encoding="utf-8")
    assert "guide" not in toc
    assert "Teaching" not in toc
    assert "privacy" in toc
    for page in (tmp_path / "sources").rglob("*.md"):
        assert "course/guide" not in page.read_text(encoding="utf-8"), page
