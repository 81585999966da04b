"""`run.json`: a run folder stands alone, without the store it came from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bench.core.errors import StoreError
from bench.core.files import write_text
from bench.record.codec import run_from_json, run_to_json, trial_from_json, trial_to_json
from bench.record.records import RunResult

if TYPE_CHECKING:
    from pathlib import Path

RUN_FILE = "run.json"


def write_run_file(result: RunResult, folder: Path) -> Path:
    """Write `run.json`: the run, its trials and their epochs; predictions stay in the store."""
    content = {
        **run_to_json(result.run),
        "trials": [{**trial_to_json(trial), "reused": trial.trial_id in result.reused} for trial in result.trials],
    }
    return write_text(folder / RUN_FILE, json.dumps(content, indent=1, allow_nan=False) + "\n")


def read_run_file(path: Path) -> RunResult:
    """Read `run.json`, or the run folder that holds it.

    Raises:
        StoreError: there is none, it is no run, or a newer version wrote it.
    """
    file = path / RUN_FILE if path.is_dir() else path
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise StoreError(
            f"{file} cannot be read: {error.strerror}.", hint="`bench list` shows the runs in the store."
        ) from error
    except (ValueError, RecursionError) as error:
        raise StoreError(f"{file} is not JSON: {error}.", hint="Run the suite again, or restore the file.") from error
    trials = content.pop("trials", []) if isinstance(content, dict) else []
    run = run_from_json(content, str(file))
    if not isinstance(trials, list):
        raise StoreError(f"{file} cannot be read: trials: not a list.", hint="Was it edited by hand?")
    flags = [isinstance(trial, dict) and bool(trial.pop("reused", False)) for trial in trials]
    records = tuple(trial_from_json(trial, str(file)) for trial in trials)
    reused = frozenset(record.trial_id for record, flag in zip(records, flags, strict=True) if flag)
    return RunResult(run=run, trials=records, reused=reused)
