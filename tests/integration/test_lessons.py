"""Exported lessons of every kind of data and task: each trains the cell again and ends with the same score."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace

import pytest
from factories import trial
from lessons import OWN, cases

from bench.commands.export import LessonSource, make_subject, write_archive
from bench.execute.harness.servers import warm_servers
from bench.execute.harness.starting import RuntimeSignature
from bench.record.records import Status
from bench.render.exports.lesson import lesson
from bench.render.exports.script import script_text


@pytest.fixture(scope="module")
def call():
    """Calls a function of `lessons` in a fresh worker."""
    with warm_servers([RuntimeSignature()], keep=True) as servers:
        yield lambda payload: servers.main.call("lessons:train", payload, timeout_s=200)


def exported(call, name, folder):
    """The script of a case, its data and the user's module, all in a folder; the script's path."""
    (folder / "mine.py").write_text(OWN)
    case = cases()[name]
    ended, recipe = call((name, str(folder)))
    assert ended.status is Status.OK, ended.reason
    record = replace(trial(case.cell), outcome=ended.outcome)
    source = LessonSource(
        builder=case.builder, recipe=recipe, arrays=case.arrays, facts=case.facts, dataset="made", data_file="made.npz"
    )
    write_archive(case.arrays, folder / "made.npz")
    subject = make_subject(record, source, case.score)
    file = folder / "lesson.py"
    file.write_text(script_text(name, lesson(subject)))
    return file


@pytest.mark.soak
@pytest.mark.parametrize("name", cases())
def test_a_script_ends_with_the_score_of_the_benchmark(call, name, tmp_path):
    """To the printed digits, and with the very weights; without the harness, which is not to be had there."""
    file = exported(call, name, tmp_path)
    blocked = tmp_path / "blocked" / "bench"
    blocked.mkdir(parents=True)
    (blocked / "__init__.py").write_text("raise ImportError('a lesson does not need the harness')\n")
    done = subprocess.run(
        [sys.executable, file.name], check=False, cwd=tmp_path, capture_output=True, text=True, timeout=200,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "MPLBACKEND": "Agg", "PYTHONPATH": str(blocked.parent)},
    )  # fmt: skip
    assert 0 == done.returncode, done.stderr
    assert "The weights are those of the benchmark, bit by bit" in done.stdout
    score = re.escape(cases()[name].score.heading)
    here, there = re.search(
        rf"^Test {score} ([-\d.]+).*\nIn the benchmark: ([-\d.]+)", done.stdout, re.MULTILINE
    ).groups()
    assert here == there
