"""Random bits of a small store are flipped, one at a time: what is read is what was written, or is named as damaged."""

from __future__ import annotations

import random
import shutil
import sqlite3
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from factories import cell, dataset, run_record, trial

from bench.core.errors import BenchError
from bench.record.records import EngineSurvey, EngineTiming, RunRecord, RunResult, Status, TrialRecord
from bench.record.store import Store

CELLS = (cell(epochs=3), cell("model-1", epochs=3))
RUNS = ("first", "second")


def make_store(folder: Path) -> dict[str, RunResult]:
    """A store of two runs, the second of which shows trials of the first; what is in it, by run."""
    store = Store(str(folder / "bench.db"))
    planned = tuple((of.id, seed) for of in CELLS for seed in (1, 2, 3))
    for number, run_id in enumerate(RUNS):
        labelled = (dataset(labels=bytes(range(200))),)
        run = run_record(
            run_id=run_id, started_at=f"2025-01-0{number + 1}T00:00:00Z", planned=planned, datasets=labelled
        )
        store.begin_run(run)
        for position, (of, seed) in enumerate((of, seed) for of in CELLS for seed in (1, 2, 3)):
            record = trial(of, seed, run_id=RUNS[0], trial_id=f"{RUNS[0]}-{position}")
            if run_id == RUNS[0]:
                store.commit_trial(record, position=position)
            elif seed < 3:
                store.reuse_trial(run_id, record, position=position)
            else:
                store.commit_trial(replace(record, run_id=run_id, trial_id=f"{run_id}-{position}"), position=position)
    store.keep_survey("shape", True, EngineSurvey(shape="shape", timings=(EngineTiming(engine="fit", exact=True),)))
    result = {run_id: store.load_run(run_id) for run_id in RUNS}
    store.close()
    with sqlite3.connect(folder / "bench.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode=DELETE")
    connection.close()
    return result


class WrongError(AssertionError):
    """Something was read that was never written, and nothing was said."""


def outcome_of(path: Path, expected: dict[str, RunResult], use: Callable[[Path, dict[str, RunResult]], str]) -> str:
    """What came of using a damaged store: `sound`, `named`, `refused` by an error that says why, or worse."""
    try:
        return use(path, expected)
    except BenchError as error:
        return f"refused: {error.message.split(':')[-1].strip()[:60]}"
    except WrongError as error:
        return f"wrong: {error}"
    except Exception:  # noqa: BLE001  whatever it is, it is a finding
        return "traceback: " + traceback.format_exc()


def read_all(path: Path, expected: dict[str, RunResult]) -> str:
    """Read all that commands read."""
    with closing(Store(str(path), create=False)) as store:
        listed = {line.run.run_id: line.run for line in store.runs()}
        differs = [read_one(store, wanted, listed.get(run_id)) for run_id, wanted in expected.items()]
        for wanted in expected.values():
            store.history(wanted.run)
            store.done([one.key for one in wanted.trials])
        store.typical_times()
        if any(differs) and not store.damage:
            raise WrongError("something is missing and nothing is named")
        return "named" if store.damage else "sound"


def read_one(store: Store, wanted: RunResult, listed: RunRecord | None) -> bool:
    """Whether a run is not whole; what is there must be right."""
    if listed is None:
        return True
    if listed != replace(wanted.run, datasets=tuple(replace(data, labels=None) for data in wanted.run.datasets)):
        raise WrongError("a listed run differs")
    loaded = store.load_run(wanted.run.run_id)
    good = {one.trial_id: one for one in wanted.trials}
    if any(one.status is not Status.FAILED and good.get(one.trial_id) != one for one in loaded.trials):
        raise WrongError("a trial differs")
    return loaded != wanted


def use_all(path: Path, expected: dict[str, RunResult]) -> str:
    """Ask for every trial as a new run does: what is given is what was written."""
    written = [one for wanted in expected.values() for one in wanted.trials]
    with closing(Store(str(path))) as store:
        store.find_survey("shape", exact=True)
        answers = [store.acquire(one.key, "new") for one in written]
        if any(isinstance(answer, TrialRecord) and answer not in written for answer in answers):
            raise WrongError("a reused trial differs")
        return "sound"


def attack(folder: Path, flips: int, seed: int = 0) -> Counter[str]:
    """Flip so many bits, each in a fresh copy; how often each outcome came."""
    chance = random.Random(seed)  # noqa: S311  damage is no secret
    (folder / "sound").mkdir(parents=True)
    expected = make_store(folder / "sound")
    whole = (folder / "sound" / "bench.db").read_bytes()
    damaged = folder / "damaged" / "bench.db"
    outcomes: Counter[str] = Counter()
    for _ in range(flips):
        shutil.rmtree(damaged.parent, ignore_errors=True)
        damaged.parent.mkdir()
        content = bytearray(whole)
        bit = chance.randrange(len(content) * 8)
        content[bit // 8] ^= 1 << bit % 8
        damaged.write_bytes(content)
        for what, use in (("read", read_all), ("used", use_all)):
            outcomes[f"{what} {outcome_of(damaged, expected, use)}"] += 1
    return outcomes


if __name__ == "__main__":
    for name, number in sorted(attack(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])).items()):
        print(number, name)
