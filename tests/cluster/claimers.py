"""Processes that ask for the same keys at once, each in an order of its own.

    python claimers.py URL FOLDER NAME KEYS

waits until FOLDER/go is there, then asks for every key until it is done; every grant is a line in FOLDER/NAME.grants,
every opening of the store a file FOLDER/NAME.open.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from factories import cell, run_record, trial

from bench.record.records import RunStatus, TrialRecord
from bench.record.store import Claim, Store

CELL = cell(epochs=1)


def work(url: str, folder: Path, name: str, keys: int) -> None:
    """Ask for every key, and commit a trial for each that is granted."""
    order = random.Random(name).sample(range(keys), keys)  # noqa: S311  no secret
    records = [trial(CELL, seed, run_id=name, trial_id=f"{name}-{seed}", key=f"key-{seed}") for seed in range(keys)]
    (folder / f"{name}.ready").touch()
    while not (folder / "go").exists():
        time.sleep(0.001)
    store = Store(url)
    (folder / f"{name}.open").touch()
    store.begin_run(run_record(run_id=name, status=RunStatus.RUNNING))
    with (folder / f"{name}.grants").open("a", buffering=1) as grants:
        while order:
            seed = order.pop(0)
            answer = store.acquire(records[seed].key, name)
            if answer is Claim.GRANTED:
                grants.write(f"{seed}\n")
                store.commit_trial(records[seed], position=seed)
            elif isinstance(answer, TrialRecord):
                store.reuse_trial(name, answer, position=seed)
            else:
                order.append(seed)
    store.close()


if __name__ == "__main__":
    work(sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
