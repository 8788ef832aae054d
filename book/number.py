"""Number the book: chapters, figures, tables, equations, exercises, and all references.

    python book/number.py                    # the whole book
    python book/number.py book/example.ipynb # one chapter
    python book/number.py --check            # change nothing, name what is wrong

The chapters are the notebooks of `_toc.yml`, in its order. A label stands directly
above what it names, an exercise has it as an option, and a number is text, so that a
page, a notebook and a print show the same one:

    (fig-example-path)=              (eq-example-rule)=
    **Figure 3.1.** What to see.     \\begin{equation*}
                                     a = b \\tag{3.1}
    ::::{exercise} Title             \\end{equation*}
    :label: ex-example-name
    :enumerator: 3.1

A number not known yet may be written as `?`. In a link to a label or a chapter the
number is rewritten: `[Figure 3.1](#fig-example-path)`, `[chapter 3](example.ipynb)`.
A labeled `$$` becomes an `equation*`, beside which a live notebook counts no other
number, and a number before an exercise's title becomes its `:enumerator:`.
"""

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import nbformat

ROOT = Path(__file__).parents[1]
NUMBER = r"(?:\d+\.(?:\d+|\?)|\?)"
TITLE = re.compile(r"\A# (?:(?:\d+|\?)\. )?")
DEFINITION = re.compile(
    rf"(?P<caption>^\((?P<label>(?:fig|tab)-[\w-]+)\)=\n+\*\*(?:Figure|Table) ){NUMBER}"
    r"|(?P<tag>^\((?P<eq>eq-[\w-]+)\)=\n+\\begin\{equation\*\}"
    rf"(?:(?!\\end\{{equation).)*?\\tag\{{){NUMBER}"
    r"|(?P<exercise>^[:`]{3,}\{exercise\} [^\n]*\n:label: *(?P<ex>\S+)\n:enumerator: *)"
    rf"{NUMBER}",
    re.MULTILINE | re.DOTALL,
)
DOLLARS = re.compile(
    r"^(?P<label>\(eq-[\w-]+\)=\n)\n*\$\$(?P<body>(?:(?!\$\$).)+)\$\$$",
    re.MULTILINE | re.DOTALL,
)
EXERCISE = re.compile(
    rf"^(?P<head>[:`]{{3,}}\{{exercise\}} )(?:{NUMBER} )?(?P<title>[^\n]*\n:label: *\S+\n)"
    r"(?!:enumerator:)(?::nonumber: *\n)?",
    re.MULTILINE,
)
LABEL = re.compile(r"^\(((?:fig|tab|eq)-[\w-]+)\)=|^:label: *(ex-\S+)", re.MULTILINE)
LINK = re.compile(
    r"\[(?P<text>[^\[\]]*)\]\((?P<file>[^()\s#]*)(?:#(?P<label>[\w-]+))?\)"
)
BARE = re.compile(rf"\b(?:Figure|Table|Exercise|Equation)s? {NUMBER}")
KINDS = ("fig", "tab", "eq", "ex")


class Place(NamedTuple):
    """Where a label stands, and the number it has."""

    page: Path
    number: str


def pages(root: Path = ROOT) -> list[Path]:
    """Return the pages of the table of contents in its order."""
    toc = (root / "_toc.yml").read_text(encoding="utf-8")
    names = re.findall(r"^[\s-]*(?:root|file): *(\S+)$", toc, re.MULTILINE)
    files = [root / f"{name}{end}" for name in names for end in (".ipynb", ".md")]
    return [file.resolve() for file in files if file.exists()]


def chapters(root: Path = ROOT) -> dict[Path, int]:
    """Return the number of every chapter."""
    notebooks = [page for page in pages(root) if page.suffix == ".ipynb"]
    return {page: number for number, page in enumerate(notebooks, start=1)}


def texts(page: Path) -> list[str]:
    """Return the Markdown of a page, cell by cell."""
    if page.suffix == ".md":
        return [page.read_text(encoding="utf-8")]
    cells = nbformat.read(page, as_version=4).cells
    return [cell.source for cell in cells if cell.cell_type == "markdown"]


def places(root: Path = ROOT) -> dict[str, Place]:
    """Return every label of the book with its number, counted by chapter and kind."""
    found: dict[str, Place] = {}
    for page, chapter in chapters(root).items():
        count: Counter[str] = Counter()
        for definition in DEFINITION.finditer(formed("\n\n".join(texts(page)))):
            label = named(definition)
            count[label.partition("-")[0]] += 1
            number = f"{chapter}.{count[label.partition('-')[0]]}"
            found.setdefault(label, Place(page, number))
    return found


def named(definition: re.Match[str]) -> str:
    """Return the label of a figure, a table, an equation or an exercise."""
    return definition["label"] or definition["eq"] or definition["ex"]


def formed(text: str) -> str:
    """Return a text with its labeled equations and exercises in the book's form."""

    def equation(found: re.Match[str]) -> str:
        body = found["body"].strip()
        tag = "" if r"\tag{" in body else r" \tag{?}"
        return rf"{found['label']}\begin{{equation*}}" + (
            f"\n{body}{tag}\n" + r"\end{equation*}"
        )

    text = EXERCISE.sub(r"\g<head>\g<title>:enumerator: ?\n", text)
    return DOLLARS.sub(equation, text)


def numbered(text: str, page: Path, root: Path, known: dict[str, Place]) -> str:
    """Return the text of a page with all its numbers right."""
    numbers = chapters(root)

    def define(found: re.Match[str]) -> str:
        start = found["caption"] or found["tag"] or found["exercise"]
        return start + known[named(found)].number

    def refer(found: re.Match[str]) -> str:
        words, label = found["text"], found["label"] or ""
        chapter = numbers.get((page.parent / found["file"]).resolve())
        if label in known:
            words = re.sub(NUMBER, known[label].number, words, count=1)
        elif chapter and not label:
            words = re.sub(r"(?<=[Cc]hapter )(\d+|\?)", str(chapter), words)
        return found[0].replace(f"[{found['text']}]", f"[{words}]", 1)

    return LINK.sub(refer, DEFINITION.sub(define, formed(text)))


def change(page: Path, root: Path, known: dict[str, Place], save: bool) -> list[str]:
    """Number a page and return the texts that changed, as they were."""
    renew: Callable[[str], str] = lambda text: numbered(text, page, root, known)
    if page.suffix == ".md":
        text = page.read_text(encoding="utf-8")
        if save and renew(text) != text:
            page.write_text(renew(text), encoding="utf-8")
        return [text] if renew(text) != text else []
    notebook: Any = nbformat.read(page, as_version=4)
    old = [cell.source for cell in notebook.cells]
    for i, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            cell.source = renew(cell.source)
            if i == 0:
                cell.source = TITLE.sub(f"# {chapters(root)[page]}. ", cell.source)
    changed = [o for o, c in zip(old, notebook.cells, strict=True) if o != c.source]
    if save and changed:
        nbformat.write(notebook, page)
    return changed


def complaints(page: Path, root: Path, known: dict[str, Place]) -> Iterator[str]:
    """Name the labels, links and numbers of a page that no renumbering can mend."""
    text = formed("\n\n".join(texts(page)))
    labels = Counter(a or b for a, b in LABEL.findall(text))
    for label, times in labels.items():
        if times > 1 or known.get(label, Place(page, "")).page != page:
            yield f"{label} is there more than once"
        if label not in known and page.suffix == ".ipynb":
            yield f"{label} has nothing to number: see book/number.py for the forms"
    for link in LINK.finditer(text):
        label = link["label"] or ""
        target = (page.parent / link["file"]).resolve() if link["file"] else page
        if label.partition("-")[0] in KINDS and known.get(label, ("",))[0] != target:
            yield f"{link[0]}: no such label there"
    for bare in BARE.finditer(LINK.sub("", DEFINITION.sub("", text))):
        yield f"{bare[0]} is no link to a label"


def wrong(page: Path, root: Path = ROOT) -> list[str]:
    """Return all that is wrong with the numbers of a page."""
    known = places(root)
    stale = [
        f"wrong numbers, run book/number.py: {text.strip().splitlines()[0][:60]!r}"
        for text in change(page, root, known, save=False)
    ]
    return stale + list(complaints(page, root, known))


def main(arguments: list[str]) -> list[str]:
    """Number or check the files named, all pages if none is; return what is wrong."""
    files = [Path(name).resolve() for name in arguments if name != "--check"]
    for page in files or pages():
        if "--check" not in arguments:
            change(page, ROOT, places(), save=True)
    return [f"{page.name}: {line}" for page in files or pages() for line in wrong(page)]


if __name__ == "__main__":
    sys.exit("\n".join(main(sys.argv[1:])) or None)
