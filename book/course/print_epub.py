"""The ePub of the book: the one page of `print_book`, through pandoc.

Pandoc is a program of its own; the environment variable `PANDOC` says where it is.
"""

import os
import re
import subprocess
from pathlib import Path

from course.print_book import one_page

PANDOC = os.environ.get("PANDOC", "pandoc")
FORMAT = "html-auto_identifiers"


def make_epub(site: Path, target: Path, names: list[str], edition: str = "") -> None:
    """Write the ePub of the pages of a built site.

    Parameters
    ----------
    site
        The folder of the built site; gets a page `epub.html`.
    target
        The file to write.
    names
        The pages of the site, in order.
    edition
        What the title says of the edition.
    """
    page = site / "epub.html"
    page.write_text(for_pandoc(one_page(site, names)), encoding="utf-8")
    given = {
        "title": f"RMSprop. {edition}".strip(". "),
        "lang": "en",
        "author": "The RMSprop book's authors",
        "rights": "Text and figures: CC BY 4.0. Code: MIT license.",
    }
    metadata = [f"--metadata={key}={value}" for key, value in given.items()]
    subprocess.run(  # noqa: S603 - our own command
        [
            PANDOC,
            page.name,
            f"--from={FORMAT}",
            "--to=epub3",
            f"--output={target.resolve()}",
            "--mathml",
            "--split-level=1",
            "--toc-depth=2",
            *metadata,
        ],
        check=True,
        cwd=site,
    )


def for_pandoc(page: str) -> str:
    """Return the chapters of the one page, in what pandoc and e-readers know.

    A name stands on a tag that keeps it,
    and roles that readers have given up are gone.

    Examples
    --------
    >>> for_pandoc('<nav></nav><p id="a" role="note">a</p></body>')
    '<p><span id="a"></span>a</p>'
    """
    body = page.split("</nav>")[1].split("</body>", maxsplit=1)[0]
    body = re.sub(r"<(/?)article\b", r"<\1div", body)
    named = r'<(p|dt|dd|li|td|figure)\b([^>]*?) id="([^"]*)"([^>]*)>'
    body = re.sub(named, r'<\1\2\4><span id="\3"></span>', body)
    return re.sub(r' role="[^"]*"', "", body)
