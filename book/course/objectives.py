"""The table of objectives in the teaching guide, made from the chapters.

cd book && python -m course objectives  # after a chapter has changed
"""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from course.bank import more
from course.chapters import Chapter, chapters

GUIDE = Path(__file__).with_name("guide.md")
SAID: dict[str, Any] = tomllib.loads(
    Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
)
LEVELS = {verb: level for level, verbs in SAID["levels"].items() for verb in verbs}
BEGIN, END = "% made by `python -m course objectives`\n", "% end of what was made\n"
HEAD = """:::{table}
:class: words

| objective | level | exercises, minutes | questions | exam |
| --- | --- | --- | --- | --- |
"""


def table() -> str:
    """Return the table of all objectives, in Markdown."""
    rows = [row for chapter in chapters() for row in rows_of(chapter)]
    return "\n".join([f"{HEAD}{rows[0]}", *rows[1:], ":::\n"])


def rows_of(chapter: Chapter) -> Iterator[str]:
    """Yield a row that names a chapter, and a row for each of its objectives."""
    link = f"../{chapter.path.as_posix()}"
    yield f"| **[{chapter.title}]({link})** | | | | |"
    minutes = dict(zip(chapter.exercise, SAID["minutes"][chapter.stem], strict=True))
    for place, (text, labels) in enumerate(chapter.objectives, start=1):
        trained = [
            f"[Exercise {chapter.exercise[label].split()[0]}]({link}#{label}), "
            f"{minutes[label]}"
            for label in labels
        ]
        cells = [
            text.removesuffix("."),
            LEVELS[text.split()[0]],
            "; ".join(trained),
            ", ".join(asked(chapter, place)),
            ", ".join(examined(f"{chapter.stem} {place}")),
        ]
        yield f"| {' | '.join(cells)} |"


def asked(chapter: Chapter, place: int) -> Iterator[str]:
    """Yield the questions on an objective, as the bank names them, less the chapter."""
    for count, aim in enumerate(SAID["questions"][chapter.stem], start=1):
        if aim == place:
            yield str(count)
    further = more()
    for label in chapter.objectives[place - 1][1]:
        first = next(i for i, o in enumerate(chapter.objectives, 1) if label in o[1])
        if label in further and first == place:
            yield label.removeprefix(f"ex-{chapter.stem}-")


def examined(objective: str) -> Iterator[str]:
    """Yield the topics of the exam that ask for an objective."""
    yield from (topic for topic, aims in SAID["exam"].items() if objective in aims)


def with_table(guide: str) -> str:
    """Return the guide with a fresh table between its marks."""
    between = f"{re.escape(BEGIN)}.*?{re.escape(END)}"
    made = f"{BEGIN}\n{table()}\n{END}"
    text, count = re.subn(between, lambda _: made, guide, flags=re.DOTALL)
    if count != 1:
        raise ValueError(
            f"the guide has the marks of the table once, not {count} times"
        )
    return text


def write_table() -> None:
    """Write the table into the guide."""
    text = with_table(GUIDE.read_text(encoding="utf-8"))
    GUIDE.write_text(text, encoding="utf-8")
