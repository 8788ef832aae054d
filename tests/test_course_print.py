"""The printed book: one page of the site's pages, then a PDF with nothing cut off."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from course.print_book import contents, one_page, pages_filled
from course.print_epub import for_pandoc
from course.print_pdf import make_pdf, pages_of, print_page, text_of
from live_tools import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PAGE = """<html><body><nav>of the site</nav><article class="bd-article">
<section id="{name}"><h1>{title}<a class="headerlink" href="#{name}">#</a></h1>
{body}</section></article></body></html>"""
FIRST = """<p id="eq-1">See <a href="further/b.html#part">there</a>,
<a href="#eq-1">here</a>, <a href="explore.html">a toy</a>,
<a href="https://a.org">out</a>.</p>
<rmsprop-slope data-question="What?"><img alt="A slope" src="../_images/a.png"/>
</rmsprop-slope><button>Run</button>
<details><summary><p>The code</p><p>The code</p></summary><pre>x = 1</pre></details>
<p id="exercise-content">1</p><p id="exercise-content">2</p>"""
SECOND = """<section id="part"><h2>A part</h2><p><a href="../a.html">back</a></p>
</section>"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    (tmp_path / "book" / "further").mkdir(parents=True)
    for name, title, body in (
        ("book/a", "Cover", FIRST),
        ("book/further/b", "2. <em>B</em>", SECOND),
    ):
        text = PAGE.format(name=Path(name).name, title=title, body=body)
        (tmp_path / f"{name}.html").write_text(text, encoding="utf-8")
    return tmp_path


NAMES = ["book/a", "book/further/b"]


def test_links_lead_within_the_one_page_or_out(small: Path) -> None:
    made = one_page(small, NAMES)
    for link, text in (
        ("#further-b--part", "there"),
        ("#a--eq-1", "here"),
        ("https://a.org", "out"),
        ("#a", "back"),
    ):
        assert f'<a href="{link}">{text}</a>' in made
    assert ">a toy<" not in made
    targets = re.findall(r'href="#([^"]*)"', made)
    ids = re.findall(r'id="([^"]*)"', made)
    assert set(targets) <= set(ids)
    assert len(ids) == len(set(ids))


def test_what_is_pressed_or_unfolded_is_gone_or_open(small: Path) -> None:
    made = one_page(small, NAMES)
    for gone in ("<details", "<button", "<rmsprop-", "data-question", "of the site"):
        assert gone not in made
    assert '<p class="summary">The code</p><pre>x = 1</pre>' in made
    assert '<img alt="A slope" src="_images/a.png"/>' in made


def test_the_title_page_names_edition_version_and_license(small: Path) -> None:
    made = one_page(small, NAMES, "Student edition")
    head = made.split("<header>")[1].split("</header>")[0]
    for part in ("Student edition", "Version 0.", "CC BY 4.0", "MIT"):
        assert part in head


def test_the_contents_have_titles_and_take_page_numbers(small: Path) -> None:
    made = pages_filled(one_page(small, NAMES), {"a--a": 3, "further-b--part": 7})
    lines = re.findall(r'<p class="(h\d)"><a href="#(.*?)">(.*?)</a>.*?>(\d*)<', made)
    assert lines == [
        ("h1", "a--a", "About this book", "3"),
        ("h1", "further-b--b", "2. <em>B</em>", ""),
        ("h2", "further-b--part", "A part", "7"),
    ]


def test_for_pandoc_a_name_stands_where_it_stays(small: Path) -> None:
    made = for_pandoc(one_page(small, NAMES))
    assert '<p><span id="a--eq-1"></span>See ' in made
    assert 'id="further-b"' in re.findall(r"<div.*?>", made)[-1]
    assert "<article" not in made
    assert "Contents" not in made


def test_every_page_of_the_book_but_the_playground_is_printed() -> None:
    lines = (ROOT / "_toc.yml").read_text(encoding="utf-8").splitlines()
    pages = [ln.split(": ")[1] for ln in lines if re.search(r"(root|file): ", ln)]
    assert set(pages) - set(contents()) == {"book/explore"}
    assert contents()[0] == "book/index"


# --- In a browser ---------------------------------------------------------------------


def titles(outline: list[Any], level: int = 1) -> list[tuple[int, str]]:
    """Return the bookmarks of a PDF with their levels."""
    found: list[tuple[int, str]] = []
    for entry in outline:
        if isinstance(entry, list):
            found += titles(entry, level + 1)
        else:
            found.append((level, str(entry.title)))
    return found


def bare(text: str) -> str:
    """Return a text without white space: where a line breaks does not matter."""
    return re.sub(r"\s", "", text)


@pytest.mark.browser
def test_the_second_pass_knows_the_pages(browser: "Browser", small: Path) -> None:
    assert make_pdf(browser, small, small / "a.pdf", NAMES) == []
    pages = pages_of(small / "a.pdf")
    assert (pages["a--a"], pages["further-b--b"]) == (3, 4)
    text = text_of(small / "a.pdf")
    assert re.search(r"About this book\s*3\s*2. B\s*4\s*A part\s*4", text)


@pytest.mark.browser
def test_the_pdf_has_all_titles_and_bookmarks_and_cuts_nothing_off(
    browser: "Browser", site_folder: Path, tmp_path: Path
) -> None:
    from pypdf import PdfReader  # noqa: PLC0415 - may be absent

    site, target = site_folder / "_build" / "html", tmp_path / "book.pdf"
    page = site / "print.html"
    page.write_text(one_page(site, contents()), encoding="utf-8")
    assert print_page(browser, page, target) == []
    reader = PdfReader(target)
    marks = {(level, bare(text)) for level, text in titles(reader.outline)}
    text = bare(text_of(target))
    assert "/StructTreeRoot" in reader.root_object  # tagged
    chapters = [p for n in contents() if (p := ROOT / f"{n}.ipynb").exists()]
    assert len(chapters) > 10
    for notebook in chapters:
        for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
            source = "".join(cell["source"])
            if cell["cell_type"] == "code":
                lost = [ln for ln in source.splitlines() if bare(ln) not in text]
                assert not lost, notebook.stem
            elif title := re.match(r"# (.*)", source):
                assert (1, bare(title[1])) in marks
