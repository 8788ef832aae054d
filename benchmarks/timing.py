"""What the benchmarks share: programs timed in turns, and what machine they ran on."""

import os
import platform
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import perf_counter

Program = Callable[[], object]


def interleaved(
    programs: Mapping[str, Program], repeats: int, calls: int = 1
) -> dict[str, list[float]]:
    """Return the seconds a call that each program took, one number a repeat.

    In every repeat each program runs once, so that what disturbs the machine for a
    while disturbs all alike; a ratio of two is taken within a repeat.
    """
    times: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(repeats):
        for name, program in programs.items():
            start = perf_counter()
            for _ in range(calls):
                program()
            times[name].append((perf_counter() - start) / calls)
    return times


def versions(packages: Iterable[str]) -> dict[str, str]:
    """Return the versions of those packages that are installed."""
    found = {}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def cpu() -> str:
    """Return the model of the processor, and nothing else about the machine."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()


def peak_extra_bytes(program: Program) -> int | None:
    """Return how far memory rises above its start while a program runs (Linux)."""
    status, reset = Path("/proc/self/status"), Path("/proc/self/clear_refs")
    if not os.access(reset, os.W_OK):
        return None
    reset.write_text("5", encoding="utf-8")  # the peak starts anew
    before = _kilobytes(status, "VmRSS")
    program()
    return max(0, _kilobytes(status, "VmHWM") - before) * 1024


def _kilobytes(status: Path, field: str) -> int:
    lines = status.read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field))
