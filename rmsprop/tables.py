"""Tables to consult: one text for every reader, with a real head on a page.

Every chapter that prints a table of results uses `table`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from rmsprop._numbers import iterator


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
        If the columns are not equally long or not as many as the formats, or a value
        does not take its format.
    TypeError
        If `columns` is no mapping of iterables, or `formats` no text.

    Examples
    --------
    >>> table({"step": [1, 2], "w": [0.316228, 0.526125]}, "d .2f")
    step     w
       1  0.32
       2  0.53
    """
    if not isinstance(columns, Mapping):
        raise TypeError(f"columns must be a mapping, got {type(columns).__name__}")
    if not isinstance(formats, str):
        raise TypeError(f"formats must be text, got {type(formats).__name__}")
    specs = formats.split()
    values = [list(iterator(f"column {k}", column)) for k, column in columns.items()]
    if len(specs) != len(values):
        raise ValueError(f"formats must name {len(values)} columns, got {formats!r}")
    lengths = [len(column) for column in values]
    if len(set(lengths)) > 1:
        raise ValueError(f"columns must be equally long, got lengths {lengths}")
    rows = (
        tuple(_cell(*cell) for cell in zip(row, specs, strict=True))
        for row in zip(*values, strict=True)
    )
    return Table(tuple(columns), tuple(rows))


def _cell(value: Any, spec: str) -> str:
    try:
        return format(value, spec)
    except (TypeError, ValueError):
        raise ValueError(
            f"formats must fit the values, got {spec} for {value!r}"
        ) from None
