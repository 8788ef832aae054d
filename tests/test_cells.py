"""The cells of a page run where they stand, and show there what the book shows.

    pytest -m browser tests/test_cells.py

See `conftest.py` for the browser and the site.
"""

import gzip
import json
import re
import time
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from conftest import CHROMIUM, QUIET, need
from live_tools import ROOT, chapters, committed, compared, report

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("default"),  # the driver's own are not ours to mend
]

AXE = ROOT / ".ci" / "javascript" / "node_modules" / "axe-core" / "axe.min.js"
DEFINITION = "book/definition"
RUN_ALL = """async () => {
    const runs = [...document.querySelectorAll(".cell:not(.cells-try) .cells-bar")]
        .map((bar) => bar.lastElementChild);
    for (const run of runs) {
        run.click();
        while (!run.textContent.includes("Run"))
            await new Promise((done) => setTimeout(done, 50));
    }
    return runs.length;
}"""
SHOWN = """(name) => {
    const out = document.querySelector(`.cells-output[data-of="${name}"]`);
    return [...(out?.children ?? [])].map((part) => {
        if (part.localName === "img") return part.alt ? "figure" : "no words";
        const table = part.classList.contains("text_html");
        return table ? part.innerHTML : part.querySelector("pre").textContent.trimEnd();
    });
}"""
NORMAL = """(html) => {
    const part = document.createElement("div");
    part.innerHTML = html;
    return part.innerHTML;
}"""


def expected(outputs: list[Any], page: "Page") -> list[str]:
    """Return what a cell's committed outputs look like on the page."""
    shown: list[str] = []
    for output in outputs:
        data = output.get("data", {})
        if "image/png" in data:
            shown.append("figure")
        elif "text/html" in data:
            shown.append(page.evaluate(NORMAL, "".join(data["text/html"])))
        else:
            shown.append("".join(output.get("text", data.get("text/plain"))).rstrip())
    return shown


def opened(context: "BrowserContext", site: str, page: str = DEFINITION) -> "Page":
    new = context.new_page()
    new.goto(f"{site}{page}.html")
    new.locator(".cells-bar").first.wait_for()
    return new


def tables(page: "Page") -> "Locator":
    """Return the cells that the book shows a table below."""
    return page.locator("div.cell:has(> .cells-bar):has(> .cell_output table)")


def press(cell: "Locator", name: str) -> None:
    cell.get_by_role("button", name=name).click()


def write(cell: "Locator", code: str) -> None:
    """Open a cell's editor and write something else into it."""
    press(cell, "Edit")
    cell.locator("textarea").fill(code)


def wait_for(page: "Page", says: str) -> None:
    """Wait until a screen reader is told something."""
    page.locator(".cells-status", has_text=says).wait_for(state="attached")


# --- Running --------------------------------------------------------------------------


@pytest.mark.parametrize("chapter", chapters())
def test_shows_in_place_what_the_book_shows(
    chapter: str,
    reader: "BrowserContext",
    site: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = opened(reader, site, chapter)
    start = time.monotonic()
    count = page.evaluate(RUN_ALL)
    seconds = time.monotonic() - start
    report(capsys, f"{chapter}: {count} cells in place in {seconds:.1f} s")
    cells = committed(chapter)
    assert count == len(cells)
    numbered = enumerate(cells, start=1)
    for i, cell in compress(numbered, compared(cells)):
        wanted = expected(cell["outputs"], page)
        assert page.evaluate(SHOWN, f"cell {place(page, i)}") == wanted, i


def place(page: "Page", i: int) -> int:
    """Return the number of the book's cell `i` among all, those to answer in too."""
    own = page.evaluate(
        """() => [...document.querySelectorAll(".cell:has(.cells-bar)")]
            .map((box) => box.matches(".cells-try"))"""
    )
    return [k for k, is_try in enumerate(own, start=1) if not is_try][i - 1]


def test_time_from_the_click_to_the_first_table(
    browser: "Browser", site: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Only a browser with a profile keeps what it compiled, as a reader's browser does.
    profile = browser.browser_type.launch_persistent_context(
        tmp_path, executable_path=CHROMIUM, args=QUIET
    )
    profile.set_default_timeout(60_000)
    for state in ("cold", "warm", "warm"):
        page = opened(profile, site, "book/introduction")
        page.wait_for_load_state("load")
        cell = tables(page).first
        start = time.monotonic()
        press(cell, "Run")
        cell.locator(".cells-output table").wait_for()
        seconds = time.monotonic() - start
        report(capsys, f"from the click to the first table, {state}: {seconds:.1f} s")
        page.close()
    profile.close()


def test_cells_above_run_once_and_no_figure_is_drawn_for_a_table(
    reader: "BrowserContext", site: str
) -> None:
    asked: list[str] = []
    reader.on("request", lambda request: asked.append(request.url))
    page = opened(reader, site)
    first, second = tables(page).nth(0), tables(page).nth(1)
    press(first, "Run")
    wait_for(page, "has run")
    assert page.locator(".cells-output").count() == 1  # the imports show nothing
    first.locator(".cells-output table").evaluate("e => e.dataset.mark = 1")
    press(second, "Run")
    second.locator(".cells-output table").wait_for()
    assert first.locator(".cells-output table[data-mark]").count() == 1
    assert not any("matplotlib" in url for url in asked)


def test_folded_drawing_appears_above_its_caption(
    reader: "BrowserContext", site: str
) -> None:
    page = opened(reader, site)
    cell = page.locator(".cell.tag_drawing:has(> .cells-bar)").first
    alt = page.locator(".cell.tag_drawing .cell_output img").first.get_attribute("alt")
    press(cell, "Run")
    image = page.locator(".cells-output img").first
    image.wait_for()
    assert image.get_attribute("alt") == alt
    below = image.evaluate(
        """e => e.compareDocumentPosition(
            document.querySelector("#fig-definition-slope"))"""
    )
    assert below & 4  # the caption follows


def test_error_is_shown_and_what_follows_does_not_run(
    reader: "BrowserContext", site: str
) -> None:
    page = opened(reader, site)
    first, second = tables(page).nth(0), tables(page).nth(1)
    write(first, "print('so far')\nundefined + 1")
    press(second, "Run")
    shown = first.locator(".cells-output")
    shown.locator(".traceback").wait_for()
    assert "so far" in shown.inner_text()
    assert "NameError: name 'undefined' is not defined" in shown.inner_text()
    assert "line 2" in shown.inner_text()
    assert second.locator(".cells-output").count() == 0
    assert "failed" in second.locator(".cells-note").inner_text()
    wait_for(page, "NameError")


def test_stop_ends_an_endless_loop_and_python_starts_again(
    reader: "BrowserContext", site: str
) -> None:
    page = opened(reader, site)
    cell = tables(page).first
    write(cell, "print('on')\nwhile True: pass")
    press(cell, "Run")
    cell.locator("pre", has_text="on").last.wait_for()
    press(cell, "Stop")
    wait_for(page, "Python was stopped")
    press(cell, "Reset")
    press(cell, "Run")
    cell.locator(".cells-output table").wait_for()
    assert len(page.workers) == 1  # the one with the loop is gone


def test_exercise_is_answered_in_place(reader: "BrowserContext", site: str) -> None:
    page = opened(reader, site)
    stub = page.locator("div.cell:not(.tag_solution)", has_text="check.step(update)")
    press(stub, "Run")
    stub.locator(".cells-output", has_text="nothing written yet").wait_for()
    write(
        stub,
        "from rmsprop import check\n"
        "def update(theta, G, g, eta, gamma, eps):\n"
        "    G = gamma * G + (1 - gamma) * g * g\n"
        "    return theta - eta * g / np.sqrt(G + eps), G\n"
        "check.step(update)",
    )
    stub.locator("textarea").press("Shift+Enter")
    stub.locator(".cells-output", has_text="Passed.").wait_for()


def test_every_exercise_has_an_empty_cell(reader: "BrowserContext", site: str) -> None:
    page = opened(reader, site)
    own = page.locator(".cells-try")
    assert own.count() == page.locator("div.exercise.admonition").count() > 0
    press(own.first, "Write your answer")
    own.first.locator("textarea").fill("float(np.sqrt(1764))")
    own.first.locator("textarea").press("Control+Enter")
    own.first.locator(".cells-output", has_text="42.0").wait_for()


# --- Edits ----------------------------------------------------------------------------


def test_edit_survives_a_reload_and_a_new_edition(
    reader: "BrowserContext", site: str
) -> None:
    page = opened(reader, site)
    cell = tables(page).first
    book = cell.locator("pre").first.inner_text()
    write(cell, "print(6 * 7)")
    page.reload()
    notice = page.locator(".cells-notice", has_text="You have changed one cell")
    notice.wait_for()
    assert cell.locator("pre").first.inner_text().strip() == "print(6 * 7)"
    page.evaluate(  # as if the book had said something else in one line of the cell
        """() => {
            const [key] = Object.keys(localStorage).filter((k) => k.includes("cells"));
            const kept = localStorage.getItem(key);
            localStorage.setItem(key, kept.replace("fading.append", "slow.append"));
        }"""
    )
    page.reload()
    notice.wait_for()
    assert cell.locator("pre").first.inner_text().strip() == "print(6 * 7)"
    press(cell, "Run")
    cell.locator(".cells-output", has_text="42").wait_for()
    press(notice, "Reset all")
    assert cell.locator("pre").first.inner_text() == book
    assert cell.locator(".cells-output").count() == 0
    page.reload()
    page.locator(".cells-bar").first.wait_for()
    assert notice.count() == 0


def test_copying_takes_the_edited_code(reader: "BrowserContext", site: str) -> None:
    page = opened(reader, site)
    cell = tables(page).first
    write(cell, "if x:  # 'mine'\n    y = 1.5e-3")
    target = cell.locator(".copybtn").get_attribute("data-clipboard-target")
    assert target
    copied = page.locator(target).text_content()
    assert copied == "if x:  # 'mine'\n    y = 1.5e-3\n"


# --- Reaching it ----------------------------------------------------------------------


def test_keyboard_is_enough_and_is_never_trapped(
    reader: "BrowserContext", site: str
) -> None:
    page = opened(reader, site)
    cell = tables(page).first
    edit = cell.get_by_role("button", name="Edit")
    edit.focus()
    page.keyboard.press("Enter")
    cell.locator("textarea").wait_for()
    page.keyboard.press("Control+A")
    page.keyboard.type("for i in (8, 2):\nprint(i / 4)")  # the depth comes by itself
    field = cell.locator("textarea")
    assert field.input_value() == "for i in (8, 2):\n    print(i / 4)"
    assert page.evaluate("document.activeElement.localName") == "textarea"  # not "/"
    page.keyboard.press("Control+BracketLeft")
    assert field.input_value() == "for i in (8, 2):\nprint(i / 4)"
    page.keyboard.press("Control+BracketRight")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.localName") != "textarea"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Enter")
    cell.locator(".cells-output", has_text="2.0\n0.5").wait_for()
    page.keyboard.press("Escape")
    assert cell.locator("textarea").count() == 0
    assert "Edit" in page.evaluate("document.activeElement.textContent")


def test_page_as_before_without_scripts(reader: "BrowserContext", site: str) -> None:
    browser = reader.browser
    assert browser
    plain = browser.new_context(java_script_enabled=False)
    page = plain.new_page()
    page.goto(f"{site}{DEFINITION}.html")
    assert page.locator(".cells-bar, .cells-try, .cells-notice").count() == 0
    assert page.locator(".cell_output table").first.is_visible()
    plain.close()


def test_page_without_a_touch_starts_nothing_and_weighs_little(
    reader: "BrowserContext", site: str, capsys: pytest.CaptureFixture[str]
) -> None:
    got: list[Any] = []
    reader.on("response", lambda answer: got.append(answer))  # noqa: PLW0108 - Playwright marks it
    page = opened(reader, site)
    page.wait_for_load_state("networkidle")
    page.mouse.wheel(0, 5_000)
    page.wait_for_timeout(500)
    assert page.workers == []
    assert not [answer.url for answer in got if "/lite/" in answer.url]
    ours = [answer for answer in got if "/cells/" in answer.url]
    size = sum(len(gzip.compress(answer.body())) for answer in ours)
    report(capsys, f"a page without a touch transfers {size / 1000:.1f} kB more")
    assert ours
    assert size < 25_000
    paths = [urlsplit(answer.url).path for answer in ours]
    (folder,) = {path.rpartition("/")[0] for path in paths if path.endswith(".js")}
    assert re.search(r"/cells/[0-9a-f]{12}$", folder)  # of one edition


@pytest.mark.parametrize("look", ["light", "dark"])
def test_nothing_bars_the_way_with_a_page_open(
    reader: "BrowserContext", site: str, look: str
) -> None:
    need(AXE.exists(), "axe is missing: npm --prefix .ci/javascript ci")
    page = opened(reader, site)
    page.set_viewport_size({"width": 320, "height": 800})
    page.evaluate("look => document.documentElement.dataset.theme = look", look)
    first, second = tables(page).nth(0), tables(page).nth(1)
    press(second, "Run")
    second.locator(".cells-output table").wait_for()
    write(first, "if True:  # mine\n    print('text', 1.5)\nundefined")
    press(first, "Run")
    first.locator(".traceback").wait_for()
    press(page.locator(".cells-try").first, "Write your answer")
    page.add_script_tag(path=AXE)
    found = page.evaluate(
        """() => axe.run(
            [...document.querySelectorAll(".cell, .cells-notice")],
            { resultTypes: ["violations"] })"""
    )
    broken = [
        (one["id"], [node["html"][:200] for node in one["nodes"]])
        for one in found["violations"]
    ]
    assert not broken, json.dumps(broken, indent=1)
    overflow = page.evaluate("document.documentElement.scrollWidth")
    assert overflow <= 320


def test_phone_runs_and_edits_by_touch(reader: "BrowserContext", site: str) -> None:
    assert reader.browser
    phone = reader.browser.new_context(
        viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True
    )
    phone.set_default_timeout(60_000)
    page = opened(phone, site)
    cell = tables(page).first
    for button in cell.locator(".cells-bar button:visible").all():
        box = button.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 24  # a finger finds it
    cell.get_by_role("button", name="Run").tap()
    cell.locator(".cells-output table").wait_for()
    cell.get_by_role("button", name="Edit").tap()
    cell.locator("textarea").fill("print('x' * 200)")
    cell.get_by_role("button", name="Run").tap()
    cell.locator(".cells-output pre", has_text="xxx").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    phone.close()


def test_print_has_code_and_outputs_whole_and_no_buttons(
    reader: "BrowserContext", site: str
) -> None:
    page = opened(reader, site)
    cell = tables(page).first
    write(cell, f"print({'9 ' * 90!r})\nundefined")
    press(cell, "Run")
    cell.locator(".traceback").wait_for()
    press(page.locator(".cells-try").first, "Write your answer")
    page.set_viewport_size({"width": 640, "height": 900})  # about a sheet of A4
    page.emulate_media(media="print")
    assert page.locator(".cells-button:visible, .cells-notice:visible").count() == 0
    empty = page.locator(".cells-try.cells-empty pre:visible")
    assert empty.count() == 0  # it takes no paper
    parts = cell.locator(".cells-output pre:visible, .cell_input pre:visible")
    assert parts.count() == 3
    for part in parts.all():
        cut = part.evaluate(
            "e => [e.scrollWidth - e.clientWidth, e.scrollHeight - e.clientHeight]"
        )
        assert max(cut) <= 1, part.inner_text()


@pytest.mark.parametrize("look", ["light", "dark"])
def test_nothing_bars_the_way_to_an_answer(
    reader: "BrowserContext", site: str, look: str
) -> None:
    need(AXE.exists(), "axe is missing: npm --prefix .ci/javascript ci")
    page = opened(reader, site)
    page.evaluate("look => document.documentElement.dataset.theme = look", look)
    own = page.locator(".cells-try").first
    press(own, "Write your answer")
    own.locator("textarea").fill("from rmsprop import check\nprint(check.step)")
    own.locator("textarea").press("Control+Enter")
    own.locator(".cells-output pre").wait_for()
    page.add_script_tag(path=AXE)
    found = page.evaluate("async () => (await axe.run('.cells-try')).violations")
    assert not found, json.dumps([one["id"] for one in found])
