"""Run the optimizers of installed frameworks on NumPy arrays, a step at a time.

`PEERS[name](arguments, theta)` makes the framework's own RMSprop and returns
``step(grad, rate) -> theta``. A rate of None leaves the framework's rate alone.
"""

import importlib
import os
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import version
from importlib.util import find_spec, module_from_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Step = Callable[[Array, float | None], Array]
Arguments = Mapping[str, Any]

PACKAGES = {
    "pytorch": "torch",
    "keras": "keras",
    "keras_legacy": "tensorflow",
    "tensorflow1": "tensorflow",
    "optax": "optax",
    "timm": "timm",
    "jax_example": "jax",
    "chainer": "chainer",
    "graves": "chainer",
    "mxnet": "mxnet",
    "paddle": "paddle",
    "sb3": "stable_baselines3",
    "mlx": "mlx",
    "sonnet": "sonnet",
    "river": "river",
    "autograd": "autograd",
}
"""What must be importable for each peer."""


def installed_version(name: str) -> str:
    """Return the version of a peer's package."""
    package = PACKAGES[name]
    distributions = {
        "tensorflow": "tensorflow_cpu",
        "paddle": "paddlepaddle",
        "sonnet": "dm-sonnet",
    }
    return version(distributions.get(package, package)).split("+")[0]


def load(module: str) -> Any:
    return importlib.import_module(module)


class Problem:
    """A noisy diagonal quadratic whose gradients span five orders of magnitude."""

    def __init__(self, seed: int, dtype: str = "float64", steps: int = 50) -> None:
        rng = np.random.default_rng(seed)
        scale = 10.0 ** np.array([-4, -3, -2, -1, 0, 0.5, 1])
        self.theta0 = rng.uniform(0.5, 1.5, scale.size).astype(dtype)
        self.curvature = (scale * rng.uniform(0.5, 2, scale.size)).astype(dtype)
        self.minimizer = rng.uniform(-1, 1, scale.size).astype(dtype)
        self.noise = (scale * rng.normal(size=(steps, scale.size))).astype(dtype)

    def grad(self, theta: Array, t: int) -> Array:
        """Return the gradient that step t = 1, 2, ... uses."""
        grad: Array = self.curvature * (theta - self.minimizer) + self.noise[t - 1]
        return grad

    def run(self, step: Step, rate: float | None = None) -> Array:
        """Return all parameters; a given rate falls eightfold after half the steps."""
        rows = [self.theta0]
        for t in range(1, len(self.noise) + 1):
            falls = rate is not None and t > len(self.noise) // 2
            eta = rate / 8 if falls and rate is not None else rate
            rows.append(step(self.grad(rows[-1], t), eta))
        return np.array(rows)


def pytorch(arguments: Arguments, theta: Array) -> Step:
    return _torch(load("torch").optim.RMSprop, arguments, theta)


def timm(arguments: Arguments, theta: Array) -> Step:
    return _torch(_alone("timm.optim.rmsprop_tf").RMSpropTF, arguments, theta)


def sb3(arguments: Arguments, theta: Array) -> Step:
    module = _alone("stable_baselines3.common.sb2_compat.rmsprop_tf_like")
    return _torch(module.RMSpropTFLike, arguments, theta)


def _alone(module: str) -> Any:
    # `import timm` wants a torchvision built for the very torch that is installed, and
    # Stable-Baselines3 a simulator; the optimizers need torch alone. So the packages
    # around them are made without running their __init__.
    parts = module.split(".")
    for name in (".".join(parts[:i]) for i in range(1, len(parts))):
        if name not in sys.modules:
            spec = find_spec(name)
            assert spec is not None
            sys.modules[name] = module_from_spec(spec)
    return load(module)


def _torch(optimizer: Any, arguments: Arguments, theta: Array) -> Step:
    torch = load("torch")
    parameter = torch.nn.Parameter(torch.tensor(theta))
    optimizer = optimizer([parameter], **arguments)

    def step(grad: Array, rate: float | None) -> Array:
        if rate is not None:
            optimizer.param_groups[0]["lr"] = rate
        parameter.grad = torch.tensor(grad)
        optimizer.step()
        return np.array(parameter.detach())

    return step


def keras(arguments: Arguments, theta: Array) -> Step:
    os.environ.setdefault("KERAS_BACKEND", "torch")
    keras = load("keras")
    keras.config.set_floatx(theta.dtype.name)
    variable = keras.Variable(theta, dtype=theta.dtype.name)
    optimizer = keras.optimizers.RMSprop(**arguments)
    optimizer.build([variable])

    def step(grad: Array, rate: float | None) -> Array:
        if rate is not None:
            optimizer.learning_rate = rate
        optimizer.apply([keras.ops.convert_to_tensor(grad)])
        return np.array(keras.ops.convert_to_numpy(variable.value))

    return step


def keras_legacy(arguments: Arguments, theta: Array) -> Step:
    module = load("tensorflow.python.keras.optimizer_v2.rmsprop")
    return _tensorflow(module.RMSprop, arguments, theta, exact=("rho", "momentum"))


def tensorflow1(arguments: Arguments, theta: Array) -> Step:
    optimizer = load("tensorflow").compat.v1.train.RMSPropOptimizer
    names = ("decay", "momentum", "epsilon")
    return _tensorflow(optimizer, arguments, theta, exact=names)


def _tensorflow(
    optimizer: Any, arguments: Arguments, theta: Array, exact: tuple[str, ...]
) -> Step:
    tf = load("tensorflow")
    now: dict[str, float | None] = {"rate": None}
    given = dict(arguments)
    first = given.get("learning_rate")

    # A Python float is rounded to float32, what a function returns is not. A momentum
    # of 0 stays a number: the legacy optimizer asks whether it is positive.
    def constant(value: float) -> Callable[[], Any]:
        return lambda: tf.constant(value, theta.dtype)

    given.update({name: constant(given[name]) for name in exact if given.get(name)})
    if first is not None:
        given["learning_rate"] = lambda: tf.constant(now["rate"] or first, theta.dtype)
    variable = tf.Variable(theta)
    made = optimizer(**given)

    def step(grad: Array, rate: float | None) -> Array:
        now["rate"] = rate
        made.apply_gradients([(tf.constant(grad), variable)])
        return np.array(variable)

    return step


def optax(arguments: Arguments, theta: Array) -> Step:
    load("jax").config.update("jax_enable_x64", True)
    now: dict[str, Any] = {"rate": arguments["learning_rate"]}
    rate_of = {"learning_rate": lambda _count: now["rate"]}
    optimizer = load("optax").rmsprop(**{**arguments, **rate_of})
    now["theta"] = load("jax.numpy").asarray(theta)
    now["state"] = optimizer.init(now["theta"])

    def step(grad: Array, rate: float | None) -> Array:
        now["rate"] = now["rate"] if rate is None else rate
        updates, now["state"] = optimizer.update(grad, now["state"], now["theta"])
        now["theta"] = load("optax").apply_updates(now["theta"], updates)
        return np.array(now["theta"])

    return step


def jax_example(arguments: Arguments, theta: Array) -> Step:
    load("jax").config.update("jax_enable_x64", True)
    optimizers = load("jax.example_libraries.optimizers")
    now: dict[str, Any] = {"rate": arguments["step_size"], "t": 0}
    name = "rmsprop_momentum" if "momentum" in arguments else "rmsprop"
    rate_of = {"step_size": lambda _i: now["rate"]}
    init, update, get = getattr(optimizers, name)(**{**arguments, **rate_of})
    now["state"] = init(theta)

    def step(grad: Array, rate: float | None) -> Array:
        now["rate"] = now["rate"] if rate is None else rate
        now["state"] = update(now["t"], grad, now["state"])
        now["t"] += 1
        return np.array(get(now["state"]))

    return step


def chainer(arguments: Arguments, theta: Array) -> Step:
    return _chainer(load("chainer").optimizers.RMSprop(**arguments), theta)


def graves(arguments: Arguments, theta: Array) -> Step:
    words = {"learning_rate": "lr", "decay": "alpha"}
    given = {words.get(word, word): value for word, value in arguments.items()}
    return _chainer(load("chainer").optimizers.RMSpropGraves(**given), theta)


def _chainer(optimizer: Any, theta: Array) -> Step:
    chainer = load("chainer")
    link = chainer.Link()
    with link.init_scope():
        link.theta = chainer.Parameter(theta.copy())
    optimizer.setup(link)

    def step(grad: Array, rate: float | None) -> Array:
        if rate is not None:
            optimizer.lr = rate
        link.theta.grad = grad.copy()
        optimizer.update()
        return np.array(link.theta.array)

    return step


def mxnet(arguments: Arguments, theta: Array) -> Step:
    np.bool = np.bool_  # type: ignore[misc] # MXNet 1.9 predates NumPy 1.24
    mxnet = load("mxnet")
    array = mxnet.ndarray.array
    optimizer = mxnet.optimizer.RMSProp(**arguments)
    weight = array(theta, dtype=theta.dtype.name)
    # It makes float32 states for weights of any type, which its own kernel refuses.
    state = tuple(s.astype(theta.dtype) for s in optimizer.create_state(0, weight))

    def step(grad: Array, rate: float | None) -> Array:
        if rate is not None:
            optimizer.set_learning_rate(rate)
        optimizer.update(0, weight, array(grad, dtype=grad.dtype.name), state)
        return np.array(weight.asnumpy())

    return step


def paddle(arguments: Arguments, theta: Array) -> Step:
    paddle = load("paddle")
    parameter = paddle.create_parameter(list(theta.shape), theta.dtype.name)
    parameter.set_value(theta)
    optimizer = paddle.optimizer.RMSProp(parameters=[parameter], **arguments)

    def step(grad: Array, rate: float | None) -> Array:
        if rate is not None:
            optimizer.set_lr(rate)
        parameter.grad = paddle.to_tensor(grad)
        optimizer.step()
        return np.array(parameter.numpy())

    return step


def mlx(arguments: Arguments, theta: Array) -> Step:
    mx = load("mlx.core")
    mx.set_default_device(mx.cpu)  # float64 is there alone
    optimizer = load("mlx.optimizers").RMSprop(**arguments)
    dtype = getattr(mx, theta.dtype.name)
    now = {"theta": mx.array(theta, dtype=dtype)}

    def step(grad: Array, rate: float | None) -> Array:
        if rate is not None:
            optimizer.learning_rate = rate  # kept in float32
        gradient = {"theta": mx.array(grad, dtype=dtype)}
        now.update(optimizer.apply_gradients(gradient, now))
        return np.array(now["theta"])

    return step


def sonnet(arguments: Arguments, theta: Array) -> Step:
    tf = load("tensorflow")
    # Numbers become tensors of float32 unless they are tensors already.
    exact = {
        word: value if isinstance(value, bool) else tf.constant(value, theta.dtype)
        for word, value in arguments.items()
    }
    optimizer = load("sonnet").optimizers.RMSProp(**exact)
    variable = tf.Variable(theta)

    def step(grad: Array, rate: float | None) -> Array:
        if rate is not None:
            optimizer.learning_rate = tf.constant(rate, theta.dtype)
        optimizer.apply([tf.constant(grad)], [variable])
        return np.array(variable)

    return step


def river(arguments: Arguments, theta: Array) -> Step:
    optim = load("river.optim")
    optimizer = optim.RMSProp(**arguments)
    now = {"theta": theta.copy()}

    def step(grad: Array, rate: float | None) -> Array:
        if rate is not None:
            optimizer.lr = optim.schedulers.Constant(rate)
        now["theta"] = optimizer.step(now["theta"].copy(), grad)
        return np.array(now["theta"])

    return step


def autograd(arguments: Arguments, theta: Array) -> Step:
    rmsprop = load("autograd.misc.optimizers").rmsprop
    grads: list[Array] = []
    rates: list[float] = []
    default = 0.1

    class Rate:
        """The rates of all steps so far, one a multiplication."""

        __array_ufunc__ = None

        def __init__(self) -> None:
            self.left = iter(rates)

        def __mul__(self, grad: Array) -> Array:
            return next(self.left) * grad

    # It is a function that runs all steps, so each step runs those before it again.
    def step(grad: Array, rate: float | None) -> Array:
        grads.append(grad)
        rates.append(default if rate is None else rate)
        given = {**arguments, "num_iters": len(grads), "step_size": Rate()}
        return np.array(rmsprop(lambda _x, i: grads[i], theta.copy(), **given))

    return step


PEERS: dict[str, Callable[[Arguments, Array], Step]] = {
    "pytorch": pytorch,
    "keras": keras,
    "keras_legacy": keras_legacy,
    "tensorflow1": tensorflow1,
    "optax": optax,
    "timm": timm,
    "jax_example": jax_example,
    "chainer": chainer,
    "graves": graves,
    "mxnet": mxnet,
    "paddle": paddle,
    "sb3": sb3,
    "mlx": mlx,
    "sonnet": sonnet,
    "river": river,
    "autograd": autograd,
}
