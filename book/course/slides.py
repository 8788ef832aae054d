"""Slides: a deck for each chapter, made of the chapter itself.

Every figure, table, printed table, numbered equation and exercise is a slide under
the heading where it stands. The prose becomes the notes of the slide before it. A
question to check oneself is a slide to vote on, and the next one has the answers.
Solutions are left out.

Your own remarks lie beside the decks, in `remarks/CHAPTER.md`, and no command ever
writes there. A remark stands under the name of its slide, which the notes show:

    # fig-definition-slope
    Let them guess *before* this one. Bring the two ropes.

Run the command again, and the remark opens the notes of that slide, also after an edit
of the chapter. A remark whose slide is gone is named, and stands at the deck's end.
"""

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from rmsprop import __version__

from course.editions import ROOT, is_solution
from course.slides_text import Block, blocks, line_html, to_html

HERE = Path(__file__).parent
ROWS = 8
"""How many rows of a table fill a slide; of printed text twice as many lines."""
SKIPPED = {"Sources"}


@dataclass
class Slide:
    """One slide: its name, its heading, what it shows, and the notes, all as HTML."""

    name: str
    heading: str
    body: str = ""
    kind: str = "section"
    section: str = ""
    caption: str = ""
    notes: list[str] = field(default_factory=list)


def make_slides(folder: Path, book: Path = ROOT) -> list[str]:
    """Write a deck for each chapter of a book, and return the remarks without a slide.

    Parameters
    ----------
    folder
        Gets `CHAPTER.html`, `index.html` and a font. Its `remarks` stay.
    book
        The root of the book's sources.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "book" / "_static" / "math.woff2", folder)
    lost, entries = [], []
    for path in chapters(book):
        slides = deck(path)
        lost += add_remarks(slides, folder / "remarks" / f"{path.stem}.md")
        write(folder / f"{path.stem}.html", slides[0].heading, slides)
        entries.append(
            f'<li><a href="{path.stem}.html">{slides[0].heading}</a>,'
            f" {len(slides)} slides</li>"
        )
    index = Slide("decks", "Slides", f"<ul>{''.join(entries)}</ul>", "decks")
    write(folder / "index.html", "Slides", [index])
    return lost


def chapters(book: Path = ROOT) -> list[Path]:
    """Return the notebooks of a book in the order of its contents."""
    contents = (book / "_toc.yml").read_text(encoding="utf-8")
    files = [book / f"{name}.ipynb" for name in re.findall(r"file: (\S+)", contents)]
    return [file for file in files if file.exists()]


# --- From a chapter to slides ---------------------------------------------------------


def deck(path: Path) -> list[Slide]:
    """Return the slides of a chapter."""
    slides: list[Slide] = []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if is_solution(cell):
            continue
        if cell["cell_type"] == "markdown":
            add_text(slides, "".join(cell["source"]))
        else:
            add_outputs(slides, cell)
    return named([part for slide in filled(slides) for part in parts(slide)])


def add_text(slides: list[Slide], text: str) -> None:
    """Add the slides and notes of a cell of text."""
    target = ""
    for part in blocks(text):
        if part.kind.startswith("heading"):
            kind = "title" if part.kind == "heading1" else "section"
            name = slug(part.text)
            slides.append(Slide(name, part.html, kind=kind, section=name))
        elif part.kind != "myst_target" and slides[-1].heading not in SKIPPED:
            add_block(slides, part, target)
        target = part.text if part.kind == "myst_target" else ""


def add_block(slides: list[Slide], part: Block, target: str) -> None:
    """Add one block to the slides: as a slide, on the last one, or to its notes."""
    last = slides[-1]
    if target.startswith(("fig-", "tab-")):
        add_caption(slides, part, target)
    elif target:
        new(slides, target, part.html, "equation")
    elif part.kind == "table" and last.caption and not last.body:
        last.body = part.html
    elif part.kind in {"table", "blockquote"}:
        new(slides, f"{last.section}-{part.kind}", part.html, "visual")
    elif part.kind in {"exercise", "admonition"}:
        add_box(slides, part)
    elif part.kind == "dropdown":
        add_fold(slides, part)
    else:
        add_prose(slides, part)


def add_prose(slides: list[Slide], part: Block) -> None:
    """Add a question to vote on or to guess at; other prose goes to the notes."""
    last = slides[-1]
    if question := re.match(r"\*\*(\d+)\.\*\* ", part.text):
        new(slides, f"question-{question[1]}", part.html, "question")
    elif last.kind == "question":  # it goes on, with a formula perhaps
        last.body += part.html
    elif part.text.startswith("**The question:**"):
        slides[0].body += part.html
    elif "**Guess first" in part.text:
        new(slides, f"{last.section}-guess", part.html, "guess")
    else:
        last.notes.append(part.html)


def add_caption(slides: list[Slide], part: Block, target: str) -> None:
    """Give the last slide its name and caption, or the table that is to come."""
    if slides[-1].kind != "visual":
        new(slides, target, "", "visual")
    slides[-1].name, slides[-1].caption = target, part.html


def new(slides: list[Slide], name: str, body: str, kind: str) -> None:
    """Add a slide to the section of the last one."""
    section = slides[-1].section
    heading = next(
        s.heading for s in reversed(slides) if s.kind in {"section", "title"}
    )
    slides.append(Slide(name, heading, body, kind, section))


def add_box(slides: list[Slide], part: Block) -> None:
    """Add an exercise, or a box such as "Common mistakes"."""
    given = dict(re.findall(r"^:(\w+): (.*)$", part.text, flags=re.MULTILINE))
    new(slides, given.get("label", slug(part.title)), to_html(part.text), part.kind)
    number = f"Exercise {given.get('enumerator', '')} " if "label" in given else ""
    slides[-1].heading = number + line_html(part.title)


def add_fold(slides: list[Slide], part: Block) -> None:
    """Add an answer to its question; any other fold goes to the notes."""
    option, more = line_html(part.title), to_html(part.text)
    last = slides[-1]
    if last.kind not in {"question", "answers"}:
        last.notes.append(f"<h3>{option}</h3>{more}")
        return
    if last.kind == "question":
        new(slides, f"{last.name}-answers", last.body, "answers")
    vote, answers = slides[-2:]
    kind = "right" if "**Right" in part.text else "other"
    vote.body += f'<p class="option">{option}</p>'
    answers.body += f'<div class="option {kind}"><p>{option}</p>{more}</div>'


def add_outputs(slides: list[Slide], cell: Any) -> None:
    """Add what a cell of code shows; one or two lines of text go to the notes."""
    alt = cell["metadata"].get("mystnb", {}).get("image", {}).get("alt", "")
    code = "".join(cell["source"])
    if "= ..." in code:  # to be written in class
        new(
            slides, f"{slides[-1].section}-code", f"<pre>{escape(code)}</pre>", "visual"
        )
    for output in cell["outputs"]:
        data = output.get("data", {"text/plain": output.get("text", [])})
        text = "".join(data.get("text/html", data.get("text/plain", [])))
        name = f"{slides[-1].section}-output"
        if "image/png" in data:
            picture = "".join(data["image/png"].split())
            source = f"data:image/png;base64,{picture}"
            new(slides, name, f'<img alt="{escape(alt)}" src="{source}">', "visual")
        elif "text/html" in data:
            new(slides, name, text, "visual")
        elif text.count("\n") > 2:
            new(slides, name, f"<pre>{escape(text.rstrip())}</pre>", "visual")
        else:
            slides[-1].notes.append(f"<pre>{escape(text)}</pre>")


def filled(slides: list[Slide]) -> Iterator[Slide]:
    """Yield the slides without empty ones: a mere heading goes to what follows it."""
    waiting: list[str] = []
    for slide, following in zip(slides, [*slides[1:], Slide("", "")], strict=True):
        slide.notes = waiting + slide.notes
        waiting = []
        if slide.kind != "section":
            yield slide
        elif following.section == slide.section:
            waiting = slide.notes
        elif slide.notes:
            slide.body = shown(slide.notes)
            yield slide


def shown(notes: list[str]) -> str:
    """Return what a section without any figure shows: its start, by the line."""
    body = notes[0]
    for note in notes[1:]:
        if len(plain(body + note)) > 700:
            break
        body += note
    return re.sub(r"(?<=[.:])\n(?=[A-Z])", "</p>\n<p>", body)


def parts(slide: Slide) -> Iterator[Slide]:
    """Yield a slide, or several if its table or text has too many lines for one."""
    inside = r"(?<=<tbody>).*(?=</tbody>)|(?<=<pre>).*(?=</pre>)"
    found = re.search(inside, slide.body, flags=re.DOTALL)
    if not found:
        yield slide
        return
    rows = re.findall(r"<tr>.*?</tr>", found[0], flags=re.DOTALL)
    lines, most = (rows, ROWS) if rows else (found[0].split("\n"), 2 * ROWS)
    count = -(-len(lines) // most)
    for part in range(count):
        some = lines[part * len(lines) // count : (part + 1) * len(lines) // count]
        cut = [slide.body[: found.start()], "\n".join(some), slide.body[found.end() :]]
        notes = slide.notes if part == 0 else []
        yield replace(slide, body="".join(cut), notes=notes)


def named(slides: list[Slide]) -> list[Slide]:
    """Return the slides, each with a name of its own."""
    seen: Counter[str] = Counter()
    for slide in slides:
        seen[slide.name] += 1
        if seen[slide.name] > 1:
            slide.name += f"-{seen[slide.name]}"
    return slides


def slug(text: str) -> str:
    """Return a text as a name.

    Examples
    --------
    >>> slug("A slope that changes")
    'a-slope-that-changes'
    """
    return re.sub(r"\W+", "-", text.lower()).strip("-")


def plain(html: str) -> str:
    """Return HTML without its tags."""
    return re.sub(r"<[^>]*>", "", html)


# --- Remarks and pages ----------------------------------------------------------------


def add_remarks(slides: list[Slide], file: Path) -> list[str]:
    """Open the notes with a teacher's remarks; return those without a slide."""
    if not file.exists():
        return []
    pieces = re.split(r"^# (\S+) *\n", file.read_text(encoding="utf-8"), flags=re.M)
    by_name = {slide.name: slide for slide in slides}
    lost = []
    for name, text in zip(pieces[1::2], pieces[2::2], strict=True):
        remark = f'<div class="remark">{to_html(text)}</div>'
        if name in by_name:
            by_name[name].notes.insert(0, remark)
        else:
            lost.append(f"{file.name}: {name}")
            slides.append(Slide(slug(name), escape(name), remark, "lost"))
    return lost


def write(file: Path, title: str, slides: list[Slide]) -> None:
    """Write a deck as one page that needs no other file but a font."""
    page = Template((HERE / "slides.html").read_text(encoding="utf-8"))
    filling = {
        "title": plain(title),
        "css": (HERE / "slides.css").read_text(encoding="utf-8"),
        "js": (HERE / "slides.js").read_text(encoding="utf-8"),
        "slides": "\n".join(map(section, slides)),
        "version": __version__,
    }
    file.write_text(page.substitute(filling), encoding="utf-8")


def section(slide: Slide) -> str:
    """Return a slide as HTML."""
    level = "h1" if slide.kind == "title" else "h2"
    caption = f'<div class="caption">{slide.caption}</div>' if slide.caption else ""
    return (
        f'<section id="{slide.name}" class="{slide.kind}" tabindex="-1">\n'
        f"<{level}>{slide.heading}</{level}>\n"
        f'<div class="body">{slide.body}</div>{caption}\n'
        f'<aside class="notes"><p class="name">{slide.name}</p>'
        f"{''.join(slide.notes)}</aside>\n</section>"
    )
