"""A data set in a sentence: what its examples are, what is predicted, and what was inferred or done to get them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.catalog.datasets import DataFacts, Obtained, Preparation, Split
from bench.core.scores import SCORES
from bench.core.target import Target, Task
from bench.render.datasets import dataset_sentence, inputs_text, target_text

HOUSES = "houses: 800 training and 200 test examples"
HAS = "; inputs: 2 features; target: 2 classes (no, yes)"
UNREAD = "1 column without a name not read"
FILLED = "missing values filled with the mean of the training part"


@pytest.mark.parametrize(
    ("shape", "features", "text"),
    [
        ((30,), ("a",) * 30, "30 features"),
        ((1,), ("age",), "1 feature"),
        ((784,), (), "vectors of 784 values"),
        ((100, 6), (), "sequences of 100 steps with 6 channels"),
        ((100, 1), (), "sequences of 100 steps with 1 channel"),
        ((28, 28, 1), (), "images of 28 x 28 pixels, grey"),
        ((32, 32, 3), (), "images of 32 x 32 pixels, in colour"),
        ((8, 8, 300), (), "arrays of 8 x 8 x 300 values"),
        ((4, 8, 8, 1), (), "arrays of 4 x 8 x 8 x 1 values"),
        ({"ids": (40,), "age": (1,)}, (), "ids (vectors of 40 values) and age (vectors of 1 value)"),
    ],
)
def test_inputs_are_named_for_what_they_are(shape, features, text: str) -> None:
    """Images only where they are images."""
    assert text == inputs_text(shape, features)


@pytest.mark.parametrize(
    ("task", "names", "text"),
    [
        (Task.CLASSES, ("cat", "dog"), "2 classes (cat, dog)"),
        (Task.CLASSES, ("a", "b", "c", "d"), "4 classes (a, b, c, ...)"),
        (Task.CLASSES, tuple(map(str, range(300))), "300 classes"),
        (Task.MULTILABEL, ("rain", "wind"), "2 labels (rain, wind)"),
        (Task.REGRESSION, ("price",), "1 measured value (price)"),
        (Task.REGRESSION, ("0",), "1 measured value"),
    ],
)
def test_targets_are_named_where_they_have_names(task: Task, names: tuple[str, ...], text: str) -> None:
    """The numbers from 0 are no names."""
    assert text == target_text(Target(task, names))


@pytest.mark.parametrize(
    ("preparation", "text"),
    [
        (
            Preparation(inferred=True, split=Split.FRACTION, test_fraction=0.2, stratified=True),
            f"{HOUSES} (20 % drawn for the test, the same share of each class){HAS}, inferred from its values.",
        ),
        (
            Preparation(inferred=False, split=Split.COLUMN, dropped=3, nameless=1, filled=(("rooms", 12),)),
            f"{HOUSES}{HAS}; 3 rows with missing values left out; {UNREAD}; {FILLED}: rooms (12).",
        ),
    ],
)
def test_what_was_decided_is_said(preparation: Preparation, text: str) -> None:
    """The split, whether the task was inferred, and what was left out or filled."""
    data = Obtained(
        name="houses",
        path=Path("houses.npz"),
        sha256="0" * 64,
        pinned=False,
        source="houses.csv",
        train_images=800,
        test_images=200,
        input_shape=(2,),
        target=Target(Task.CLASSES, ("no", "yes")),
        features=("rooms", "area"),
        facts=DataFacts(0, 1, whole=True, picture=False, unseen=(), overlap=0),
        preparation=preparation,
        y_test=np.zeros(200, np.uint8),
    )
    assert text == dataset_sentence("houses", data)
    scores = [SCORES[name] for name in ("accuracy", "f1_score", "recall")]
    assert "; F1 and recall: of the class yes" in dataset_sentence("houses", data, scores)
    assert text == dataset_sentence("houses", data, scores[:1])
