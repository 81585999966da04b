"""`bench plan` says what would be trained, and trains, fetches and writes nothing."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from factories import cell, failed, run_record, trial

from bench.catalog.datasets import DATASETS
from bench.commands.plan import STEP_S, TRIAL_S, declare, estimate_s, make_plan, show_plan, signatures
from bench.commands.request import RunRequest
from bench.commands.workspace import Workspace
from bench.core.errors import BenchError, ExitCode, StoreError, SuiteError
from bench.declare.locate import load_suite
from bench.declare.plan import PlannedTrial
from bench.execute import environment
from bench.record.store import Store

if TYPE_CHECKING:
    from bench.catalog.registry import Architecture
    from bench.commands.plan import Plan

SUITE = """
[suite]
name = "mine"
dataset = "digits"
seeds = 2
epochs = 4
[[grid]]
architecture = ["softmax", "mlp"]
learning_rate = [0.1, 0.5]
[[exclude]]
architecture = "cnn"
"""


@pytest.fixture(autouse=True)
def known_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment and sources that never change."""
    monkeypatch.setattr(environment, "environment_signature", lambda *backends, any_gpu=False: "environment")
    monkeypatch.setattr(environment, "code_signature", lambda architecture: f"code of {architecture.reference}")


@pytest.fixture(autouse=True)
def suite_file(tmp_path: Path) -> Path:
    """A suite lying in the current folder."""
    path = tmp_path / "bench.toml"
    path.write_text(SUITE)
    return path


def keep(plan: Plan, *, trained: int, failures: int = 0) -> None:
    """A store that holds the first trials of a plan, and failures of the next."""
    assert plan.trials is not None
    store = Store("reports/bench.db")
    store.begin_run(run_record(run_id="earlier"))
    for position, planned in enumerate(plan.trials[: trained + failures]):
        make = trial if position < trained else failed
        record = make(planned.cell, planned.seed)
        store.commit_trial(replace(record, key=planned.key, run_id="earlier"), position=position)
    store.close()


def test_a_request_declares_the_suite_lying_here() -> None:
    """Its cells in order, and the excludes that dropped nothing."""
    declared = declare(RunRequest())
    assert [
        "softmax[lr=0.1]@digits@cpu",
        "softmax[lr=0.5]@digits@cpu",
        "mlp[lr=0.1]@digits@cpu",
        "mlp[lr=0.5]@digits@cpu",
    ] == [one.id for one in declared.cells]
    assert ("mine", (1,)) == (declared.suite.name, declared.idle_excludes)


def test_a_request_picks_cells_and_replaces_keys() -> None:
    """-k and --set."""
    declared = declare(RunRequest(expression="mlp and lr=0.5", overrides={"epochs": 1}))
    assert [("mlp[lr=0.5]@digits@cpu", 1)] == [(one.id, one.settings.epochs) for one in declared.cells]


@pytest.mark.parametrize(
    ("request_", "error", "message"),
    [
        (RunRequest(suite="mnist-mpl"), SuiteError, "There is no suite 'mnist-mpl'"),
        (RunRequest(max_cells=3), SuiteError, "declares 4 cells, more than the limit of 3"),
        (RunRequest(expression="lenet"), BenchError, "No cell matches -k 'lenet'"),
        (RunRequest(overrides={"epochs": 0}), SuiteError, "suite.epochs: received 0"),
    ],
)
def test_a_request_that_cannot_be_planned(request_: RunRequest, error: type[BenchError], message: str) -> None:
    """Whatever stands in the way is told before anything else happens."""
    with pytest.raises(error, match=message):
        make_plan(request_)


def test_a_plan_without_a_store(tmp_path: Path) -> None:
    """Nothing is done, nothing is known of times, and nothing is written."""
    plan = make_plan(RunRequest())
    assert plan.trials is not None
    assert [0, 0, 0, 0, 1, 1, 1, 1] == [planned.seed for planned in plan.trials]
    assert (frozenset(), None) == (plan.done, plan.estimate_s)
    assert {"softmax[lr=0.1]@digits@cpu": 0} == dict(list((plan.done_by_cell() or {}).items())[:1])
    assert ["bench.toml"] == [path.name for path in tmp_path.iterdir()]


def test_a_plan_counts_what_the_store_holds() -> None:
    """Finished trials are done; a failure is to be trained again."""
    keep(make_plan(RunRequest()), trained=5, failures=1)
    plan = make_plan(RunRequest())
    assert 5 == len(plan.done)
    assert [2, 1, 1, 1] == list((plan.done_by_cell() or {}).values())


def test_a_fresh_plan_takes_nothing_from_the_store() -> None:
    """But the times of what it holds."""
    keep(make_plan(RunRequest()), trained=8)
    plan = make_plan(RunRequest(fresh=True))
    assert (frozenset(), [0, 0, 0, 0]) == (plan.done, list((plan.done_by_cell() or {}).values()))
    assert plan.estimate_s is not None
    assert plan.estimate_s > 0


def test_an_estimate_is_for_what_is_missing() -> None:
    """From the times of earlier trials of the same cells."""
    keep(make_plan(RunRequest()), trained=4)
    half = make_plan(RunRequest()).estimate_s
    whole = make_plan(RunRequest(fresh=True)).estimate_s
    assert (half, whole) == (pytest.approx((whole or 0) / 2), pytest.approx((half or 0) * 2))
    keep_all = make_plan(RunRequest(expression="mlp", overrides={"seeds": 1}))
    assert 0.0 == keep_all.estimate_s


def test_another_seed_or_setting_is_not_done() -> None:
    """Only what was trained so before."""
    keep(make_plan(RunRequest()), trained=8)
    assert 8 == len(make_plan(RunRequest()).done)
    assert 8 == len(make_plan(RunRequest(overrides={"seeds": 3})).done)
    assert 0 == len(make_plan(RunRequest(overrides={"epochs": 5})).done)


def test_data_that_has_to_be_read_first_leaves_the_plan_open(tmp_path: Path) -> None:
    """Only named data sets have a hash before they are there; the store is not asked."""
    x, y = np.arange(64.0).reshape(4, 4, 4), np.array([0, 1, 0, 1])
    np.savez(tmp_path / "mine.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    keep(make_plan(RunRequest()), trained=1)
    plan = make_plan(RunRequest(overrides={"dataset": "mine.npz"}))
    assert (None, frozenset(), None, None) == (plan.trials, plan.done, plan.estimate_s, plan.done_by_cell())
    assert 4 == len(plan.declared.cells)


def test_a_store_that_cannot_be_read_is_an_error() -> None:
    """Not an empty one."""
    Path("notes.txt").write_text("no database " * 100)
    with pytest.raises(StoreError, match="file is not a database"):
        make_plan(RunRequest(workspace=Workspace(store="notes.txt")))


def test_a_plan_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """How many trials, how many of them missing, how long they take; and tables that do nothing."""
    keep(make_plan(RunRequest()), trained=5)
    assert ExitCode.OK == show_plan(RunRequest())
    printed = capsys.readouterr().out
    assert "mine: 4 cells x 2 seeds = 8 trials, 3 to train, about " in printed
    assert "[[exclude]] table 1 excludes nothing." in printed
    assert all(one.id in printed for one in declare(RunRequest()).cells)


def test_a_plan_that_is_open_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All trials are counted as missing, and no time is promised."""
    x, y = np.arange(64.0).reshape(4, 4, 4), np.array([0, 1, 0, 1])
    np.savez(tmp_path / "mine.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    assert ExitCode.OK == show_plan(RunRequest(overrides={"dataset": "mine.npz"}))
    printed = capsys.readouterr().out
    assert "= 8 trials, 8 to train\n" in printed
    assert "How much of it the store holds is known once the data is there." in printed


def test_a_signature_is_of_data_code_and_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each builder's code is read once."""
    asked: list[str] = []

    def code(architecture: Architecture) -> str:
        asked.append(architecture.reference)
        return f"code of {architecture.reference}"

    monkeypatch.setattr(environment, "code_signature", code)
    suite = load_suite()
    signature = signatures(suite, {"digits": "data", "mnist": "other data"})
    cells = declare(RunRequest()).cells
    assert ["data:code of softmax:environment"] * 2 + ["data:code of mlp:environment"] * 2 == [
        signature(one) for one in cells
    ]
    assert "other data:code of mlp:environment" == signature(cells[-1].on_dataset("mnist"))
    assert ["softmax", "mlp"] == asked


def test_the_keys_of_a_plan_are_made_with_the_pinned_data() -> None:
    """The catalog's hash stands for the data before it is there."""
    (first, *_), suite = make_plan(RunRequest()).trials or (), load_suite()
    hashes = {name: spec.sha256 for name, spec in DATASETS.items()}
    signature = signatures(suite, hashes)(first.cell)
    assert f"{DATASETS['digits'].sha256}:code of softmax:environment" == signature


def missing(*cells_and_seeds: tuple[object, int]) -> list[PlannedTrial]:
    return [PlannedTrial(of, seed, "key") for of, seed in cells_and_seeds]  # type: ignore[arg-type]


def test_an_estimate_prefers_what_was_measured() -> None:
    """Seconds per epoch times the epochs of this cell, and everything else once per trial."""
    of = cell(epochs=10)
    assert 2 * (10 * 2.0 + 1.5) == estimate_s(missing((of, 0), (of, 1)), {of.id: (2.0, 1.5)}, {"mnist": 60_000})


def test_an_estimate_of_a_new_cell_counts_its_steps() -> None:
    """Images times epochs by the batch size."""
    of = cell(epochs=10, batch_size=60)
    assert pytest.approx(TRIAL_S + STEP_S * 10 * 1000) == estimate_s(missing((of, 0)), {}, {"mnist": 60_000})


def test_an_estimate_is_not_guessed() -> None:
    """One cell of which nothing is known leaves all of it open; nothing to train takes no time."""
    known, unknown = cell("known"), cell("unknown")
    history = {known.id: (2.0, 1.5)}
    assert estimate_s(missing((known, 0), (unknown, 0)), history, {}) is None
    assert 0.0 == estimate_s([], {}, {})


def test_a_plan_waits_for_no_library_that_it_does_not_need() -> None:
    """Reading tables, pictures and statistics is for runs: importing them would double the time of a plan."""
    code = "import sys, bench.commands.plan; print({'pandas', 'PIL', 'scipy', 'keras', 'matplotlib'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert "set()" == done.stdout.strip()


@pytest.mark.parametrize(
    ("keys", "rows", "message"),
    [
        ("", "1,2,0.5\n3,,1.5\n", "d.csv has missing values in b (1), the first in row 2."),
        ('score = "accuracy"', "1,2,0.5\n3,1,1.5\n2,2,0.7\n4,2,0.9\n", "which accuracy cannot judge"),
    ],
    ids=["a value is missing", "another task"],
)
def test_a_plan_says_what_no_run_can_train(tmp_path: Path, keys: str, rows: str, message: str) -> None:
    """Data that lies here is looked at: its faults, and a score that does not fit, are said before any run."""
    (tmp_path / "d.csv").write_text("a,b,y\n" + rows)
    (tmp_path / "s.toml").write_text(
        f'[suite]\nname="s"\ndataset="d"\n{keys}\n[datasets.d]\npath="d.csv"\ntarget="y"\ntest_split=0.5\n'
        'task="regression"\n[[grid]]\narchitecture="mlp"\n'
    )
    with pytest.raises(BenchError) as caught:
        show_plan(RunRequest(suite=str(tmp_path / "s.toml"), workspace=Workspace(tmp_path)))
    assert message in caught.value.message
