"""The PDF of the book, printed by Chromium in two passes: the second knows the pages.

Needs Playwright and pypdf, which are among the tools in `.ci/tools.txt`, and Chromium,
Debian's or the one that the environment variable `CHROMIUM` names.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from course.print_book import one_page, pages_filled

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
WIDTH = 642
"""How wide a page's text is, in pixels: 170 mm."""
FOOTER = (
    '<p style="width: 100%; margin: 0; text-align: center; font: 8pt sans-serif">'
    '<span class="pageNumber"></span></p>'
)
FIT = """() => {
  for (const box of document.querySelectorAll("div.math, table")) {
    const inner = box.querySelector("math") || box;
    const shown = Math.max(box.scrollWidth, inner.getBoundingClientRect().width);
    const room = box.parentElement.clientWidth;
    if (shown > room + 1) box.style.fontSize = `${Math.floor(97 * room / shown)}%`;
  }
  const end = document.body.getBoundingClientRect().right + 1;
  return [...document.querySelectorAll("pre, table, img, math, p, li")]
    .filter((box) => box.getBoundingClientRect().right > end)
    .map((box) => box.textContent.trim().slice(0, 60) || box.outerHTML.slice(0, 60));
}"""
"""Make formulas and tables as narrow as the page; what is still cut off is returned."""


@contextmanager
def chromium() -> "Iterator[Browser]":
    """Start Chromium: the one of the system if it has one, else Playwright's own."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - a tool

    path = CHROMIUM if Path(CHROMIUM).exists() else None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        yield browser
        browser.close()


def make_pdf(
    browser: "Browser",
    site: Path,
    target: Path,
    names: list[str],
    edition: str = "",
) -> list[str]:
    """Print the book, and return what did not fit on a page: nothing should be.

    Parameters
    ----------
    browser
        Chromium, as Playwright starts it.
    site
        The folder of the built site; gets a page `print.html`.
    target
        The file to write.
    names
        The pages of the site to print, in order.
    edition
        What the title page says of the edition.
    """
    page = site / "print.html"
    text = one_page(site, names, edition)
    page.write_text(text, encoding="utf-8")
    print_page(browser, page, target, tagged=False)
    page.write_text(pages_filled(text, pages_of(target)), encoding="utf-8")
    return print_page(browser, page, target)


def print_page(
    browser: "Browser", page: Path, target: Path, *, tagged: bool = True
) -> list[str]:
    """Print one page to a PDF, tagged with bookmarks; return what does not fit."""
    tab = browser.new_page(viewport={"width": WIDTH, "height": 900})
    tab.set_default_timeout(300_000)
    tab.emulate_media(media="print")
    tab.goto(page.as_uri())
    tab.evaluate("document.fonts.ready.then(() => 0)")
    cut: list[str] = tab.evaluate(FIT)
    tab.pdf(
        path=target,
        format="A4",
        margin={"top": "18mm", "bottom": "20mm", "left": "20mm", "right": "20mm"},
        display_header_footer=True,
        header_template="<p></p>",
        footer_template=FOOTER,
        print_background=True,
        tagged=tagged,
        outline=tagged,
    )
    tab.close()
    return cut


def text_of(file: Path) -> str:
    """Return what a PDF says."""
    from pypdf import PdfReader  # noqa: PLC0415 - a tool

    return "\n".join(page.extract_text() for page in PdfReader(file).pages)


def pages_of(file: Path) -> dict[str, int]:
    """Return on which page of a PDF each place that is linked to lies, from 1."""
    from pypdf import PdfReader  # noqa: PLC0415 - a tool

    reader = PdfReader(file)
    found = {}
    for name, place in reader.named_destinations.items():
        number = reader.get_destination_page_number(place)
        if number is not None:
            found[name.removeprefix("/")] = number + 1
    return found
