"""`--jobs auto`: one trial per core, as far as memory and devices let it."""

from __future__ import annotations

import pytest
from factories import cell

from bench.declare.jobs import WORKER_BYTES, Bound, Jobs, candidates, jobs_for, paying, worth_measuring

PLENTY = 100 * WORKER_BYTES
ONE = "cpu[threads=1]"


@pytest.mark.parametrize(
    ("devices", "trials", "cores", "free_bytes", "number", "bound"),
    [
        ([ONE], 100, 8, PLENTY, 8, Bound.CORES),
        ([ONE], 3, 8, PLENTY, 3, Bound.TRIALS),
        ([ONE], 100, 8, int(2.5 * WORKER_BYTES), 2, Bound.MEMORY),
        ([ONE], 100, 8, 1, 1, Bound.MEMORY),
        ([ONE], 100, 1, PLENTY, 1, Bound.CORES),
        ([ONE, "cpu[threads=3]"], 100, 8, PLENTY, 2, Bound.THREADS),
        (["cpu[threads=16]"], 100, 8, PLENTY, 1, Bound.THREADS),
        ([ONE, "cpu"], 100, 8, PLENTY, 1, Bound.THREADS),
        ([ONE, "gpu:0"], 100, 8, PLENTY, 1, Bound.GPU),
        (["gpu"], 100, 16, PLENTY, 4, Bound.GPU),  # of the machine's four GPUs
        (["gpu"], 100, 2, PLENTY, 2, Bound.CORES),  # each trial needs a core for its program
        (["gpu:0", "gpu:1"], 100, 8, PLENTY, 2, Bound.GPU),
        (["gpu", "gpu:1"], 100, 8, PLENTY, 4, Bound.GPU),
    ],
)
def test_what_bounds_the_jobs(  # noqa: PLR0917  a row of the table
    devices: list[str], trials: int, cores: int, free_bytes: int, number: int, bound: Bound
) -> None:
    """Cores over the threads of the widest trial, memory over the largest, never more than trials, never none."""
    cells = [cell(device=device) for device in devices]
    jobs = jobs_for(cells, trials=trials, cores=cores, free_bytes=free_bytes, gpus=4)
    assert (number, bound, cores) == (jobs.number, jobs.bound, jobs.cores)


def test_a_limit_of_memory_counts_instead_of_a_guess() -> None:
    """A trial that may hold much is taken at its word."""
    cells = [cell(device=ONE), cell(device=ONE, memory_limit_bytes=4 * WORKER_BYTES)]
    expected = Jobs(number=2, bound=Bound.MEMORY, cores=8, threads=1)
    assert expected == jobs_for(cells, trials=100, cores=8, free_bytes=9 * WORKER_BYTES)


def test_no_gpu_is_one_job_whose_trials_are_skipped() -> None:
    """Each says so in its row."""
    assert 1 == jobs_for([cell(device="gpu")], trials=9, cores=8, free_bytes=PLENTY).number


@pytest.mark.parametrize(
    ("most", "numbers"), [(1, (1,)), (2, (1, 2)), (6, (1, 2, 3, 6)), (64, (1, 2, 4, 8, 16, 32, 64))]
)
def test_numbers_that_are_tried(most: int, numbers: tuple[int, ...]) -> None:
    """From one to the most, a few."""
    assert numbers == candidates(most)


@pytest.mark.parametrize(
    ("rates", "number"),
    [
        ({1: 500.0, 2: 990.0}, 2),
        ({1: 500.0, 2: 510.0}, 1),  # the second core is taken by others
        ({1: 100.0, 2: 200.0, 4: 390.0, 8: 400.0}, 4),  # two threads of a core have one arithmetic unit
        ({1: 500.0, 2: 400.0}, 1),
    ],
)
def test_as_few_as_do_nearly_as_much(rates: dict[int, float], number: int) -> None:
    """Within 5 %."""
    assert number == paying(rates)


def test_it_is_measured_where_it_wins_more_than_it_costs() -> None:
    """A run of few trials is over before; a GPU needs no measurement."""
    jobs = Jobs(number=4, bound=Bound.CORES, cores=4, threads=1)
    assert worth_measuring(jobs, 32)
    assert not worth_measuring(jobs, 31)
    assert not worth_measuring(Jobs(number=1, bound=Bound.CORES, cores=1, threads=1), 1000)
    assert not worth_measuring(Jobs(number=4, bound=Bound.GPU, cores=4, threads=1), 1000)
