"""What leads to the repository: a small Sphinx extension, fed by `repository.url`.

With an address there, every page has its buttons (repository, issue, edit, Binder,
Colab), and every object of the API reference a link to its source. Without one,
nothing is shown that would lead nowhere.
"""

import importlib
import inspect
from operator import attrgetter
from pathlib import Path
from typing import Any

import rmsprop
from sphinx.application import Sphinx

BUTTONS = ("use_repository_button", "use_issues_button", "use_edit_page_button")


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the extension to Sphinx."""
    app.setup_extension("sphinx.ext.linkcode")
    app.add_config_value("source_links_at", "", "env")  # another one: read all again
    app.connect("config-inited", settle)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def settle(_app: Sphinx, config: Any) -> None:
    """Keep the buttons, and link the sources, only if there is a repository."""
    options = config.html_theme_options
    url = (options.get("repository_url") or "").rstrip("/")
    options.update(dict.fromkeys(BUTTONS, bool(url)))
    if url:
        branch = options.get("repository_branch") or "main"
        config.source_links_at = f"{url}/blob/{branch}/"
    else:
        options.pop("launch_buttons", None)

    def resolve(domain: str, info: dict[str, str]) -> str | None:
        place = source(info) if domain == "py" and url else None
        return place and config.source_links_at + place

    config.linkcode_resolve = resolve


def source(info: dict[str, str]) -> str | None:
    """Return where an object is written, as rmsprop/path#L1-L9; None if not there.

    Parameters
    ----------
    info : dict
        Its `module` and, within it, its dotted `fullname`.

    Examples
    --------
    >>> info = {"module": "rmsprop", "fullname": "RMSprop.update"}
    >>> source(info)  # doctest: +ELLIPSIS
    'rmsprop/optimizer.py#L...'
    """
    try:
        thing = attrgetter(info["fullname"])(importlib.import_module(info["module"]))
        thing = inspect.unwrap(getattr(thing, "fget", thing))  # of a property
        lines, first = inspect.getsourcelines(thing)
        path = Path(inspect.getfile(thing)).relative_to(*rmsprop.__path__)
    except (AttributeError, OSError, TypeError, ValueError):  # a field; not of the book
        return None
    return f"rmsprop/{path.as_posix()}#L{first}-L{first + len(lines) - 1}"
