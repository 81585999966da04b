"""Charts of single images: confusions, classes, and the images that most cells get wrong."""

from __future__ import annotations

import base64
import io
import zlib
from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from factories import HOSTILE, cell, dataset, grid, reference_study, result, trial, with_answers
from PIL import Image

from bench.analyse.predictions import answers_of, confusion, hardest, majority
from bench.core.formatting import percent
from bench.record.records import Exhibit, RunResult
from bench.render.charts.class_accuracy import class_accuracies
from bench.render.charts.confusion import confusions
from bench.render.charts.examples import Examples
from bench.render.charts.hardest import hardest_examples
from bench.render.charts.palette import styles
from bench.render.context import report_context


def parts(run: RunResult, exhibits=()) -> Examples:
    """What the charts draw from, as the report gives it: the best architecture first."""
    (answers,) = answers_of(run)
    right = {cell_id: (ballots == answers.truth).mean() for cell_id, ballots in answers.predicted.items()}
    leading = {cell_id.partition("@")[0]: cell_id for cell_id in sorted(right, key=lambda one: -right[one])}
    labels = {cell_id: name for name, cell_id in leading.items()}
    return Examples(
        answers=answers, leading=leading, labels=labels, looks=styles(leading), score=run.run.score, exhibits=exhibits
    )


def named(label: int, read_as: int, classes: tuple[str, ...]) -> RunResult:
    """A run of one trial on one image of class `label`, taken for `read_as`."""
    one = trial(cell("a"))
    one = replace(one, outcome=replace(one.outcome, predictions=zlib.compress(bytes([read_as]))))
    return result(one, datasets=(dataset(labels=zlib.compress(bytes([label])), classes=classes),))


def test_the_most_frequent_confusion_is_the_title() -> None:
    """Of the most accurate architecture, with its share as the table prints it."""
    examples = parts(with_answers(reference_study()))
    answers, leading = examples.answers, examples.leading
    chart = confusions(examples)
    table = confusion(answers, leading["model-2"]).toarray()
    np.fill_diagonal(table, 0)
    true, taken = (int(one) for one in np.unravel_index(table.argmax(), table.shape))
    share = table.max() / (answers.truth == true).sum() / len(answers.predicted[leading["model-2"]])
    assert f"model-2 most often takes {true} for {taken}: {percent(share, 1)} of the images of {true}" == chart.title
    first = next(row for row in chart.rows if row[0] == "model-2")
    assert (str(true), str(taken), percent(share), str(table.max())) == first[1:5]


def test_classes_come_the_hardest_first() -> None:
    """The table holds every class, ordered by the accuracy of the most accurate; the title names both ends."""
    examples = parts(with_answers(reference_study()))
    chart = class_accuracies(examples)
    table = confusion(examples.answers, examples.leading["model-2"]).toarray()
    means = {c: table[c, c] / table[c].sum() for c in range(10)}
    ordered = sorted(means, key=lambda c: (means[c], c))
    assert [str(c) for c in ordered] == [row[0] for row in chart.rows]
    assert chart.title.startswith(f"For model-2, {ordered[0]} is the hardest class, {percent(means[ordered[0]])} right")


def test_the_hardest_images_are_drawn_as_they_are() -> None:
    """The picture in the chart has the very pixels that the run kept, with true and predicted class above it."""
    pixels = np.arange(64, dtype=np.uint8).reshape(8, 8) * 4
    run = with_answers(reference_study())
    kept = base64.b64encode(zlib.compress(bytes((8, 8, 1)) + pixels.tobytes())).decode()
    (answers,) = answers_of(run)
    first = hardest(answers)[0]
    chart = hardest_examples(parts(run, [Exhibit(dataset=answers.sha256, image=first.number, pixels=kept)]))
    (image,) = [node for node in ET.fromstring(f"<x>{chart.svg}</x>").iter() if node.tag.endswith("image")]  # noqa: S314
    data = base64.b64decode(image.get("href").partition(",")[2])
    # ink is dark on paper, in 256 steps that round
    shown = np.asarray(Image.open(io.BytesIO(data)).convert("L"), dtype=int)
    assert (8, 8) == shown.shape
    assert np.abs(255 - pixels.astype(int) - shown).max() <= 2
    assert f"{first.truth[0]:.0f}, not {first.predicted[0]:.0f}" in chart.svg
    assert [f"number {first.number}"] == [row[0] for row in chart.rows]


def test_a_run_without_predictions_has_none_of_these_charts() -> None:
    """Nothing is made up for a run of an older version, or one whose store is gone."""
    names = {chart.name for chart in report_context(reference_study()).charts}
    assert not names & {"confusion", "class-accuracy", "hardest-examples"}
    whole = {chart.name for chart in report_context(with_answers(reference_study())).charts}
    assert {"confusion", "class-accuracy", "hardest-examples"} <= whole


def test_two_data_sets_have_charts_of_their_own() -> None:
    """Under names of their own."""
    trials = [
        replace(one, outcome=replace(one.outcome, predictions=zlib.compress(bytes([0, 1, 1])), data_sha256=data))
        for name, data in (("mnist", "ab" * 32), ("digits", "cd" * 32))
        for one in [trial(cell(dataset=name))]
    ]
    labels = zlib.compress(bytes([0, 1, 2]))
    run = result(*trials, datasets=(dataset(labels=labels), dataset("digits", sha256="cd" * 32, labels=labels)))
    names = [chart.name for chart in report_context(run).charts]
    assert {"confusion", "confusion-2", "class-accuracy", "class-accuracy-2"} <= set(names)


def test_nothing_wrong_is_said_in_words() -> None:
    """A model without a mistake confuses nothing, and shows no image."""
    examples = parts(named(0, 0, ("zero", "one")))
    assert "a confuses no two classes" == confusions(examples).title
    assert "All classes are equally hard for a: 100.00 %" == class_accuracies(examples).title
    assert hardest_examples(examples) is None


def test_of_many_classes_without_a_confusion_there_is_no_matrix() -> None:
    """But accuracies per class."""
    examples = parts(named(0, 0, tuple(f"class {number}" for number in range(100))))
    assert confusions(examples) is None
    assert class_accuracies(examples) is not None


@pytest.mark.parametrize("classes", [(HOSTILE, HOSTILE + "2"), ("n" * 200, "m" * 200)], ids=["hostile", "long"])
def test_names_of_classes_stay_text(classes) -> None:
    """In every chart of images."""
    run = named(0, 1, classes)
    pixels = base64.b64encode(zlib.compress(bytes((1, 1, 1, 7)))).decode()
    examples = parts(run, [Exhibit(dataset=run.run.datasets[0].sha256, image=0, pixels=pixels)])
    for chart in (confusions(examples), class_accuracies(examples), hardest_examples(examples)):
        tags = {node.tag.rpartition("}")[2] for node in ET.fromstring(f"<x>{chart.svg}</x>").iter()}  # noqa: S314
        assert "script" not in tags


@pytest.mark.parametrize(
    ("classes", "width"),
    [(("zero", "one"), "420"), (("n" * 200, "m" * 200), "760"), (("\u6f22\u5b57" * 20, "\u5b57\u6f22" * 20), "760")],
    ids=["short", "long", "wide letters"],
)
def test_long_names_of_classes_get_a_wider_drawing(classes, width) -> None:
    """A drawing that a telephone shows whole has no room for them beside its marks."""
    chart = class_accuracies(parts(named(0, 1, classes)))
    assert f'width="{width}"' in chart.svg.partition(">")[0]


def test_sixty_cells_are_counted_by_their_votes() -> None:
    """Under each image stands for how many cells it is wrong."""
    run = with_answers(grid())
    (answers,) = answers_of(run)
    chart = hardest_examples(parts(run, run.run.exhibits))
    votes = [majority(ballots) != answers.truth for ballots in answers.predicted.values()]
    everybody = int(np.all(votes, axis=0).sum())
    assert chart.title.startswith(f"{everybody} test image")
    assert all(row[3].endswith("of 60") and row[4].endswith("of 179") for row in chart.rows)
