"""Cells that differ in their place alone are one network."""

from __future__ import annotations

from factories import cell, failed, result, trial

from bench.analyse.networks import Agreement, Place, in_place, networks_of
from bench.analyse.stats import summary
from bench.core.score import ACCURACY
from bench.record.collect import trials_frame
from bench.record.records import TrialRecord


def of(name: str, device: str, *scores: float, seconds: float = 1.0, **changes: object) -> list[TrialRecord]:
    made = cell(name, device=device, **changes)
    return [trial(made, seed, accuracy=score, epoch_seconds=seconds) for seed, score in enumerate(scores)]


def test_a_run_in_one_place_keeps_its_cells() -> None:
    """Its rows are the very summary."""
    run = result(*of("a", "cpu", 0.9, 0.91), *of("b", "cpu", 0.8, 0.81))
    networks, cells = networks_of(run), summary(trials_frame(run), ACCURACY)
    assert not networks.several
    assert networks.rows(cells, ACCURACY) is cells
    assert networks.references(run) is run


def test_devices_of_a_network_are_columns_of_time() -> None:
    """One row, the scores of the first device, a time for each; ranks are over networks."""
    run = result(
        *of("a", "cpu", 0.95, 0.951), *of("a", "gpu", 0.95, 0.951, seconds=3.0),
        *of("b", "cpu", 0.8, 0.81), *of("b", "gpu", 0.8, 0.81),
    )  # fmt: skip
    networks = networks_of(run)
    rows = networks.rows(summary(trials_frame(run), ACCURACY), ACCURACY)
    assert (Place(device="cpu"), Place(device="gpu")) == networks.places
    assert ["a@mnist@cpu", "b@mnist@cpu"] == list(rows["cell_id"])
    assert [1, 2] == list(rows["rank"])
    assert (rows[in_place("train_time_median_s", 1)] > rows[in_place("train_time_median_s", 0)]).iloc[0]
    assert {"mnist": Agreement.IDENTICAL} == networks.agreement
    assert {"a@mnist@cpu": "a", "a@mnist@gpu": "a"}.items() <= networks.labels(rows).items()


def test_one_seed_that_differs_is_a_difference() -> None:
    """Seeds that only one place has say nothing."""
    same = [*of("a", "cpu", 0.9, 0.91), *of("a", "gpu", 0.9)]
    assert Agreement.IDENTICAL is networks_of(result(*same)).agreement["mnist"]
    other = [*of("a", "cpu", 0.9, 0.91), *of("a", "gpu", 0.9, 0.92)]
    assert Agreement.DIFFERENT is networks_of(result(*other)).agreement["mnist"]


def test_the_reference_is_where_most_networks_have_a_result() -> None:
    """A device that is not there is no reference; a network without a result on it is named with its own place."""
    gone = [failed(cell(name, device="gpu")) for name in ("a", "b")]
    networks = networks_of(result(*gone, *of("a", "cpu", 0.9), *of("b", "cpu", 0.8), *of("c", "gpu", 0.7)))
    assert Place(device="cpu") == networks.places[0]
    assert {"c@mnist@gpu": Place(device="gpu")} == networks.astray
    assert Agreement.UNKNOWN is networks.agreement["mnist"]


def test_backends_and_limits() -> None:
    """What follows another backend is the same network; what differs in a limit alone, in one place, is another."""
    followed = of("a", "cpu", 0.9, backend="jax", follows="tensorflow", named=("backend",))
    run = result(*of("a", "cpu", 0.9, named=("backend",)), *followed)
    assert 1 == len(networks_of(run).networks)
    limits = result(
        *(one for limit in (5.0, 6.0) for device in ("cpu", "gpu")
          for one in of("a", device, 0.9, timeout_s=limit, named=("timeout_s",)))
    )  # fmt: skip
    assert [5.0, 6.0] == [network.reference.timeout_s for network in networks_of(limits).networks]
