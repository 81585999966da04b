"""What a training was really given, in words: its inputs, its loss, its optimizer. The same in every format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.core.formatting import number, plain
from bench.record.treatment import Untouched

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.record.records import TrialRecord
    from bench.record.treatment import CompileRecord, InputRecord

_UNTOUCHED = {
    Untouched.DECLARED: "as they are",
    Untouched.IN_RANGE: "as they are: within 0 to 1 or close to it",
    Untouched.SIGNED: "as they are: some are negative",
    Untouched.FEATURES: 'as they are: measured features (input_scaling = "standard" would scale them)',
    Untouched.IDS: "as they are: ids that the model looks up",
    Untouched.MODEL_SCALES: "as they are: the model scales them itself",
}

_OUTPUTS = {"probabilities": "probabilities", "logits": "logits", "values": "values"}


def applied(trials: Iterable[TrialRecord]) -> dict[str, dict[str, str]]:
    """By cell id, what its trials were really given, as label and text; nothing of records that do not say."""
    texts: dict[str, dict[str, str]] = {}
    for trial in trials:
        inputs, compiled = trial.outcome.inputs, trial.outcome.compiled
        row = texts.setdefault(trial.cell.id, {})
        if inputs is not None:
            row["inputs"] = inputs_text(inputs)
        row |= {f"input {name}": inputs_text(record) for name, record in trial.outcome.several_inputs.items()}
        if compiled is not None:
            row["loss"] = loss_text(compiled)
        if compiled is not None and compiled.by == "builder":
            row |= {"optimizer": optimizer_text(compiled), "learning_rate": compiled.learning_rate}
            row["training metrics"] = ", ".join(compiled.metrics) or "none"
    return texts


def inputs_text(inputs: InputRecord) -> str:
    """What was done to the inputs: `divided by 255 (values 0 to 255)`."""
    if inputs.untouched is not None:
        done = _UNTOUCHED[inputs.untouched]
    elif isinstance(inputs.offset, tuple) or isinstance(inputs.divisor, tuple):
        done = "each feature or channel minus its mean, divided by its standard deviation"
    elif inputs.offset:
        done = f"minus {number(inputs.offset)}, divided by {number(inputs.divisor)}"
    else:
        done = f"divided by {plain(inputs.divisor)}"
    twice = "; the model scales them as well" if inputs.model_scales and inputs.untouched is None else ""
    return f"{done} (values {plain(inputs.low)} to {plain(inputs.high)}){twice}"


def loss_text(compiled: CompileRecord) -> str:
    """The loss, and what it takes the outputs for: `categorical_crossentropy of probabilities`."""
    loss = compiled.loss_text or "the model's own"
    outputs = f" of {_OUTPUTS[compiled.outputs]}" if compiled.outputs in _OUTPUTS else ""
    own = f"; its own {compiled.own_method}() decides whether it trains by that loss" if compiled.own_method else ""
    return f"{loss}{outputs}{_by(compiled)}{own}"


def optimizer_text(compiled: CompileRecord) -> str:
    """The optimizer, as the model had it: `Adam(beta_1=0.8)`."""
    further = "".join(f", {key} {value}" for key, value in compiled.options.items())
    return f"{compiled.optimizer_text}{further}{_by(compiled)}"


def _by(compiled: CompileRecord) -> str:
    return " (the builder's own)" if compiled.by == "builder" else ""
