"""Why trials are trained again: the first of data, code, environment and settings that differs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from factories import cell, dataset, run_record

from bench.analyse.retraining import Current, Reason, Retraining, retrainings

CELL = cell()
RUN = run_record(
    datasets=(dataset("mnist", sha256="a" * 64),),
    code={CELL.builder: "code"},
    fingerprint="here",
    bench_version="0.1.0",
)
NOW = Current(data_sha256={"mnist": "a" * 64}, code={CELL.builder: "code"}, fingerprint="here", bench_version="0.2.0")


@pytest.mark.parametrize(
    ("current", "reason"),
    [
        (NOW, Reason.SETTINGS),
        (replace(NOW, fingerprint="there"), Reason.ENVIRONMENT),
        (replace(NOW, code={CELL.builder: "other"}, fingerprint="there"), Reason.CODE),
        (replace(NOW, code={}), Reason.CODE),
        (replace(NOW, data_sha256={"mnist": "b" * 64}, code={}), Reason.DATA),
    ],
)
def test_the_first_that_differs(current: Current, reason: Reason) -> None:
    """Settings are what is left."""
    expected = Retraining(reason=reason, trials=1, versions=("0.1.0",))
    assert (expected,) == retrainings([(CELL, RUN)], current)


def test_reasons_are_counted() -> None:
    """The most frequent first; the current version is not named."""
    other = replace(RUN, code={CELL.builder: "other"}, bench_version="0.2.0")
    rows = retrainings([(CELL, RUN), (CELL, other), (CELL, other)], NOW)
    assert [(Reason.CODE, 2, ()), (Reason.SETTINGS, 1, ("0.1.0",))] == [
        (row.reason, row.trials, row.versions) for row in rows
    ]
    assert () == retrainings([], NOW)
