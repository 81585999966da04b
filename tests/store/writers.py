"""Three processes write to one store and are killed at random moments; what they had acknowledged is counted.

    python writers.py FOLDER KILLS [URL]

attacks a store in FOLDER, or at URL. It prints JSON: `kills`, `stops` (writers that were stopped for longer than their
lease), `acknowledged`, `lost`, `doubled`, `torn` (trials without all their epochs and predictions), `sound` and
`complete`.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from factories import cell, run_record, trial
from sqlalchemy import func, select

from bench.record import tables
from bench.record.records import RunStatus, Status, TrialRecord
from bench.record.store import Claim, RunStore, Store
from bench.record.store.claims import Lease

WRITERS = 3
CELL = cell(epochs=3)
LEASE = Lease(lease_s=2.0, heartbeat_s=0.3)


def write(folder: Path, url: str, run_id: str, keys: int) -> None:
    """Train, so to speak, what nobody else has; each trial is acknowledged after its commit."""
    store = RunStore(url, reports=folder, warn=lambda text: None, lease=LEASE)
    planned = tuple((CELL.id, seed) for seed in range(keys))
    store.begin_run(run_record(run_id=run_id, status=RunStatus.RUNNING, planned=planned))
    acknowledged = os.open(folder / f"{run_id}.ack", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    # each in an order of its own: what is killed is now a commit, now a claim, now a reuse
    todo = random.Random(run_id).sample(range(keys), keys)  # noqa: S311  no secret
    while todo:
        seed = todo.pop(0)
        record = trial(CELL, seed, run_id=run_id, trial_id=f"{run_id}-{seed}", key=f"key-{seed}")
        answer = store.acquire(record.key, run_id)
        if isinstance(answer, TrialRecord):
            store.reuse_trial(run_id, answer, position=seed)
        elif answer is Claim.GRANTED:
            time.sleep(0.002)
            shown = store.commit_trial(record, position=seed)
            os.write(acknowledged, f"{shown.trial_id}\n".encode())
        else:
            todo.append(seed)
            time.sleep(0.01)
    store.update_run(run_record(run_id=run_id, planned=planned))
    store.close()


def start(folder: Path, url: str, run_id: str, keys: int) -> int:
    """A writer of its own process."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        write(folder, url, run_id, keys)
        code = 0
    finally:
        os._exit(code)


def attack(folder: Path, url: str, kills: int) -> dict[str, object]:
    """Kill writers until so many are dead, stop some for longer than their lease, then let one finish the rest."""
    chance = random.Random(kills)  # noqa: S311  moments are no secret
    keys, number, stops = min(40 * kills, 6_000), 0, 0
    running: list[int] = []
    for _ in range(kills):
        while len(running) < WRITERS:
            number += 1
            running.append(start(folder, url, f"run-{number:05d}", keys))
        time.sleep(chance.uniform(0.02, 0.4))
        victim = running.pop(chance.randrange(WRITERS))
        if chance.random() < 0.05:
            os.kill(victim, signal.SIGSTOP)
            time.sleep(LEASE.lease_s + 1.5)
            os.kill(victim, signal.SIGCONT)
            time.sleep(0.2)
            stops += 1
        os.kill(victim, signal.SIGKILL)
        os.waitpid(victim, 0)
    for survivor in running:
        os.kill(survivor, signal.SIGKILL)
        os.waitpid(survivor, 0)
    complete = os.waitpid(start(folder, url, "last", keys), 0)[1] == 0
    return {"kills": kills, "stops": stops, "complete": complete, **count(folder, url, keys)}


def count(folder: Path, url: str, keys: int) -> dict[str, object]:
    """What the store holds of what was acknowledged."""
    by_writer = [file.read_text().split() for file in folder.glob("*.ack")]
    acknowledged = {trial_id for trial_ids in by_writer for trial_id in trial_ids}
    rows, epochs, predictions = tables.trials.c, tables.epochs.c, tables.predictions.c
    with closing(Store(url)) as store:
        with store._engine.connect() as connection:
            stored = dict(connection.execute(select(rows.trial_id, rows.status)).all())
            ok = connection.execute(
                select(rows.key, func.count()).where(rows.status == Status.OK.value).group_by(rows.key)
            ).all()
            whole = set(
                connection.execute(
                    select(epochs.trial_id).group_by(epochs.trial_id).having(func.count() == CELL.settings.epochs)
                ).scalars()
            ) & set(connection.execute(select(predictions.trial_id)).scalars())
        found = store.examine()
        last = store.load_run("last")
    return {
        "acknowledged": len(acknowledged),
        "lost": sum(stored.get(trial_id) != Status.OK for trial_id in acknowledged) + keys - len(ok),
        # a writer that lost its claim gets its rival's trial, which the rival acknowledged too: it counts once
        "doubled": sum(number > 1 for _, number in ok) + sum(len(ids) - len(set(ids)) for ids in by_writer),
        "late": sum(status == "LATE" for status in stored.values()),
        "torn": len(set(stored) - whole),
        "sound": found.sound,
        "shown": len(last.trials),
        "keys": keys,
    }


if __name__ == "__main__":
    place = Path(sys.argv[1])
    address = sys.argv[3] if len(sys.argv) > 3 else str(place / "bench.db")
    print(json.dumps(attack(place, address, int(sys.argv[2]))))
