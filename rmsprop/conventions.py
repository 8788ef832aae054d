"""What each framework means by "RMSprop": its words, defaults and fixed choices.

This table is the only place where the conventions are written down. The constructors of
`rmsprop.frameworks`, their docstrings and the tables of the chapter *Frameworks* are
made from it.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

REQUIRED = inspect.Parameter.empty
"""Stands where an argument has no default."""

IN, OUT = True, False
KNOB_WORDS = {
    "eps_inside": {IN: "inside", OUT: "outside"},
    "rate_in_buffer": {IN: "inside", OUT: "outside"},
    "decoupled": {IN: "decoupled", OUT: "coupled"},
}
"""How the table says the two states of a switch."""

Knobs = Mapping[str, Any]


@dataclass(frozen=True)
class Convention:
    """One framework's RMSprop, in terms of the knobs of `variant.Variant`.

    Attributes
    ----------
    name : str
        The name of the constructor in `rmsprop.frameworks`.
    title : str
        Where a user finds it.
    version : str
        The version that was checked.
    source : str
        The file, or the paper's equations, that says so.
    known : str
        How: "run" (that version was run beside this package), "read" (its source
        was), or "quoted" (from other texts that cite it).
    arguments : mapping
        Its own word for each knob, and its default: ``word -> (knob, default)``.
    fixed : mapping
        The knobs that it leaves no choice about. A knob in neither is absent.
    derived : mapping
        Knobs that follow from others: ``knob -> (words, function of the knobs)``.
    note : str
        What else one must know.
    """

    name: str
    title: str
    version: str
    source: str
    known: str
    arguments: Mapping[str, tuple[str, Any]]
    fixed: Knobs
    derived: Mapping[str, tuple[str, Callable[[Knobs], Any]]] = field(
        default_factory=dict
    )
    note: str = ""

    def word(self, knob: str) -> str | None:
        """Return this framework's own word for a knob, None if it has none."""
        words = [word for word, (k, _) in self.arguments.items() if k == knob]
        return words[0] if words else None

    def knobs(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return all knobs for a setting in this framework's own words."""
        given = {word: default for word, (_, default) in self.arguments.items()}
        given.update(arguments)
        # Some frameworks write None where others write 0.
        values = {
            knob: 0.0 if given[word] is None and default is None else given[word]
            for word, (knob, default) in self.arguments.items()
        }
        values.update(self.fixed)
        return values | {knob: f(values) for knob, (_, f) in self.derived.items()}

    def cell(self, column: str) -> str:
        """Return what the table says of a knob, or of another attribute."""
        if column not in _COLUMNS:
            return str(getattr(self, column))
        word = self.word(column)
        if word is not None:
            default = self.arguments[word][1]
            value = f"{default:g}" if isinstance(default, float) else default
            return word if default is REQUIRED else f"{word}={value}"
        if column in self.derived:
            return self.derived[column][0]
        return _say(column, self.fixed[column]) if column in self.fixed else "-"


_COLUMNS = {
    "learning_rate": "learning rate",
    "decay": "decay",
    "eps": "eps",
    "eps_inside": "eps in root?",
    "initial_mean_square": "G_0",
    "centered": "centered",
    "momentum": "momentum",
    "rate_in_buffer": "rate in buffer?",
    "nesterov": "Nesterov",
    "bias_correction": "bias correction",
    "weight_decay": "weight decay",
    "decoupled": "its kind",
}


def _say(knob: str, value: Any) -> str:
    if isinstance(value, bool):
        return KNOB_WORDS.get(knob, {True: "yes", False: "no"})[value]
    return f"{value:g}" if isinstance(value, float) else str(value)


def table(*columns: str) -> str:
    r"""Return the conventions as text, a line a framework.

    Parameters
    ----------
    *columns : str
        Knobs of `variant.Variant`, or "title", "version", "source", "known", "note".

    Returns
    -------
    str
        Aligned columns. ``word=default`` is an argument, a bare word one without a
        default, a bare value is fixed, and a dash says that there is no such thing.

    Raises
    ------
    ValueError
        If a column is unknown.

    Notes
    -----
    Chapter: *Frameworks*.

    Examples
    --------
    >>> print("\n".join(table("decay", "eps", "eps_inside").splitlines()[:5]))
    framework     decay           eps            eps in root?
    hinton        decay=0.9       0              -
    graves        decay=0.95      eps=0.0001     inside
    pytorch       alpha=0.99      eps=1e-08      outside
    keras         rho=0.9         epsilon=1e-07  inside
    """
    known = (*_COLUMNS, "title", "version", "source", "known", "note")
    for column in columns:
        if column not in known:
            raise ValueError(f"columns must be of {', '.join(known)}; got {column!r}")
    rows = [["framework", *(_COLUMNS.get(column, column) for column in columns)]]
    rows += [[c.name, *map(c.cell, columns)] for c in CONVENTIONS.values()]
    widths = [max(map(len, column)) + 2 for column in zip(*rows, strict=True)]
    lines = ("".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "\n".join(lines)


def _centered(knobs: Knobs) -> bool:
    return bool(knobs["centered"])


def _with_momentum(knobs: Knobs) -> bool:
    acts = knobs["momentum"] > 0
    if np.any(acts) != np.all(acts):
        rule = "be 0 everywhere or greater than 0 everywhere: it decides where eps sits"
        raise ValueError(f"momentum must {rule}, got {knobs['momentum']}")
    return bool(np.all(acts))


def _eps_not_zero(knobs: Knobs) -> Any:
    return knobs["eps"] + 1e-7 * (knobs["eps"] == 0)


def _momentum_if_centered(knobs: Knobs) -> Any:
    return knobs["momentum"] if knobs["centered"] else 0.0


_ROWS = [
    Convention(
        name="hinton",
        title="Tieleman & Hinton 2012",
        version="slides",
        source="Lecture 6e, slide 29",
        known="quoted",
        arguments={
            "learning_rate": ("learning_rate", REQUIRED),
            "decay": ("decay", 0.9),
        },
        fixed={"eps": 0.0, "initial_mean_square": 0.0},
        note="The slide has no eps and no G_0; both are taken as 0.",
    ),
    Convention(
        name="graves",
        title="Graves 2013",
        version="arXiv:1308.0850",
        source="equations 38 to 45",
        known="quoted",
        arguments={
            "learning_rate": ("learning_rate", 1e-4),
            "decay": ("decay", 0.95),
            "momentum": ("momentum", 0.9),
            "eps": ("eps", 1e-4),
        },
        fixed={
            "eps_inside": IN,
            "initial_mean_square": 0.0,
            "centered": True,
            "rate_in_buffer": IN,
        },
        note="The constants are Greek letters there. Chainer's RMSpropGraves was run.",
    ),
    Convention(
        name="pytorch",
        title="torch.optim.RMSprop",
        version="2.13.0",
        source="torch/optim/rmsprop.py",
        known="run",
        arguments={
            "lr": ("learning_rate", 1e-2),
            "alpha": ("decay", 0.99),
            "eps": ("eps", 1e-8),
            "weight_decay": ("weight_decay", 0.0),
            "momentum": ("momentum", 0.0),
            "centered": ("centered", False),
        },
        fixed={
            "eps_inside": OUT,
            "initial_mean_square": 0.0,
            "rate_in_buffer": OUT,
            "decoupled": False,
        },
    ),
    Convention(
        name="keras",
        title="keras.optimizers.RMSprop",
        version="3.15.1",
        source="keras/src/optimizers/rmsprop.py",
        known="run",
        arguments={
            "learning_rate": ("learning_rate", 1e-3),
            "rho": ("decay", 0.9),
            "momentum": ("momentum", 0.0),
            "epsilon": ("eps", 1e-7),
            "centered": ("centered", False),
            "weight_decay": ("weight_decay", None),
        },
        fixed={
            "eps_inside": IN,
            "initial_mean_square": 0.0,
            "rate_in_buffer": IN,
            "decoupled": True,
        },
        note='Its documentation calls eps "epsilon hat"; the code adds it in the root.',
    ),
    Convention(
        name="keras_legacy",
        title="tf.keras OptimizerV2 RMSprop",
        version="2.21.0",
        source="tensorflow/python/keras/optimizer_v2/rmsprop.py",
        known="run",
        arguments={
            "learning_rate": ("learning_rate", 1e-3),
            "rho": ("decay", 0.9),
            "momentum": ("momentum", 0.0),
            "epsilon": ("eps", 1e-7),
            "centered": ("centered", False),
        },
        fixed={"initial_mean_square": 0.0, "rate_in_buffer": IN},
        derived={
            "eps_inside": ("if momentum > 0", _with_momentum),
            "eps": ("1e-7 if 0", _eps_not_zero),
        },
        note="An epsilon of 0 means 1e-7.",
    ),
    Convention(
        name="tensorflow1",
        title="tf.compat.v1.train.RMSPropOptimizer",
        version="2.21.0",
        source="tensorflow/python/training/rmsprop.py",
        known="run",
        arguments={
            "learning_rate": ("learning_rate", REQUIRED),
            "decay": ("decay", 0.9),
            "momentum": ("momentum", 0.0),
            "epsilon": ("eps", 1e-10),
            "centered": ("centered", False),
        },
        fixed={"eps_inside": IN, "initial_mean_square": 1.0, "rate_in_buffer": IN},
    ),
    Convention(
        name="optax",
        title="optax.rmsprop",
        version="0.2.8",
        source="optax/_src/alias.py",
        known="run",
        arguments={
            "learning_rate": ("learning_rate", REQUIRED),
            "decay": ("decay", 0.9),
            "eps": ("eps", 1e-8),
            "initial_scale": ("initial_mean_square", 0.0),
            "eps_in_sqrt": ("eps_inside", IN),
            "centered": ("centered", False),
            "momentum": ("momentum", None),
            "nesterov": ("nesterov", False),
            "bias_correction": ("bias_correction", False),
        },
        fixed={"rate_in_buffer": IN},
        note="Bias correction divides by 1 - decay^t whatever initial_scale is.",
    ),
    Convention(
        name="timm",
        title="timm.optim.RMSpropTF",
        version="1.0.31",
        source="timm/optim/rmsprop_tf.py",
        known="run",
        arguments={
            "lr": ("learning_rate", 1e-2),
            "alpha": ("decay", 0.9),
            "eps": ("eps", 1e-10),
            "weight_decay": ("weight_decay", 0.0),
            "momentum": ("momentum", 0.0),
            "centered": ("centered", False),
            "decoupled_decay": ("decoupled", False),
            "lr_in_momentum": ("rate_in_buffer", IN),
        },
        fixed={"eps_inside": IN, "initial_mean_square": 1.0},
        note="Its options corrected_weight_decay and caution are not modeled.",
    ),
    Convention(
        name="jax_example",
        title="jax.example_libraries.optimizers.rmsprop",
        version="0.10.2",
        source="jax/example_libraries/optimizers.py",
        known="run",
        arguments={
            "step_size": ("learning_rate", REQUIRED),
            "gamma": ("decay", 0.9),
            "eps": ("eps", 1e-8),
            "momentum": ("momentum", None),
        },
        fixed={"eps_inside": IN, "initial_mean_square": 0.0, "rate_in_buffer": IN},
        note="A momentum means the function rmsprop_momentum, whose default is 0.9.",
    ),
    Convention(
        name="chainer",
        title="chainer.optimizers.RMSprop",
        version="7.8.1",
        source="chainer/optimizers/rmsprop.py",
        known="run",
        arguments={
            "lr": ("learning_rate", 1e-2),
            "alpha": ("decay", 0.99),
            "eps": ("eps", 1e-8),
            "eps_inside_sqrt": ("eps_inside", OUT),
        },
        fixed={"initial_mean_square": 0.0},
        note="Refuses an eps that rounds to 0 in the type of the parameters.",
    ),
    Convention(
        name="mxnet",
        title="mxnet.optimizer.RMSProp",
        version="1.9.1",
        source="src/operator/optimizer_op-inl.h",
        known="run",
        arguments={
            "learning_rate": ("learning_rate", 1e-3),
            "gamma1": ("decay", 0.9),
            "gamma2": ("momentum", 0.9),
            "epsilon": ("eps", 1e-8),
            "centered": ("centered", False),
            "wd": ("weight_decay", 0.0),
        },
        fixed={
            "eps_inside": IN,
            "initial_mean_square": 0.0,
            "rate_in_buffer": IN,
            "decoupled": False,
        },
        derived={"momentum": ("if centered", _momentum_if_centered)},
        note="Momentum only acts if centered. Numbers are rounded to float32.",
    ),
    Convention(
        name="mxnet2",
        title="mxnet.optimizer.RMSProp",
        version="2.0.0 (b84609d)",
        source="src/operator/optimizer_op-inl.h",
        known="read",
        arguments={
            "learning_rate": ("learning_rate", 1e-3),
            "rho": ("decay", 0.9),
            "momentum": ("momentum", 0.9),
            "epsilon": ("eps", 1e-8),
            "centered": ("centered", False),
            "wd": ("weight_decay", 0.0),
        },
        fixed={"initial_mean_square": 0.0, "rate_in_buffer": IN, "decoupled": False},
        derived={
            "eps_inside": ("if centered", _centered),
            "momentum": ("if centered", _momentum_if_centered),
        },
        note="Momentum only acts if centered.",
    ),
    Convention(
        name="paddle",
        title="paddle.optimizer.RMSProp",
        version="3.3.1",
        source="paddle/phi/kernels/impl/rmsprop_kernel_impl.h",
        known="run",
        arguments={
            "learning_rate": ("learning_rate", REQUIRED),
            "rho": ("decay", 0.95),
            "epsilon": ("eps", 1e-6),
            "momentum": ("momentum", 0.0),
            "centered": ("centered", False),
            "weight_decay": ("weight_decay", None),
        },
        fixed={
            "eps_inside": IN,
            "initial_mean_square": 0.0,
            "rate_in_buffer": IN,
            "decoupled": False,
        },
        note="Numbers are rounded to float32.",
    ),
    Convention(
        name="caffe",
        title="Caffe, solver type RMSProp",
        version="1.0.0 (9b89154)",
        source="src/caffe/solvers/rmsprop_solver.cpp",
        known="read",
        arguments={
            "base_lr": ("learning_rate", REQUIRED),
            "rms_decay": ("decay", 0.99),
            "delta": ("eps", 1e-8),
            "weight_decay": ("weight_decay", 0.0),
        },
        fixed={"eps_inside": OUT, "initial_mean_square": 0.0, "decoupled": False},
        note="Momentum is refused.",
    ),
    Convention(
        name="dl4j",
        title="org.nd4j.linalg.learning.config.RmsProp",
        version="commit 1372913",
        source="libnd4j .../helpers/cpu/updaterRmsProp.cpp",
        known="read",
        arguments={
            "learningRate": ("learning_rate", 0.1),
            "rmsDecay": ("decay", 0.95),
            "epsilon": ("eps", 1e-8),
        },
        fixed={"eps_inside": OUT},
        derived={"initial_mean_square": ("epsilon", lambda knobs: knobs["eps"])},
    ),
    Convention(
        name="flux",
        title="Optimisers.RMSProp (Flux)",
        version="0.4.8",
        source="src/rules.jl",
        known="read",
        arguments={
            "eta": ("learning_rate", 1e-3),
            "rho": ("decay", 0.9),
            "epsilon": ("eps", 1e-8),
            "centered": ("centered", False),
        },
        fixed={"eps_inside": OUT, "initial_mean_square": 0.0},
        note='Its documentation calls rho "Momentum"; it is the decay.',
    ),
    Convention(
        name="lasagne",
        title="lasagne.updates.rmsprop",
        version="0.2.dev1 (5d3c63c)",
        source="lasagne/updates.py",
        known="read",
        arguments={
            "learning_rate": ("learning_rate", 1.0),
            "rho": ("decay", 0.9),
            "epsilon": ("eps", 1e-6),
        },
        fixed={"eps_inside": IN, "initial_mean_square": 0.0},
    ),
]

CONVENTIONS: dict[str, Convention] = {row.name: row for row in _ROWS}
"""One row a framework, by the name of its constructor."""
