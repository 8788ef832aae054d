"""A sweep in blocks is the one-array run, bit for bit, whatever interrupts it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rmsprop import RMSprop
from rmsprop.sweep import sweep

rng = np.random.default_rng(0)
SETTINGS = {"rate": rng.uniform(0.01, 1, 103), "decay": rng.uniform(0, 1, 103)}


def ends(rate: Any, decay: Any) -> Any:
    """Run every setting on a parabola; return its last two points."""
    rule, theta = RMSprop(rate, decay), np.ones(len(rate))
    state, path = rule.init(theta), [theta]
    for _ in range(20):
        theta, state = rule.update(theta, theta, state)
        path.append(theta)
    return np.stack(path[-2:], axis=1)


@pytest.mark.parametrize("block", [1, 10, 102, 103, 104])
def test_blocks_equal_the_one_array_run(block: int) -> None:
    got = sweep(ends, SETTINGS, block=block)
    assert got.shape == (103, 2)
    assert np.array_equal(got, ends(**SETTINGS))


def test_an_interrupted_sweep_goes_on_where_it_was(tmp_path: Path) -> None:
    sizes: list[int] = []

    def stops(rate: Any, decay: Any) -> Any:
        if len(sizes) == 3:
            raise KeyboardInterrupt
        sizes.append(len(rate))
        return ends(rate, decay)

    def counts(rate: Any, decay: Any) -> Any:
        sizes.append(len(rate))
        return ends(rate, decay)

    folder = tmp_path / "new" / "folder"
    with pytest.raises(KeyboardInterrupt):
        sweep(stops, SETTINGS, block=20, folder=folder)
    got = sweep(counts, SETTINGS, block=20, folder=str(folder))
    assert sizes == [20, 20, 20, 20, 20, 3]  # none of them twice
    assert np.array_equal(got, ends(**SETTINGS))


def test_a_block_that_was_only_half_written_is_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(file: Path, **_: Any) -> None:
        file.write_bytes(b"half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(np, "savez", dies)
        with pytest.raises(KeyboardInterrupt):
            sweep(ends, SETTINGS, folder=tmp_path)
    got = sweep(ends, SETTINGS, folder=tmp_path)
    assert np.array_equal(got, ends(**SETTINGS))
    assert [path.name for path in tmp_path.iterdir()] == ["000000.npz"]


def test_progress_adds_up_to_the_number_of_settings(tmp_path: Path) -> None:
    for _ in range(2):  # the second time the blocks are read
        done: list[int] = []
        sweep(ends, SETTINGS, block=40, folder=tmp_path, progress=done.append)
        assert done == [40, 40, 23]


def test_blocks_of_other_settings_are_not_taken(tmp_path: Path) -> None:
    sweep(ends, SETTINGS, block=50, folder=tmp_path)
    other = SETTINGS | {"rate": SETTINGS["rate"][::-1]}
    with pytest.raises(
        ValueError, match=r"must hold blocks of these settings, not .*0"
    ):
        sweep(ends, other, block=50, folder=tmp_path)
    with pytest.raises(ValueError, match="blocks of these settings"):
        sweep(ends, SETTINGS, block=40, folder=tmp_path)
    rates = {"rate": SETTINGS["rate"]}
    with pytest.raises(ValueError, match="blocks of these settings"):
        sweep(lambda rate: rate, rates, block=50, folder=tmp_path)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"rate": [1.0, 2.0], "decay": [0.9]}, r"one length, got shapes .*\(1,\)"),
        ({"rate": [[1.0, 2.0]]}, r"one length, got shapes .*\(1, 2\)"),
        ({"rate": 1.0}, r"one length, got shapes .*\(\)"),
        ({"rate": []}, "settings must not be empty"),
        ({}, "settings must not be empty"),
    ],
)
def test_settings_stand_side_by_side(settings: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        sweep(ends, settings)


def test_a_run_returns_a_row_a_setting() -> None:
    with pytest.raises(ValueError, match=r"run must return 2 rows, got shape \(3,\)"):
        sweep(lambda **_: np.zeros(3), {"rate": [1.0, 2.0]})


def test_a_block_has_a_size() -> None:
    with pytest.raises(ValueError, match="block must be at least 1, got 0"):
        sweep(ends, SETTINGS, block=0)
    with pytest.raises(TypeError, match=r"block must be an integer, got 2\.0"):
        sweep(ends, SETTINGS, block=2.0)  # type: ignore[arg-type]
