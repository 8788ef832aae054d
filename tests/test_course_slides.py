"""The decks of slides: whole, without solutions, and in a browser never too tall."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from course import editions, slides
from course.slides_text import blocks, line_html, to_html
from live_tools import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHAPTERS = slides.chapters()


@pytest.fixture(scope="module")
def decks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("decks")
    assert slides.make_slides(folder) == []
    return folder


def source(path: Path) -> str:
    """Return the text of a chapter."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    texts = [c for c in cells if c["cell_type"] == "markdown"]
    return "\n\n".join("".join(cell["source"]) for cell in texts)


def test_every_chapter_has_a_deck_and_the_index_leads_to_it(decks: Path) -> None:
    index = (decks / "index.html").read_text(encoding="utf-8")
    rooms = [ROOT / "book" / room for room in (".", "applications", "further")]
    assert sorted(CHAPTERS) == sorted(p for room in rooms for p in room.glob("*.ipynb"))
    for path in CHAPTERS:
        assert f'href="{path.stem}.html"' in index
        assert (decks / f"{path.stem}.html").exists()


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_deck_shows_every_figure_table_equation_and_exercise(path: Path) -> None:
    made = {slide.name: slide for slide in slides.deck(path)}
    labels = re.findall(r"^\((\w+-[\w-]+)\)=", source(path), re.M)
    exercises = re.findall(r"^:label: (\S+)", source(path), re.M)
    shown = {"fig": "<img", "tab": "<t", "eq": "<math", "ex": "<p>"}
    wanted = [n for n in labels + exercises if n.split("-")[0] in shown]
    for name in wanted:
        assert shown[name.split("-")[0]] in made[name].body, name
    assert len(wanted) > 5


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_question_is_voted_on_before_it_is_answered(path: Path) -> None:
    made = slides.deck(path)
    votes = [i for i, slide in enumerate(made) if slide.kind == "question"]
    assert len(votes) >= 2
    for i in votes:
        assert made[i].body.count('class="option"') == 3
        assert "Right" not in made[i].body + "".join(made[i].notes)
        assert made[i + 1].name == f"{made[i].name}-answers"
        assert made[i + 1].body.count("option right") == 1
        assert made[i + 1].body.count("option other") == 2


def test_no_deck_holds_a_solution_but_the_planted_one(
    decks: Path, tmp_path: Path
) -> None:
    editions.student_edition(tmp_path / "sources")
    texts = [text for _, text in editions.solutions(ROOT / "book")]
    text = next(text for text in texts if "averaged twice" in text)
    shutil.copytree(decks, tmp_path / "decks")
    planted = tmp_path / "decks" / "planted.html"
    planted.write_text(f"<p>{text}</p>", encoding="utf-8")
    found = editions.leaks(tmp_path / "decks", tmp_path / "sources")
    assert {leak.split(":")[0] for leak in found} == {"planted.html"}


def test_remarks_survive_and_those_without_a_slide_are_named(tmp_path: Path) -> None:
    remarks = tmp_path / "remarks" / "definition.md"
    remarks.parent.mkdir()
    text = "# fig-definition-slope\nBring *two* ropes.\n\n# gone\nNothing is lost.\n"
    remarks.write_text(text, encoding="utf-8")
    assert slides.make_slides(tmp_path) == ["definition.md: gone"]
    deck = (tmp_path / "definition.html").read_text(encoding="utf-8")
    assert remarks.read_text(encoding="utf-8") == text
    figure = deck.split('id="fig-definition-slope"')[1].split("</section>")[0]
    assert "Bring <em>two</em> ropes." in figure
    assert deck.count("Nothing is lost.") == 1


def test_links_lead_to_decks_or_out() -> None:
    assert 'href="properties.html#fig-x"' in to_html("[F](../properties.ipynb#fig-x)")
    assert 'href="index.html"' in to_html("[loss](reference/notation.md)")
    assert 'href="#eq-x"' in to_html("[(1)](#eq-x)")
    assert 'href="https://a.org/"' in to_html("[a](https://a.org/)")


def test_formulas_are_those_of_the_pages() -> None:
    assert "<mi>a</mi><mo>&lt;</mo><mi>b</mi></math>" in line_html("$a < b$")
    (block,) = blocks("\\begin{equation*}\na < b \\tag{2.1}\n\\end{equation*}")
    assert block.html.count("<math") == 1
    assert '<span class="eqno">(2.1)</span>' in block.html


def test_a_long_table_becomes_several_slides_with_its_head() -> None:
    rows = "\n".join(f"<tr><td>{i}</td></tr>" for i in range(2 * slides.ROWS + 1))
    table = f"<table><thead><tr><th>i</th></tr></thead><tbody>\n{rows}</tbody></table>"
    made = list(slides.parts(slides.Slide("tab-x", "X", table, notes=["once"])))
    assert [slide.notes for slide in made] == [["once"], [], []]
    assert all(slide.body.count("<th>") == 1 for slide in made)
    cells = [re.findall(r"<td>(\d+)", slide.body) for slide in made]
    assert [n for some in cells for n in some] == [
        str(i) for i in range(2 * slides.ROWS + 1)
    ]
    assert max(map(len, cells)) <= slides.ROWS


# --- In a browser ---------------------------------------------------------------------


@pytest.fixture
def page(browser: "Browser") -> "Iterator[Page]":
    opened = browser.new_page(viewport={"width": 1280, "height": 720})
    opened.set_default_timeout(60_000)
    yield opened
    opened.close()


def open_deck(page: "Page", file: Path) -> None:
    """Open a deck from the folder and wait until its formulas stand."""
    page.goto(file.as_uri())
    page.wait_for_selector("body.fitted", state="attached")


TOO_LARGE = """slides.filter((s) => s.scrollHeight > s.clientHeight
  || s.scrollWidth > s.clientWidth
  || parseFloat(s.querySelector(".body").style.fontSize || "1") < 0.8
  || s.querySelector("merror")).map((s) => s.id)"""


@pytest.mark.browser
def test_no_slide_is_too_tall_and_no_deck_asks_for_anything_else(
    page: "Page", decks: Path
) -> None:
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    too_large = {}
    for file in sorted(decks.glob("*.html")):
        open_deck(page, file)
        too_large[file.stem] = page.evaluate(TOO_LARGE)
    assert {name: found for name, found in too_large.items() if found} == {}
    files = {url for url in asked if urlsplit(url).scheme != "data"}
    assert {Path(urlsplit(url).path).parent for url in files} == {decks}
    assert not complaints


@pytest.mark.browser
def test_keys_move_and_the_address_names_the_slide(page: "Page", decks: Path) -> None:
    open_deck(page, decks / "definition.html")
    page.keyboard.press("ArrowRight")
    page.keyboard.press(" ")
    page.keyboard.press("ArrowLeft")
    now = page.locator("section.now")
    assert page.url.endswith(f"#{now.get_attribute('id')}")
    assert page.locator("#place").inner_text().startswith("2 / ")
    assert page.evaluate("document.activeElement.className").endswith("now")
    page.keyboard.press("n")
    assert now.locator(".notes").is_visible()
    page.keyboard.press("End")
    assert page.locator("h2:visible").inner_text() == "What to remember"


@pytest.mark.browser
def test_the_speaker_window_follows_and_leads(page: "Page", decks: Path) -> None:
    open_deck(page, decks / "definition.html")
    with page.expect_popup() as opened:
        page.keyboard.press("s")
    opened.value.wait_for_selector("body.speaker section.now .notes")
    page.keyboard.press("ArrowRight")
    opened.value.wait_for_function("now === 1")
    opened.value.keyboard.press("ArrowRight")
    page.wait_for_function("now === 2")


@pytest.mark.browser
def test_printed_it_is_a_slide_a_page(page: "Page", decks: Path) -> None:
    open_deck(page, decks / "definition.html")
    pages = len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))
    assert pages == page.evaluate("slides.length")
