"""Figures to touch: a small Sphinx extension.

A code cell that draws a figure may say in its metadata what stands in for the picture
where scripts run:

    "figure": {"element": "valley", "knobs": "rate condition",
               "preset": {"condition": 20.0}, "question": "...", "answer": "..."}

The page then wraps the picture into `<rmsprop-valley>`, which `_static/figures/` brings
to life. In print, in live notebooks and without scripts the picture is what is seen.
With `"keep": "yes"` the output, a table say, stays in sight below the figure. In a page
of Markdown the same is a directive, whose content stands in for the picture:

    :::{touch} valley
    :knobs: rate condition
    :preset: {"condition": 20.0}
    ![...](...)
    :::
"""

import json
import re
from dataclasses import fields
from inspect import Parameter
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from rmsprop.frameworks import CONVENTIONS, FURTHER, Variant, build, translate
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from editions import add_edition, address

OPTIONS = (
    "answer",
    "keep",
    "knobs",
    "link",
    "methods",
    "parts",
    "preset",
    "question",
    "span",
)
"""What an element may be told, each in its attribute `data-...`."""


FENCE = re.compile(
    r"^:::\{touch\}.*\n(?::[\w-]+:.*\n)*\n?((?s:.*?))^:::\n", re.MULTILINE
)
"""The directive, in a page of Markdown, and what stands in for the figure."""


def without_touch(text: str) -> str:
    """Return a page of Markdown as readers other than Sphinx should see it."""
    return FENCE.sub(r"\1", text)


class touch(nodes.General, nodes.Element):  # type: ignore[misc] # noqa: N801 - a node
    """A custom element around the picture that it stands in for."""


class Touch(SphinxDirective):
    """A figure to touch in a page of Markdown."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar = dict.fromkeys(OPTIONS, directives.unchanged_required)

    def run(self) -> list[nodes.Node]:
        """Return the element around what the directive contains."""
        content = self.parse_content_to_nodes()
        return [make(self.arguments[0], dict(self.options), content)]


def make(element: str, options: dict[str, Any], content: list[nodes.Node]) -> touch:
    """Return the node of an element with its options, around its static twin."""
    if unknown := set(options) - set(OPTIONS):
        names = ", ".join(sorted(unknown))
        raise ValueError(f"a figure takes {', '.join(OPTIONS)}; got {names}")
    data = {
        f"data-{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in options.items()
    }
    return touch("", *content, element=element, data=data)


def wrap(_app: Sphinx, document: nodes.document) -> None:
    """Wrap the picture of each cell whose metadata say so."""
    for cell in list(document.findall(is_cell)):
        options = dict(cell["cell_metadata"]["figure"])
        (output,) = (
            child for child in cell if child.get("nb_element") == "cell_code_output"
        )
        element = make(options.pop("element"), options, [])
        output.replace_self(element)
        element += output


def is_cell(node: nodes.Node) -> bool:
    """Return whether a node is a code cell with a figure to touch."""
    return isinstance(node, nodes.container) and "figure" in node.get(
        "cell_metadata", {}
    )


def open_element(self: Any, node: touch) -> None:
    """Write the start of the element."""
    name = f"rmsprop-{node['element']}"
    self.body.append(self.starttag(node, name, **{"data-figure": "", **node["data"]}))


def close_element(self: Any, node: touch) -> None:
    """Write its end."""
    self.body.append(f"</rmsprop-{node['element']}>\n")


def only_content(_self: Any, _node: touch) -> None:
    """Write nothing: the picture inside is enough."""


def add_scripts(
    app: Sphinx,
    _page: str,
    _template: str,
    _context: dict[str, Any],
    document: nodes.document | None,
) -> None:
    """Load the scripts' loader and the style, on pages that have such a figure."""
    if document is not None and next(document.findall(touch), None):
        app.add_js_file(address(app, "figures", "load.js"), type="module")
        app.add_css_file("figures/figures.css")


GIVEN = {"learning_rate": 0.001}
"""What a framework's setting takes where the framework has no default."""


def translations() -> dict[str, Any]:
    """Return all conventions, and reports at the defaults among those of the table."""
    settings = {
        name: build(
            name,
            **{
                word: GIVEN[knob]
                for word, (knob, default) in row.arguments.items()
                if default is Parameter.empty
            },
        )
        for name, row in CONVENTIONS.items()
    }
    return {
        "conventions": {
            name: {
                "title": row.title,
                "version": row.version,
                "arguments": [
                    [word, knob, *(() if default is Parameter.empty else (default,))]
                    for word, (knob, default) in row.arguments.items()
                ],
                "fixed": dict(row.fixed),
                "derived": {k: f.__name__ for k, (_, f) in row.derived.items()},
            }
            for name, row in (CONVENTIONS | FURTHER).items()
        },
        "defaults": {f.name: f.default for f in fields(Variant)} | GIVEN,
        "given": GIVEN,
        "reports": {
            name: {to: str(translate(setting, to=to)) for to in CONVENTIONS}
            for name, setting in settings.items()
        },
    }


def write_translations(app: Sphinx, error: Exception | None) -> None:
    """Write what the translator reads beside its script."""
    if error or app.builder.format != "html":
        return
    text = json.dumps(translations(), separators=(",", ":"))
    folder = Path(app.outdir, "_static", "figures")
    (folder / "translations.json").write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the extension to Sphinx."""
    plain = only_content, only_content
    app.add_node(
        touch, html=(open_element, close_element), latex=plain, text=plain, epub=plain
    )
    app.add_directive("touch", Touch)
    app.connect("doctree-read", wrap)
    app.connect("html-page-context", add_scripts)
    app.connect("build-finished", write_translations)
    add_edition(app, "figures")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
