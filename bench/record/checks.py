"""Whether a run file that somebody may have edited holds what a run can have left."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from dataclasses import fields
from typing import TYPE_CHECKING

from pydantic import ValidationError

from bench.core.decompress import inflate
from bench.core.errors import StoreError
from bench.declare.schema import GateKeys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.core.score import Score
    from bench.record.records import DatasetRecord, Exhibit, RunRecord, TrialRecord

NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,99}")
"""Of a suite or a run: folders and files are called so."""
DIGEST = re.compile(r"[0-9a-f]{64}")
LONGEST_S = 1e9
"""Thirty years: nothing that was measured took longer."""
SHORTEST_S = 1e-12
"""No clock measures less, but for 0: rates are one over a time."""
SLOWEST = 1.0
"""Operations per second of a device: utilisation is a share of it."""
LONGEST_SIDE, MOST_CHANNELS = 255, 4
"""Of a picture that is kept to be shown."""
HINT = "Was it edited by hand? Run the suite again, or restore the file."


def check_run(run: RunRecord, trials: tuple[TrialRecord, ...], where: str) -> None:
    """Refuse names that lead elsewhere, figures that cannot be, pictures that are none.

    Raises:
        StoreError: something cannot be as it is, with what.
    """
    if problem := problem_of_run(run):
        raise StoreError(f"{where} cannot be read: {problem}.", hint=HINT)
    for trial in trials:
        if problem := problem_of_trial(trial, run.score):
            raise StoreError(f"{where} cannot be read: {trial.cell.id[:60]}, seed {trial.seed}: {problem}.", hint=HINT)


def problem_of_run(run: RunRecord) -> str:
    """What a run cannot be like, as a clause; empty where all may be."""
    for what, name in (("suite", run.suite_name), ("run", run.run_id)):
        if not NAME.fullmatch(name):
            return f"{name[:60]!r} is not the name of a {what}"
    for dataset in run.datasets:
        if problem := _problem_of_data(dataset):
            return f"the data set {dataset.name[:60]!r} has {problem}"
    for exhibit in run.exhibits:
        if exhibit.pixels and not _is_picture(exhibit):
            return f"the picture of image {exhibit.image} is none"
    try:
        GateKeys.model_validate(run.gate)
    except ValidationError as error:
        return f"its table [gate] is wrong at {'.'.join(map(str, error.errors()[0]['loc']))[:60] or 'the top'}"
    return ""


def impossible_time(time_s: float | None) -> str:
    """What is wrong with a time, as a clause; empty where one can be as long, or it was not measured."""
    if time_s is None or time_s == 0 or SHORTEST_S <= time_s <= LONGEST_S:
        return ""
    return "a time below 0" if time_s < 0 else f"a time of {time_s:g} s"


def _problem_of_data(dataset: DatasetRecord) -> str:
    if dataset.train_images < 0 or dataset.test_images < 0:
        return f"{min(dataset.train_images, dataset.test_images):,} examples"
    if any(size < 1 for shape in (dataset.image_shape, *dataset.inputs.values()) for size in shape):
        return "examples of no size"
    return ""


def problem_of_trial(trial: TrialRecord, score: Score | None = None) -> str:
    """What a trial cannot be like, as a clause; empty where all may be.

    Args:
        trial: read from what somebody may have changed.
        score: of its run, where that is known.
    """
    outcome = trial.outcome
    fractions = [outcome.accuracy, outcome.validation_accuracy]
    fractions += [value for epoch in outcome.epochs for value in (epoch.accuracy, epoch.validation_accuracy)]
    for accuracy in fractions:
        if accuracy is not None and not 0 <= accuracy <= 1:
            return f"an accuracy of {accuracy}"
    value = None if score is None else outcome.value(score)
    if score is not None and value is not None and not score.floor <= value <= score.ceiling:
        return f"{score.heading[:60]} of {value}"
    if outcome.test_errors is not None and not 0 <= outcome.test_errors <= (outcome.test_images or 0):
        return f"{outcome.test_errors} errors in {outcome.test_images} test examples"
    if problem := _problem_of_times(trial):
        return problem
    if outcome.weights_digest is not None and not DIGEST.fullmatch(outcome.weights_digest):
        return "an invalid digest of weights"
    return ""


def _problem_of_times(trial: TrialRecord) -> str:
    for time_s in _times(trial):
        if problem := impossible_time(time_s):
            return problem
    yardstick = trial.outcome.speed.yardstick
    if yardstick is not None and yardstick.flops_per_s < SLOWEST:
        return f"a device of {yardstick.flops_per_s:g} operations per second"
    return ""


def _times(trial: TrialRecord) -> Iterator[float | None]:
    """Every time that was measured, in seconds."""
    outcome = trial.outcome
    yield from (getattr(outcome.phases, field.name) for field in fields(outcome.phases))
    yield from (epoch.train_time_s for epoch in outcome.epochs)
    yield from (outcome.speed.latency_s, outcome.speed.latency_p99_s)


def _is_picture(exhibit: Exhibit) -> bool:
    try:
        packed = base64.b64decode(exhibit.pixels, validate=True)
        head = zlib.decompressobj().decompress(packed, 3)
        height, width, channels = head
        if min(head) == 0 or max(height, width) > LONGEST_SIDE or channels > MOST_CHANNELS:
            return False
        inflate(packed, len(head) + height * width * channels)
    except (binascii.Error, zlib.error, ValueError):
        return False
    return True
