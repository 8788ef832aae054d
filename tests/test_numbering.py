"""The book's numbers: the tool that writes them, and the pages that show them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import number
import pytest
import run
from notebooks import markdown_cell

ROOT = Path(__file__).parents[1]
FIRST = """# One

(fig-one-path)=
**Figure ?.** See [Figure ?](#fig-one-path), [Table 9.9](two.ipynb#tab-two-steps)
and [chapter ?](two.ipynb), or [chapter 9.9](two.ipynb#tab-two-steps).

(eq-one-rule)=
$$
a = b
$$

(eq-one-next)=
\\begin{equation*}
c = d \\tag{7.7}
\\end{equation*}

By [(?)](#eq-one-rule) and [(1.1)](#eq-one-next), $$x$$.

::::{exercise} 9.9 Title
:label: ex-one-try
:nonumber:

Try.
::::

::::{solution} ex-one-try
:class: dropdown
Done.
::::
"""
NUMBERED = """# 1. One

(fig-one-path)=
**Figure 1.1.** See [Figure 1.1](#fig-one-path), [Table 2.2](two.ipynb#tab-two-steps)
and [chapter 2](two.ipynb), or [chapter 2](two.ipynb#tab-two-steps).

(eq-one-rule)=
\\begin{equation*}
a = b \\tag{1.1}
\\end{equation*}

(eq-one-next)=
\\begin{equation*}
c = d \\tag{1.2}
\\end{equation*}

By [(1.1)](#eq-one-rule) and [(1.2)](#eq-one-next), $$x$$.

::::{exercise} Title
:label: ex-one-try
:enumerator: 1.1

Try.
::::

::::{solution} ex-one-try
:class: dropdown
Done.
::::
"""
SECOND = """# 5. Two

(tab-two-first)=
**Table 1.1.** First.

(tab-two-steps)=
**Table 1.1.** Second; [Exercise 3.3](one.ipynb#ex-one-try).
"""
PAGE = "# Home\n\nSee [Figure 4.4](one.ipynb#fig-one-path).\n"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Write a book of two chapters and a page, none of them numbered."""
    toc = "format: jb-book\nroot: home\nchapters:\n  - file: one\n  - file: two\n"
    (tmp_path / "_toc.yml").write_text(toc, encoding="utf-8")
    (tmp_path / "home.md").write_text(PAGE, encoding="utf-8")
    write(tmp_path / "one.ipynb", FIRST)
    write(tmp_path / "two.ipynb", SECOND)
    return tmp_path.resolve()


def write(path: Path, text: str) -> None:
    cell = {**markdown_cell(text), "id": "a"}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    path.write_text(json.dumps(notebook), encoding="utf-8")


def renumber(book: Path) -> None:
    for page in number.pages(book):
        number.change(page, number.places(book), book)


def wrong(book: Path, page: str) -> list[str]:
    return number.wrong(book / page, number.places(book), book)


def test_numbers_are_written_once_and_for_all(book: Path) -> None:
    assert all(wrong(book, page.name) for page in number.pages(book))
    renumber(book)
    assert number.text_of(book / "one.ipynb") == NUMBERED
    two, home = (number.text_of(book / name) for name in ("two.ipynb", "home.md"))
    assert "# 2. Two" in two
    assert "**Table 2.1.** First." in two
    assert "**Table 2.2.** Second; [Exercise 1.1](one.ipynb#ex-one-try)." in two
    assert home == PAGE.replace("4.4", "1.1")
    files = [page.read_bytes() for page in number.pages(book)]
    renumber(book)
    assert files == [page.read_bytes() for page in number.pages(book)]
    assert not any(wrong(book, page.name) for page in number.pages(book))


def test_chapters_follow_the_table_of_contents(book: Path) -> None:
    toc = "format: jb-book\nroot: home\nchapters:\n  - file: two\n  - file: one\n"
    (book / "_toc.yml").write_text(toc, encoding="utf-8")
    renumber(book)
    assert number.text_of(book / "one.ipynb").startswith("# 2. One")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("See [Figure 1.1](#fig-two-none).", "leads to no label"),
        ("See [Figure 1.1](#fig-one-path).", "leads to no label"),
        ("See [Figure 1.1](home.md#fig-one-path).", "leads to no label"),
        ("See Figure 1.1.", "is no link to a label"),
        ("See Exercises 1.1 and 1.2.", "is no link to a label"),
        ("(fig-two-new)=\nA caption.", "names nothing"),
        ("(tab-two-first)=\n**Table 2.3.** Third.", "more than once"),
        ("(fig-one-path)=\n**Figure 2.1.** Again.", "more than once"),
        ("(fig-other-a)=\n**Figure 2.1.** New.", "does not name its chapter"),
    ],
)
def test_what_no_numbering_mends_is_named(
    book: Path, text: str, complaint: str
) -> None:
    write(book / "two.ipynb", f"{SECOND}\n{text}\n")
    renumber(book)
    assert any(complaint in line for line in wrong(book, "two.ipynb"))


def test_tags_bring_their_metadata() -> None:
    drawing = {"tags": ["drawing"], "mystnb": {"image": {"alt": "x"}}, "jupytext": 1}
    code = {"cell_type": "code", "source": "1"}
    cells = [
        {**code, "metadata": drawing},
        {**code, "metadata": {"tags": ["imports"]}},
        {**code, "metadata": {"tags": ["solution"]}},
        markdown_cell("Solved.", tags=["solution"]),
    ]
    notebook = {"metadata": {"jupytext": {}, "kernelspec": {}}, "cells": cells}
    run.tidy(notebook)
    before = json.dumps(notebook)
    run.tidy(notebook)
    assert json.dumps(notebook) == before
    assert notebook["metadata"] == {"kernelspec": {}}
    first, second, third, fourth = (cell["metadata"] for cell in cells)
    assert first["tags"] == ["drawing", "hide-input"]
    assert first["jupyter"] == second["jupyter"] == {"source_hidden": True}
    assert first["mystnb"]["image"] == {"alt": "x"}
    assert first["mystnb"]["code_prompt_show"] == "How this was drawn"
    assert "jupytext" not in first
    assert second["tags"] == ["hide-input", "imports"]
    assert third["tags"] == ["hide-cell", "solution"]
    assert third["jupyter"] == {"outputs_hidden": True, "source_hidden": True}
    assert fourth == {"tags": ["solution"]}


CONF = """extensions = ["myst_nb", "sphinx_external_toc", "numbering"]
myst_enable_extensions = ["amsmath", "colon_fence", "dollarmath"]
nb_execution_mode = "off"
"""


def build(book: Path) -> None:
    """Build the pages, in a process of its own.

    sphinx_external_toc looks at all objects of its process, and fails at the dead weak
    references that other packages leave there.
    """
    (book / "conf.py").write_text(CONF, encoding="utf-8")
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "sphinx", "-W", "-q", book, book / "html"],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "book" / "_ext")},
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr


def test_pages_show_the_numbers(book: Path) -> None:
    renumber(book)
    drawing = {
        "cell_type": "code",
        "id": "b",
        "execution_count": 1,
        "metadata": {"tags": ["drawing"]},
        "source": "draw()",
        "outputs": [{"output_type": "stream", "name": "stdout", "text": "drawn"}],
    }
    one = json.loads((book / "one.ipynb").read_text(encoding="utf-8"))
    title, rest = one["cells"][0]["source"], dict(one["cells"][0], id="c")
    text = "".join(title)
    one["cells"][0]["source"], rest["source"] = text[:10], text[10:]
    one["cells"].insert(1, drawing)
    one["cells"].append(rest)
    run.tidy(one)
    one["metadata"]["language_info"] = {"name": "python"}
    (book / "one.ipynb").write_text(json.dumps(one), encoding="utf-8")
    build(book)
    html = (book / "html" / "one.html").read_text(encoding="utf-8")
    home = (book / "html" / "home.html").read_text(encoding="utf-8")
    assert 'href="one.html#fig-one-path"' in home
    assert '<a class="reference internal" href="#eq-one-rule">' in html
    assert 'id="eq-one-rule"' in html
    assert "Exercise 1.1 Title" in html
    assert "Solution to Exercise 1.1" in html
    order = [
        html.index(part)
        for part in ("drawn", "Figure 1.1.", "How this was", "draw</span>")
    ]
    assert order == sorted(order)
