"""The chapters as the course pack reads them: titles, objectives, questions.

How a chapter writes them down say the rules of the pages, in `tests/`: what they
check is what is read here.
"""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import chapter_rules
from chapter_rules import Answer
from notebooks import Notebook, prose, read

ROOT = Path(__file__).parents[2]
__all__ = ["Answer", "Chapter", "Question", "chapters"]


class Question(NamedTuple):
    """A question with the answers that it offers, in Markdown."""

    name: str
    text: str
    answers: tuple[Answer, ...]


class Chapter(NamedTuple):
    """What a teacher wants to know about a chapter.

    Attributes
    ----------
    stem : str
        The name of its file, such as ``definition``.
    path : Path
        Where it lies, from the folder `book` on.
    title : str
        With its number: ``2. Definition``.
    reading, exercises : int
        Minutes, as its head says.
    exercise : dict
        The titles of its exercises, with their numbers, by label.
    objectives : tuple of tuple of str and tuple of str
        What it wants to reach, and the labels of the exercises that train it.
    questions : tuple of Question
        Those under *Check yourself*.
    """

    stem: str
    path: Path
    title: str
    reading: int
    exercises: int
    exercise: dict[str, str]
    objectives: tuple[tuple[str, tuple[str, ...]], ...]
    questions: tuple[Question, ...]


@cache
def chapters() -> tuple[Chapter, ...]:
    """Return the chapters in the order of the table of contents."""
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    paths = [ROOT / f"{name}.ipynb" for name in re.findall(r"file: (\S+)", toc)]
    return tuple(
        chapter(path)
        for path in paths
        if path.exists() and path.parent != Path(__file__).parent
    )


def chapter(path: Path) -> Chapter:
    """Read a chapter."""
    notebook = read(path)
    text = prose(notebook)
    head = chapter_rules.HEAD.search(text)
    title = re.search(r"^# (.*)$", text, re.MULTILINE)
    if head is None or title is None:
        raise ValueError(f"a chapter has a title and a head, {path.name} lacks one")
    return Chapter(
        path.stem,
        path.relative_to(ROOT / "book"),
        title[1],
        int(head["reading"]),
        int(head["exercises"]),
        dict(exercises(text)),
        tuple(objectives(text)),
        tuple(questions(path.stem, notebook)),
    )


EXERCISE = re.compile(
    r"^:{3,}\{exercise\} (?P<title>.*)\n:label: (?P<label>\S+)\n"
    r":enumerator: (?P<number>\S+)$",
    re.MULTILINE,
)


def exercises(text: str) -> list[tuple[str, str]]:
    """Return the labels and the titles of the exercises in a text."""
    found = EXERCISE.finditer(text)
    return [(m["label"], f"{m['number']} {m['title']}") for m in found]


def objectives(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the objectives in a text, each with the labels of its exercises."""
    box = chapter_rules.OBJECTIVES.search(text)
    items = re.split(r"^- ", box[2] if box else "", flags=re.MULTILINE)[1:]
    return [
        (
            chapter_rules.TRAINED.sub("", item.strip()).strip(),
            tuple(re.findall(r"\(#(ex-[\w-]+)\)", item)),
        )
        for item in items
    ]


def questions(stem: str, notebook: Notebook) -> list[Question]:
    """Return the questions under *Check yourself*."""
    return [
        Question(
            f"{stem}-{count}",
            chapter_rules.stem(question),
            tuple(chapter_rules.answers(question)),
        )
        for count, question in enumerate(chapter_rules.asked(notebook), start=1)
    ]
