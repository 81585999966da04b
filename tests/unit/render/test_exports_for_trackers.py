"""What tools that follow figures over time read, and the model card: checked by their schemas and their own reader."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import jsonschema
import pytest
import yaml
from factories import cell, dataset, failed, reference_study, result, scored_run, trial
from huggingface_hub import ModelCard

from bench.analyse.stats import summary
from bench.core.errors import BenchError
from bench.core.scores import SCORES, own_score
from bench.core.target import Task
from bench.record.collect import trials_frame
from bench.render.exports.bmf import bmf_text, measure_name
from bench.render.exports.github_action_benchmark import github_action_benchmark_texts
from bench.render.exports.model_card import model_card_text
from bench.render.exports.yaml import yaml_text

STUDY = reference_study()
MAE = SCORES["mean_absolute_error"]
HOUSES = scored_run(MAE, {"small": [42.4, 42.5, 42.6], "large": [41.1, 41.2, 41.3]}, Task.REGRESSION)
CONTENDED = replace(STUDY, trials=tuple(replace(of, contention="others") for of in STUDY.trials))

METRIC = {
    "type": "object",
    "properties": {name: {"type": "number"} for name in ("value", "lower_value", "upper_value")},
    "required": ["value"],
    "additionalProperties": False,
}
BMF = {
    "type": "object",
    "minProperties": 1,
    "propertyNames": {"maxLength": 1024},
    "additionalProperties": {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": "^[a-z0-9]+(-[a-z0-9]+)*$", "maxLength": 64},
        "additionalProperties": METRIC,
    },
}
"""The published schema, bencher.dev/bmf.json, and the lengths that the reference states; without other properties."""
ENTRIES = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "properties": {
            **{name: {"type": "string", "minLength": 1} for name in ("name", "unit", "range", "extra")},
            "value": {"type": "number"},
        },
        "required": ["name", "unit", "value"],
        "additionalProperties": False,
    },
}
"""What the README of github-action-benchmark says of its custom tools."""


@pytest.mark.parametrize("run", [STUDY, HOUSES, CONTENDED], ids=["accuracy", "MAE", "no time"])
def test_bmf_follows_its_schema_and_has_the_figures_of_the_summary(run) -> None:
    """Means with their intervals, medians with their quartiles, and no time that does not count."""
    content = json.loads(bmf_text(run))
    jsonschema.validate(content, BMF)
    cells = summary(trials_frame(run), run.run.score).set_index("cell_id")
    assert [*content] == [*cells.index]
    for name, measures in content.items():
        score = measures.pop(measure_name(run.run.score))
        row = cells.loc[name]
        assert [row["score_mean"], row["score_low"], row["score_high"]] == [*score.values()]
        if run is CONTENDED:
            assert {} == measures
        else:
            times = [row[f"train_time_{part}_s"] for part in ("median", "q1", "q3")]
            assert times == [*measures.pop("training-time-s").values()]


def test_bmf_names_what_it_cannot_hold() -> None:
    """No score at all, and cells that Bencher would take for one."""
    with pytest.raises(BenchError, match="has a score"):
        bmf_text(result(failed()))
    long = "x" * 1100
    with pytest.raises(BenchError, match="the same 1024 characters"):
        bmf_text(result(trial(cell(f"{long}a")), trial(cell(f"{long}b"))))


def test_a_score_of_the_users_own_has_a_measure_that_bencher_takes() -> None:
    """Its reference is no slug."""
    assert "mine-score-it" == measure_name(own_score("mine:score_it", higher_is_better=True))
    assert 64 >= len(measure_name(own_score("m" * 70 + ":s", higher_is_better=True)))


@pytest.mark.parametrize(
    ("run", "direction", "unit"), [(STUDY, "bigger", "%"), (HOUSES, "smaller", "MAE")], ids=["accuracy", "MAE"]
)
def test_the_score_is_in_the_file_of_its_direction(run, direction, unit) -> None:
    """And times are in the other file, whose direction never changes."""
    texts = github_action_benchmark_texts(run)
    score, time = (json.loads(text) for text in texts.values())
    assert [f".score.{direction}-is-better.json", ".time.smaller-is-better.json"] == [*texts]
    for entries in (score, time):
        jsonschema.validate(entries, ENTRIES)
    cells = summary(trials_frame(run), run.run.score)
    factor = 100 if unit == "%" else 1
    assert {unit} == {entry["unit"] for entry in score}
    assert pytest.approx(cells["score_mean"] * factor) == [entry["value"] for entry in score]
    assert cells["train_time_median_s"].tolist() == [entry["value"] for entry in time]


def test_there_is_no_file_of_times_that_do_not_count() -> None:
    """An empty list would be an error of the action."""
    assert [".score.bigger-is-better.json"] == [*github_action_benchmark_texts(CONTENDED)]
    with pytest.raises(BenchError, match="has a score"):
        github_action_benchmark_texts(result(failed()))


def test_the_hub_reads_the_model_card() -> None:
    """With the figures of the cell, a name and a task."""
    of = STUDY.trials[-1].cell
    card = ModelCard(model_card_text(STUDY, of.id))
    (accuracy, *_) = card.data.eval_results
    mean = summary(trials_frame(STUDY), STUDY.run.score).set_index("cell_id").loc[of.id, "score_mean"]
    assert of.id == card.data.model_name
    assert ("image-classification", "mnist", "test") == (
        accuracy.task_type,
        accuracy.dataset_type,
        accuracy.dataset_split,
    )
    assert ("accuracy", mean) == (accuracy.metric_type, accuracy.metric_value)
    assert "mean of 5 seeds" in accuracy.metric_name
    assert card.text.strip().startswith("# ")


def test_a_model_card_of_one_seed_has_its_score() -> None:
    """Whoever shares weights shares those of one training."""
    chosen = STUDY.trials[-2]
    card = ModelCard(model_card_text(STUDY, chosen.cell.id, chosen.seed))
    (accuracy, *_) = card.data.eval_results
    assert chosen.outcome.accuracy == accuracy.metric_value
    assert f"seed {chosen.seed}" in accuracy.metric_name


def test_a_regression_on_a_table_is_called_so() -> None:
    """By the task and by the metric of the hub."""
    card = ModelCard(model_card_text(HOUSES, HOUSES.trials[0].cell.id))
    (error, *_) = card.data.eval_results
    assert ("tabular-regression", "mae") == (error.task_type, error.metric_type)


@pytest.mark.parametrize(
    ("reference", "kind"),
    [("hf:ylecun/mnist", "ylecun/mnist"), ("data/a b.csv", "a-b.csv"), ("mine:load", "load"), ("\u00e4", "own")],
)
def test_the_data_set_is_an_identifier_that_the_hub_takes(reference, kind) -> None:
    """Whatever the suite calls it."""
    of = cell(dataset=reference)
    run = result(trial(of), datasets=(dataset(of.dataset_name),))
    (accuracy, *_) = ModelCard(model_card_text(run, of.id)).data.eval_results
    assert (of.dataset_name, kind) == (accuracy.dataset_name, accuracy.dataset_type)


@pytest.mark.parametrize(
    "value",
    [
        {"a": [{"b": 1, "c": [1, 2]}, {"d": {"e": None}}], "f": {}, "g": []},
        {"yes": "no", "null": "null", "y": "1e5", "1": "2020-01-01", "-": "- a", "# c": ": d"},
        [
            1e-05,
            -1e22,
            0.1,
            1,
            True,
            False,
            "~",
            "''",
            '"',
            "\\",
            "a: b",
            "*a",
            "&b",
            "!c",
            "%d",
            "@e",
            "`",
            "{",
            "[",
            "\u00e4\U0001f600",
        ],
    ],
)
def test_yaml_is_read_back(value) -> None:
    """As it was: no text becomes a number, a date, a reference or a comment."""
    assert value == yaml.safe_load(yaml_text(value))


def test_a_line_break_in_a_name_does_not_end_the_metadata() -> None:
    """Three dashes on a line of their own would."""
    run = result(trial(cell("a\n---\n# b")))
    text = model_card_text(run, run.trials[0].cell.id)
    assert 2 == len(re.findall(r"^---$", text, re.MULTILINE))
    assert "a --- # b" in ModelCard(text).data.model_name
