"""The book keeps its rules, and each rule is seen to refuse what breaks it."""

import copy
import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import book_rules as rules
import pytest
from book_rules import Cell, Notebook, markdown_cell

ROOT = Path(__file__).parents[1]
PAGES = rules.pages(ROOT)
NOTEBOOKS = [page for page in PAGES if page.suffix == ".ipynb"]
BIBLIOGRAPHY = ROOT / "book" / "references.bib"


# --- The book as it is ----------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_keeps_the_rules(page: Path) -> None:
    assert not list(rules.complaints(page))


def test_every_page_is_in_the_table_of_contents() -> None:
    assert not list(rules.not_in_toc(ROOT))


def test_the_median_picture_is_small() -> None:
    assert not list(rules.median_image_size(map(rules.read, NOTEBOOKS)))


def test_every_exercise_label_is_there_once() -> None:
    labels = Counter(
        label for page in PAGES for label in rules.exercise_labels(rules.read(page))
    )
    assert [label for label, times in labels.items() if times > 1] == []


@pytest.mark.parametrize(
    "page", [p for p in PAGES if p.suffix == ".md"], ids=lambda page: page.name
)
def test_numbers_of_a_page_stand_in_the_notebooks_it_links_to(page: Path) -> None:
    notebook = rules.read(page)
    for link in re.findall(r"\]\(([^)]+\.ipynb)\)", rules.prose(notebook)):
        linked = rules.read(page.parent / link)
        notebook["cells"] += [cell for _, cell in rules.cells(linked, "code")]
    assert not list(rules.numbers(notebook))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_source_is_in_the_bibliography(page: Path) -> None:
    bibliography = BIBLIOGRAPHY.read_text(encoding="utf-8")
    assert not list(rules.not_in_bibliography(rules.read(page), bibliography))


# --- A small chapter that keeps all rules ---------------------------------------------

ALT = "Loss against step: RMSprop falls to 0.1 in ten steps and stays there"
QUESTION = """
**{}.** Which way does the first step go?

:::{{dropdown}} a) Down
**Right.** It goes against the sign of the gradient.
:::
:::{{dropdown}} b) Up
**Not quite.** That is where the loss grows.
:::
"""


def code_cell(count: int, source: str, *outputs: Cell, **metadata: object) -> Cell:
    return {
        "cell_type": "code",
        "execution_count": count,
        "metadata": metadata,
        "source": source,
        "outputs": list(outputs),
    }


def stream(text: str, name: str = "stdout") -> Cell:
    return {"output_type": "stream", "name": name, "text": text}


def result(text: str) -> Cell:
    return {"output_type": "execute_result", "data": {"text/plain": text}}


def picture(size: int = 30_000) -> Cell:
    data = {"image/png": "A" * (size * 4 // 3), "text/plain": "<Figure with 1 Axes>"}
    return {"output_type": "display_data", "data": data}


def exercise(name: str, title: str) -> list[Cell]:
    label = f"ex-good-{name}"
    task = f"::::{{exercise}} {title}\n:label: {label}\nTry it.\n::::"
    answer = f"::::{{solution}} {label}\n:class: dropdown\nSo.\n::::"
    return [markdown_cell(task), markdown_cell(answer, tags=["solution"])]


def good_chapter() -> Notebook:
    box = ":::{{admonition}} {}\n:class: tip\n- one\n:::"
    objectives = box.format("What you will be able to do")
    mistakes = box.format("Common mistakes")
    alt = {"image": {"alt": ALT}}
    hidden = {"source_hidden": True, "outputs_hidden": True}
    return {
        "metadata": {"language_info": {"name": "python"}},
        "cells": [
            markdown_cell(f"# Good\n\nOne question?\n\n{objectives}"),  # 1
            code_cell(1, "print(0.316228)", stream("w=0.316228, G=1.7970e+03\n")),  # 2
            markdown_cell("The first $w$ is 0.316228, from 1,797 images."),  # 3
            code_cell(2, "f = lambda x: x\nplt.show()", picture(), mystnb=alt),  # 4
            markdown_cell("The web has 1.23e4 pages.", quoted={"12,300": "A Count"}),
            markdown_cell(f"{mistakes}\n\n## Check yourself\n"),  # 6
            markdown_cell(QUESTION.format(1) + QUESTION.format(2)),  # 7
            markdown_cell("## Exercises"),  # 8
            *exercise("one", "One line"),  # 9, 10
            *exercise("two", "Two lines"),  # 11, 12
            *exercise("three", "More (open)"),  # 13, 14
            code_cell(3, "1 + 1", tags=["hide-cell", "solution"], jupyter=hidden),  # 15
            markdown_cell(
                "## What to remember\nMuch.\n\n## Sources\n"
                "[A paper](https://arxiv.org/abs/1904.09237v2), volume 12345, "
                "and [another](https://doi.org/10.1000/182)."
            ),  # 16
        ],
    }


def all_complaints(notebook: Notebook, folder: Path) -> list[str]:
    path = folder / "chapter.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return list(rules.complaints(path))


def test_good_chapter_passes(tmp_path: Path) -> None:
    assert all_complaints(good_chapter(), tmp_path) == []


# --- What breaks each rule ------------------------------------------------------------


def source(place: int, text: str) -> Callable[[Notebook], object]:
    """Return a change that puts another source into the cell at a place."""
    return lambda notebook: notebook["cells"][place - 1].update(source=text)


def replaced(place: int, old: str, new: str) -> Callable[[Notebook], object]:
    def change(notebook: Notebook) -> None:
        cell = notebook["cells"][place - 1]
        assert old in cell["source"]
        cell["source"] = cell["source"].replace(old, new)

    return change


def outputs(place: int, *new: Cell) -> Callable[[Notebook], object]:
    return lambda notebook: notebook["cells"][place - 1].update(outputs=list(new))


def metadata(place: int, **new: object) -> Callable[[Notebook], object]:
    return lambda notebook: notebook["cells"][place - 1].update(metadata=new)


def alt(text: str) -> Callable[[Notebook], object]:
    return metadata(4, mystnb={"image": {"alt": text}})


def without(place: int) -> Callable[[Notebook], object]:
    return lambda notebook: notebook["cells"].pop(place - 1)


def swapped(one: int, other: int) -> Callable[[Notebook], object]:
    def change(notebook: Notebook) -> None:
        cells = notebook["cells"]
        cells[one - 1], cells[other - 1] = cells[other - 1], cells[one - 1]

    return change


LONG = "Loss told in more than forty characters, for the sake of the test"
ERROR = {"output_type": "error", "ename": "ZeroDivisionError"}
TWO_LINES = "def f(x):\n    y = x\n    return y"
FIGURE = "```{{figure}} a.png\n:alt: {}\n```"

BAD = [
    ("execution", lambda notebook: notebook["metadata"].clear()),
    ("execution", lambda notebook: notebook["cells"][1].update(execution_count=2)),
    ("execution", lambda notebook: notebook["cells"][1].update(execution_count=None)),
    ("execution", outputs(2, stream("0.316228 1797"), ERROR)),
    ("execution", outputs(2, stream("0.316228 1797", name="stderr"))),
    ("machine_paths", outputs(2, stream("0.316228 1797 in /home/me/book"))),
    ("machine_paths", source(3, "See `/tmp/data.csv`: 0.316228.")),
    ("machine_paths", source(2, r"open('C:\Users\me')")),
    ("objects_shown", outputs(2, stream("0.316228 1797"), result("<Axes: >"))),
    (
        "objects_shown",
        outputs(2, stream("0.316228 1797"), result("[<Line2D at 0x7f>]")),
    ),
    ("objects_shown", source(2, "ax.plot(x);\n")),
    ("cell_size", source(2, "pass\n" * 16)),
    ("cell_size", source(2, "x = " + "1" * 85)),
    ("cell_size", source(2, "")),
    ("definitions", source(2, TWO_LINES)),
    (
        "definitions",
        source(2, "if True:\n    async " + TWO_LINES.replace("\n", "\n    ")),
    ),
    ("definitions", source(2, "class A: pass")),
    ("definitions", source(2, "%matplotlib inline")),
    ("hidden_cells", metadata(2, tags=["hide-input"])),
    ("hidden_cells", metadata(2, tags=["remove-cell"])),
    ("hidden_cells", metadata(2, jupyter={"source_hidden": True})),
    ("alt_texts", metadata(4)),
    ("alt_texts", alt("Loss against step")),
    ("alt_texts", alt("Figure that shows the loss against the step of a run")),
    ("alt_texts", alt("A plot of the loss against the step of a long run")),
    ("alt_texts", alt("Image in which the loss falls against the step")),
    ("alt_texts", outputs(4, picture(), picture())),
    ("alt_texts", source(3, "0.316228 ![](a.png)")),
    ("alt_texts", source(3, '0.316228 <img src="a.png" alt="short">')),
    ("alt_texts", source(3, "0.316228 <img src='a.png'>")),
    ("alt_texts", source(3, f"![{LONG}](a.png) ![{LONG}](b.png)")),
    ("alt_texts", source(3, FIGURE.format("short"))),
    ("alt_texts", source(3, "```{image} a.png\n:width: 3\n```")),
    ("image_size", outputs(4, picture(200_400))),
    ("numbers", source(3, "The first $w$ is 0.316229.")),
    ("numbers", source(3, "The first $w$ is 0.316.")),
    ("numbers", source(3, "The first $w$ is $0.316228 \\times 10^{-3}$.")),
    ("numbers", source(3, "There are $1{,}798$ images.")),
    ("numbers", source(3, "There are `1798` images.")),
    ("numbers", source(3, "In 2,024 cases.")),
    ("numbers", source(3, "The mean is 1.00.")),
    ("numbers", metadata(5)),
    ("numbers", metadata(5, quoted={"12,300": ""})),
    ("numbers", metadata(5, quoted={"12,300": "A Count", "456": "Another"})),
    ("sections", replaced(1, "# Good", "Good")),
    ("sections", replaced(1, "What you will", "What you shall")),
    ("sections", replaced(6, "Common mistakes", "Mistakes")),
    ("sections", replaced(6, "## Check yourself", "## Check")),
    ("sections", replaced(8, "## Exercises", "## Exercises\n\n## Exercises")),
    ("sections", replaced(16, "## What to remember", "### What to remember")),
    ("sections", replaced(16, "## Sources", "## Literature")),
    ("sections", swapped(1, 16)),
    ("sections", swapped(6, 8)),
    ("questions", source(7, QUESTION.format(1))),
    ("questions", source(7, "".join(map(QUESTION.format, range(1, 6))))),
    ("questions", replaced(7, "**Right.**", "**Not quite.**")),
    ("questions", replaced(7, "**Not quite.**", "**Right.**")),
    ("questions", replaced(7, "**Not quite.**", "No.")),
    ("exercises", without(11)),
    ("exercises", replaced(13, "(open)", "")),
    ("exercises", replaced(13, ":label: ex-good-three", "")),
    ("exercises", replaced(13, "ex-good-three", "three")),
    ("exercises", without(12)),
    ("exercises", swapped(10, 12)),
    ("exercises", replaced(9, "Try it.", ":::{exercise} Within")),
    ("solutions", metadata(10)),
    ("solutions", replaced(10, ":class: dropdown", "")),
    ("solutions", metadata(3, tags=["solution"])),
    ("solutions", metadata(15)),
    ("solutions", metadata(15, tags=["solution"], jupyter={"source_hidden": True})),
    ("solutions", metadata(15, tags=["solution", "hide-cell"])),
    *(
        ("words", source(3, f"It is {word} so."))
        for word in ("Simply", "obviously", "powerful", "crucial", "delving")
    ),
    ("words", source(3, "It can be shown.")),
]


@pytest.mark.parametrize(
    ("rule", "change"), BAD, ids=[f"{name}-{i}" for i, (name, _) in enumerate(BAD)]
)
def test_rule_refuses(
    rule: str, change: Callable[[Notebook], object], tmp_path: Path
) -> None:
    chapter = good_chapter()
    change(chapter)
    refused_by = {text.split(": ")[1] for text in all_complaints(chapter, tmp_path)}
    assert rule in refused_by


def test_every_rule_is_seen_to_refuse() -> None:
    named = {rule.__name__ for rule in rules.PAGE_RULES + rules.NOTEBOOK_RULES}
    assert {name for name, _ in BAD} == named


@pytest.mark.parametrize(
    "text",
    [
        "In 2018 and 1964, with 100, 1,000 and 1e-8, 0.10, x86, fp16 and float128.",
        "[Reddi](https://arxiv.org/abs/1904.09237), arXiv:1904.09237, NumPy 2.0.2.",
        "$0.316228$, $-0.316228$, $1{,}797$, $1.797 \\times 10^{3}$, 1797.0, 1797%",
        "(eq-12345)=\n$$x$$ (eq-12345)\n\n{eq}`eq-12345`",
        "> It is crucial, says the article, and powerful.",
        f"![{LONG}](a.png)",
        FIGURE.format(LONG),
        "https://example.org/home/index.html",
    ],
)
def test_rules_let_pass(text: str, tmp_path: Path) -> None:
    chapter = good_chapter()
    chapter["cells"][2]["source"] = text
    assert all_complaints(chapter, tmp_path) == []


def test_numbers_after_the_sources_count_again() -> None:
    chapter = good_chapter()
    chapter["cells"].append(markdown_cell("## More\n\nThere are 4567 more."))
    assert list(rules.numbers(chapter)) == ["cell 17: no output holds 4567"]


def test_lines_of_stored_notebooks_are_joined(tmp_path: Path) -> None:
    chapter = copy.deepcopy(good_chapter())
    cell = chapter["cells"][1]
    cell["source"] = ["print(0.316228)\n", "print(1797)"]
    cell["outputs"] = [stream("0.316228\n1797\n")]
    cell["outputs"][0]["text"] = ["0.316228\n", "1797\n"]
    path = tmp_path / "chapter.ipynb"
    path.write_text(json.dumps(chapter), encoding="utf-8")
    joined = rules.read(path)["cells"][1]
    assert joined["source"] == "print(0.316228)\nprint(1797)"
    assert rules.printed(joined) == ["0.316228\n1797\n"]
    assert list(rules.complaints(path)) == []


def test_markdown_pages_are_checked_too(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Page\n\nSimply ![](a.png) in /work/here", encoding="utf-8")
    refused_by = {text.split(": ")[1] for text in rules.complaints(page)}
    assert refused_by == {"words", "alt_texts", "machine_paths"}


def test_median_picture_is_refused() -> None:
    small, large = good_chapter(), good_chapter()
    large["cells"][3]["outputs"] = [picture(100_000)]
    assert not list(rules.median_image_size([small, small, large]))
    assert len(list(rules.median_image_size([small, large, large]))) == 1
    assert rules.image_bytes("<svg></svg>") == 11


def test_missing_source_is_refused() -> None:
    chapter = good_chapter()
    missing = list(rules.not_in_bibliography(chapter, "doi = {10.1000/182}"))
    assert missing == ["1904.09237 is not in book/references.bib"]
    both = "eprint = {1904.09237}, doi = {10.1000/182}"
    assert not list(rules.not_in_bibliography(chapter, both))


def test_pages_outside_the_table_of_contents_are_refused(tmp_path: Path) -> None:
    (tmp_path / "book" / ".ipynb_checkpoints").mkdir(parents=True)
    for name in (
        "index.md",
        "README.md",
        "new.ipynb",
        ".ipynb_checkpoints/index.ipynb",
    ):
        (tmp_path / "book" / name).touch()
    toc = "root: book/index\nchapters:\n  - file: book/old\n"
    (tmp_path / "_toc.yml").write_text(toc, encoding="utf-8")
    assert list(rules.not_in_toc(tmp_path)) == [
        "book/new is not in _toc.yml",
        "book/old of _toc.yml is missing",
    ]
