"""Run a sweep in blocks, save each, and go on after an interruption.

Chapter: *Scaling*.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rmsprop._numbers import check_count


def sweep(
    run: Callable[..., Any],
    settings: Mapping[str, ArrayLike],
    *,
    block: int = 100_000,
    folder: str | Path | None = None,
    progress: Callable[[int], object] | None = None,
) -> NDArray[Any]:
    """Return the result of `run` for each setting, computed a block at a time.

    Parameters
    ----------
    run : callable
        ``run(**part)`` returns an array of shape (n, ...), a row for each of the n
        settings in `part`.
    settings : mapping of str to array, each of shape (settings,)
        The settings side by side: setting i is the i-th entry of each array.
    block : int
        The number of settings in a block, at least 1.
    folder : str or Path, optional
        Where each finished block is saved. A block that lies there already is read and
        not run again.
    progress : callable, optional
        ``progress(n)`` is called whenever n more settings are done. The method
        ``update`` of a bar by tqdm fits.

    Returns
    -------
    array, shape (settings, ...)
        The rows of all blocks, in the order of the settings.

    Raises
    ------
    ValueError
        If `block` is less than 1, there are no settings, the arrays are not of one axis
        and one length, `run` returns another number of rows than it was given settings,
        or a saved block belongs to other settings.
    TypeError
        If `block` is no integer.

    Notes
    -----
    A block is written beside its place and then moved there, so that an interruption
    leaves no half of one. A changed `run` needs a new folder: only settings are
    compared. Chapter: *Scaling*.

    Examples
    --------
    Five rates, two at a time, one step each:

    >>> from rmsprop import RMSprop
    >>> def first_step(rate):
    ...     theta, grad = np.zeros(len(rate)), np.full(len(rate), -1.0)
    ...     rule = RMSprop(rate, decay=0.75, eps=0.0)
    ...     return rule.update(theta, grad, rule.init(theta))[0]
    >>> sweep(first_step, {"rate": [1.0, 2.0, 3.0, 4.0, 5.0]}, block=2)
    array([ 2.,  4.,  6.,  8., 10.])
    """
    check_count("block", block, 1)
    columns = _columns(settings)
    results = []
    for number, part in enumerate(_parts(columns, block)):
        rows = _block(run, part, folder and Path(folder) / f"{number:06}.npz")
        results.append(rows)
        if progress:
            progress(len(rows))
    return np.concatenate(results)


def _columns(settings: Mapping[str, ArrayLike]) -> dict[str, NDArray[Any]]:
    if not settings:
        raise ValueError("settings must not be empty")
    columns = {name: np.asarray(values) for name, values in settings.items()}
    shapes = {name: column.shape for name, column in columns.items()}
    if len({*shapes.values()}) > 1 or any(len(s) != 1 for s in shapes.values()):
        raise ValueError(f"settings must be arrays of one length, got shapes {shapes}")
    if (0,) in shapes.values():
        raise ValueError("settings must not be empty")
    return columns


def _parts(columns: dict[str, Any], block: int) -> Iterator[dict[str, Any]]:
    size = len(next(iter(columns.values())))
    for first in range(0, size, block):
        yield {name: col[first : first + block] for name, col in columns.items()}


def _block(run: Any, part: dict[str, Any], path: Any) -> NDArray[Any]:
    """Read the block at `path` if it is there; run and save it otherwise."""
    if path and path.exists():
        return _saved(part, path)
    size = len(next(iter(part.values())))
    rows = np.asarray(run(**part))
    if rows.shape[:1] != (size,):
        raise ValueError(f"run must return {size} rows, got shape {rows.shape}")
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".unfinished.npz")
        np.savez(unfinished, result=rows, **_named(part))
        unfinished.replace(path)
    return rows


def _saved(part: dict[str, Any], path: Path) -> NDArray[Any]:
    with np.load(path) as saved:
        named = _named(part)
        same = {*named, "result"} == set(saved.files) and all(
            np.array_equal(saved[name], column) for name, column in named.items()
        )
        if not same:
            raise ValueError(f"folder must hold blocks of these settings, not {path}")
        rows: NDArray[Any] = saved["result"]
        return rows


def _named(part: dict[str, Any]) -> dict[str, Any]:
    return {f"setting_{name}": column for name, column in part.items()}
