"""What the package costs beside the bare formula, as ratios of times.

Run it from the repository: ``python benchmarks/overhead.py``. Each line compares two
programs that do the same, run in turns; the least time of eleven counts.
"""

import numpy as np
from numpy.typing import NDArray
from peers import package, textbook
from timing import Program, interleaved

from rmsprop import RMSprop, minimize

Array = NDArray[np.float64]
REPEATS = 11


def ratio(one: Program, other: Program, calls: int = 1) -> float:
    """Return how many times as long as the other program the one takes."""
    times = interleaved({"one": one, "other": other}, REPEATS, calls)
    return min(times["one"]) / min(times["other"])


def run(steps: int = 300) -> float:
    """Return the ratio of `minimize` to a bare loop, for two parameters."""
    curvature, start = np.array([1.0, 10.0]), np.array([2.0, 1.0])

    def grad(theta: Array) -> Array:
        return curvature * theta

    def loop() -> None:
        eta, gamma, eps = 0.01, 0.9, 1e-8
        w, G = start, np.zeros(2)
        for _ in range(steps):
            g = grad(w)
            G = gamma * G + (1 - gamma) * (g * g)
            w = w - eta * g / np.sqrt(G + eps)

    return ratio(lambda: minimize(grad, start, RMSprop(0.01), steps), loop)


def main() -> None:
    """Print all ratios."""
    lines = [f"minimize / bare loop, 2 parameters: {run():.2f}"]
    for size, steps in ((10**3, 300), (10**5, 10), (10**6, 4), (10**7, 2)):
        theta, grad = np.random.default_rng(0).normal(size=(2, size))
        cost = ratio(package(theta, grad, 1), textbook(theta, grad, 1), steps)
        lines.append(f"update / formula, {size:>10,} parameters: {cost:.2f}")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
