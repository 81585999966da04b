"""`--jobs auto` on the command line, in a plan and in a request."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import bench as command

from bench.commands.jobs import settle_jobs
from bench.commands.plan import declare
from bench.commands.request import RunRequest
from bench.declare.jobs import AUTO, Bound
from bench.execute.harness import capacity

SUITE = '[suite]\nname = "mine"\ndataset = "digits"\nseeds = 4\n{more}\n[[grid]]\narchitecture = ["softmax", "mlp"]\n'


@pytest.fixture(autouse=True)
def four_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with four cores and much memory, and a suite of eight trials."""
    monkeypatch.setattr(capacity, "usable_cores", lambda: 4)
    monkeypatch.setattr(capacity, "free_bytes", lambda: 2**40)
    suite()


def suite(more: str = "") -> None:
    """Write the suite."""
    Path("bench.toml").write_text(SUITE.format(more=more))


def test_every_trial_gets_a_core_of_its_own() -> None:
    """By the device, as `--set` would set it: whoever asks for the same again asks for the same cells."""
    request, jobs = settle_jobs(RunRequest(jobs=AUTO))
    assert jobs is not None
    assert (4, Bound.CORES, 4) == (jobs.number, jobs.bound, request.jobs)
    assert {"cpu[threads=1]"} == {cell.device for cell in declare(request).cells}
    assert "bench run --set 'device=\"cpu[threads=1]\"' --jobs 4" == request.command()
    assert {"device": "cpu[threads=1]"} == request.asked()["overrides"]
    assert (request, None) == settle_jobs(request)


@pytest.mark.parametrize(("more", "number"), [('device = "cpu[threads=2]"', 2), ('device = "gpu"', 1)])
def test_what_a_suite_says_of_its_device_stays(more: str, number: int) -> None:
    """Threads that it counts itself, and a GPU."""
    suite(more)
    request, jobs = settle_jobs(RunRequest(jobs=AUTO))
    assert jobs is not None
    assert (number, {}) == (jobs.number, request.overrides)


def test_what_the_command_line_says_of_the_device_stays() -> None:
    """All cores for each trial leave none for another."""
    request, jobs = settle_jobs(RunRequest(jobs=AUTO, overrides={"device": "cpu"}))
    assert jobs is not None
    assert (1, Bound.THREADS, {"device": "cpu"}) == (jobs.number, jobs.bound, request.overrides)


def test_a_plan_says_how_many_and_why() -> None:
    """In a sentence; a number that was given needs none."""
    said = command("plan", "--jobs", "auto").stdout
    assert "Jobs: 4 trials at a time of 1 thread each (one for each core; 4 cores). Scores count, times do not." in said
    assert "softmax@digits@cpu[threads=1]" in said
    assert "Jobs:" not in command("plan", "--jobs", "2").stdout
    assert "Jobs: 4 trials" in command("plan", BENCH_JOBS="auto").stdout


@pytest.mark.parametrize("word", ["many", "0", "-1", "1.5"])
def test_other_words_are_refused(word: str) -> None:
    """Exit 2, before anything is done."""
    done = command("plan", "--jobs", word)
    assert 2 == done.returncode
    assert "--jobs" in done.stderr


@pytest.mark.parametrize(("text", "cores"), [("max 100000", 8), ("250000 100000", 2), ("50000 100000", 1), ("", 8)])
def test_a_container_has_the_cores_that_it_is_given(
    text: str, cores: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole ones, at least one; without a limit those that it may run on."""
    monkeypatch.undo()
    monkeypatch.setattr(capacity.os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    (tmp_path / "cpu.max").write_text(text)
    assert cores == capacity.usable_cores(tmp_path / "cpu.max")
    assert 8 == capacity.usable_cores(tmp_path / "nothing")
