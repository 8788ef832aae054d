"""Known slips in a student's backward pass, each with the sentence that names it.

The pass has three parts: the slopes at the scores, those at the hidden units, and the
products that make slopes of weights of them. A slip is a wrong version of one part,
and any two wrong parts make a wrong pass.
"""

# ruff: noqa: ARG005 - all versions of a part take the same arguments
from typing import Any

import numpy as np

from rmsprop._slips.pairs import Part, Slips, at_most_two

WRONG_COUNT = (
    "You divide by another number than the number of images in the batch. Which axis "
    "of `p` counts the images?"
)
NO_MASK = (
    "Slopes flow back through hidden units that are off. A nudge of such a unit's "
    "input changes nothing, so its slope is zero."
)
WRONG_MASK = (
    "You ask whether the slope is positive. What decides is whether the hidden unit is "
    "on, and `h` knows that."
)
TRANSPOSE = (
    "is missing a transpose. The product must add up over the images: the inner axes "
    "of both matrices have to count images."
)
BIAS = (
    "The last pixel is always 1, and its weights are the biases. Their slopes, the "
    "last row of dW,"
)

# The slopes at the scores, of p and y.
SCORES: tuple[Part, ...] = (
    (lambda p, y: (p - y) / len(p), ""),
    (
        lambda p, y: p - y,
        "The loss is a mean over the images of the batch, and your slopes are those of "
        "the sum. How much say has each image?",
    ),
    (
        lambda p, y: (y - p) / len(p),
        "The sign: your slopes at the scores point downhill. If the right digit's "
        "score grows, the loss falls, so what is the sign of this slope?",
    ),
    (
        lambda p, y: (p - y) / len(p) ** 2,
        "You take the mean over the batch twice. Once is enough: all later slopes "
        "inherit it from the slopes at the scores.",
    ),
    (
        lambda p, y: (p - y) / 50,
        "Your number of images is fixed at 50. A batch may hold another number of "
        "them.",
    ),
    (
        lambda p, y: p / len(p),
        "The truth is missing: your slopes at the scores know what the network says, "
        "but not which digit is right.",
    ),
    (
        lambda p, y: -y / len(p),
        "Your slopes at the scores know which digit is right, but not what the network "
        "says. The logarithm of the sum has a slope too.",
    ),
    (
        lambda p, y: (p - y) * p * (1 - p) / len(p),
        "The slope of the softmax comes in once more. In the slope of the whole loss "
        "most of it has canceled: look again at the slope for a single image.",
    ),
    (
        lambda p, y: 2 * (p - y) / len(p),
        "The factor 2 belongs to a squared error. The loss here is the cross-entropy.",
    ),
    (
        lambda p, y: (p - y.T) / len(p),
        "One of your arrays with a row for each image has been transposed before the "
        "difference was taken.",
    ),
)
# Where all matrices are square, the numbers of images and digits are the same. So these
# cannot be told from right ones beside what runs through only there.
COUNTS: tuple[Part, ...] = (
    (lambda p, y: (p - y) / p.shape[1], WRONG_COUNT),
    (lambda p, y: (p - y) / p.size, WRONG_COUNT),
)

# The slopes at the hidden units, of those at the scores, of h and V.
UNITS: tuple[Part, ...] = (
    (lambda dz, h, V: (dz @ V) * (h > 0), ""),
    (lambda dz, h, V: dz @ V, NO_MASK),
    (
        lambda dz, h, V: (dz @ V) * h,
        "You multiply by the hidden units themselves. The slope of the rectifier is 1 "
        "where a unit is on, however large its value.",
    ),
    (lambda dz, h, V: (dz @ V) * (dz @ V > 0), WRONG_MASK),
    (lambda dz, h, V: np.maximum(dz @ V, 0) * (h > 0), WRONG_MASK),
    (
        lambda dz, h, V: (dz @ V) * (h <= 0),
        "Your mask is the wrong way round: it keeps the units that are off.",
    ),
)
UNITS_IF_SQUARE: tuple[Part, ...] = (
    (
        lambda dz, h, V: (dz @ V.T) * (h > 0),
        "V is transposed on the way back to the hidden units. The slopes at the scores "
        "have a column for each digit: which axis of V counts the digits?",
    ),
)


def _with_bias(dW: Any, bias: Any) -> Any:
    new = 1.0 * dW
    new[-1] = bias
    return new


# The slopes of the weights, of x, h and the slopes at the units and at the scores.
WEIGHTS: tuple[Part, ...] = (
    (lambda x, h, dh, dz: (x.T @ dh, dz.T @ h), ""),
    (
        lambda x, h, dh, dz: (x.T @ dh, h.T @ dz),
        "Your dV is transposed: its rows should be its columns.",
    ),
    (
        lambda x, h, dh, dz: (dh.T @ x, dz.T @ h),
        "Your dW is transposed: its rows should be its columns.",
    ),
    (
        lambda x, h, dh, dz: (dh.T @ x, h.T @ dz),
        "Both your results are transposed: their rows should be their columns.",
    ),
    (
        lambda x, h, dh, dz: (dz.T @ h, x.T @ dh),
        "The two results have changed places. dW comes first, then dV.",
    ),
    (
        lambda x, h, dh, dz: (_with_bias(x.T @ dh, 0.0), dz.T @ h),
        f"{BIAS} are missing.",
    ),
    (
        lambda x, h, dh, dz: (_with_bias(x.T @ dh, dh.sum(axis=1)), dz.T @ h),
        f"{BIAS} are summed over the wrong axis. Each bias belongs to one hidden unit "
        "and serves all images.",
    ),
    (
        lambda x, h, dh, dz: (_with_bias(x.T @ dh, dh.sum()), dz.T @ h),
        f"{BIAS} are summed over both axes. Each hidden unit has a bias of its own.",
    ),
    (
        lambda x, h, dh, dz: (_with_bias(x.T @ dh, dh.mean(axis=0)), dz.T @ h),
        f"{BIAS} are a mean of slopes that hold the mean over the batch already.",
    ),
)
WEIGHTS_IF_SQUARE: tuple[Part, ...] = (
    (lambda x, h, dh, dz: (x.T @ dh, dz @ h), "Your dV " + TRANSPOSE),
    (lambda x, h, dh, dz: (x @ dh, dz.T @ h), "Your dW " + TRANSPOSE),
    (lambda x, h, dh, dz: (x @ dh, dz @ h), "Each of your results " + TRANSPOSE),
)


def _pass(scores: Any, units: Any, weights: Any) -> Any:
    def backward(x: Any, h: Any, p: Any, y: Any, V: Any) -> Any:
        dz = scores(p, y)
        return weights(x, h, units(dz, h, V), dz)

    return backward


BACKWARD: Slips = tuple(
    (_pass(*parts), text)
    for parts, text in (
        *at_most_two(SCORES, UNITS + UNITS_IF_SQUARE, WEIGHTS + WEIGHTS_IF_SQUARE),
        *at_most_two(COUNTS, UNITS, WEIGHTS),
    )
)
