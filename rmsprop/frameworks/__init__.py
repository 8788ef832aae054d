"""What PyTorch, Keras, TensorFlow 1, Optax and others compute as RMSprop.

There is a constructor for each framework, which takes that framework's own words and
defaults and returns a `Variant`; `build` does the same by name, also for `FURTHER`.
`translate` carries a setting from one to another.
The chapter *Frameworks* shows what the differences do.

This page is the wing's door: import from here, not from the modules behind it.
"""

from rmsprop.frameworks.columns import table
from rmsprop.frameworks.constructors import (
    caffe,
    chainer,
    dl4j,
    flux,
    graves,
    hinton,
    jax_example,
    keras,
    keras_legacy,
    lasagne,
    mxnet,
    mxnet2,
    optax,
    paddle,
    pytorch,
    tensorflow1,
    timm,
)
from rmsprop.frameworks.conventions import CONVENTIONS, Convention, build
from rmsprop.frameworks.further import FURTHER
from rmsprop.frameworks.translation import Translation, translate
from rmsprop.frameworks.variant import Variant, VariantState

__all__ = [
    "CONVENTIONS",
    "FURTHER",
    "Convention",
    "Translation",
    "Variant",
    "VariantState",
    "build",
    "caffe",
    "chainer",
    "dl4j",
    "flux",
    "graves",
    "hinton",
    "jax_example",
    "keras",
    "keras_legacy",
    "lasagne",
    "mxnet",
    "mxnet2",
    "optax",
    "paddle",
    "pytorch",
    "table",
    "tensorflow1",
    "timm",
    "translate",
]
