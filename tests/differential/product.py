"""Trains cases by the product, from a suite file as a user writes it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from differential.cases import SUITE, Case

import bench
from bench.core.errors import BenchError

MODULES = ("authors.py", "subclasses.py", "compiled.py", "loaders.py")


@dataclass(frozen=True, slots=True)
class Trained:
    """What the product made of a case, by seed.

    Attributes:
        statuses, reasons: of its trials.
        accuracies: fractions; NaN where there is none.
        digests: of their final weights.
        engines: that trained them.
    """

    statuses: tuple[str, ...]
    reasons: tuple[str, ...]
    accuracies: tuple[float, ...]
    digests: tuple[str, ...]
    engines: tuple[str, ...]


def suite_text(name: str, cases: Iterable[Case], seeds: int) -> str:
    """A suite file in which every case is a named architecture with its own settings."""
    return "\n".join([f'[suite]\nname = "{name}"\nseeds = {seeds}', SUITE, *map(_table, cases)])


def _table(case: Case) -> str:
    parameters = [f"{key} = {json.dumps(value)}" for key, value in case.parameters.items()]
    dataset = "digits" if case.data == "digits" else f"loaders:{case.data}"
    lines = [f'builder = "{case.builder}"', f'dataset = "{dataset}"', *parameters, case.keys]
    return "\n".join([f"[architectures.{case.name}]", *filter(None, lines)]) + "\n"


def train(folder: Path, name: str, cases: Iterable[Case], seeds: int) -> dict[str, Trained]:
    """Train cases in one run, two trials at a time.

    Raises:
        BenchError: the suite is refused as a whole.
    """
    for module in MODULES:
        shutil.copy(Path(__file__).with_name(module), folder)
    path = folder / f"{name}.toml"
    path.write_text(suite_text(name, cases, seeds))
    trials = bench.run(path, reports=folder / "reports", jobs=2, progress=False).trials().sort_values("seed")
    columns = ("status", "reason", "accuracy", "weights_digest", "engine")
    return {
        str(case): Trained(*(tuple(rows[column]) for column in columns))
        for case, rows in trials.groupby("architecture")
    }


def refusal(folder: Path, case: Case) -> str:
    """The sentence, with its hint, by which a case is refused, before or instead of its trials; empty if it is not."""
    try:
        trained = train(folder, case.name, [case], seeds=1)[case.name]
    except BenchError as error:
        return f"{error} {error.hint}"
    return " ".join(trained.reasons) if {"FAILED"} == set(trained.statuses) else ""
