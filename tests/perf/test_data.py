"""What reading a large CSV costs, in time and memory, against pandas alone."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Figures

ROWS, COLUMNS, ROUNDS = 1_000_000, 30, 5

MEASURE = """
import json, re, sys, time
from pathlib import Path
import pandas
from bench.catalog.datasets import DatasetTable, from_table
path, side = Path(sys.argv[1]), sys.argv[2]
table = DatasetTable(path=path.name, target=("c29",), test_split=0.2)
def peak():
    return 1024 * int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
before, begun = peak(), time.perf_counter()
kept = pandas.read_csv(path) if side == "pandas" else from_table(table, path.parent)
taken = time.perf_counter() - begun
print(json.dumps([taken, peak() - before]))
"""
"""One side in a process of its own, whose peak of memory is that of this side alone."""


def measured(path: Path, side: str) -> tuple[float, float]:
    """Seconds, and bytes of memory at the peak beyond what the imports took."""
    ended = subprocess.run([sys.executable, "-c", MEASURE, str(path), side], check=True, capture_output=True, text=True)
    taken, peak = json.loads(ended.stdout)
    return taken, peak


@pytest.fixture(scope="module")
def csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Measured values with six digits, as files of sensors and prices have them."""
    path = tmp_path_factory.mktemp("csv") / "large.csv"
    values = np.random.default_rng(0).normal(size=(ROWS, COLUMNS)).astype(np.float32)
    frame = pd.DataFrame(values, columns=[f"c{number}" for number in range(COLUMNS)])
    frame.to_csv(path, index=False, float_format="%.6g")
    return path


def test_reading_a_million_rows(csv: Path, figures: Figures) -> None:
    """Parsed, split and checked, against `pandas.read_csv` of the same file, both sides in turn."""
    ratios: list[float] = []
    peaks: list[float] = []
    for _ in range(ROUNDS):
        pandas_s, _peak = measured(csv, "pandas")
        taken_s, peak = measured(csv, "bench")
        ratios.append(taken_s / pandas_s)
        peaks.append(peak / (ROWS * COLUMNS * 4))
    name = f"a CSV of {ROWS:,} rows x {COLUMNS} columns"
    figures.add(f"reading {name} / pandas.read_csv of it", ratios, target=2.0, at_most=True, form="{:.2f} times")
    figures.add(f"memory at the peak of reading {name} / its float32 array", peaks, target=3.0, at_most=True,
                form="{:.2f} times")  # fmt: skip
