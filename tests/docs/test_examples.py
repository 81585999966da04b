"""The examples keep their word: each suite runs to what its README says, and each script makes the data beside it."""

from __future__ import annotations

import runpy
import shutil

import pytest
from commandline import bench
from pages import ROOT, reaches

import bench as harness

EXAMPLES = ROOT / "examples"
REACHED = {"digits-csv": 0.95, "digits-pictures": 0.95, "houses": 40.0, "own-parts": 0.15}
"""What the best network of each suite reaches at least, or at most where lower is better, as its README says."""


def test_every_suite_is_run():
    """A new example has its figure here."""
    assert sorted(REACHED) == sorted(path.parent.name for path in EXAMPLES.glob("*/bench.toml"))


@pytest.mark.parametrize("name", REACHED)
def test_a_suite_reaches_what_it_says(tmp_path, name):
    """One seed of every network, as the suite declares it otherwise."""
    folder = shutil.copytree(EXAMPLES / name, tmp_path / name)
    done = bench("run", "bench.toml", "--seeds", "1", cwd=folder)
    assert done.returncode == 0, done.stderr
    run = harness.load(folder / "reports" / name / "latest")
    assert reaches(run, REACHED[name])


@pytest.mark.parametrize("name", ["digits-csv", "digits-pictures", "houses"])
def test_the_script_makes_the_data(tmp_path, name):
    """Run again, it writes the very files that are committed."""
    script = shutil.copy(EXAMPLES / name / "make_data.py", tmp_path)
    runpy.run_path(str(script))
    kinds = (".csv", ".png")
    committed = {path.relative_to(EXAMPLES / name) for path in (EXAMPLES / name).rglob("*") if path.suffix in kinds}
    made = {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.suffix in kinds}
    assert committed == made
    for path in committed:
        assert (EXAMPLES / name / path).read_bytes() == (tmp_path / path).read_bytes()


def test_the_examples_are_small():
    """A clone of this project is not to grow by data."""
    assert sum(path.stat().st_size for path in EXAMPLES.rglob("*") if path.is_file()) < 1_500_000
