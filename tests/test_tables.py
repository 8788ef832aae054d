"""A table is one text, right-aligned, and the same cells with a head in HTML."""

import re
from typing import Any

import numpy as np
import pytest

from rmsprop.tables import Table, table

STEPS = table({"step": [1, 10], "length": np.array([3.16228, 1.0])}, "d .2f")


def test_text_is_right_aligned_under_the_heads() -> None:
    assert repr(STEPS).split("\n") == ["step  length", "   1    3.16", "  10    1.00"]


def test_words_are_left_aligned() -> None:
    words = Table(("name", "note"), (("a", "first"), ("bcdef", "")), words=True)
    assert repr(words).split("\n") == ["name   note", "a      first", "bcdef"]
    assert '<table class="numbers words">' in words._repr_html_()


def test_html_has_a_head_a_column_and_the_same_cells() -> None:
    html = STEPS._repr_html_()
    assert re.findall(r'<th scope="col">(.*?)</th>', html) == ["step", "length"]
    assert re.findall(r"<td>(.*?)</td>", html) == ["1", "3.16", "10", "1.00"]
    assert html.count("<tr>") == 3


def test_html_holds_nothing_but_the_table() -> None:
    assert table({"a": [1, 2], "b": [3, 4]}, "d d")._repr_html_() == (
        '<table class="numbers">\n'
        '<thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead>\n'
        "<tbody>\n<tr><td>1</td><td>3</td></tr>\n<tr><td>2</td><td>4</td></tr>\n"
        "</tbody>\n</table>"
    )


def test_html_escapes_what_html_would_read() -> None:
    assert "a &lt; b" in table({"a < b": ["x"]}, "s")._repr_html_()


def test_words_stand_beside_numbers() -> None:
    assert table({"rule": ["Adam"], "loss": [0.5]}, "s .1f").rows == (("Adam", "0.5"),)


def test_a_table_may_be_empty() -> None:
    assert table({"step": []}, "d") == Table(("step",), ())


@pytest.mark.parametrize("formats", ["d", "d .2f s"])
def test_every_column_has_a_format(formats: str) -> None:
    with pytest.raises(ValueError, match=f"must name 2 columns, got '{formats}'"):
        table({"a": [1], "b": [2.0]}, formats)


def test_columns_are_equally_long() -> None:
    with pytest.raises(ValueError, match=r"equally long, got lengths \[1, 2\]"):
        table({"a": [1], "b": [1, 2]}, "d d")


@pytest.mark.parametrize(
    ("columns", "formats", "error", "message"),
    [
        ([[1], [2]], "d", TypeError, "columns must be a mapping, got list"),
        ({"a": 1}, "d", TypeError, "column a must be iterable, got int"),
        ({"a": [1]}, ["d"], TypeError, "formats must be text, got list"),
        ({"a": ["x"]}, "d", ValueError, "formats must fit the values, got d for 'x'"),
        ({"a": [None]}, "d", ValueError, "formats must fit .*, got d for None"),
    ],
)
def test_what_makes_no_table_is_refused(
    columns: Any, formats: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=f"^{message}$"):
        table(columns, formats)
