"""Ten thousand (learning rate, decay) pairs: one broadcast run beside other ways.

Run it from the repository: ``python benchmarks/sweep.py``.
"""

from contextlib import suppress
from typing import Any

import numpy as np
from timing import interleaved

from rmsprop import RMSprop

STEPS, SHARE = 100, 100  # the loop over runs takes every hundredth pair
CURVATURE, START = np.array([1.0, 10.0]), np.array([2.0, 1.0])


def pairs() -> tuple[Any, Any]:
    """Return the rates and the decays, each of shape (10000, 1)."""
    rates, decays = np.meshgrid(np.geomspace(1e-3, 1, 100), np.linspace(0, 0.999, 100))
    return rates.reshape(-1, 1), decays.reshape(-1, 1)


def run(optimizer: RMSprop, theta: Any) -> Any:
    """Return where some steps in the valley end."""
    state = optimizer.init(theta)
    for _ in range(STEPS):
        theta, state = optimizer.update(theta, CURVATURE * theta, state)
    return theta


def broadcast() -> Any:
    """Run all pairs as one run of a bigger array."""
    rates, decays = pairs()
    return run(RMSprop(rates, decays), np.tile(START, (len(rates), 1)))


def loop() -> Any:
    """Run every hundredth pair by itself."""
    rates, decays = pairs()
    chosen = zip(rates[::SHARE, 0].tolist(), decays[::SHARE, 0].tolist(), strict=True)
    return np.array([run(RMSprop(rate, decay), START) for rate, decay in chosen])


def vmapped() -> Any:
    """Return the program of jax.vmap over a compiled run of one pair."""
    import jax

    jax.config.update("jax_enable_x64", True)

    def one(rate: Any, decay: Any) -> Any:
        def step(pair: Any, _: Any) -> Any:
            theta, G = pair
            g = CURVATURE * theta
            G = decay * G + (1 - decay) * g * g
            return (theta - rate * g / jax.numpy.sqrt(G + 1e-8), G), None

        return jax.lax.scan(step, (START, 0 * START), None, length=STEPS)[0][0]

    compiled = jax.jit(jax.vmap(one))
    rates, decays = pairs()
    return lambda: np.asarray(compiled(rates[:, 0], decays[:, 0]))


def sweep(repeats: int = 5) -> dict[str, Any]:
    """Return the seconds of each way, medians; the loop's counted for all pairs."""
    programs = {"broadcast": broadcast, "loop over runs": loop}
    with suppress(ImportError):
        programs["jax.vmap, compiled"] = vmapped()
    for program in programs.values():
        program()
    times = interleaved(programs, repeats)
    seconds = {name: float(np.median(taken)) for name, taken in times.items()}
    seconds["loop over runs"] *= SHARE
    return {"pairs": len(pairs()[0]), "steps": STEPS, "seconds": seconds}


if __name__ == "__main__":
    print(sweep())
