"""Random runs of grids: ties, few seeds, schedules that end at 0, failures, times of any size."""

# ruff: noqa: S311  (noise is no secret)

from __future__ import annotations

import itertools
import random
from dataclasses import replace

from factories import cell, failed, result, trial

from bench.record.records import RunResult, TrialRecord


def random_run(seed: int, *, tied: bool = False) -> RunResult:
    """A full grid of one data set, with scores, curves and times as they come.

    Args:
        seed: of all that is random.
        tied: whether all cells take the same time, but for 1 %.
    """
    noise = random.Random(seed)
    levels = {
        "nodes": [8, 32, 128][: noise.randint(1, 3)],
        "learning_rate": [0.05, 0.1, 0.5][: noise.randint(1, 3)],
        "device": ["cpu", "gpu"][: noise.choice([1, 1, 2])],
    }
    named = tuple(key for key, of in levels.items() if key != "device" and len(of) > 1)
    coarse = noise.choice([1, 50, 500])  # test examples between two scores: many exact ties, or few
    trials: list[TrialRecord] = []
    seeds = noise.randint(1, 4)
    epochs = noise.choice([1, 2, 3, 5, 10])
    for nodes, rate, device in itertools.product(*levels.values()):
        of = cell("mlp", parameters={"nodes": nodes}, learning_rate=rate, device=device, epochs=epochs, named=named)
        mean, speed = noise.uniform(0.9, 0.99), 10 ** noise.uniform(-3, 1)
        speed = 0.5 if tied else speed
        anneals, falls = noise.random() < 0.3, noise.uniform(0.6, 1.05)
        for number in range(1, seeds + 1):
            if noise.random() < 0.05:
                trials.append(failed(of, number))
                continue
            score = round(min(mean + noise.gauss(0, 0.002), 1.0) * 10_000 / coarse) * coarse / 10_000
            busy = "2 trials ran at a time" if noise.random() < 0.1 else ""
            trials.append(
                _trial(
                    trial(of, number, accuracy=score, contention=busy),
                    noise,
                    speed,
                    falls,
                    anneals=anneals,
                    spread=(0.99, 1.01) if tied else (0.9, 1.2),
                )
            )
    return result(*trials)


def _trial(
    made: TrialRecord,
    noise: random.Random,
    speed: float,
    falls: float,
    *,
    anneals: bool,
    spread: tuple[float, float],
) -> TrialRecord:
    """The same with a curve and times of its own."""
    number = len(made.outcome.epochs)
    curve, loss = [], 2.0
    for place, epoch in enumerate(made.outcome.epochs, start=1):
        loss *= falls * noise.uniform(0.97, 1.03)
        rate = 0.1 * (1 - place / number) if anneals else 0.1
        accuracy = round(max(0.1, 1 - loss / 2.5), 3)
        time = speed * noise.uniform(*spread)
        curve.append(replace(epoch, loss=loss, accuracy=accuracy, learning_rate=rate, train_time_s=time))
    total = sum(epoch.train_time_s for epoch in curve)
    phases = replace(made.outcome.phases, train_time_s=total, total_time_s=total + 1.3)
    return replace(made, outcome=replace(made.outcome, epochs=tuple(curve), phases=phases))
