"""The history beside the step detection of asv and the change points of Apache Otava, on the same series.

`nox -s simulate` installs both. They get the mean of each run, asv with equal weights, at their defaults; a step counts
where its place is within a run of the true one.
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from grids import significantly_above
from series import STILL, normal, points, stepped

from bench.analyse.history.breaks import ERROR, WILD, breaks

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of theirs, on import
    asv = pytest.importorskip("asv.step_detect", reason="`nox -s simulate` installs asv")
    otava = pytest.importorskip("otava.analysis", reason="`nox -s simulate` installs Apache Otava")

STEPS = {
    "from run 50 of 100, 3 seeds": (100, 50, 3, 0.01),
    "from run 97 of 100, 5 seeds": (100, 97, 5, 0.01),
    "from run 10 of 20, 3 seeds": (20, 10, 3, 0.01),
    "from run 5 of 10, 5 seeds": (10, 5, 5, 0.01),
}


def ours(values, step, wild):
    """Places of changes."""
    return [one.at for one in breaks(points(values, step), ERROR, wild)]


def of_asv(values, step, wild):
    """Starts of all steps but the first."""
    return [found[0] for found in asv.detect_steps(values.mean(axis=1).tolist(), [1.0] * len(values))[1:]]


def of_otava(values, step, wild):
    """At its default level of 0.001."""
    found, _ = otava.compute_change_points(values.mean(axis=1).tolist())
    return [point.index for point in found]


TOOLS = {"bench": ours, "asv": of_asv, "Otava": of_otava}


def number(counted) -> int:
    """Of series: asv needs many milliseconds for each."""
    return counted.grids // 100


@pytest.mark.parametrize("noise", STILL)
def test_series_without_a_change(counted, noise):
    """How many of them show a change, by each tool; ours keeps its rate."""
    draw, step, wild = STILL[noise]
    source, of = np.random.default_rng(1), number(counted)
    series = [draw(source, 100, 3) for _ in range(of)]
    counts = {tool: sum(bool(find(values, step, wild)) for values in series) for tool, find in TOOLS.items()}
    for tool, count in counts.items():
        counted(f"no change in 100 runs, 3 seeds, {noise}: {tool} names any", count, None, of)
    assert not significantly_above(counts["bench"], of, ERROR)


@pytest.mark.parametrize("where", STEPS)
def test_a_step_of_a_point(counted, where):
    """How many find it, by each tool; deviation 0.25."""
    runs, place, seeds, size = STEPS[where]
    source, of = np.random.default_rng(2), number(counted)
    series = [stepped(normal(source, runs, seeds), place, -size) for _ in range(of)]
    counts = {
        tool: sum(any(abs(at - place) <= 1 for at in find(values, 1e-4, WILD)) for values in series)
        for tool, find in TOOLS.items()
    }
    for tool, count in counts.items():
        counted(f"1 point lower {where}: {tool} finds it", count, None, of)
    assert counts["bench"] > 0.75 * of
