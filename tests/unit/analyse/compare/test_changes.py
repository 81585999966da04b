"""What differs in configuration and environment, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from factories import environment, seeded_run

from bench.analyse.compare.changes import Change, cell_changes, changes, common, environment_changes
from bench.analyse.compare.party import Party, party_of_baseline, party_of_run
from bench.analyse.gate.acceptance import Approval, accept
from bench.record.records import RunResult

VALUES = {"model-1": [0.96, 0.962, 0.958], "model-2": [0.98, 0.981, 0.979]}


def run(name: str = "run-a", **options) -> Party:
    return party_of_run(seeded_run(name, VALUES, **options))


def first_changes(before: Party, after: Party) -> tuple[Change, ...]:
    return cell_changes(before.cells["model-1@mnist@cpu"], after.cells["model-1@mnist@cpu"])


def accepted(result: RunResult) -> Party:
    return party_of_baseline(accept(result, Approval("2026-11-24T12:00:00+00:00", "Somebody", "good"), None))


def test_equal_keys_are_left_out():
    """And a key of one side only says so."""
    found = changes({"a": "1", "b": "2", "c": "3"}, {"b": "2", "c": "4", "d": "5"})
    assert (Change("a", "1", "not there"), Change("c", "3", "4"), Change("d", "not there", "5")) == found


def test_a_changed_setting_is_the_only_one_named():
    """Twenty others are the same."""
    assert (Change("learning_rate", "0.1", "0.05"),) == first_changes(run(), run(cells={"learning_rate": 0.05}))


def test_code_engine_and_fingerprint_are_named():
    """Hashes by their beginning."""
    after = run("run-b", engine="epoch", code={"mlp": "aa" * 32}, fingerprint="bb" * 32)
    assert {
        "code (SHA-256)": ("c0c0c0c0c0c0", "aaaaaaaaaaaa"),
        "engine that ran": ("fit", "epoch"),
        "processor and versions (SHA-256)": ("f1f1f1f1f1f1", "bbbbbbbbbbbb"),
    } == {change.key: (change.before, change.after) for change in first_changes(run(), after)}


def test_what_a_side_did_not_record_does_not_differ():
    """An older run without a fingerprint, and a baseline, which does not keep the device's name."""
    assert () == first_changes(run(fingerprint=""), run("run-b"))
    result = seeded_run("run-a", VALUES)
    described = replace(
        result,
        trials=tuple(
            replace(t, outcome=replace(t.outcome, device=replace(t.outcome.device, description="A GPU")))
            for t in result.trials
        ),
    )
    assert () == first_changes(accepted(result), party_of_run(described))


def test_what_all_cells_share_is_told_once():
    """The rest stays with its cell."""
    shared, own = Change("epochs", "20", "5"), Change("hidden", "[1]", "[2]")
    assert (shared,) == common([(shared, own), (shared,)])
    assert (shared,) == common([(shared,), (own, shared)])
    assert () == common([(), (shared,)])
    assert () == common([])


def test_hosts_are_compared_by_what_differs():
    """Versions, processor, variables and the checkout."""
    host = environment(
        python="3.12.1",
        packages={"keras": "3.16.0", "numpy": "2.3.5"},
        variables={"XLA_FLAGS": "--x"},
        git_revision="1234567",
        git_dirty=True,
    )
    found = {c.key: (c.before, c.after) for c in environment_changes(run(), run("run-b", environment=host))}
    assert {
        "Python": ("3.11.2", "3.12.1"),
        "keras": ("3.15.1", "3.16.0"),
        "tensorflow": ("2.21.0", "not there"),
        "TF_NUM_INTRAOP_THREADS": ("2", "not there"),
        "XLA_FLAGS": ("not there", "--x"),
        "git revision (+: with uncommitted changes)": ("0ef91a6c4b0f0d8d5a5b35a2f6b60f6e1f0c2f11", "1234567+"),
    } == found


def test_a_baseline_is_compared_by_what_it_keeps():
    """Its own run differs in nothing; another revision and version do."""
    before = accepted(seeded_run("run-a", VALUES))
    assert () == environment_changes(before, run())
    other = run("run-b", environment=environment(git_revision="12ab"), bench_version="9.9")
    assert {"git revision (+: with uncommitted changes)", "keras-bench"} == {
        change.key for change in environment_changes(before, other)
    }
    assert () == environment_changes(run(environment=None, bench_version=""), run(environment=None, bench_version=""))
