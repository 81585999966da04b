"""A suite with a history: runs of two cells in a store, made without training anything."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

from factories import MACHINE, cell, environment, run_record, trial

from bench.record.store import Store

PLAIN, DEEP = cell("model-1", builder="softmax", parameters={}), cell("model-2")


def fill(path: Path, runs: int = 24, *, seeds: int = 5, drop_at: int = 14, slow_at: int = 19) -> list[str]:
    """Runs of a day each; the deep cell loses a point at `drop_at` and takes 1.4 times as long from `slow_at` on.

    Keras changes where the score does. The revision of run 3 is missing, runs 0 and 1 are of another machine.

    Returns:
        The ids of the runs, the oldest first.
    """
    noise = random.Random(18)  # noqa: S311  no secret
    store, ids = Store(str(path)), []
    for number in range(runs):
        run_id = f"2026-{number // 28 + 1:02d}-{number % 28 + 1:02d}T1000-mnist-mlp-{number:04x}"
        packages = {"keras": "3.15.1" if number < drop_at else "3.16.0", "tensorflow": "2.21.0"}
        revision = None if number == 3 else f"{(number // 2 * 2654435761) % 2**32:08x}" * 5
        machine = "0b" * 32 if number < 2 else MACHINE
        store.begin_run(
            run_record(
                run_id=run_id,
                started_at=f"{run_id[:10]}T10:00:00Z",
                environment=environment(git_revision=revision, packages=packages),
                machine=machine,
                planned=tuple((of.id, seed) for of in (PLAIN, DEEP) for seed in range(1, seeds + 1)),
            )
        )
        slowness = noise.gauss(1, 0.02)
        for place, of in enumerate((PLAIN, DEEP)):
            for seed in range(1, seeds + 1):
                level = 0.9257 if of is PLAIN else 0.9811 - 0.01 * (number >= drop_at)
                pace = (1.1 if of is PLAIN else 1.7 * (1.4 if number >= slow_at else 1)) * slowness
                record = trial(
                    of,
                    seed,
                    accuracy=round((level + noise.gauss(0, 8e-4)) * 10_000) / 10_000,
                    epoch_seconds=pace,
                    run_id=run_id,
                    trial_id=f"{run_id}-{of.architecture}-{seed}",
                )
                store.commit_trial(replace(record, machine=machine), position=place * seeds + seed - 1)
        ids.append(run_id)
    store.close()
    return ids
