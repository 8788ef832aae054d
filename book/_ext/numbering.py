"""What the book's numbers need beyond Sphinx: links, titles and folds in their places.

`book/number.py` writes the numbers into the text. Here

- a link such as `properties.ipynb#fig-properties-race` finds its label,
- an exercise takes its number as `:enumerator:`, which live notebooks know, and it and
  its solution have it in the title: "Exercise 2.1 Title", "Solution to Exercise 2.1",
- the code of a drawing stands folded under the caption of its figure.
"""

from typing import Any, ClassVar, cast

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.domains.std import StandardDomain
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx_exercise.directive import ExerciseDirective
from sphinx_exercise.nodes import exercise_node, solution_node


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the extension to Sphinx."""
    app.setup_extension("sphinx_exercise")
    app.add_directive("exercise", Exercise, override=True)
    app.connect("env-updated", add_labels)
    app.add_post_transform(Titles)
    app.add_post_transform(Folds)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def add_labels(_app: Sphinx, env: BuildEnvironment) -> None:
    """Let a link with a file name find labels, and not only headings."""
    standard = cast(StandardDomain, env.get_domain("std"))
    for label, (page, anchor) in standard.anonlabels.items():
        slugs = env.metadata[page].setdefault("myst_slugs", {})
        slugs.setdefault(label, (0, anchor, label))


class Exercise(ExerciseDirective):  # type: ignore[misc]
    """An exercise whose number is given, and not counted over the whole book."""

    option_spec: ClassVar = {
        **ExerciseDirective.option_spec,
        "enumerator": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """Return the exercise with its number."""
        number = self.options.pop("enumerator", "")
        self.options["nonumber"] = None
        made: list[nodes.Node] = super().run()
        for exercise in made:
            exercise["number"] = f"Exercise {number}".strip()
        return made


class Titles(SphinxPostTransform):
    """Write "Exercise 2.1 Title" and "Solution to Exercise 2.1"."""

    default_priority = (
        23  # after those of sphinx-exercise, which write "Exercise (Title)"
    )

    def run(self, **_options: Any) -> None:
        """Change the titles of a page."""
        numbers = {}
        for exercise in self.document.findall(exercise_node):
            title, number = exercise[0], exercise["number"]
            numbers[exercise["label"]] = number
            title[:] = [nodes.Text(f"{number} "), *title[2:-1]]
        for solution in self.document.findall(solution_node):
            number = numbers.get(solution["target_label"], "the exercise")
            solution[0][:] = [nodes.Text(f"Solution to {number}")]


class Folds(SphinxPostTransform):
    """Put the code of a drawing, folded by MyST-NB, after the caption of its figure."""

    default_priority = 200  # MyST-NB folds at 199
    formats = ("html",)

    def run(self, **_options: Any) -> None:
        """Move the code of a page's drawings."""
        for cell in list(self.document.findall(is_drawing)):
            siblings = cell.parent.children
            after = siblings.index(cell) + 1
            while after < len(siblings) and isinstance(siblings[after], nodes.target):
                after += 1
            if len(cell) > 1 and after < len(siblings):
                fold = nodes.container("", cell[0], **cell.attributes)
                cell.pop(0)
                cell.parent.insert(after + 1, fold)


def is_drawing(node: nodes.Node) -> bool:
    """Return whether a node is a cell with the tag `drawing`."""
    return isinstance(node, nodes.container) and "tag_drawing" in node["classes"]
