r"""Number the book: its chapters, figures, tables, equations, exercises.

    python book/number.py                    # the whole book
    python book/number.py book/example.ipynb # one chapter
    python book/number.py --check            # only name what is wrong

The chapters are the notebooks of `_toc.yml`, in its order. A label stands
directly above what it names, an exercise has it as an option, and a number
is text, so that a page, a notebook and a print show the same one:

    (fig-example-path)=              (eq-example-rule)=
    **Figure 3.1.** What to see.     \begin{equation*}
                                     a = b \tag{3.1}
    ::::{exercise} Title             \end{equation*}
    :label: ex-example-name
    :enumerator: 3.1

A number not known yet may be written as `?`. In a link to a label or to a
chapter the number is rewritten: `[Figure 3.1](#fig-example-path)`,
`[chapter 3](example.ipynb)`. A labeled `$$` becomes an `equation*`, beside
which a live notebook counts no other number, and a number before the title
of an exercise becomes its `:enumerator:`.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import nbformat

ROOT = Path(__file__).parents[1]
KINDS = ("fig", "tab", "eq", "ex")

NUMBER = r"(?:\d+\.(?:\d+|\?)|\?)"
CAPTION = r"^\((?P<caption>(?:fig|tab)-[\w-]+)\)=\n+\*\*(?:Figure|Table) "
EQUATION = (
    r"^\((?P<equation>eq-[\w-]+)\)=\n+\\begin\{equation\*\}"
    r"(?:(?!\\end\{equation).)*?\\tag\{"
)
EXERCISE = (
    r"^[:`]{3,}\{exercise\} [^\n]*\n"
    r":label: *(?P<exercise>\S+)\n:enumerator: *"
)
DEFINITION = re.compile(
    rf"(?P<start>{CAPTION}|{EQUATION}|{EXERCISE}){NUMBER}",
    re.MULTILINE | re.DOTALL,
)
LABEL = re.compile(
    r"^\(((?:fig|tab|eq)-[\w-]+)\)=|^:label: *(ex-\S+)", re.MULTILINE
)
LINK = re.compile(
    r"\[(?P<text>[^\[\]]*)\]"
    r"\((?P<file>[^()\s#]*)(?:#(?P<label>[\w-]+))?\)"
)
CHAPTER = re.compile(rf"(?<=[Cc]hapter )(?:{NUMBER}|\d+)")
BARE = re.compile(rf"\b(?:Figure|Table|Exercise|Equation)s? {NUMBER}")
TITLE = re.compile(r"\A# (?:(?:\d+|\?)\. )?")
DOLLARS = re.compile(
    r"^(?P<label>\(eq-[\w-]+\)=\n)\n*\$\$(?P<body>(?:(?!\$\$).)+)\$\$$",
    re.MULTILINE | re.DOTALL,
)
OLD_EXERCISE = re.compile(
    rf"^(?P<head>[:`]{{3,}}\{{exercise\}} )(?:{NUMBER} )?"
    r"(?P<title>[^\n]*\n:label: *\S+\n)(?!:enumerator:)(?::nonumber: *\n)?",
    re.MULTILINE,
)


class Place(NamedTuple):
    """Where a label stands, and the number it has."""

    page: Path
    number: str


def pages(root: Path = ROOT) -> list[Path]:
    """Return the pages of the table of contents in its order."""
    toc = (root / "_toc.yml").read_text(encoding="utf-8")
    names = re.findall(r"^[\s-]*(?:root|file): *(\S+)$", toc, re.MULTILINE)
    files = [
        root / f"{name}{end}" for name in names for end in (".ipynb", ".md")
    ]
    return [file.resolve() for file in files if file.exists()]


def chapters(root: Path = ROOT) -> dict[Path, int]:
    """Return the number of every chapter."""
    notebooks = [page for page in pages(root) if page.suffix == ".ipynb"]
    return {page: number for number, page in enumerate(notebooks, start=1)}


def text_of(page: Path) -> str:
    """Return the Markdown of a page in the book's form."""
    if page.suffix == ".md":
        return page.read_text(encoding="utf-8")
    cells = nbformat.read(page, as_version=4).cells
    texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    return formed("\n\n".join(texts))


def formed(text: str) -> str:
    """Return a text, its equations and exercises in the book's form."""
    text = OLD_EXERCISE.sub(r"\g<head>\g<title>:enumerator: ?\n", text)
    return DOLLARS.sub(_equation, text)


def _equation(found: re.Match[str]) -> str:
    body = found["body"].strip()
    tag = "" if r"\tag{" in body else r" \tag{?}"
    lines = (r"\begin{equation*}", body + tag, r"\end{equation*}")
    return found["label"] + "\n".join(lines)


def places(root: Path = ROOT) -> dict[str, Place]:
    """Return every label of the book with its page and number."""
    found: dict[str, Place] = {}
    for page, chapter in chapters(root).items():
        count: Counter[str] = Counter()
        for definition in DEFINITION.finditer(text_of(page)):
            label = name(definition)
            kind = label.partition("-")[0]
            count[kind] += 1
            found.setdefault(label, Place(page, f"{chapter}.{count[kind]}"))
    return found


def name(definition: re.Match[str]) -> str:
    """Return the label of a figure, a table, an equation or an exercise."""
    return (
        definition["caption"]
        or definition["equation"]
        or definition["exercise"]
    )


def numbered(
    text: str, page: Path, root: Path, known: dict[str, Place]
) -> str:
    """Return a text of a page with all its numbers right."""
    numbers = chapters(root)

    def refer(link: re.Match[str]) -> str:
        words, label = link["text"], link["label"]
        chapter = numbers.get((page.parent / link["file"]).resolve())
        if chapter and CHAPTER.search(words):
            words = CHAPTER.sub(str(chapter), words)
        elif label in known:
            words = re.sub(NUMBER, known[label].number, words, count=1)
        return f"[{words}]" + link[0].removeprefix(f"[{link['text']}]")

    text = DEFINITION.sub(
        lambda d: d["start"] + known[name(d)].number, formed(text)
    )
    return LINK.sub(refer, text)


def change(
    page: Path,
    known: dict[str, Place],
    root: Path = ROOT,
    save: bool = True,
) -> list[str]:
    """Renew the numbers of a page; return the texts that change."""
    if page.suffix == ".md":
        text = page.read_text(encoding="utf-8")
        new = numbered(text, page, root, known)
        if save and new != text:
            page.write_text(new, encoding="utf-8")
        return [text] if new != text else []
    notebook: Any = nbformat.read(page, as_version=4)
    changed = []
    for place, cell in enumerate(notebook.cells):
        old = cell.source
        if cell.cell_type == "markdown":
            cell.source = numbered(old, page, root, known)
        if place == 0:
            cell.source = TITLE.sub(
                f"# {chapters(root)[page]}. ", cell.source
            )
        changed += [old] if old != cell.source else []
    if save and changed:
        nbformat.write(notebook, page)
    return changed


def complaints(page: Path, known: dict[str, Place]) -> Iterator[str]:
    """Name the labels and links that no renumbering can mend."""
    text = text_of(page)
    labels = Counter(
        above or option for above, option in LABEL.findall(text)
    )
    for label, times in labels.items():
        if times > 1 or known.get(label, Place(page, "")).page != page:
            yield f"{label} is there more than once"
        if label not in known:
            yield f"{label} names nothing; book/number.py shows the forms"
        if not re.match(rf"\w+-{page.stem}-", label):
            yield f"{label} does not name its chapter, {page.stem}"
    for link in LINK.finditer(text):
        label = link["label"] or ""
        target = (
            (page.parent / link["file"]).resolve() if link["file"] else page
        )
        place = known.get(label)
        if label.startswith(tuple(f"{kind}-" for kind in KINDS)) and (
            place is None or place.page != target
        ):
            yield f"{link[0]} leads to no label"
    for bare in BARE.finditer(LINK.sub("", DEFINITION.sub("", text))):
        yield f"{bare[0]} is no link to a label"


def wrong(
    page: Path, known: dict[str, Place], root: Path = ROOT
) -> list[str]:
    """Return all that is wrong with the numbers of a page."""
    stale = change(page, known, root, save=False)
    lines = (text.strip().splitlines()[0][:50] for text in stale)
    new = [
        f"numbers changed after {line!r}: run book/number.py"
        for line in lines
    ]
    return new + list(complaints(page, known))


def main(arguments: list[str]) -> list[str]:
    """Renew or check the files named, or all; return what is wrong."""
    files = [
        Path(file).resolve() for file in arguments if file != "--check"
    ]
    for page in files or pages():
        if "--check" not in arguments:
            change(page, places())
    known = places()
    return [
        f"{page.name}: {line}"
        for page in files or pages()
        for line in wrong(page, known)
    ]


if __name__ == "__main__":
    sys.exit("\n".join(main(sys.argv[1:])) or None)
