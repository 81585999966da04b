"""What a model puts out, and whether its loss can take it. Pure; knows no Keras."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bench.core.target import Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bench.core.target import Target
    from bench.record.treatment import CompileRecord

PROBABILITIES = frozenset(
    {"categorical_crossentropy", "sparse_categorical_crossentropy", "categorical_focal_crossentropy", "kl_divergence"}
)
"""Losses that take a row for the probabilities of classes, of which one is true."""

HINGES = frozenset({"hinge", "squared_hinge"})
"""Losses that take an output above 0 for a yes."""

EACH_BY_ITSELF = frozenset({"binary_crossentropy", "binary_focal_crossentropy"})
"""Losses that take every output for a probability of its own."""

TOLERANCE = 1e-2
"""How far a row of probabilities may be from 1 in sum: half precision rounds."""


def stands_alone(outputs: NDArray[np.float32], target: Target) -> bool:
    """Whether each output is a yes or no of its own: labels, or the only unit of two classes."""
    return target.task is Task.MULTILABEL or (target.task is Task.CLASSES and outputs.shape[1] == 1)


def probabilities(outputs: NDArray[np.float32], *, rows: bool) -> bool:
    """Whether outputs are probabilities.

    Args:
        outputs: (n, classes) float32, finite.
        rows: whether every row has to sum to 1.
    """
    # no precision rounds a probability below 0, and small logits of a fresh model are near it on both sides
    each = bool(np.all((outputs >= 0) & (outputs <= 1 + TOLERANCE)))
    return each and (not rows or bool(np.all(np.abs(outputs.sum(axis=1) - 1) <= TOLERANCE)))


def outputs_kind(outputs: NDArray[np.float32], compiled: CompileRecord, target: Target) -> str:
    """What the outputs are: `probabilities`, `logits` or `values`."""
    if target.task is Task.REGRESSION:
        return "values"
    rows = target.task is Task.CLASSES and outputs.shape[1] > 1 and compiled.loss not in EACH_BY_ITSELF
    if probabilities(outputs, rows=rows):
        return "probabilities"
    return "logits" if compiled.loss_options.get("from_logits") else "values"


def as_probabilities(
    outputs: NDArray[np.float32], kind: str, compiled: CompileRecord, target: Target
) -> NDArray[np.float32]:
    """Outputs as everything that reads them takes them: probabilities with a column per name, or values.

    Logits become probabilities: of every output by itself, or of one class among all. What a hinge trained to lie on
    both sides of 0 is brought to both sides of one half.

    Args:
        outputs: (n, width) float32.
        kind: of `outputs_kind`.
        compiled: what the model was trained by.
        target: what is predicted.
    """
    if target.task is Task.REGRESSION:
        return outputs
    alone = stands_alone(outputs, target)
    if kind == "logits":
        each = alone or compiled.loss in EACH_BY_ITSELF
        outputs = _sigmoid(outputs) if each else _softmax(outputs)
    elif kind == "values" and alone and compiled.loss in HINGES:
        outputs = np.clip((outputs + 1) / 2, 0, 1)
    return target.columns(outputs)


def _sigmoid(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):  # what overflows is a probability of 0
        return np.asarray(1 / (1 + np.exp(-logits)), np.float32)


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)


def outputs_problem(
    outputs: NDArray[np.float32], compiled: CompileRecord, target: Target, *, activated: bool = False
) -> str:
    """Why a loss cannot take these outputs, with the way out; empty where it can or nobody can say.

    Args:
        outputs: (n, classes) float32 of the model as built; rows that are not finite are left out.
        compiled: what the model is trained by.
        target: what is predicted.
        activated: whether they are known to come from a softmax or a sigmoid of Keras's.
    """
    finite = outputs[np.isfinite(outputs).all(axis=1)]
    if target.task is Task.REGRESSION or not len(finite):
        return ""
    if compiled.loss not in PROBABILITIES | EACH_BY_ITSELF:
        return _not_readable(finite, compiled, target)
    if compiled.loss_options.get("from_logits"):
        return _not_logits(finite, compiled, activated=activated)
    return _not_probabilities(finite, compiled)


def bounded_problem(truth: NDArray[Any], target: Target, *, activated: bool) -> str:
    """Why outputs cannot reach measured values, with the way out; empty where they can.

    Args:
        truth: (n, values) float32 of the training part.
        target: what is predicted.
        activated: whether the outputs are known to come from a softmax or a sigmoid.
    """
    if target.task is not Task.REGRESSION or not activated or (truth.min() >= 0 and truth.max() <= 1):
        return ""
    return (
        f"The model ends in a sigmoid or a softmax, which stays between 0 and 1, and the measured values go from "
        f"{truth.min():.4g} to {truth.max():.4g}. End it in a linear layer."
    )


def _not_readable(outputs: NDArray[np.float32], compiled: CompileRecord, target: Target) -> str:
    """Why nobody can say which outputs of a loss that is not Keras's mean a yes."""
    known = "." not in compiled.loss and compiled.loss
    if known or not stands_alone(outputs, target) or probabilities(outputs, rows=False):
        return ""
    if compiled.loss_options.get("from_logits"):
        return ""
    return (
        f"The model puts out values from {outputs.min():.3g} to {outputs.max():.3g}, and its loss "
        f"({compiled.loss or 'of its own'}) does not say which of them mean a yes. End the model in a sigmoid, where "
        "0.5 and more is a yes."
    )


def _not_logits(outputs: NDArray[np.float32], compiled: CompileRecord, *, activated: bool) -> str:
    """Why a loss that takes logits cannot take these outputs.

    Keras on TensorFlow finds the logits behind a softmax, so a builder's own choice trains as it always did.
    """
    rows = compiled.loss in PROBABILITIES
    # rows that sum to 1 come from a softmax; single values from 0 to 1 may be small logits of a model as built
    if compiled.by == "builder" or not (rows or activated) or not probabilities(outputs, rows=rows):
        return ""
    return (
        f"The loss {compiled.loss} expects logits (from_logits = true), but the model puts out probabilities "
        "already. Take from_logits out, or take the last softmax or sigmoid out of the model."
    )


def _not_probabilities(outputs: NDArray[np.float32], compiled: CompileRecord) -> str:
    """Why a loss that takes probabilities cannot take these outputs."""
    loss, rows = compiled.loss, compiled.loss in PROBABILITIES
    if probabilities(outputs, rows=rows):
        return ""
    if probabilities(outputs, rows=False) and outputs.min() > 0:
        sums = outputs.sum(axis=1)
        return (
            f"The loss {loss} takes the outputs of one example for probabilities of classes, of which one is true, but "
            f"they sum to {sums.min():.3g} to {sums.max():.3g} and not to 1. End the model in a softmax, or take "
            "binary_crossentropy for one sigmoid per class."
        )
    ways = f'loss = {{ name = "{loss}", from_logits = true }}'
    if loss == "kl_divergence":
        ways = 'loss = "categorical_crossentropy"'
    elif compiled.by == "builder":
        ways = "from_logits=True in the builder's loss"
    return (
        f"The loss {loss} wants probabilities, but the model puts out values from {outputs.min():.3g} to "
        f"{outputs.max():.3g}: logits, most likely. Write {ways}, or end the model in a "
        f"{'softmax' if rows else 'sigmoid'}."
    )
