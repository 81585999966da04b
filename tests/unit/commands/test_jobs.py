"""`--jobs auto` on the command line, in a plan and in a request."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import bench as command

from bench.commands.jobs import measured_jobs, settle_jobs
from bench.commands.plan import declare
from bench.commands.request import RunRequest
from bench.declare.jobs import AUTO, Bound, Jobs
from bench.execute.harness import capacity
from bench.execute.system import gpus
from bench.execute.system.gpus import Gpu
from bench.render.plan import rates_text

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


@pytest.mark.parametrize(
    ("more", "number"), [('device = "cpu[threads=2]"', 2), ('device = "gpu"', 3), ('device = "gpu:1"', 1)]
)
def test_what_a_suite_says_of_its_device_stays(more: str, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that it counts itself, and a GPU; on a machine of three."""
    gpu = Gpu(0, "GPU-1", "A", 2**30, 0, "")
    monkeypatch.setattr(gpus, "visible_gpus", lambda: (gpu, gpu, gpu))
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
    """In a sentence; of a number that was given, what it means for times."""
    said = command("plan", "--jobs", "auto").stdout
    assert (
        "Jobs: 4 trials at a time of 1 thread each (one for each core; 4 cores). Scores are valid, times are excluded."
        in said
    )
    assert "softmax@digits@cpu[threads=1]" in said
    assert "The run measures" not in said
    assert "The run measures" in command("plan", "--jobs", "auto", "--seeds", "20").stdout
    assert "Jobs: 2 trials at a time. Scores are valid, times are excluded." in command("plan", "--jobs", "2").stdout
    assert "Jobs: 1 trial at a time, so times are valid." in command("plan").stdout
    on_gpu = command("plan", "--jobs", "2", "--set", "device=gpu").stdout
    assert (
        "Jobs: 2 trials at a time, at most one on each GPU, and no trial on the processor at the same time." in on_gpu
    )
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


def test_workers_are_measured_one_and_several_at_a_time() -> None:
    """By processes that compute; what is said of it names the number that is taken."""
    rates = capacity.measured_rates((1, 2))
    assert [1, 2] == list(rates)
    assert min(rates.values()) > 0
    said = rates_text({1: 400.0, 2: 780.0, 4: 800.0})
    assert (
        "Measured on this machine: 2 do 1.95 times the work of 1, 4 do 2.00 times the work of 1. 2 trials at a time."
        == said
    )


def test_a_worker_that_does_not_answer_leaves_it_unmeasured(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cores count then."""
    monkeypatch.setattr(capacity, "PACER", "bench.nothing")
    assert {} == capacity.measured_rates((1, 2))


def test_few_trials_are_not_measured_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would cost more than it wins, and is said."""
    jobs = Jobs(number=4, bound=Bound.CORES, cores=4, threads=1)
    monkeypatch.setattr(capacity, "measured_rates", lambda numbers: dict.fromkeys(numbers, 1.0))
    assert (4, {}) == measured_jobs(jobs, 31)
    assert (1, {1: 1.0, 2: 1.0, 4: 1.0}) == measured_jobs(jobs, 32)
    assert "too few trials to measure" in rates_text({})
