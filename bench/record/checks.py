"""Whether a run file that somebody may have edited holds what a run can have left."""

from __future__ import annotations

import base64
import binascii
import math
import re
import zlib
from typing import TYPE_CHECKING

from bench.core.errors import StoreError

if TYPE_CHECKING:
    from bench.core.score import Score
    from bench.record.records import Exhibit, RunRecord, TrialRecord

NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,99}")
"""Of a suite or a run: folders and files are called so."""
DIGEST = re.compile(r"[0-9a-f]{64}")
LARGEST = 2**63
HINT = "Was it edited by hand? Run the suite again, or restore the file."


def check_values(value: object) -> None:
    """Refuse numbers that no frame can hold, wherever in a JSON value they stand.

    Raises:
        ValueError: there is one, with what it is.
    """
    if isinstance(value, dict):
        for item in value.values():
            check_values(item)
    elif isinstance(value, list):
        for item in value:
            check_values(item)
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value} is no finite number")
    elif isinstance(value, int) and abs(value) >= LARGEST:
        raise ValueError("a whole number has more than 63 bits")


def check_run(run: RunRecord, trials: tuple[TrialRecord, ...], where: str) -> None:
    """Refuse names that lead elsewhere, figures that cannot be, pictures that are none.

    Raises:
        StoreError: something cannot be as it is, with what.
    """
    for what, name in (("suite", run.suite_name), ("run", run.run_id)):
        if not NAME.fullmatch(name):
            raise StoreError(f"{where} cannot be read: {name[:60]!r} is no name of a {what}.", hint=HINT)
    for trial in trials:
        if problem := _problem(trial, run.score):
            raise StoreError(f"{where} cannot be read: {trial.cell.id[:60]}, seed {trial.seed}: {problem}.", hint=HINT)
    for exhibit in run.exhibits:
        if exhibit.pixels and not _is_picture(exhibit):
            raise StoreError(f"{where} cannot be read: the picture of image {exhibit.image} is none.", hint=HINT)


def _problem(trial: TrialRecord, score: Score) -> str:
    outcome, phases = trial.outcome, trial.outcome.phases
    if outcome.accuracy is not None and not 0 <= outcome.accuracy <= 1:
        return f"an accuracy of {outcome.accuracy}"
    value = outcome.value(score)
    if value is not None and not score.floor <= value <= score.ceiling:
        return f"{score.heading[:60]} of {value}"
    if outcome.test_errors is not None and not 0 <= outcome.test_errors <= (outcome.test_images or 0):
        return f"{outcome.test_errors} errors in {outcome.test_images} test examples"
    times = [getattr(phases, name) for name in type(phases).__dataclass_fields__]
    times += [epoch.train_time_s for epoch in outcome.epochs]
    if any(time is not None and time < 0 for time in times):
        return "a time below 0"
    if outcome.weights_digest is not None and not DIGEST.fullmatch(outcome.weights_digest):
        return "a digest of weights that is none"
    return ""


def _is_picture(exhibit: Exhibit) -> bool:
    try:
        height, width, channels, *pixels = zlib.decompress(base64.b64decode(exhibit.pixels, validate=True))
    except (binascii.Error, zlib.error, ValueError):
        return False
    return min(height, width, channels) > 0 and len(pixels) == height * width * channels
