"""Tables to consult: one text for every reader, with a real head on a page.

Every chapter that prints a table of results uses `table`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any


@dataclass(frozen=True)
class Table:
    """Columns of text under their heads, as `table` returns them.

    Attributes
    ----------
    heads : tuple of str
        One head a column.
    rows : tuple of tuple of str
        The cells, formatted, one tuple a row.

    Examples
    --------
    >>> Table(("step", "w"), (("1", "0.32"), ("2", "0.53")))
    step     w
       1  0.32
       2  0.53
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __repr__(self) -> str:
        lines = (self.heads, *self.rows)
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(
            "  ".join(
                cell.rjust(width) for cell, width in zip(line, widths, strict=True)
            )
            for line in lines
        )

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{escape(text)}</th>' for text in self.heads)
        body = "\n".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
            for row in self.rows
        )
        return (
            f'<table class="numbers">\n<thead><tr>{head}</tr></thead>\n'
            f"<tbody>\n{body}\n</tbody>\n</table>"
        )


def table(columns: Mapping[str, Iterable[Any]], formats: str) -> Table:
    """Return columns of values as a table.

    Parameters
    ----------
    columns : mapping of str to iterable
        The values of each column under its head; all columns are equally long.
    formats : str
        A format specification a column, such as ``d`` or ``.2f``, separated by spaces.

    Returns
    -------
    Table
        Prints as aligned text, and shows as a table with a head in a notebook.

    Raises
    ------
    ValueError
        If the columns are not equally long, or are not as many as the formats.

    Examples
    --------
    >>> table({"step": [1, 2], "w": [0.316228, 0.526125]}, "d .2f")
    step     w
       1  0.32
       2  0.53
    """
    specs, values = formats.split(), [list(column) for column in columns.values()]
    if len(specs) != len(values):
        raise ValueError(f"formats must name {len(values)} columns, got {formats!r}")
    lengths = [len(column) for column in values]
    if len(set(lengths)) > 1:
        raise ValueError(f"columns must be equally long, got lengths {lengths}")
    rows = (
        tuple(format(value, spec) for value, spec in zip(row, specs, strict=True))
        for row in zip(*values, strict=True)
    )
    return Table(tuple(columns), tuple(rows))
