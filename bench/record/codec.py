"""Records to JSON values and back, by pydantic; what is read is checked as strictly as a suite file.

All text goes through here, in both directions: what UTF-8 cannot encode is replaced, so that one odd exception message
never makes a run unreadable.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bench.core.documents import is_figure
from bench.core.errors import StoreError
from bench.core.text import storable
from bench.record.records import SCHEMA_VERSION, EngineSurvey, RunRecord, TrialRecord


class UnreadableError(StoreError):
    """What was to be a record is none, as when somebody edited it or a bit of it flipped."""


_RUN = TypeAdapter(RunRecord)
_TRIAL = TypeAdapter(TrialRecord)
_SURVEY = TypeAdapter(EngineSurvey)


def run_to_json(run: RunRecord) -> dict[str, Any]:
    """A run as JSON values, without the labels of its test images."""
    return _dumped(_RUN, run, {"datasets": {"__all__": {"labels"}}})


def trial_to_json(trial: TrialRecord) -> dict[str, Any]:
    """A trial as JSON values, without predictions and layers, and without figures that are infinite or no number."""
    value = _dumped(_TRIAL, trial, {"cell": {"id"}, "outcome": {"predictions", "layers"}})
    outcome = value["outcome"]
    value["outcome"] = _with_figures({**outcome, "metrics": _figures(outcome["metrics"])})
    return value


def run_from_json(value: object, where: str) -> RunRecord:
    """A run read back.

    Raises:
        StoreError: it was written by a newer version.
        UnreadableError: it is no run.
    """
    _check_version(value, where)
    try:
        return _RUN.validate_python(storable(value))
    except ValidationError as error:
        raise _unreadable(where, error) from error


def trial_from_json(value: object, where: str) -> TrialRecord:
    """A trial read back.

    Raises:
        StoreError: it was written by a newer version.
        UnreadableError: it is no trial.
    """
    _check_version(value, where)
    try:
        trial: TrialRecord = _TRIAL.validate_python(storable(value))
    except ValidationError as error:
        raise _unreadable(where, error) from error
    metrics = trial.outcome.metrics
    if all(map(is_figure, metrics.values())):
        return trial
    return replace(trial, outcome=replace(trial.outcome, metrics=_figures(metrics)))


def survey_to_json(survey: EngineSurvey) -> dict[str, Any]:
    """A survey as JSON values."""
    return _dumped(_SURVEY, survey, None)


def survey_from_json(value: object, where: str) -> EngineSurvey:
    """A survey read back.

    Raises:
        UnreadableError: it is none.
    """
    try:
        return _SURVEY.validate_python(storable(value))
    except ValidationError as error:
        raise _unreadable(where, error) from error


def _dumped(adapter: TypeAdapter[Any], record: object, exclude: Any) -> dict[str, Any]:  # noqa: ANN401  pydantic's own
    value: dict[str, Any] = storable(adapter.dump_python(record, mode="json", exclude=exclude))
    return value


def _with_figures(value: Any) -> Any:  # noqa: ANN401  JSON values
    """JSON values in which a number that no file or frame takes is null; see `is_figure`."""
    if isinstance(value, float):
        return value if is_figure(value) else None
    if isinstance(value, dict):
        return {name: _with_figures(item) for name, item in value.items()}
    return [_with_figures(item) for item in value] if isinstance(value, list) else value


def _figures(metrics: dict[str, float]) -> dict[str, float]:
    """The metrics that are figures: one of a builder's own may be NaN."""
    return {name: value for name, value in metrics.items() if is_figure(value)}


def newer(where: str, version: object) -> StoreError:
    """The refusal of anything a newer version wrote."""
    return StoreError(
        f"{where} was written with schema {version}; this version reads up to schema {SCHEMA_VERSION}.",
        hint="Upgrade keras-bench, or name another store with --store.",
    )


def _check_version(value: object, where: str) -> None:
    version = value.get("schema_version") if isinstance(value, dict) else None
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise UnreadableError(
            f"{where} is not a record of keras-bench: it has no schema_version.",
            hint="Was it edited by hand? Run the suite again.",
        )
    if version > SCHEMA_VERSION:
        raise newer(where, version)


def _unreadable(where: str, error: ValidationError) -> UnreadableError:
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return UnreadableError(
        f"{where} cannot be read: {place}: {first['msg']}.", hint="Was it edited by hand? Run the suite again."
    )
