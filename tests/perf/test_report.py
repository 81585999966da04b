"""What rendering costs: a grid of sixty cells, and two thousand trials."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import factories
import pytest

from bench.render.report import write_report

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Figures
    from pytest_benchmark.fixture import BenchmarkFixture

ROUNDS = 5
PEAK = """
import resource, sys
sys.path.insert(0, {tests!r})
import factories
from pathlib import Path
from bench.render.report import write_report
write_report({run}, Path({folder!r}))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.parametrize(
    ("name", "run", "limits"),
    [
        ("60 cells of 3 seeds", "factories.with_answers(factories.grid(), images=10_000)", (10.0, 1.5)),
        ("2,001 trials", "factories.with_answers(factories.large(), images=10_000)", (30.0, 3.0)),
    ],
)
def test_rendering(  # noqa: PLR0917  fixtures and parameters
    benchmark: BenchmarkFixture, figures: Figures, tmp_path: Path, name: str, run: str, limits: tuple[float, float]
) -> None:
    """HTML, Markdown and charts from records in memory, within so many seconds and megabytes; memory beside it."""
    made, taken = eval(run), []  # noqa: S307  a line above

    def once() -> None:
        begun = time.perf_counter()
        write_report(made, tmp_path)
        taken.append(time.perf_counter() - begun)

    benchmark.pedantic(once, rounds=ROUNDS)
    figures.add(f"report of {name}", taken, target=limits[0], at_most=True, form="{:.1f} s")
    size = (tmp_path / "report.html").stat().st_size / 1e6
    figures.add(f"report of {name}: the page", [size], target=limits[1], at_most=True, form="{:.2f} MB")
    script = PEAK.format(tests=str(factories.__file__).rpartition("/")[0], run=run, folder=str(tmp_path))
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    memory = int(told.stdout) / 2**20
    figures.add(f"report of {name}: peak memory", [memory], target=1.0, at_most=True, form="{:.2f} GiB")


HUGE = """
import json, resource, sys, time
sys.path.insert(0, {tests!r})
import factories
from pathlib import Path
run = factories.with_answers(factories.huge(), images=300)
begun = time.perf_counter()
from bench.render.exports.csv import write_csv
from bench.render.report import write_report
write_report(run, Path({folder!r}))
write_csv(run, Path({folder!r}) / "results.csv")
print(json.dumps([time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20]))
"""


def test_rendering_a_hundred_thousand_trials(benchmark: BenchmarkFixture, figures: Figures, tmp_path: Path) -> None:
    """HTML, Markdown, charts and the CSV of 20,000 cells of five seeds, in a process of its own."""
    script = HUGE.format(tests=str(factories.__file__).rpartition("/")[0], folder=str(tmp_path))
    measured: list[tuple[float, float]] = []

    def once() -> None:
        ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        measured.append(tuple(json.loads(ended.stdout)))

    benchmark.pedantic(once, rounds=3)
    taken, peaks = zip(*measured, strict=True)
    assert 100_001 == (tmp_path / "results.csv").read_text().count("\n")
    name = "report of 100,000 trials, its CSV included"
    figures.add(name, taken, target=90.0, at_most=True, form="{:.0f} s")
    figures.add(f"{name}: peak memory, the records themselves included", peaks, target=2.0, at_most=True,
                form="{:.2f} GiB")  # fmt: skip
    size = (tmp_path / "report.html").stat().st_size / 1e6
    figures.add(f"{name}: the page", [size], form="{:.2f} MB")
