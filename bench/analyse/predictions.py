"""What trials predicted, example by example: confused classes, errors, and the examples nearly all get wrong. Pure."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from bench.core.target import Task
from bench.record.records import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from bench.core.target import Target
    from bench.record.records import DatasetRecord, RunResult

    Values = NDArray[Any]

HARDEST = 18
"""How many of the hardest examples of a data set are kept and shown."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answers:
    """What the OK trials of a run predicted on one data set.

    Attributes:
        dataset: its name, as frames show it.
        sha256: of its arrays.
        target: what is predicted.
        truth: of each test example: (n,) class numbers, (n, labels) 0 and 1, or (n, values) float32.
        predicted: by cell id, the same for each seed: (seeds, n) or (seeds, n, names).
        picture: whether an example is a picture.
    """

    dataset: str
    sha256: str
    target: Target
    truth: Values
    predicted: dict[str, Values]
    picture: bool = True

    def name(self, number: int) -> str:
        """The name of a class, a label or a value; its number where it has none."""
        names = self.target.names
        return names[number] if number < len(names) else str(number)


@dataclass(frozen=True, slots=True, kw_only=True)
class HardExample:
    """A test example that many cells get wrong.

    Attributes:
        number: its place in the test set.
        truth: its class, its labels (0 and 1) or its values, in the order of names; a class is a single number.
        predicted: the wrong class, or the wrong set of labels, that trials give it most often; the median of the values
            that they give it.
        error: mean over cells of how wrong their votes or medians are, see `Target.errors`.
        cells: how many cells get it wrong, by the vote of their seeds; of values, all that are not exact.
        of_cells: how many cells there are.
        trials: how many trials get it wrong.
        of_trials: how many trials there are.
    """

    number: int
    truth: tuple[float, ...]
    predicted: tuple[float, ...]
    error: float
    cells: int
    of_cells: int
    trials: int
    of_trials: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelScores:
    """How well a cell finds each label, means over its seeds.

    Attributes:
        f1, precision, recall: (labels,) float64 in [0, 1]; NaN where neither truth nor prediction ever has the label,
            precision where it is never predicted, recall where no example has it.
    """

    f1: NDArray[np.float64]
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]


def answers_of(result: RunResult) -> tuple[Answers, ...]:
    """The predictions on each data set of a run, in its order; none where predictions or labels are not at hand."""
    return tuple(answers for dataset in result.run.datasets if (answers := _answers(result, dataset)) is not None)


def unpacked(packed: bytes) -> NDArray[np.uint8]:
    """(n,) uint8 of zlib-compressed classes, of which there are at most 256."""
    return np.frombuffer(zlib.decompress(packed), dtype=np.uint8)


def majority(ballots: Values) -> Values:
    """The class or label that most seeds give each example, the smaller number among equals.

    Args:
        ballots: (seeds, ...) unsigned integers.

    Returns:
        (...) of the same dtype.
    """
    # votes first, then the smaller number: both in one integer, since there are at most 65,536 classes
    weight = 1 << 17
    best = np.full(ballots.shape[1:], -1, np.int64)
    for ballot in ballots:
        votes = (ballots == ballot).sum(axis=0, dtype=np.int64)
        best = np.maximum(best, votes * weight + (weight - 1 - ballot.astype(np.int64)))
    winners: Values = (weight - 1 - best % weight).astype(ballots.dtype)
    return winners


def consensus(answers: Answers, ballots: Values) -> Values:
    """What seeds predict together: the majority of classes and labels, the median of values.

    Args:
        answers: of the data set.
        ballots: (seeds, n) or (seeds, n, names).

    Returns:
        (n,) or (n, names).
    """
    if answers.target.task is Task.REGRESSION:
        return np.asarray(np.median(ballots, axis=0))
    return majority(ballots)


def confusion(answers: Answers, cell_id: str) -> sparse.csr_array:
    """How often a cell's seeds took each class for each.

    Returns:
        (true, predicted) int64, summed over seeds; sparse, since thousands of classes make millions of empty fields.
    """
    ballots = answers.predicted[cell_id].astype(np.int64)
    size = 1 + int(max(answers.truth.max(), ballots.max(), answers.target.width - 1))
    rows = np.broadcast_to(answers.truth.astype(np.int64), ballots.shape).ravel()
    ones = np.ones(ballots.size, np.int64)
    return sparse.csr_array((ones, (rows, ballots.ravel())), shape=(size, size))


def most_confused(table: sparse.csr_array, most: int) -> list[int]:
    """The classes with the most confusions, as the true class or the predicted one, by number.

    Args:
        table: of `confusion`.
        most: at most so many; a class without any confusion is left out.
    """
    right = table.diagonal()
    confusions = table.sum(axis=0) + table.sum(axis=1) - 2 * right
    worst = [int(label) for label in np.argsort(-confusions, kind="stable")[:most] if confusions[label]]
    return sorted(worst)


def confused_pairs(table: sparse.csr_array) -> list[tuple[int, int, int]]:
    """True and predicted class of every confusion and how many examples, the most frequent first.

    Args:
        table: of `confusion`.
    """
    pairs = table.tocoo()
    wrong = pairs.row != pairs.col
    triples = zip(pairs.row[wrong].tolist(), pairs.col[wrong].tolist(), pairs.data[wrong].tolist(), strict=True)
    return sorted(triples, key=lambda triple: (-triple[2], triple[0], triple[1]))


def label_scores(answers: Answers, cell_id: str) -> LabelScores:
    """F1, precision and recall of each label for a cell, means over its seeds."""
    truth, ballots = answers.truth.astype(bool), answers.predicted[cell_id].astype(bool)
    hits = (ballots & truth).sum(axis=1)
    given = ballots.sum(axis=1)
    having = np.broadcast_to(truth.sum(axis=0), given.shape)
    return LabelScores(
        f1=_mean_ratio(2 * hits, given + having),
        precision=_mean_ratio(hits, given),
        recall=_mean_ratio(hits, having),
    )


def hardest(answers: Answers, most: int = HARDEST) -> tuple[HardExample, ...]:
    """The examples that cells get most wrong, the hardest first; none that every trial of every cell gets right.

    A cell counts once however many seeds it has; among equals the example with the larger error over trials comes
    first, then the one that comes first in the test set.
    """
    n, target, truth = len(answers.truth), answers.target, answers.truth
    cell_error, trial_error = np.zeros(n), np.zeros(n)
    cells, trials = np.zeros(n, np.int64), np.zeros(n, np.int64)
    for ballots in answers.predicted.values():
        # cell by cell: all trials of a large test set at once would fill the memory
        of_cell, of_trials = target.errors(truth, consensus(answers, ballots)), target.errors(truth, ballots)
        cell_error, cells = cell_error + of_cell, cells + (of_cell > 0)
        trial_error, trials = trial_error + of_trials.sum(axis=0), trials + (of_trials > 0).sum(axis=0)
    # lexsort sorts by its last key first
    order = np.lexsort((np.arange(n), -trial_error, -cell_error))[:most]
    return tuple(
        HardExample(
            number=number,
            truth=_numbers(truth[number]),
            predicted=_numbers(_taken_for(answers, number)),
            error=float(cell_error[number] / len(answers.predicted)),
            cells=int(cells[number]),
            of_cells=len(answers.predicted),
            trials=int(trials[number]),
            of_trials=sum(map(len, answers.predicted.values())),
        )
        for number in map(int, order)
        if trials[number]
    )


def one_class(result: RunResult) -> tuple[str, ...]:
    """The ids of cells where every seed predicts a single class for all test examples; only of classification.

    Predictions are read trial by trial: those of a large grid would fill the memory.
    """
    cell_ids: list[str] = []
    for dataset in result.run.datasets:
        if dataset.labels is None or dataset.target.task is not Task.CLASSES:
            continue
        truth = dataset.target.unpack(dataset.labels)
        if truth.min() == truth.max():
            continue
        same: dict[str, bool] = {}
        for cell_id, ballot in _ballots(result, dataset, truth):
            same[cell_id] = same.get(cell_id, True) and bool((ballot == ballot[:1]).all())
        cell_ids += [cell_id for cell_id, constant in same.items() if constant]
    return tuple(cell_ids)


def wrong_for_all(answers: Answers) -> int:
    """How many test examples every cell gets wrong, by the vote of its seeds; of a single cell, every trial."""
    every = list(answers.predicted.values())
    judged = (consensus(answers, ballots) for ballots in every) if len(every) > 1 else iter(every[0])
    wrong = np.ones(len(answers.truth), bool)
    for predicted in judged:
        wrong &= answers.target.errors(answers.truth, predicted) > 0
    return int(wrong.sum())


def _taken_for(answers: Answers, number: int) -> Values:
    """What trials make of one example: the most frequent of what is wrong, or the median of values."""
    ballots = np.concatenate([of_cell[:, number] for of_cell in answers.predicted.values()])
    if answers.target.task is Task.REGRESSION:
        return consensus(answers, ballots)
    wrong = ballots[answers.target.errors(answers.truth[number], ballots) > 0]
    kinds, times = np.unique(wrong, axis=0, return_counts=True)
    taken: Values = kinds[times.argmax()]
    return taken


def _numbers(values: Values) -> tuple[float, ...]:
    return tuple(float(value) for value in np.atleast_1d(values))


def _mean_ratio(parts: NDArray[np.int64], wholes: NDArray[np.int64]) -> NDArray[np.float64]:
    """The mean over seeds of parts over wholes, (seeds, labels) each; NaN where a whole is 0 for some seed."""
    ratios = np.divide(parts, wholes, out=np.full(parts.shape, np.nan), where=wholes > 0)
    means: NDArray[np.float64] = ratios.mean(axis=0)
    return means


def _answers(result: RunResult, dataset: DatasetRecord) -> Answers | None:
    if dataset.labels is None:
        return None
    target = dataset.target
    truth = target.unpack(dataset.labels)
    ballots: dict[str, list[Values]] = {}
    for cell_id, ballot in _ballots(result, dataset, truth):
        ballots.setdefault(cell_id, []).append(ballot)
    if not ballots:
        return None
    return Answers(
        dataset=dataset.name,
        sha256=dataset.sha256,
        target=target,
        truth=truth,
        predicted={cell_id: np.stack(rows) for cell_id, rows in ballots.items()},
        picture=dataset.picture,
    )


def _ballots(result: RunResult, dataset: DatasetRecord, truth: Values) -> Iterator[tuple[str, Values]]:
    """What each OK trial on a data set predicted, with the id of its cell; trials without such predictions left out."""
    target = dataset.target
    for trial in result.trials:
        packed, data = trial.outcome.predictions, trial.outcome.data_sha256 or dataset.sha256
        of_this = data == dataset.sha256 and trial.cell.dataset_name == dataset.name
        if not of_this or trial.status is not Status.OK or packed is None:
            continue
        ballot = _of_width(target, packed)
        if ballot is not None and ballot.shape == truth.shape:
            yield trial.cell.id, ballot


def _of_width(target: Target, packed: bytes) -> Values | None:
    """Predictions; None where they are of another number of names."""
    try:
        return target.unpack(packed)
    except ValueError:
        return None
