"""`--jobs auto`: one trial per core, as far as memory and devices let it."""

from __future__ import annotations

import pytest
from factories import cell

from bench.declare.jobs import WORKER_BYTES, Bound, Jobs, jobs_for

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
    ],
)
def test_what_bounds_the_jobs(  # noqa: PLR0917  a row of the table
    devices: list[str], trials: int, cores: int, free_bytes: int, number: int, bound: Bound
) -> None:
    """Cores over the threads of the widest trial, memory over the largest, never more than trials, never none."""
    cells = [cell(device=device) for device in devices]
    jobs = jobs_for(cells, trials=trials, cores=cores, free_bytes=free_bytes)
    assert (number, bound, cores) == (jobs.number, jobs.bound, jobs.cores)


def test_a_limit_of_memory_counts_instead_of_a_guess() -> None:
    """A trial that may hold much is taken at its word."""
    cells = [cell(device=ONE), cell(device=ONE, memory_limit_bytes=4 * WORKER_BYTES)]
    expected = Jobs(number=2, bound=Bound.MEMORY, cores=8, threads=1)
    assert expected == jobs_for(cells, trials=100, cores=8, free_bytes=9 * WORKER_BYTES)
