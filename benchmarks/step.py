"""One step of RMSprop: the package beside PyTorch, Optax and Keras, and memory itself.

    pip install torch numba jax optax keras    # what is missing is left out
    python benchmarks/step.py --json book/data/efficiency.json --figure roofline.png

All programs run in turns in one process, first on one processor, then on two. The
table gives medians; a ratio is taken within each repeat, to the bound of five streams.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from peers import PASSES, PROGRAMS
from sweep import sweep
from timing import Program, cpu, interleaved, peak_extra_bytes, versions

SIZES = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 30_000_000]
PACKAGES = ["numpy", "numba", "torch", "jax", "optax", "keras"]
NEEDED = 5  # reads of theta, g, G and writes of theta, G
Row = dict[str, Any]


def ready(theta: Any, grad: Any, threads: int) -> tuple[dict[str, Program], Row]:
    """Return the programs, warmed up, and why the others are left out."""
    programs, skipped = {}, {}
    for name, maker in PROGRAMS.items():
        try:
            programs[name] = maker(theta, grad, threads)
        except ImportError as error:
            skipped[name] = f"{error.name} is not installed"
            continue
        for _ in range(3):
            programs[name]()
    return programs, skipped


def rows(threads: int, dtype: str, size: int) -> tuple[list[Row], Row]:
    """Return one row a program: its time, and its ratio to the bound."""
    rng = np.random.default_rng(0)
    theta = rng.standard_normal(size, dtype)
    programs, skipped = ready(theta, rng.standard_normal(size, dtype), threads)
    calls = max(1, min(200, 300_000 // size))
    repeats = 15 if size <= 1_000_000 else 9
    times = interleaved(programs, repeats, calls)
    # without Numba the bound reads two arrays and writes one: it counts five thirds
    factor = 1 if "in place, fused" in programs else 5 / 3
    limit = [factor * seconds for seconds in times.pop("bound")]
    found = [row(name, taken, limit) for name, taken in times.items()]
    place = {"threads": threads, "dtype": dtype, "size": size}
    return [{**place, **one, "bound": median(limit)} for one in found], skipped


def row(name: str, times: list[float], limit: list[float]) -> Row:
    """Return the median time of a program, and its ratio to the bound."""
    ratios = [one / other for one, other in zip(times, limit, strict=True)]
    return {"program": name, "seconds": median(times), "ratio": median(ratios)}


def memory(size: int) -> Row:
    """Return the bytes that a step of each program takes besides its own arrays."""
    rng = np.random.default_rng(0)
    theta, grad, peak = rng.normal(size=size), rng.normal(size=size), {}
    for name, maker in PROGRAMS.items():
        if name == "bound":
            continue
        try:
            step: Callable[[], object] = maker(theta, grad, 1)
        except ImportError:
            continue
        for _ in range(2):
            step()
        peak[name] = peak_extra_bytes(step)
        del step
    return peak


def measure(threads: int, sizes: list[int]) -> Row:
    """Return all measurements of this process, kept on so many processors."""
    found: list[Row] = []
    skipped: Row = {}
    for dtype in ("float64", "float32"):
        for size in sizes:
            if threads == 1 or size >= 1_000_000:  # smaller ones stay on one anyway
                more, skipped = rows(threads, dtype, size)
                found += more
    result: Row = {"rows": found, "skipped": skipped}
    if threads == 1:
        result |= {"peak extra bytes": memory(max(sizes)), "memory size": max(sizes)}
        result["sweep"] = sweep()
    return result


def child(threads: int, sizes: list[int]) -> Row:
    """Return what a process of its own measures on the first processors."""
    command = [sys.executable, __file__, "--child", str(threads)]
    flags = f"--xla_cpu_multi_thread_eigen={'false' if threads == 1 else 'true'}"
    env = {**os.environ, "OMP_NUM_THREADS": str(threads), "XLA_FLAGS": flags}
    done = subprocess.run(  # noqa: S603 - our own command
        [*command, "--sizes", *map(str, sizes)],
        env=env,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    )
    result: Row = json.loads(done.stdout.splitlines()[-1])
    return result


def table(result: Row) -> str:
    """Return the results as text, one line a program and size."""
    head = "threads  dtype      size  µs a step  ns a parameter  x bound  bytes: passes"
    lines = [f"{head}, as timed, needed  program"]
    for one in result["rows"]:
        size, width = one["size"], np.dtype(one["dtype"]).itemsize
        passes = PASSES.get(one["program"])
        counted = "?" if passes is None else str(passes * width)
        timed = one["ratio"] * NEEDED * width
        lines.append(
            f"{one['threads']:7}  {one['dtype']}  {size:>9,}"
            f"  {one['seconds'] * 1e6:11.1f}  {one['seconds'] / size * 1e9:9.2f}"
            f"  {one['ratio']:8.2f}  {counted:>4} {timed:9.0f} {NEEDED * width:3}"
            f"  {one['program']}"
        )
    for name, peak in result["peak extra bytes"].items():
        shown = "not known" if peak is None else f"{peak / 1e6:,.1f} MB"
        lines.append(f"peak extra memory, {result['memory size']:,}: {name}: {shown}")
    lines += [f"sweep: {key}: {value}" for key, value in result["sweep"].items()]
    return "\n".join(
        [*lines, *(f"left out: {k}: {v}" for k, v in result["skipped"].items())]
    )


def draw(result: Row, path: str) -> None:
    """Draw the roofline: steps a second against arithmetic for each byte moved."""
    import matplotlib.pyplot as plt

    chosen = [
        r for r in result["rows"] if r["threads"] == 1 and r["dtype"] == "float64"
    ]
    size = max(r["size"] for r in chosen)
    chosen = [r for r in chosen if r["size"] == size and r["program"] in PASSES]
    speed = NEEDED * 8 * size / chosen[0]["bound"] / 1e9
    fig, ax = plt.subplots(constrained_layout=True)
    per_byte = np.geomspace(0.03, 1, 50)
    ax.loglog(per_byte, speed * per_byte, color="0.3")
    for r in chosen:
        x, y = 9 / (8 * PASSES[r["program"]]), 9 * size / r["seconds"] / 1e9
        ax.plot(x, y, "o", label=r["program"])
    ax.set(xlabel="operations a byte moved", ylabel="10⁹ operations a second")
    ax.legend()
    fig.savefig(path, dpi=150)


def main() -> None:
    """Measure, print the table, and write what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", help="write the results to this file")
    parser.add_argument("--figure", help="draw the roofline to this file")
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=SIZES, help="parameters"
    )
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        if hasattr(os, "sched_setaffinity"):
            mine = sorted(os.sched_getaffinity(0))
            os.sched_setaffinity(0, mine[: args.child])
        print(json.dumps(measure(args.child, args.sizes)))
        return
    one, two = child(1, args.sizes), child(2, args.sizes)
    used = {"python": sys.version.split()[0], **versions(PACKAGES)}
    result = {"cpu": cpu(), "versions": used, **one, "rows": one["rows"] + two["rows"]}
    print(table(result))
    if args.json:
        text = json.dumps(rounded(result), indent=1) + "\n"
        Path(args.json).write_text(text, encoding="utf-8")
    if args.figure:
        draw(result, args.figure)


def rounded(value: Any) -> Any:
    """Return the results with four digits, which is more than they are worth."""
    if isinstance(value, dict):
        return {key: rounded(part) for key, part in value.items()}
    if isinstance(value, list):
        return [rounded(part) for part in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


if __name__ == "__main__":
    main()
