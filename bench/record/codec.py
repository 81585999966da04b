"""Records to JSON values and back, by pydantic; what is read is checked as strictly as a suite file.

All text goes through here, in both directions: what UTF-8 cannot encode is replaced, so that one odd exception message
never makes a run unreadable.
"""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter, ValidationError

from bench.core.errors import StoreError
from bench.core.text import storable
from bench.record.records import SCHEMA_VERSION, EngineSurvey, RunRecord, TrialRecord

_RUN = TypeAdapter(RunRecord)
_TRIAL = TypeAdapter(TrialRecord)
_SURVEY = TypeAdapter(EngineSurvey)


def run_to_json(run: RunRecord) -> dict[str, Any]:
    """A run as JSON values, without the labels of its test images."""
    return _dumped(_RUN, run, {"datasets": {"__all__": {"labels"}}})


def trial_to_json(trial: TrialRecord) -> dict[str, Any]:
    """A trial as JSON values, without its predictions."""
    return _dumped(_TRIAL, trial, {"cell": {"id"}, "outcome": {"predictions"}})


def run_from_json(value: object, where: str) -> RunRecord:
    """A run read back.

    Raises:
        StoreError: it was written by a newer version, or is no run.
    """
    _check_version(value, where)
    try:
        return _RUN.validate_python(storable(value))
    except ValidationError as error:
        raise _unreadable(where, error) from error


def trial_from_json(value: object, where: str) -> TrialRecord:
    """A trial read back.

    Raises:
        StoreError: it was written by a newer version, or is no trial.
    """
    _check_version(value, where)
    try:
        return _TRIAL.validate_python(storable(value))
    except ValidationError as error:
        raise _unreadable(where, error) from error


def survey_to_json(survey: EngineSurvey) -> dict[str, Any]:
    """A survey as JSON values."""
    return _dumped(_SURVEY, survey, None)


def survey_from_json(value: object, where: str) -> EngineSurvey:
    """A survey read back.

    Raises:
        StoreError: it is none.
    """
    try:
        return _SURVEY.validate_python(storable(value))
    except ValidationError as error:
        raise _unreadable(where, error) from error


def _dumped(adapter: TypeAdapter[Any], record: object, exclude: Any) -> dict[str, Any]:  # noqa: ANN401  pydantic's own
    value: dict[str, Any] = storable(adapter.dump_python(record, mode="json", exclude=exclude))
    return value


def newer(where: str, version: object) -> StoreError:
    """The refusal of anything a newer version wrote."""
    return StoreError(
        f"{where} was written with schema {version}; this version reads up to schema {SCHEMA_VERSION}.",
        hint="Upgrade keras-bench, or name another store with --store.",
    )


def _check_version(value: object, where: str) -> None:
    version = value.get("schema_version") if isinstance(value, dict) else None
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise StoreError(
            f"{where} is not a record of keras-bench: it has no schema_version.",
            hint="Was it edited by hand? Run the suite again.",
        )
    if version > SCHEMA_VERSION:
        raise newer(where, version)


def _unreadable(where: str, error: ValidationError) -> StoreError:
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return StoreError(
        f"{where} cannot be read: {place}: {first['msg']}.", hint="Was it edited by hand? Run the suite again."
    )
