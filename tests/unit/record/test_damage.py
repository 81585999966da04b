"""A damaged store is read as far as it can be; what is damaged is named, and can be taken back from a run's folder."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from commandline import bench
from factories import cell, result, run_record, trial, with_answers

from bench.commands import doctor
from bench.core.errors import StoreError
from bench.record.integrity import Damage
from bench.record.records import EngineSurvey, RunResult, Status
from bench.record.runfile import read_run_file, write_run_file
from bench.record.store import Claim, Store
from bench.results import Run

SHORT = cell(epochs=3)
RUN = "20250101-000000-aaaa"
LATER = "20250102-000000-bbbb"


@pytest.fixture
def stored(tmp_path: Path) -> RunResult:
    """A run of two trials in the store `reports/bench.db`, and in a folder of its own."""
    trials = [trial(SHORT, seed, run_id=RUN, trial_id=f"{RUN}-{seed}") for seed in (1, 2)]
    run = with_answers(result(*trials, run_id=RUN), images=50)
    with closing(Store(str(tmp_path / "reports" / "bench.db"))) as store:
        store.begin_run(run.run)
        for position, record in enumerate(run.trials):
            store.commit_trial(record, position=position)
        loaded = store.load_run(RUN)
    write_run_file(loaded, tmp_path / "reports" / "mnist-mlp" / RUN)
    return loaded


@pytest.fixture
def store(tmp_path: Path, stored: RunResult) -> Iterator[Store]:
    """The store, open."""
    with closing(Store(str(tmp_path / "reports" / "bench.db"))) as opened:
        yield opened


def examined() -> list[doctor.Finding]:
    """What `bench doctor` says of the store."""
    return list(doctor._store("reports/bench.db"))


def damage(statement: str) -> None:
    """Change rows behind the store's back."""
    with closing(sqlite3.connect("reports/bench.db", isolation_level=None)) as connection:
        assert connection.execute(statement).rowcount > 0


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (
            "update trials set accuracy = accuracy + 1e-9 where seed = 1",
            Damage("trials", f"{RUN}-1", ("accuracy",), RUN),
        ),
        ("update trials set record = '{' where seed = 1", Damage("trials", f"{RUN}-1", ("record",), RUN)),
        ("update trials set record = x'ff00' where seed = 1", Damage("trials", f"{RUN}-1", ("record",), RUN)),
        ("update trials set checks = 'x' where seed = 1", Damage("trials", f"{RUN}-1", ("checks",), RUN)),
        (
            f"update epochs set loss = loss * 2 where trial_id = '{RUN}-1' and epoch = 3",  # noqa: S608
            Damage("trials", f"{RUN}-1", ("curve",), RUN),
        ),
        (
            f"delete from epochs where trial_id = '{RUN}-1' and epoch = 3",  # noqa: S608
            Damage("trials", f"{RUN}-1", ("curve",), RUN),
        ),
        (
            f"delete from predictions where trial_id = '{RUN}-1'",  # noqa: S608
            Damage("trials", f"{RUN}-1", ("predictions",), RUN),
        ),
        ("update predictions set classes = 7", Damage("trials", f"{RUN}-1", ("predictions",), RUN)),
        (
            "update run_trials set cell = replace(cell, 'mlp', 'nlp') where position = 0",
            Damage("run_trials", f"{RUN} #0", ("cell",), RUN),
        ),
    ],
)
def test_a_damaged_trial_is_named_and_taken_back(
    store: Store, stored: RunResult, statement: str, expected: Damage
) -> None:
    """Its row says FAILED and why; `bench import` of the run's folder brings it back, and twice changes nothing."""
    damage(statement)
    loaded = store.load_run(RUN)
    assert expected == store.damage[0]
    assert (Status.FAILED, SHORT) == (loaded.trials[0].status, loaded.trials[0].cell)
    assert f"({', '.join(expected.columns)})" in loaded.trials[0].reason
    if "set classes" not in statement:
        assert stored.trials[1] == loaded.trials[1]
    assert not store.examine().sound
    for _ in range(2):
        store.import_run(read_run_file(Path("reports/mnist-mlp") / RUN))
        assert stored == store.load_run(RUN)
        assert store.examine().sound


HOSTILE = {
    "deep": "[" * 100_000,
    "digits": '{"schema_version": 1, "seed": ' + "9" * 6000 + "}",
    "not a number": '{"schema_version": 1, "seed": NaN}',
    "endless": '{"schema_version": 1, "seed": 1e999}',
    "list": "[]",
    "nothing": "null",
    "other": '{"schema_version": 1}',
    "nested wrongly": '{"schema_version": 1, "outcome": [], "cell": 5}',
}


@pytest.mark.parametrize("document", ["runs.record", "trials.record", "run_trials.cell", "surveys.record"])
@pytest.mark.parametrize(
    ("text", "checks"),
    [*((text, "null") for text in HOSTILE.values()), *((HOSTILE[name], "checks") for name in ("deep", "other"))],
    ids=[*HOSTILE, "deep, checked", "other, checked"],
)
def test_json_that_nothing_can_take_is_a_damaged_row(
    store: Store, stored: RunResult, document: str, text: str, checks: str
) -> None:
    """With and without the checksums that earlier versions did not write: never an error of another kind."""
    table, column = document.split(".")
    store.keep_survey("shape", True, EngineSurvey(shape="shape", timings=()))
    store.begin_run(run_record(run_id=LATER))
    with closing(sqlite3.connect("reports/bench.db", isolation_level=None)) as connection:
        where = f"where run_id = '{RUN}'" if table != "surveys" else "where shape = 'shape'"
        connection.execute(f"update {table} set {column} = ?, checks = {checks} {where}", (text,))  # noqa: S608
    lines = store.runs()
    assert [LATER] + [RUN] * (table != "runs") == [line.run.run_id for line in lines]
    if table == "runs":
        with pytest.raises(StoreError, match="is damaged: record"):
            store.load_run(RUN)
    else:
        loaded = store.load_run(RUN)
        assert {Status.FAILED if table != "surveys" else Status.OK} == {one.status for one in loaded.trials}
    assert (table == "surveys") == (store.find_survey("shape", True) is None)
    store.history(stored.run)
    store.typical_times()
    assert table in {one.table for one in (*store.damage, *store.examine().damage)}
    store.import_run(stored)
    assert stored == store.load_run(RUN)


@pytest.mark.parametrize(
    "statement",
    [
        *(
            f"update trials set checks = null, {column} = {value}"  # noqa: S608
            for column in ("accuracy", "train_time_s", "total_time_s", "epochs", "seed", "started_at", "cell_id")
            for value in ("'x'", "x'ff'")
        ),
        "update trials set checks = null, epochs = 0",
        "update trials set checks = null, train_time_s = 9e999",
        *(
            f"update epochs set {column} = {value}"  # noqa: S608
            for column in ("train_time_s", "loss")
            for value in ("'x'", "x'ff'", "9e999")
        ),
    ],
)
def test_values_of_another_kind_in_rows_of_earlier_versions(store: Store, stored: RunResult, statement: str) -> None:
    """Those have no checksums: what no figure can be is noticed, or stands where nothing computes with it."""
    damage("update trials set checks = null")
    damage(statement)
    loaded = store.load_run(RUN)
    Run(loaded).summary()
    Run(loaded).epochs()
    store.history(stored.run)
    store.typical_times()
    store.examine()
    store.acquire(stored.trials[0].key, LATER)


def test_a_lost_row_is_named(store: Store) -> None:
    """A place of the plan, or the true values of a data set."""
    damage("delete from run_trials where position = 1")
    damage("delete from labels")
    store.load_run(RUN)
    assert [("run_trials", f"{RUN} #1"), ("labels", "ab" * 32)] == [
        (one.table, one.row) for one in reversed(store.damage)
    ]


def test_a_trial_that_cannot_be_read_is_trained_again(store: Store, stored: RunResult) -> None:
    """And counts again once it is."""
    first = stored.trials[0]
    damage("update trials set record = '{' where seed = 1")
    store.begin_run(run_record(run_id=LATER))
    assert Claim.GRANTED is store.acquire(first.key, LATER)
    again = replace(first, run_id=LATER, trial_id="again")
    assert again == store.commit_trial(again, position=0)
    assert again == store.acquire(first.key, LATER)


def test_a_damaged_run_is_named_and_the_others_are_listed(store: Store) -> None:
    """Asked for by its id, it is refused with the way back."""
    store.begin_run(run_record(run_id=LATER))
    damage(f"update runs set record = '[]' where run_id = '{RUN}'")  # noqa: S608
    assert [LATER] == [line.run.run_id for line in store.runs()]
    assert [Damage("runs", RUN, ("record",), RUN)] == store.damage
    with pytest.raises(StoreError, match="is damaged: record") as caught:
        store.load_run(RUN)
    assert "bench import" in caught.value.hint


def test_a_run_that_reuses_trials_is_imported_without_the_run_that_trained_them(
    store: Store, stored: RunResult, tmp_path: Path
) -> None:
    """A row stands for that one until it is imported itself; no trial is there twice."""
    store.begin_run(run_record(run_id=LATER, planned=stored.run.planned, datasets=stored.run.datasets))
    for position, record in enumerate(stored.trials):
        store.reuse_trial(LATER, record, position=position)
    later = store.load_run(LATER)
    write_run_file(later, tmp_path / "later")
    with closing(Store(str(tmp_path / "new.db"))) as new:
        assert (2, 0) == (new.import_run(read_run_file(tmp_path / "later")).trials, len(new.load_run(RUN).trials))
        assert later == new.load_run(LATER)
        assert 0 == new.import_run(read_run_file(Path("reports/mnist-mlp") / RUN)).trials
        assert (stored, later) == (new.load_run(RUN), new.load_run(LATER))
        assert new.examine().sound


def test_commands_name_what_is_damaged_and_how_to_get_it_back(store: Store) -> None:
    """list, show and doctor; import then makes all well."""
    damage("update trials set record = '{' where seed = 1")
    shown = bench("show", RUN)
    assert 0 == shown.returncode
    assert "This trial cannot be read" not in shown.stderr
    for text in ("The store reports/bench.db is damaged: 1 row cannot be read.", f"trial {RUN}-1 is damaged (record)"):
        assert text in shown.stderr
    assert f"bench import RUN_FOLDER restores rows from the folders of {RUN}" in shown.stderr
    assert ["mend", "mend"] == [finding.level for finding in examined()]
    assert "1 run, 2 trials; 1 damaged row" in examined()[0].detail
    assert f"trial {RUN}-1 is damaged (record)" == examined()[1].detail
    taken = bench("import", f"reports/mnist-mlp/{RUN}")
    assert (0, f"Run {RUN}: 1 trial taken in, 1 in the store already") == (taken.returncode, taken.stdout.strip())
    assert ["ok"] == [finding.level for finding in examined()]
    assert "1 run, 2 trials; no row is damaged" in examined()[0].detail
    assert "" == bench("show", RUN).stderr


def test_a_store_whose_pages_are_damaged_is_refused_with_the_way_back(tmp_path: Path, stored: RunResult) -> None:
    """And doctor says what SQLite found."""
    path = tmp_path / "reports" / "bench.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma journal_mode=delete")
    content = bytearray(path.read_bytes())
    content[4096:] = bytes(len(content) - 4096)
    path.write_bytes(content)
    refused = bench("show", RUN)
    assert 2 == refused.returncode
    assert "makes a new store from the folders of runs" in refused.stderr
    assert ["mend"] == [finding.level for finding in examined()]
    assert "database disk image is malformed" in examined()[0].detail
    path.unlink()
    assert 0 == bench("import", f"reports/mnist-mlp/{RUN}").returncode
    with closing(Store(str(path), create=False)) as store:
        assert stored == store.load_run(RUN)
