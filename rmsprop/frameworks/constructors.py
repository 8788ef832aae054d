"""What each framework means by "RMSprop": its words, defaults and fixed choices.

This is the only place where the conventions are written down. Every function below is
a declaration without a body: its signature holds the framework's own words and
defaults, its docstring an example. The decorator `row` enters it into the table of
conventions and makes of it a constructor, which returns a `Variant`.
"""
# ruff: noqa: D401, PLR0913 - examples for docstrings, the frameworks' own arguments

from typing import Any, Protocol

import numpy as np

from rmsprop.frameworks.conventions import IN, OUT, Knobs, row


class Array(Protocol):
    """An array of any library: it has a type of its elements."""

    @property
    def dtype(self) -> Any:
        """Return the type of the elements."""


Number = float | Array


def _with_momentum(knobs: Knobs) -> bool:
    acts = knobs["momentum"] > 0
    if np.any(acts) != np.all(acts):
        rule = "be 0 everywhere or greater than 0 everywhere: it decides where eps sits"
        raise ValueError(f"momentum must {rule}, got {knobs['momentum']}")
    return bool(np.all(acts))


def _centered(knobs: Knobs) -> bool:
    return bool(knobs["centered"])


def _eps(knobs: Knobs) -> Any:
    return knobs["eps"]


def _eps_not_zero(knobs: Knobs) -> Any:
    return knobs["eps"] + 1e-7 * (knobs["eps"] == 0)


def _momentum_if_centered(knobs: Knobs) -> Any:
    return knobs["momentum"] if knobs["centered"] else 0.0


@row(
    title="Tieleman & Hinton 2012",
    version="slides",
    source="Lecture 6e, slide 29",
    known="quoted",
    fixed={"eps": 0.0, "initial_mean_square": 0.0},
    note="The slide has no eps and no G_0; both are taken as 0.",
)
def hinton(*, learning_rate: Number, decay: Number = 0.9) -> None:
    """The first step is 1 / sqrt(1 - decay) learning rates long, whatever the gradient.

    >>> from rmsprop.frameworks import hinton
    >>> optimizer = hinton(learning_rate=1.0)
    >>> w, _ = optimizer.update(0.0, -7.0, optimizer.init(0.0))
    >>> round(w, 6)
    3.162278
    """


@row(
    title="Graves 2013",
    version="arXiv:1308.0850",
    source="equations 38 to 45",
    known="quoted",
    fixed={
        "eps_inside": IN,
        "initial_mean_square": 0.0,
        "centered": True,
        "rate_in_buffer": IN,
    },
    note="The constants are Greek letters there. Chainer's RMSpropGraves was run.",
)
def graves(
    *,
    learning_rate: Number = 1e-4,
    decay: Number = 0.95,
    momentum: Number = 0.9,
    eps: Number = 1e-4,
) -> None:
    """The paper's setting needs no argument.

    >>> from rmsprop.frameworks import graves
    >>> graves().decay, graves().momentum, graves().eps
    (0.95, 0.9, 0.0001)
    """


@row(
    title="torch.optim.RMSprop",
    version="2.13.0",
    source="torch/optim/rmsprop.py",
    known="run",
    words={"lr": "learning_rate", "alpha": "decay"},
    fixed={
        "eps_inside": OUT,
        "initial_mean_square": 0.0,
        "rate_in_buffer": OUT,
        "decoupled": False,
    },
)
def pytorch(
    *,
    lr: Number = 1e-2,
    alpha: Number = 0.99,
    eps: Number = 1e-8,
    weight_decay: Number = 0.0,
    momentum: Number = 0.0,
    centered: bool = False,
    maximize: bool = False,
) -> None:
    """An eps outside the root has the unit of a gradient.

    >>> from rmsprop.frameworks import pytorch
    >>> optimizer = pytorch(lr=1.0, alpha=0.0, eps=3.0)
    >>> optimizer.update(0.0, -1.0, optimizer.init(0.0))[0]  # 1 / (1 + 3)
    0.25
    """


@row(
    title="keras.optimizers.RMSprop",
    version="3.15.1",
    source="keras/src/optimizers/rmsprop.py",
    known="run",
    words={"rho": "decay", "epsilon": "eps"},
    fixed={
        "eps_inside": IN,
        "initial_mean_square": 0.0,
        "rate_in_buffer": IN,
        "decoupled": True,
    },
    note='Its documentation calls eps "epsilon hat"; the code adds it in the root.',
)
def keras(
    *,
    learning_rate: Number = 1e-3,
    rho: Number = 0.9,
    momentum: Number = 0.0,
    epsilon: Number = 1e-7,
    centered: bool = False,
    weight_decay: Number | None = None,
) -> None:
    """An eps inside the root has the unit of a squared gradient.

    >>> from rmsprop.frameworks import keras
    >>> optimizer = keras(learning_rate=1.0, rho=0.0, epsilon=3.0)
    >>> optimizer.update(0.0, -1.0, optimizer.init(0.0))[0]  # 1 / sqrt(1 + 3)
    0.5
    """


@row(
    title="tf.keras OptimizerV2 RMSprop",
    version="2.21.0",
    source="tensorflow/python/keras/optimizer_v2/rmsprop.py",
    known="run",
    words={"rho": "decay", "epsilon": "eps"},
    fixed={"initial_mean_square": 0.0, "rate_in_buffer": IN},
    derived={
        "eps_inside": ("if momentum > 0", _with_momentum),
        "eps": ("1e-7 if 0", _eps_not_zero),
    },
    note="An epsilon of 0 means 1e-7.",
)
def keras_legacy(
    *,
    learning_rate: Number = 1e-3,
    rho: Number = 0.9,
    momentum: Number = 0.0,
    epsilon: Number = 1e-7,
    centered: bool = False,
) -> None:
    """Compare the place of eps with and without momentum.

    >>> from rmsprop.frameworks import keras_legacy
    >>> keras_legacy().eps_inside, keras_legacy(momentum=1e-12).eps_inside
    (False, True)
    """


@row(
    title="tf.compat.v1.train.RMSPropOptimizer",
    version="2.21.0",
    source="tensorflow/python/training/rmsprop.py",
    known="run",
    words={"epsilon": "eps"},
    fixed={"eps_inside": IN, "initial_mean_square": 1.0, "rate_in_buffer": IN},
)
def tensorflow1(
    *,
    learning_rate: Number,
    decay: Number = 0.9,
    momentum: Number = 0.0,
    epsilon: Number = 1e-10,
    centered: bool = False,
) -> None:
    """A mean square that starts at 1 makes the first step small beside small gradients.

    >>> from rmsprop.frameworks import tensorflow1
    >>> optimizer = tensorflow1(learning_rate=1.0)
    >>> w, _ = optimizer.update(0.0, -0.01, optimizer.init(0.0))
    >>> round(w, 4)
    0.0105
    """


@row(
    title="optax.rmsprop",
    version="0.2.8",
    source="optax/_src/alias.py",
    known="run",
    words={"initial_scale": "initial_mean_square", "eps_in_sqrt": "eps_inside"},
    fixed={"rate_in_buffer": IN},
    note="Bias correction divides by 1 - decay^t whatever initial_scale is.",
)
def optax(
    *,
    learning_rate: Number,
    decay: Number = 0.9,
    eps: Number = 1e-8,
    initial_scale: Number = 0.0,
    eps_in_sqrt: bool = IN,
    centered: bool = False,
    momentum: Number | None = None,
    nesterov: bool = False,
    bias_correction: bool = False,
) -> None:
    """Two settings make it start as TensorFlow 1 does.

    >>> from rmsprop.frameworks import optax, tensorflow1
    >>> optax(learning_rate=0.1, eps=1e-10, initial_scale=1.0) == tensorflow1(
    ...     learning_rate=0.1
    ... )
    True
    """


@row(
    title="timm.optim.RMSpropTF",
    version="1.0.31",
    source="timm/optim/rmsprop_tf.py",
    known="run",
    words={
        "lr": "learning_rate",
        "alpha": "decay",
        "decoupled_decay": "decoupled",
        "lr_in_momentum": "rate_in_buffer",
    },
    fixed={"eps_inside": IN, "initial_mean_square": 1.0},
    note="Its options corrected_weight_decay and caution are not modeled.",
)
def timm(
    *,
    lr: Number = 1e-2,
    alpha: Number = 0.9,
    eps: Number = 1e-10,
    weight_decay: Number = 0.0,
    momentum: Number = 0.0,
    centered: bool = False,
    decoupled_decay: bool = False,
    lr_in_momentum: bool = IN,
) -> None:
    """It is TensorFlow 1's rule with PyTorch's words.

    >>> from rmsprop.frameworks import timm, tensorflow1
    >>> timm(lr=0.1, alpha=0.9) == tensorflow1(learning_rate=0.1, decay=0.9)
    True
    """


@row(
    title="jax.example_libraries.optimizers.rmsprop",
    version="0.10.2",
    source="jax/example_libraries/optimizers.py",
    known="run",
    words={"step_size": "learning_rate", "gamma": "decay"},
    fixed={"eps_inside": IN, "initial_mean_square": 0.0, "rate_in_buffer": IN},
    note="A momentum means the function rmsprop_momentum, whose default is 0.9.",
)
def jax_example(
    *,
    step_size: Number,
    gamma: Number = 0.9,
    eps: Number = 1e-8,
    momentum: Number | None = None,
) -> None:
    """Decay 0.5 forgets half of the mean square in a step.

    >>> from rmsprop.frameworks import jax_example
    >>> jax_example(step_size=0.1, gamma=0.5).decay
    0.5
    """


@row(
    title="chainer.optimizers.RMSprop",
    version="7.8.1",
    source="chainer/optimizers/rmsprop.py",
    known="run",
    words={"lr": "learning_rate", "alpha": "decay", "eps_inside_sqrt": "eps_inside"},
    fixed={"initial_mean_square": 0.0},
    note="Refuses an eps that rounds to 0 in the type of the parameters.",
)
def chainer(
    *,
    lr: Number = 1e-2,
    alpha: Number = 0.99,
    eps: Number = 1e-8,
    eps_inside_sqrt: bool = OUT,
) -> None:
    """Compare the place of eps with and without the switch.

    >>> from rmsprop.frameworks import chainer
    >>> chainer().eps_inside, chainer(eps_inside_sqrt=True).eps_inside
    (False, True)
    """


@row(
    title="mxnet.optimizer.RMSProp",
    version="1.9.1",
    source="src/operator/optimizer_op-inl.h",
    known="run",
    words={
        "gamma1": "decay",
        "gamma2": "momentum",
        "epsilon": "eps",
        "wd": "weight_decay",
    },
    fixed={
        "eps_inside": IN,
        "initial_mean_square": 0.0,
        "rate_in_buffer": IN,
        "decoupled": False,
    },
    derived={"momentum": ("if centered", _momentum_if_centered)},
    note="Momentum only acts if centered. Numbers are rounded to float32.",
)
def mxnet(
    *,
    learning_rate: Number = 1e-3,
    gamma1: Number = 0.9,
    gamma2: Number = 0.9,
    epsilon: Number = 1e-8,
    centered: bool = False,
    wd: Number = 0.0,
) -> None:
    """Compare the momentum with and without centering.

    >>> from rmsprop.frameworks import mxnet
    >>> mxnet().momentum, mxnet(centered=True).momentum
    (0.0, 0.9)
    """


@row(
    title="mxnet.optimizer.RMSProp",
    version="2.0.0 (b84609d)",
    source="src/operator/optimizer_op-inl.h",
    known="read",
    words={"rho": "decay", "epsilon": "eps", "wd": "weight_decay"},
    fixed={"initial_mean_square": 0.0, "rate_in_buffer": IN, "decoupled": False},
    derived={
        "eps_inside": ("if centered", _centered),
        "momentum": ("if centered", _momentum_if_centered),
    },
    note="Momentum only acts if centered.",
)
def mxnet2(
    *,
    learning_rate: Number = 1e-3,
    rho: Number = 0.9,
    momentum: Number = 0.9,
    epsilon: Number = 1e-8,
    centered: bool = False,
    wd: Number = 0.0,
) -> None:
    """Compare the place of eps with and without centering.

    >>> from rmsprop.frameworks import mxnet2
    >>> mxnet2().eps_inside, mxnet2(centered=True).eps_inside
    (False, True)
    """


@row(
    title="paddle.optimizer.RMSProp",
    version="3.3.1",
    source="paddle/phi/kernels/impl/rmsprop_kernel_impl.h",
    known="run",
    words={"rho": "decay", "epsilon": "eps"},
    fixed={
        "eps_inside": IN,
        "initial_mean_square": 0.0,
        "rate_in_buffer": IN,
        "decoupled": False,
    },
    note="Numbers are rounded to float32.",
)
def paddle(
    *,
    learning_rate: Number,
    rho: Number = 0.95,
    epsilon: Number = 1e-6,
    momentum: Number = 0.0,
    centered: bool = False,
    weight_decay: Number | None = None,
) -> None:
    """The momentum is the plain one, whatever its documentation says.

    >>> from rmsprop.frameworks import paddle
    >>> paddle(learning_rate=0.1, momentum=0.9).nesterov
    False
    """


@row(
    title="Caffe, solver type RMSProp",
    version="1.0.0 (9b89154)",
    source="src/caffe/solvers/rmsprop_solver.cpp",
    known="read",
    words={"base_lr": "learning_rate", "rms_decay": "decay", "delta": "eps"},
    fixed={"eps_inside": OUT, "initial_mean_square": 0.0, "decoupled": False},
    note="Momentum is refused.",
)
def caffe(
    *,
    base_lr: Number,
    rms_decay: Number = 0.99,
    delta: Number = 1e-8,
    weight_decay: Number = 0.0,
) -> None:
    """A solver's file names the numbers so.

    >>> from rmsprop.frameworks import caffe
    >>> caffe(base_lr=0.1, rms_decay=0.9, delta=1e-3).eps
    0.001
    """


@row(
    title="org.nd4j.linalg.learning.config.RmsProp",
    version="commit 1372913",
    source="libnd4j .../helpers/cpu/updaterRmsProp.cpp",
    known="read",
    words={"learningRate": "learning_rate", "rmsDecay": "decay", "epsilon": "eps"},
    fixed={"eps_inside": OUT},
    derived={"initial_mean_square": ("epsilon", _eps)},
)
def dl4j(
    *, learningRate: Number = 0.1, rmsDecay: Number = 0.95, epsilon: Number = 1e-8
) -> None:
    """Epsilon sets two knobs at once.

    >>> from rmsprop.frameworks import dl4j
    >>> dl4j(epsilon=0.5).eps, dl4j(epsilon=0.5).initial_mean_square
    (0.5, 0.5)
    """


@row(
    title="Optimisers.RMSProp (Flux)",
    version="0.4.8",
    source="src/rules.jl",
    known="read",
    words={
        "eta": "learning_rate",
        "rho": "decay",
        "epsilon": "eps",
        "centred": "centered",
    },
    fixed={"eps_inside": OUT, "initial_mean_square": 0.0},
    note='Its documentation calls rho "Momentum". In Float16 an eps but 0 is >= 1e-7.',
)
def flux(
    *,
    eta: Number = 1e-3,
    rho: Number = 0.9,
    epsilon: Number = 1e-8,
    centered: bool = False,
    centred: bool = False,
) -> None:
    """Both spellings of the switch are understood.

    >>> from rmsprop.frameworks import flux
    >>> flux(centred=True) == flux(centered=True)
    True
    """


@row(
    title="lasagne.updates.rmsprop",
    version="0.2.dev1 (5d3c63c)",
    source="lasagne/updates.py",
    known="read",
    words={"rho": "decay", "epsilon": "eps"},
    fixed={"eps_inside": IN, "initial_mean_square": 0.0},
)
def lasagne(
    *, learning_rate: Number = 1.0, rho: Number = 0.9, epsilon: Number = 1e-6
) -> None:
    """No other default rate is as large.

    >>> from rmsprop.frameworks import lasagne
    >>> lasagne().learning_rate
    1.0
    """
