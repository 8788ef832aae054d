"""How slips come together: each alone, and any two at once."""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

Part = tuple[Callable[..., Any], str]
Slips = tuple[tuple[Callable[..., Any], str], ...]

SECOND = " There is a second slip. "


def at_most_two(*parts: tuple[Part, ...]) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Yield the functions of every choice with one or two wrong parts, and its text.

    The right version of a part has no text.
    """
    for choice in product(*parts):
        text = SECOND.join(text for _, text in choice if text)
        if text and text.count(SECOND) < 2:
            yield tuple(function for function, _ in choice), text
