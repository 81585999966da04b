"""A data set in a sentence: what its examples are, what is predicted, and what was inferred or done to get them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.catalog.datasets import Split, is_picture
from bench.core.formatting import count, percent, plural
from bench.core.names import listed
from bench.core.scores import OF_ONE_CLASS
from bench.core.target import Task

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.catalog.datasets import Obtained, Preparation
    from bench.core.score import Score
    from bench.core.target import Target
    from bench.core.trees import Shape

_NAMED = 3
_SEQUENCE, _PICTURE = 2, 3


def dataset_sentence(name: str, data: Obtained, scores: Iterable[Score] = ()) -> str:
    """One line about a data set, for the terminal.

    Args:
        name: of the data set.
        data: it.
        scores: that it is judged by, as far as they are known.
    """
    examples = f"{count(data.train_images)} training and {plural(data.test_images, 'test example')}"
    inputs = inputs_text(data.input_shape, data.features)
    parts = [f"{name}: {examples}{split_text(data.preparation)}", f"inputs: {inputs}"]
    parts.append(f"target: {target_text(data.target)}{_inferred(data.preparation)}")
    of_one = [score.heading for score in scores if data.target.binary and score.name in OF_ONE_CLASS]
    if of_one:
        parts.append(f"{listed(of_one).replace(' or ', ' and ')}: of the class {data.target.names[1]}")
    parts += done_texts(data.preparation, weighted=data.weighted)
    return "; ".join(parts) + "."


def inputs_text(shape: Shape | dict[str, Shape], features: tuple[str, ...] = ()) -> str:
    """What the examples are: `sequences of 100 steps with 6 channels`."""
    if isinstance(shape, dict):
        return listed(f"{name} ({inputs_text(part)})" for name, part in shape.items()).replace(" or ", " and ")
    if len(shape) == 1:
        return plural(shape[0], "feature") if features else f"vectors of {plural(shape[0], 'value')}"
    if len(shape) == _SEQUENCE:
        return f"sequences of {plural(shape[0], 'step')} with {plural(shape[1], 'channel')}"
    if is_picture(shape):
        return f"images of {shape[0]} x {shape[1]} pixels, {'grey' if shape[2] == 1 else 'in colour'}"
    return f"arrays of {' x '.join(map(str, shape))} values"


def target_text(target: Target) -> str:
    """What is predicted: `3 classes (cat, dog, yak)`."""
    nouns = {
        Task.CLASSES: ("class", "classes"),
        Task.MULTILABEL: ("label", "labels"),
        Task.REGRESSION: ("measured value", "measured values"),
    }
    numbered = target.names == tuple(str(number) for number in range(target.width))
    more = ", ..." if target.width > _NAMED else ""
    names = "" if numbered else f" ({', '.join(target.names[:_NAMED])}{more})"
    return f"{plural(target.width, *nouns[target.task])}{names}"


def _inferred(preparation: Preparation) -> str:
    return ", inferred from its values" if preparation.inferred else ""


def split_text(preparation: Preparation) -> str:
    """How the test part was drawn, in brackets; empty where it was given."""
    if preparation.split is not Split.FRACTION:
        return ""
    equal = ", the same share of each class" if preparation.stratified else ""
    return f" ({percent(preparation.test_fraction, 0)} drawn for the test{equal})"


def done_texts(preparation: Preparation, *, weighted: bool) -> list[str]:
    """What was done to get the examples, a clause each."""
    sentences: list[str] = []
    if preparation.dropped:
        sentences.append(f"{plural(preparation.dropped, 'row')} with missing values left out")
    if preparation.nameless:
        sentences.append(f"{plural(preparation.nameless, 'column')} without a name not read")
    if preparation.filled:
        filled = ", ".join(f"{column} ({count(rows)})" for column, rows in preparation.filled)
        sentences.append(f"missing values filled with the mean of the training part: {filled}")
    return [*sentences, "each training example has its own weight"] if weighted else sentences
