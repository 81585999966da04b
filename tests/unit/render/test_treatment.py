"""What a training was really given is said in the same words everywhere."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from factories import cell, result, trial

from bench.record.treatment import CompileRecord, InputRecord, Untouched
from bench.render.context import report_context
from bench.render.report import render_markdown
from bench.render.treatment import applied, inputs_text, loss_text, optimizer_text


@pytest.mark.parametrize(
    ("record", "text"),
    [
        ({"divisor": 255.0, "high": 255.0}, "divided by 255 (values 0 to 255)"),
        ({"divisor": 65_535.0, "high": 40_000.0}, "divided by 65,535 (values 0 to 40,000)"),
        ({"offset": 33.318, "divisor": 78.57, "high": 255.0}, "minus 33.32, divided by 78.57 (values 0 to 255)"),
        (
            {"offset": 33.318, "divisor": 78.57, "high": 255.0, "model_scales": True},
            "minus 33.32, divided by 78.57 (values 0 to 255); the model scales them as well",
        ),
        ({"high": 1.0, "untouched": Untouched.IN_RANGE}, "as they are: within 0 to 1 or close to it (values 0 to 1)"),
        ({"high": 199.0, "untouched": Untouched.IDS}, "as they are: ids that the model looks up (values 0 to 199)"),
        (
            {"low": -3.25, "high": 4.75, "untouched": Untouched.SIGNED},
            "as they are: some are negative (values -3.25 to 4.75)",
        ),
        (
            {"high": 255.0, "untouched": Untouched.MODEL_SCALES, "model_scales": True},
            "as they are: the model scales them itself (values 0 to 255)",
        ),
        ({"high": 255.0, "untouched": Untouched.DECLARED}, "as they are (values 0 to 255)"),
    ],
)
def test_inputs_in_words(record: dict[str, Any], text: str) -> None:
    """What was done, why nothing was, and what the values were."""
    assert text == inputs_text(InputRecord(**{"low": 0.0, **record}))


def compiled(**changes: Any) -> CompileRecord:
    """A model compiled by its builder."""
    values = {"by": "builder", "optimizer": "Adam", "learning_rate": "0.0001", "loss": "huber", "outputs": "values"}
    return CompileRecord(**{**values, **changes})


def test_loss_and_optimizer_in_words() -> None:
    """Whose they are, what the outputs were taken for, and what differs from Keras's defaults."""
    assert "huber of values (the builder's own)" == loss_text(compiled())
    logits = compiled(by="suite", loss="categorical_crossentropy", loss_options={"from_logits": True}, outputs="logits")
    assert "categorical_crossentropy(from_logits=True) of logits" == loss_text(logits)
    assert "the model's own (the builder's own)" == loss_text(compiled(loss="", outputs=""))
    own = compiled(by="suite", own_method="train_step")
    assert loss_text(own).endswith("; its own train_step() decides whether it trains by that loss")
    assert "Adam(beta_1=0.8), steps_per_execution 4 (the builder's own)" == optimizer_text(
        compiled(optimizer_options={"beta_1": 0.8}, options={"steps_per_execution": "4"})
    )


def test_a_report_shows_what_the_builder_compiled_and_not_what_the_suite_would_have() -> None:
    """Adam at 0.0001 was trained; the suite's SGD at 0.1 is said nowhere."""
    of = cell("net", compile="builder")
    trials = [
        replace(one, outcome=replace(one.outcome, compiled=compiled(metrics=("accuracy", "auc"))))
        for one in (trial(of, seed) for seed in (1, 2))
    ]
    shown = dict(report_context(result(*trials)).common)
    assert ("Adam (the builder's own)", "0.0001") == (shown["optimizer"], shown["learning_rate"])
    assert "huber of values (the builder's own)" == shown["loss"]
    assert "accuracy, auc" == shown["training metrics"]
    assert "divided by 255 (values 0 to 255)" == shown["inputs"]
    markdown, _ = render_markdown(result(*trials))
    assert "| inputs | `divided by 255 (values 0 to 255)` |" in markdown
    assert "sgd" not in markdown


def test_records_of_an_earlier_version_say_what_they_know() -> None:
    """They have no word of inputs and loss; what was declared stands alone."""
    old = replace(trial(), outcome=replace(trial().outcome, inputs=None, compiled=None))
    assert {old.cell.id: {}} == applied([old])
    assert "inputs" not in dict(report_context(result(old)).common)
