"""Draws hero.png for the title page: `python book/_static/hero.py`."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from rmsprop import GradientDescent, RMSprop, plotting
from rmsprop.objectives import Quadratic

SIZE, STEPS = 240, 200
ENDS = {"vmin": -3, "vmax": 1}  # powers of ten, the same in both panels


def draw() -> None:
    """Draw what is left of the distance after 200 steps, by method."""
    rates, scales = np.logspace(-4, 1, SIZE), np.logspace(-3, 3, SIZE)
    plotting.use_style()
    fig, axes = plt.subplots(1, 2, sharey=True, figsize=(7.2, 3.0))
    for ax, method in zip(axes, (GradientDescent, RMSprop), strict=True):
        optimizer = method(rates[:, None, None])
        left = np.log10(
            np.clip(distance(optimizer, scales[:, None]), 1e-3, 10)
        )
        image = ax.pcolormesh(
            np.log10(rates),
            np.log10(scales),
            left.T,
            cmap="cividis_r",
            **ENDS,
        )
        ax.set(xlabel="learning rate, power of ten")
    axes[0].set(
        title="Gradient descent", ylabel="scale of the loss, power of ten"
    )
    axes[1].set(title="RMSprop")
    bar = fig.colorbar(
        image, ax=axes, label="distance left", ticks=[-3, -2, -1, 0, 1]
    )
    bar.ax.set_yticklabels(
        ["0.001 or less", "0.01", "0.1", "1", "10 or more"]
    )
    fig.savefig(Path(__file__).with_name("hero.png"))


def distance(optimizer, scales):
    """Return the distance to the minimum for all rates and scales."""
    valley = Quadratic(condition=20.0)
    theta = np.broadcast_to(valley.start, (SIZE, SIZE, 2))
    state = optimizer.init(theta)
    with np.errstate(
        all="ignore"
    ):  # gradient descent overflows above its band
        for _ in range(STEPS):
            theta, state = optimizer.update(
                theta, scales * valley.grad(theta), state
            )
        return np.nan_to_num(
            np.hypot(theta[..., 0], theta[..., 1]), nan=np.inf
        )


if __name__ == "__main__":
    draw()
