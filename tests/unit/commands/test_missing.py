"""Whether a run has anything to train is known before its data is at hand, and before TensorFlow is imported."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from factories import dataset, failed, run_record, trial

from bench.catalog.datasets import DATASETS
from bench.commands.missing import may_train, missing_trials
from bench.commands.plan import declare, signatures
from bench.commands.request import RunRequest
from bench.declare.plan import PlannedTrial, plan
from bench.execute import environment
from bench.record.store import Store

SUITE = """
[suite]
name = "mine"
dataset = "{dataset}"
seeds = 2
{more}
[[grid]]
architecture = ["softmax", "mlp"]
learning_rate = [0.1, 0.5]
"""


@pytest.fixture(autouse=True)
def known_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment and sources that never change."""
    monkeypatch.setattr(environment, "environment_signature", lambda *backends, any_gpu=False: "environment")
    monkeypatch.setattr(environment, "code_signature", lambda architecture: f"code of {architecture.reference}")


@pytest.fixture
def store() -> Store:
    """A store of another suite's run."""
    store = Store("bench.db")
    store.begin_run(run_record(run_id="first", suite_name="another"))
    return store


def suite(data: str = "digits", more: str = "") -> RunRequest:
    """A suite of eight trials in the current folder."""
    Path("bench.toml").write_text(SUITE.format(dataset=data, more=more))
    return RunRequest()


def planned(request: RunRequest, on: str = "", **hashes: str) -> tuple[PlannedTrial, ...]:
    """The trials of a suite, on other data where that is named."""
    declared = declare(request)
    cells = [one.on_dataset(on) if on else one for one in declared.cells]
    known = {name: spec.sha256 for name, spec in DATASETS.items()} | hashes
    return plan(cells, declared.suite.keys.seeds, signatures(declared.suite, known))


def keep(store: Store, trials: tuple[PlannedTrial, ...], run_id: str = "first") -> None:
    """Let the store hold a result of each."""
    for position, one in enumerate(trials):
        name = f"{run_id}-{position}"
        record = replace(trial(one.cell, one.seed), key=one.key, run_id=run_id, trial_id=name)
        store.commit_trial(record, position=position)


def may(request: RunRequest, store: Store) -> bool:
    """What a look at the store says."""
    return may_train(request, declare(request), store)


def test_nothing_is_to_be_trained_where_the_store_holds_every_trial(store: Store) -> None:
    """The default, and all of them where they are asked for anew."""
    trials = planned(suite())
    keep(store, trials)
    assert not may(RunRequest(), store)
    assert [] == missing_trials(RunRequest(), store, trials)
    assert may(RunRequest(fresh=True), store)
    assert list(trials) == missing_trials(RunRequest(fresh=True), store, trials)


def test_one_trial_that_is_missing_is_enough(store: Store) -> None:
    """Whichever it is; a failed one is missing as well."""
    *others, last = planned(suite())
    keep(store, tuple(others))
    store.commit_trial(replace(failed(last.cell, last.seed), key=last.key, run_id="first"), position=20)
    assert may(RunRequest(), store)
    assert [last] == missing_trials(RunRequest(), store, (*others, last))
    assert may(RunRequest(overrides={"seeds": [0, 1, 2]}), store)
    assert not may(RunRequest(overrides={"seeds": [0]}), store)


def test_data_without_a_known_hash_is_taken_to_be_that_of_the_last_run(store: Store) -> None:
    """A look is a guess: data that changed since is found out once it is read."""
    Path("mine.npz").touch()
    request = suite("mine.npz")
    assert may(request, store)
    keep(store, planned(request, **{"mine.npz": "old"}))
    assert may(request, store)
    earlier = run_record(run_id="second", suite_name="mine", datasets=(replace(dataset("mine"), sha256="old"),))
    store.begin_run(earlier)
    assert not may(request, store)
    store.begin_run(replace(earlier, run_id="third", datasets=(replace(dataset("mine"), sha256="new"),),
                            started_at="2030-01-01T00:00:00.000+00:00"))  # fmt: skip
    assert may(request, store)


def test_a_loader_needs_a_worker_whatever_the_store_holds(store: Store) -> None:
    """Code of others never runs in the harness."""
    request = suite("own_data:load")
    store.begin_run(run_record(run_id="second", suite_name="mine", datasets=(replace(dataset("load"), sha256="x"),)))
    keep(store, planned(request, **{"own_data:load": "x"}))
    assert may(request, store)


def test_what_stands_in_for_missing_data_counts(store: Store) -> None:
    """A machine that never had the data trains nothing anew."""
    request = suite("mnist", 'fallback_dataset = "digits"')
    keep(store, planned(request, on="digits"))
    assert not may(request, store)


def test_a_run_that_has_much_to_train_knows_so_at_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first trials that are missing end the look: the server starts before a large grid is gone through."""
    request = suite()
    asked: list[int] = []
    done = store.done
    monkeypatch.setattr(store, "done", lambda keys: asked.append(len(keys)) or done(keys))
    monkeypatch.setattr("bench.commands.missing.AT_A_TIME", 2)
    assert may(request, store)
    assert [2] == asked
