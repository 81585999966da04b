"""Which GPU a trial gets, and which trials run at the same time."""

from __future__ import annotations

import pytest

from bench.declare.device import parse_device
from bench.execute.harness.places import Place, place_for

FOUR = (0, 1, 2, 3)
CPU = Place()


@pytest.mark.parametrize(
    ("device", "busy", "jobs", "expected"),
    [
        ("gpu", [], 1, Place(0)),
        ("gpu", [0], 1, None),  # one at a time unless more are asked for
        ("gpu", [0], 4, Place(1)),
        ("gpu", [0, 1, 2], 4, Place(3)),
        ("gpu", FOUR, 8, None),  # one trial per GPU, whatever --jobs says
        ("gpu:1", [0], 4, Place(1)),
        ("gpu:1", [1], 4, None),  # a named one is waited for, though others are free
        ("gpu:7", [0], 4, Place(7)),  # its worker says that it is missing
        ("cpu", [], 4, CPU),
        ("cpu", [None], 4, CPU),
        ("cpu[threads=1]", [0], 4, None),  # the processor belongs to the trials on GPUs
        ("gpu", [None], 4, None),
        ("gpu:0", [None], 4, None),
        ("cpu", [None, None], 2, None),
    ],
)
def test_a_trial_has_a_gpu_of_its_own_or_waits(
    device: str, busy: list[int | None], jobs: int, expected: Place | None
) -> None:
    """On a machine of four GPUs."""
    places = [Place(gpu) for gpu in busy]
    assert expected == place_for(parse_device(device), gpus=FOUR, busy=places, jobs=jobs)


@pytest.mark.parametrize("device", ["cpu", "gpu", "gpu:0", "gpu:9"])
@pytest.mark.parametrize("gpus", [(), (0,), FOUR])
def test_where_nothing_runs_every_trial_has_a_place(device: str, gpus: tuple[int, ...]) -> None:
    """So a run always goes on; a GPU that is missing is its worker's sentence."""
    assert place_for(parse_device(device), gpus=gpus, busy=[], jobs=1) is not None


def test_any_gpu_is_one_of_those_that_the_run_may_use() -> None:
    """The best comes first: not the lowest number, where others work on that."""
    assert Place(2) == place_for(parse_device("gpu"), gpus=(2, 0), busy=[], jobs=1)
    assert Place() == place_for(parse_device("gpu"), gpus=(), busy=[], jobs=1)


def test_a_group_stays_on_its_gpu_and_the_others_share_the_work() -> None:
    """A waiting worker of the shape comes first, then the GPU that had the fewest trials, then the order."""
    gpu = parse_device("gpu")
    assert Place(3) == place_for(gpu, gpus=FOUR, busy=[], jobs=4, warm=[3], given={0: 0, 3: 9})
    assert Place(2) == place_for(gpu, gpus=FOUR, busy=[Place(3)], jobs=4, warm=[3], given={0: 2, 1: 2, 2: 1, 3: 9})
    assert Place(1) == place_for(gpu, gpus=FOUR, busy=[Place(0)], jobs=4)


def test_with_one_job_all_times_are_of_one_card() -> None:
    """Whatever waits elsewhere."""
    assert Place(0) == place_for(parse_device("gpu"), gpus=FOUR, busy=[], jobs=1, warm=[3], given={0: 9})
