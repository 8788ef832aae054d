"""A page for addresses that do not exist: a small Sphinx extension.

Hosts such as GitHub Pages show `404.html` in place of any page that is missing, at
whatever depth it was asked for. So its links, which start from the root of the site,
need that root, and the page may be anywhere below a path that only the host knows. Its
few lines of script look for the site's own files in the folders of the address, from
the inside out. Where scripts do not run, a link goes to the top of the host.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

TEMPLATES = Path(__file__).with_name("..") / "_templates"


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the extension to Sphinx."""
    app.connect("config-inited", add_templates)
    app.connect("html-collect-pages", pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def add_templates(_app: Sphinx, config: Any) -> None:
    """Let Sphinx find the page."""
    config.templates_path = [*config.templates_path, str(TEMPLATES)]


def pages(_app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Return the page."""
    yield "404", {"title": "No such page"}, "404.html"
