"""Numbers that say less than they seem to are flagged, or cannot be."""

from __future__ import annotations

import zlib
from dataclasses import replace

import pytest
from factories import cell, dataset, failed, result, trial

from bench.record.records import RunResult, TrialRecord
from bench.record.treatment import InputRecord
from bench.render.context import report_context
from bench.render.terminal import Outcomes

IMAGES = 100
TRUTH = bytes(image % 2 for image in range(IMAGES))


def answered(architecture: str, seed: int, predicted: bytes) -> TrialRecord:
    """A trial that predicted these classes."""
    right = sum(one == other for one, other in zip(predicted, TRUTH, strict=True))
    made = trial(cell(architecture), seed, accuracy=right / IMAGES, test_images=IMAGES)
    return replace(made, outcome=replace(made.outcome, predictions=zlib.compress(predicted)))


def labels(run: RunResult) -> dict[str, str]:
    """The badges, each with its reason."""
    return {badge.label: badge.reason for badge in report_context(run).badges}


def test_a_cell_that_gives_every_example_the_same_class_is_flagged() -> None:
    """In every seed, and whichever class it is; a cell that once tells two apart is none."""
    run = result(
        *(answered("stuck", seed, bytes([seed] * IMAGES)) for seed in (0, 1)),
        *(answered("alive", seed, bytes([1]) + bytes(IMAGES - 1) if seed else bytes(IMAGES)) for seed in (0, 1)),
        datasets=(dataset(classes=("no", "yes"), labels=zlib.compress(TRUTH)),),
    )
    assert labels(run)["1 cell with constant predictions"].startswith(
        "Every seed of stuck@mnist@cpu predicts the same class"
    )


def test_a_model_without_trainable_weights_is_flagged() -> None:
    """Its training changes nothing."""
    still = trial(cell("still"))
    still = replace(still, outcome=replace(still.outcome, parameter_count=0))
    assert (
        "Training does not change still@mnist@cpu."
        == labels(result(still, trial()))["1 cell without trainable weights"]
    )


def test_inputs_that_are_scaled_twice_are_flagged() -> None:
    """By the suite, and by the model."""
    inputs = InputRecord(offset=33.0, divisor=78.0, low=0.0, high=255.0, model_scales=True)
    twice = trial(cell("twice"))
    run = result(replace(twice, outcome=replace(twice.outcome, inputs=inputs)), trial())
    assert "1 cell with inputs scaled twice" in labels(run)
    assert not [label for label in labels(result(trial())) if "twice" in label]


def test_seeds_that_are_all_equal_have_an_interval_of_some_width() -> None:
    """54.44 to 54.44 % would say that another seed cannot differ: half of an image of 10,000, times t(2) / sqrt(3)."""
    run = result(*(trial(cell("same"), seed, accuracy=0.5444) for seed in (1, 2, 3)))
    context = report_context(run)
    assert "54.43 to 54.45 %" == context.leaderboards[0].rows[0].figures[1].text
    assert (
        "(standard deviation 0.00 points); its 95 % interval is 54.43 to 54.45 %." in context.headlines[0].sentences[0]
    )


def test_a_difference_lies_within_100_points() -> None:
    """Two seeds each, far apart: the interval would reach further than any accuracy can."""
    run = result(*(trial(cell(name), seed, accuracy=value) for name, values in
                   {"a": (0.95, 0.35), "b": (0.05, 0.6)}.items() for seed, value in enumerate(values)))  # fmt: skip
    sentence = next(
        text for text in report_context(run).headlines[0].sentences if "interval of their difference" in text
    )
    assert "-100.00 to 100.00 points" in sentence


def test_seeds_that_fail_alike_are_one_row_and_told_once() -> None:
    """Twelve identical sentences say no more than one."""
    reason = "The builder own:make returned str, not a keras.Model."
    trials = [replace(failed(cell("bad"), seed, reason=reason), log="logs/models.log") for seed in range(3)]
    trials.append(failed(cell("bad"), 3, reason="The worker was ended."))
    rows = report_context(result(*trials)).failures
    assert [("0, 1, 2", reason), ("3", "The worker was ended.")] == [(row.seed, row.reason) for row in rows]
    outcomes = Outcomes()
    texts = [outcomes.text(one, "", reused=False) for one in trials]
    assert [reason, *["for the same reason as seed 0"] * 2, "The worker was ended."] == texts


@pytest.mark.parametrize("seeds", [1, 2])
def test_one_trial_s_reason_is_told_in_full(seeds: int) -> None:
    """Other reasons of the same cell too."""
    outcomes = Outcomes()
    told = [
        outcomes.text(failed(cell("bad"), seed, reason=f"reason {seed}"), "x.log", reused=False)
        for seed in range(seeds)
    ]
    assert [f"reason {seed} Log: x.log" for seed in range(seeds)] == told
