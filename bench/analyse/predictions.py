"""What trials answered, image by image: confused classes, and images that nearly everybody gets wrong. Pure."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bench.record.records import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from bench.record.records import DatasetRecord, RunResult

    Classes = NDArray[np.uint8]

HARDEST = 18
"""How many of the hardest images of a data set are kept and shown."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answers:
    """What the OK trials of a run predicted on one data set.

    Attributes:
        dataset: its name, as frames show it.
        sha256: of its arrays.
        classes: the classes' names, by number.
        labels: (images,) uint8, the true class of each test image.
        predicted: by cell id, (seeds, images) uint8.
    """

    dataset: str
    sha256: str
    classes: tuple[str, ...]
    labels: Classes
    predicted: dict[str, Classes]

    def name(self, label: int) -> str:
        """A class's name; its number where it has none."""
        return self.classes[label] if label < len(self.classes) else str(label)


@dataclass(frozen=True, slots=True, kw_only=True)
class HardImage:
    """A test image that many cells get wrong.

    Attributes:
        image: its number in the test set.
        label: its true class.
        read_as: the wrong class that trials give it most often.
        cells: how many cells get it wrong, by the vote of their seeds.
        of_cells: how many cells there are.
        trials: how many trials get it wrong.
        of_trials: how many trials there are.
    """

    image: int
    label: int
    read_as: int
    cells: int
    of_cells: int
    trials: int
    of_trials: int


def answers_of(result: RunResult) -> tuple[Answers, ...]:
    """The answers on each data set of a run, in its order; none where predictions or labels are not at hand."""
    return tuple(found for dataset in result.run.datasets if (found := _answers(result, dataset)) is not None)


def unpacked(packed: bytes) -> Classes:
    """(images,) uint8 of the zlib-compressed classes that a store holds."""
    return np.frombuffer(zlib.decompress(packed), dtype=np.uint8)


def majority(ballots: Classes) -> Classes:
    """The class that most seeds give each image, the smaller number among equals.

    Args:
        ballots: (seeds, images) uint8.

    Returns:
        (images,) uint8.
    """
    counts = np.stack([(ballots == label).sum(axis=0) for label in range(int(ballots.max()) + 1)])
    votes: Classes = counts.argmax(axis=0).astype(np.uint8)
    return votes


def confusion(answers: Answers, cell_id: str) -> NDArray[np.int64]:
    """How often a cell's seeds took each class for each: (true, predicted) int64, summed over seeds."""
    ballots = answers.predicted[cell_id]
    size = 1 + int(max(answers.labels.max(), ballots.max(), len(answers.classes) - 1))
    pairs = answers.labels.astype(np.int64) * size + ballots
    return np.bincount(pairs.ravel(), minlength=size * size).reshape(size, size)


def hardest(answers: Answers, most: int = HARDEST) -> tuple[HardImage, ...]:
    """The images that most cells get wrong, the hardest first; none that every trial of every cell gets right.

    A cell counts once however many seeds it has; among equals the image that more trials get wrong comes first.
    """
    cells = np.stack([majority(ballots) != answers.labels for ballots in answers.predicted.values()]).sum(axis=0)
    every = np.concatenate(list(answers.predicted.values()))
    trials = (every != answers.labels).sum(axis=0)
    # lexsort sorts by its last key first
    order = np.lexsort((np.arange(len(cells)), -trials, -cells))[:most]
    found = []
    for image in (int(one) for one in order if trials[one]):
        counts = np.bincount(every[:, image])
        label = int(answers.labels[image])
        if label < len(counts):
            counts[label] = 0
        found.append(
            HardImage(
                image=image,
                label=label,
                read_as=int(counts.argmax()),
                cells=int(cells[image]),
                of_cells=len(answers.predicted),
                trials=int(trials[image]),
                of_trials=len(every),
            )
        )
    return tuple(found)


def one_class(answers: Answers) -> tuple[str, ...]:
    """The cells whose every seed gives all test images one and the same class, by id."""
    return tuple(
        cell_id
        for cell_id, ballots in answers.predicted.items()
        if bool((ballots == ballots[:, :1]).all()) and answers.labels.min() != answers.labels.max()
    )


def wrong_for_all(answers: Answers) -> int:
    """How many test images every cell gets wrong, by the vote of its seeds; of a single cell, every trial."""
    ballots = list(answers.predicted.values())
    judged = [majority(one) for one in ballots] if len(ballots) > 1 else list(ballots[0])
    return int(np.all(np.stack(judged) != answers.labels, axis=0).sum())


def _answers(result: RunResult, dataset: DatasetRecord) -> Answers | None:
    if dataset.labels is None:
        return None
    labels = unpacked(dataset.labels)
    ballots: dict[str, list[Classes]] = {}
    for trial in result.trials:
        accuracy = trial.outcome.accuracy
        of_this = (trial.outcome.data_sha256 or dataset.sha256) == dataset.sha256
        if not of_this or trial.cell.dataset_name != dataset.name or trial.status is not Status.OK or accuracy is None:
            continue
        if trial.outcome.predictions is not None and len(one := unpacked(trial.outcome.predictions)) == len(labels):
            ballots.setdefault(trial.cell.id, []).append(one)
    if not ballots:
        return None
    return Answers(
        dataset=dataset.name,
        sha256=dataset.sha256,
        classes=dataset.classes,
        labels=labels,
        predicted={cell_id: _stacked(rows) for cell_id, rows in ballots.items()},
    )


def _stacked(rows: Sequence[Classes]) -> Classes:
    return np.stack(rows)
