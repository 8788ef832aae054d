"""What a link to a page shows where people share it: a small Sphinx extension.

The title is the page's, the description the same as for search engines. A picture needs
a full address, so there is one only if `html_baseurl` says where the site will be.
"""

import re
from html import escape, unescape
from typing import Any

from sphinx.application import Sphinx

DESCRIPTION = re.compile(r'<meta name="description" content="([^"]*)"')
PICTURE = "_static/page.png"


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the extension to Sphinx."""
    app.connect("html-page-context", add_tags, priority=900)  # after the description
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def add_tags(
    app: Sphinx, page: str, _template: str, context: dict[str, Any], _document: Any
) -> None:
    """Add the tags to those of the page."""
    known = context.get("metatags") or ""
    title = unescape(re.sub("<[^>]*>", "", context.get("title") or ""))
    about = DESCRIPTION.search(known)
    book = app.config.html_title or app.config.project
    tags = {
        "og:type": "website" if page == app.config.root_doc else "article",
        "og:site_name": book,
        "og:title": title or book,
        "og:description": unescape(about[1]) if about else "",
    }
    if root := (app.config.html_baseurl or "").rstrip("/"):
        tags |= {"og:url": context["pageurl"], "og:image": f"{root}/{PICTURE}"}
    lines = [
        f'<meta property="{name}" content="{escape(value)}" />'
        for name, value in tags.items()
        if value
    ]
    context["metatags"] = "\n".join([known, *lines, CARD])


CARD = '<meta name="twitter:card" content="summary" />'
