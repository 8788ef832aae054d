"""The Dask program of the chapter *Scaling*, with a worker killed in the middle.

Run it by ``pytest -m scale``, after ``pip install -e ".[scale]"``. Without Dask it is
skipped; with CI=true in the environment it fails.
"""

import os
import re
import signal
import time
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
from notebooks import prose, read

pytestmark = [pytest.mark.scale, pytest.mark.filterwarnings("ignore")]
CHAPTER = Path(__file__).parents[1] / "book" / "further" / "scaling.ipynb"


def program() -> str:
    """Return the one code block of the chapter that imports Dask."""
    blocks = re.findall(r"^```python\n(.*?)^```$", prose(read(CHAPTER)), re.M | re.S)
    (found,) = [block for block in blocks if "dask" in block]
    return str(found)


def kill_a_worker(names: dict[str, Any], seen: list[int]) -> None:
    """Wait for a few finished blocks, then kill the process of a worker."""
    while len(seen) < 1:
        time.sleep(0.005)
        if not (cluster := names.get("cluster")):
            continue
        done = [t for t in cluster.scheduler.tasks.values() if t.state == "memory"]
        if len(done) >= 5:
            os.kill(cluster.workers[0].process.pid, signal.SIGKILL)
            seen.append(len(done))


def test_nothing_is_lost_when_a_worker_is_killed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    if find_spec("distributed") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Dask is not installed")
        pytest.skip("Dask is not installed")
    names: dict[str, Any] = {"__name__": "__main__"}
    seen: list[int] = []
    Thread(target=kill_a_worker, args=(names, seen), daemon=True).start()
    exec(compile(program(), str(CHAPTER), "exec"), names)  # noqa: S102 - our own page
    ends = np.concatenate(names["ends"])
    assert 5 <= seen[0] < len(names["ends"])
    assert np.array_equal(ends, names["train"](names["rates"]))
    assert capsys.readouterr().out.strip().endswith("True")
