"""One step of RMSprop in each program that is compared: what is called, and no more.

Each maker takes theta, the gradient and the number of threads, which most leave to the
process, and returns a function that takes a step. Where a library is missing its import
fails, and it is left out.
"""

import os
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np
from timing import Program

from rmsprop import RMSprop
from rmsprop.inplace import update_inplace

RATE, DECAY, EPS = 0.001, 0.9, 1e-8
Maker = Callable[[Any, Any, int], Program]


def textbook(theta: Any, grad: Any, _threads: int) -> Program:
    """Return the rule typed at the prompt."""
    w, G, g = theta.copy(), np.zeros_like(theta), grad

    def step() -> None:
        nonlocal w, G
        G = DECAY * G + (1 - DECAY) * (g * g)
        w = w - RATE * g / np.sqrt(G + EPS)

    return step


def package(theta: Any, grad: Any, _threads: int) -> Program:
    """Return the step of `RMSprop.update`."""
    optimizer = RMSprop(RATE, DECAY, EPS)
    w, state = theta, optimizer.init(theta)

    def step() -> None:
        nonlocal w, state
        w, state = optimizer.update(w, grad, state)

    return step


def in_place(theta: Any, grad: Any, threads: int, *, fused: bool) -> Program:
    """Return the package's step in place."""
    if fused:
        import_module("numba")  # where it is missing, this program is left out
    optimizer, w = RMSprop(RATE, DECAY, EPS), theta.copy()
    state = optimizer.init(w)
    take = partial(update_inplace, threads=threads, fused=fused)
    return lambda: take(optimizer, w, grad, state)


def torch(theta: Any, grad: Any, threads: int, *, foreach: bool) -> Program:
    """Return the step of torch.optim.RMSprop."""
    import torch

    torch.set_num_threads(threads)
    w = torch.nn.Parameter(torch.from_numpy(theta.copy()))
    w.grad = torch.from_numpy(grad)
    optimizer = torch.optim.RMSprop([w], lr=RATE, alpha=DECAY, eps=EPS, foreach=foreach)
    return optimizer.step


def optax(theta: Any, grad: Any, _threads: int) -> Program:
    """Return the step of Optax, compiled, its buffers donated."""
    import jax
    import optax

    jax.config.update("jax_enable_x64", True)
    rule = optax.rmsprop(RATE, decay=DECAY, eps=EPS)

    @partial(jax.jit, donate_argnums=(0, 2))
    def taken(w: Any, g: Any, state: Any) -> Any:
        move, state = rule.update(g, state, w)
        return optax.apply_updates(w, move), state

    w, g = jax.numpy.array(theta), jax.numpy.array(grad)
    state = rule.init(w)

    def step() -> None:
        nonlocal w, state
        w, state = taken(w, g, state)
        w.block_until_ready()

    return step


def keras(theta: Any, grad: Any, _threads: int) -> Program:
    """Return the step of Keras on PyTorch."""
    os.environ["KERAS_BACKEND"] = "torch"
    import keras
    import torch

    w = keras.Variable(theta.copy(), dtype=theta.dtype.name)
    optimizer = keras.optimizers.RMSprop(RATE, rho=DECAY, epsilon=EPS)
    optimizer.build([w])
    g = torch.from_numpy(grad)

    def step() -> None:
        with torch.no_grad():
            optimizer.apply([g], [w])

    return step


def bound(theta: Any, grad: Any, _threads: int) -> Program:
    """Return five streams and no division: read theta, g, G; write theta, G.

    Without Numba it is NumPy's sum of three streams: the time counts 5/3.
    """
    w, G = theta.copy(), np.zeros_like(theta)
    try:
        from numba import njit
    except ImportError:
        return lambda: np.add(w, grad, w)

    @njit
    def streams(w: Any, g: Any, G: Any) -> None:
        for i in range(w.size):
            G[i] += g[i]
            w[i] += g[i]

    return lambda: streams(w, grad, G)


PROGRAMS: dict[str, Maker] = {
    "bound": bound,
    "textbook NumPy": textbook,
    "RMSprop.update": package,
    "in place, blocks": partial(in_place, fused=False),
    "in place, fused": partial(in_place, fused=True),
    "PyTorch, single tensor": partial(torch, foreach=False),
    "PyTorch, for-each": partial(torch, foreach=True),
    "Optax, jit": optax,
    "Keras on PyTorch": keras,
}
"""Every program by its name; `bound` is what memory alone takes."""

PASSES = {
    "textbook NumPy": 21,
    "RMSprop.update": 21,
    "in place, blocks": 5,
    "in place, fused": 5,
    "PyTorch, single tensor": 13,
    "PyTorch, for-each": 13,
    "Optax, jit": 5,
}
"""How often a step reads or writes one whole array in main memory, by its formula."""
