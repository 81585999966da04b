"""The cases: what a user brings, how its author trains it by plain Keras, and what the suite says to the product."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Agrees:
    """The product trains it and scores as plain Keras does.

    Attributes:
        exactly: the same accuracy and the same weights, bit for bit, in every seed; otherwise accuracies within the
            spread over seeds.
        engine: that the product must have trained it by; empty for any.
    """

    exactly: bool = True
    engine: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The product trains nothing and says why.

    Attributes:
        fragments: every one stands in the sentence, in capitals or not.
        never: what the sentence must not suggest.
    """

    fragments: tuple[str, ...]
    never: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """How the author of a model trains it.

    Attributes:
        inputs: a function of `plain.INPUTS`.
        targets: one_hot, numbers, or a column of 0 and 1.
        optimizer: class and arguments; None where the builder compiles.
        loss: name or class, and arguments; None where the model has its own.
        fit: arguments of `fit` beside the batch size.
    """

    inputs: str = "pixels"
    targets: str = "one_hot"
    optimizer: tuple[str, dict[str, Any]] | None = ("Adam", {"learning_rate": 0.003})
    loss: tuple[str, dict[str, Any]] | None = ("CategoricalCrossentropy", {})
    fit: dict[str, Any] = field(default_factory=lambda: {"epochs": 4})


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A model and its data.

    Attributes:
        builder: `module:function`, in this folder.
        parameters: of the builder.
        data: a function of `loaders`.
        keys: lines of TOML that this cell adds to `SUITE`.
        author: the same training by plain Keras; not run for what is refused.
        seeds: repetitions.
    """

    name: str
    builder: str
    parameters: dict[str, Any] = field(default_factory=dict)
    data: str = "digits"
    keys: str = ""
    author: Author = field(default_factory=Author)
    seeds: int = 2
    expected: Agrees | Refused = field(default_factory=Agrees)


SUITE = """
epochs = 4
batch_size = 32
optimizer = "adam"
learning_rate = 0.003
loss = "categorical_crossentropy"
device = "cpu[threads=1]"
engine = "epoch"
"""
"""What every cell is trained with unless its own lines say otherwise. One thread: bits do not depend on the machine."""

RAW = Author(inputs="as_they_are")
COMPILED = Author(optimizer=None, loss=None)
COMPILED_SPARSE = Author(optimizer=None, loss=None, targets="numbers")
NEARLY = Agrees(exactly=False)
BY_FIT = Agrees(engine="fit")
FROM_LOGITS = {"from_logits": True}
WEIGHTS = {label: 1.0 + label / 4 for label in range(10)}

SETTINGS = (
    Case(name="sequential", builder="authors:mlp"),
    Case(name="sequential-fit", builder="authors:mlp", keys='engine = "fit"', expected=BY_FIT),
    Case(name="sequential-auto", builder="authors:mlp", keys='engine = "auto"', expected=NEARLY, seeds=3),
    Case(name="sequential-without-input", builder="authors:lazy"),
    Case(name="functional-cnn", builder="authors:cnn"),
    Case(
        name="validation-split",
        builder="authors:mlp",
        keys="validation_split = 0.2",
        author=Author(fit={"epochs": 4, "validation_split": 0.2}),
        seeds=3,
        expected=NEARLY,
    ),
    Case(
        name="class-numbers",
        builder="authors:mlp",
        keys='loss = "sparse_categorical_crossentropy"',
        author=Author(targets="numbers", loss=("SparseCategoricalCrossentropy", {})),
    ),
    Case(
        name="sigmoid-per-class",
        builder="authors:sigmoids",
        keys='loss = "binary_crossentropy"',
        author=Author(loss=("BinaryCrossentropy", {})),
    ),
    Case(
        name="one-sigmoid",
        builder="authors:one_sigmoid",
        data="two_classes",
        keys='loss = "auto"',
        author=Author(targets="column", loss=("BinaryCrossentropy", {})),
    ),
    Case(
        name="class-weights",
        builder="authors:mlp",
        keys=f"class_weight = {{ {', '.join(f'{label} = {weight}' for label, weight in WEIGHTS.items())} }}",
        author=Author(fit={"epochs": 4, "class_weight": WEIGHTS}),
    ),
    Case(
        name="logits-by-the-suite",
        builder="authors:logits",
        keys='loss = { name = "sparse_categorical_crossentropy", from_logits = true }',
        author=Author(targets="numbers", loss=("SparseCategoricalCrossentropy", FROM_LOGITS)),
    ),
    Case(
        name="label-smoothing",
        builder="authors:mlp",
        keys='loss = { name = "categorical_crossentropy", label_smoothing = 0.4 }',
        author=Author(loss=("CategoricalCrossentropy", {"label_smoothing": 0.4})),
    ),
)
"""What the suite's own settings say."""

SCALING = (
    Case(name="inner-rescaling", builder="authors:rescaled", author=RAW),
    Case(name="inner-normalization", builder="authors:normalised", author=RAW),
    Case(name="inner-lambda", builder="authors:divided", author=RAW),
    Case(name="inner-rescaling-of-floats", builder="authors:rescaled", data="float_pixels", author=RAW),
    Case(name="integers-to-16", builder="authors:mlp", data="sixteenths", author=Author(inputs="sixteenths")),
    Case(name="bits", builder="authors:mlp", data="bits", author=RAW),
    Case(name="float-pixels", builder="authors:mlp", data="float_pixels"),
    Case(name="floats-to-1", builder="authors:mlp", data="unit_pixels", author=RAW),
    Case(name="features", builder="authors:mlp", data="features", author=RAW),
    Case(
        name="standardised",
        builder="authors:mlp",
        keys='input_scaling = "standard"',
        author=Author(inputs="standardised"),
        seeds=3,
        expected=NEARLY,
    ),
    Case(name="embedded-words-lstm", builder="authors:reader", data="words", author=RAW),
    Case(
        name="many-embedded-words",
        builder="authors:bag_of_words",
        parameters={"vocabulary": 2000},
        data="many_words",
        author=RAW,
    ),
    Case(
        name="whole-word-numbers",
        builder="authors:bag_of_words",
        parameters={"vocabulary": 2000},
        data="many_whole_words",
        author=RAW,
    ),
)
"""What is done to the inputs, once: by the model, by the product, or not at all."""

LAYERS = (
    Case(name="augmentation", builder="authors:augmented"),
    Case(name="frozen-layer", builder="authors:frozen"),
    Case(name="shared-layer", builder="authors:shared"),
    Case(name="regularisers", builder="authors:regularised"),
    Case(name="mixed-precisions", builder="authors:mixed"),
    Case(name="batch-normalization", builder="authors:batch_normalised", keys='engine = "fit"'),
    Case(name="batch-normalization-epoch", builder="authors:batch_normalised", seeds=3, expected=NEARLY),
    Case(name="counting-layer", builder="authors:counting"),
)
"""What layers bring with them."""

SUBCLASSES = (
    Case(name="subclass", builder="subclasses:plain"),
    Case(name="subclass-own-order", builder="subclasses:reordered", author=Author(inputs="floats")),
    Case(name="own-step", builder="subclasses:own_step", expected=BY_FIT),
    Case(name="own-step-loss-metrics", builder="subclasses:own_metrics", author=Author(loss=None), expected=BY_FIT),
    Case(name="mixup", builder="subclasses:mixup", expected=BY_FIT),
    Case(name="own-compute-loss", builder="subclasses:own_loss"),
    Case(name="own-fit", builder="subclasses:smoothing", expected=BY_FIT),
)
"""Models that change how Keras trains."""

_BY_BUILDER = 'compile = "builder"'

BUILDERS = (
    Case(
        name="compiled-lr-high",
        builder="compiled:sparse_adam",
        parameters={"lr": 0.01},
        keys=_BY_BUILDER,
        author=COMPILED_SPARSE,
    ),
    Case(
        name="compiled-lr-low",
        builder="compiled:sparse_adam",
        parameters={"lr": 0.0005},
        keys=_BY_BUILDER,
        author=COMPILED_SPARSE,
    ),
    Case(name="compiled-from-logits", builder="compiled:from_logits", keys=_BY_BUILDER, author=COMPILED_SPARSE),
    Case(name="compiled-schedule", builder="compiled:scheduled", keys=_BY_BUILDER, author=COMPILED),
    Case(name="compiled-as-the-suite", builder="compiled:as_the_suite", author=COMPILED),
    Case(name="compiled-cnn", builder="compiled:one_hot_cnn", keys=_BY_BUILDER, author=COMPILED),
)
"""What the builder's own compile() says."""

REFUSED = (
    Case(
        name="logits-as-probabilities",
        builder="authors:logits",
        expected=Refused(("from_logits = true", "softmax")),
    ),
    Case(
        name="class-weight",
        builder="authors:mlp",
        keys="class_weight = { 0 = 1.0, 1 = 5.0 }",
        expected=Refused(("class_weight",)),
    ),
    Case(
        name="ignored-option",
        builder="authors:mlp",
        keys='optimizer = { name = "adam", decay = 0.0001 }',
        expected=Refused(("decay",)),
    ),
    Case(
        name="compiled-under-the-suite",
        builder="compiled:sparse_adam",
        parameters={"lr": 0.0001},
        expected=Refused(("0.0001", "sparse_categorical_crossentropy", 'compile = "builder"')),
    ),
)
"""What must not be trained as something else."""

AGREEING = (*SETTINGS, *SCALING, *LAYERS, *SUBCLASSES, *BUILDERS)
