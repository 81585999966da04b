"""A store as a run uses it loses nothing that it is given, whatever happens to the database."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from factories import RUN_ID, cell, dataset, failed, run_record, trial
from faulty_store import no_room

from bench.core.errors import ExitCode, StoreError
from bench.record.records import RunResult, RunStatus
from bench.record.store import Claim, RunStore, Store, Taken, pending, run_store

SHORT = cell(epochs=2)
PLANNED = tuple((SHORT.id, seed) for seed in (1, 2))
BEGUN = run_record(status=RunStatus.RUNNING, planned=PLANNED, datasets=(dataset(labels=b"labels"),))
FINISHED = replace(BEGUN, status=RunStatus.FINISHED)
TRIALS = tuple(trial(SHORT, seed) for seed in (1, 2))
WHOLE = RunResult(run=FINISHED, trials=TRIALS)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No waiting, and a temporary folder of the test's own."""
    monkeypatch.setattr(run_store, "PATIENCE_S", 0.0)
    monkeypatch.setattr(run_store, "RETRY_S", 0.0)
    monkeypatch.setattr(run_store, "BUSY_TIMEOUT_S", 0.01)
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))


@pytest.fixture
def said() -> list[str]:
    """What was put on the screen."""
    return []


@pytest.fixture
def store(tmp_path: Path, said: list[str]) -> Iterator[RunStore]:
    """A new store."""
    opened = RunStore(str(tmp_path / "bench.db"), reports=tmp_path, warn=said.append)
    yield opened
    opened.close()


@pytest.fixture
def other(store: RunStore) -> Iterator[sqlite3.Connection]:
    """Another program that has the same database open."""
    connection = sqlite3.connect(str(store.path), isolation_level=None)
    yield connection
    connection.close()


def in_store(tmp_path: Path) -> RunResult:
    """The run as the next command reads it, which takes in what waits."""
    opened = Store(str(tmp_path / "bench.db"), create=False)
    opened.take_in_pending(tmp_path, print)
    try:
        return opened.load_run(RUN_ID)
    finally:
        opened.close()


def run(store: RunStore) -> None:
    """All that a run of two trials asks of its store."""
    store.begin_run(BEGUN)
    for position, record in enumerate(TRIALS):
        assert Claim.GRANTED is store.acquire(record.key, RUN_ID)
        assert record == store.commit_trial(record, position=position)
    store.release_claims(RUN_ID)
    store.update_run(FINISHED)
    assert store.load_run(RUN_ID) == WHOLE


def test_a_run_without_trouble_leaves_no_file(store: RunStore, tmp_path: Path, said: list[str]) -> None:
    """And nothing is said."""
    run(store)
    assert store.unsaved() is None
    assert in_store(tmp_path) == WHOLE
    assert [] == said
    assert {"bench.db", "bench.db-wal", "bench.db-shm", "tmp"} >= {path.name for path in tmp_path.iterdir()}


def test_a_locked_store_gets_everything_when_it_is_free(
    store: RunStore, other: sqlite3.Connection, tmp_path: Path, said: list[str]
) -> None:
    """Trials end meanwhile, each in a file that is gone when the store has it; both is said once."""
    store.begin_run(BEGUN)
    other.execute("BEGIN IMMEDIATE")
    store.commit_trial(TRIALS[0], position=0)
    store.commit_trial(TRIALS[1], position=1)
    folder = tmp_path / "mnist-mlp" / RUN_ID / "pending"
    assert ["000000.json", "000001.json"] == sorted(path.name for path in folder.iterdir())
    other.execute("ROLLBACK")
    store.update_run(FINISHED)
    assert not folder.exists()
    assert store.unsaved() is None
    assert in_store(tmp_path) == WHOLE
    assert [
        f"The store {store.url} cannot be used: database is locked. The run goes on; the store is tried again.",
        f"What the store does not take is kept in {folder}.",
        f"The store {store.url} works again, and has everything.",
    ] == said


def test_what_a_store_never_takes_is_taken_in_by_the_next_command(
    store: RunStore, other: sqlite3.Connection, tmp_path: Path
) -> None:
    """With the run's status; the error says where it is kept, and its exit code that the output is not written."""
    other.execute("BEGIN IMMEDIATE")
    run(store)
    unsaved = store.unsaved()
    assert unsaved is not None
    assert (ExitCode.UNWRITTEN, True) == (unsaved.exit_code, str(tmp_path / "mnist-mlp" / RUN_ID) in unsaved.message)
    store.close()
    other.execute("ROLLBACK")
    for _ in range(2):
        assert in_store(tmp_path) == WHOLE
    assert not (tmp_path / "mnist-mlp" / RUN_ID / "pending").exists()


def test_records_meant_for_another_store_stay(store: RunStore, other: sqlite3.Connection, tmp_path: Path) -> None:
    """Until a command opens theirs."""
    other.execute("BEGIN IMMEDIATE")
    run(store)
    elsewhere = Store(str(tmp_path / "other.db"))
    elsewhere.take_in_pending(tmp_path, print)
    assert [] == elsewhere.runs()
    elsewhere.close()
    other.execute("ROLLBACK")
    assert in_store(tmp_path) == WHOLE


def test_a_damaged_pending_file_is_named_and_stays(store: RunStore, tmp_path: Path) -> None:
    """The rest is taken in."""
    run(store)
    folder = tmp_path / "mnist-mlp" / RUN_ID / "pending"
    folder.mkdir(parents=True)
    for number, text in enumerate(["", "{}", "[]", '{"store": 1, "kind": "trial"}', '{"store": "x", "kind": "run"}']):
        (folder / f"{number:06d}.json").write_text(text)
    said: list[str] = []
    store.take_in_pending(tmp_path, said.append)
    assert 5 == len(said) == len(list(folder.iterdir()))
    assert all("is not a pending record" in text for text in said)


def test_a_trial_that_waits_is_reused_by_its_own_run(
    store: RunStore, other: sqlite3.Connection, tmp_path: Path
) -> None:
    """Two cells that are the same training do not wait for each other."""
    store.begin_run(BEGUN)
    assert Claim.GRANTED is store.acquire(TRIALS[0].key, RUN_ID)
    other.execute("BEGIN IMMEDIATE")
    store.commit_trial(TRIALS[0], position=0)
    assert TRIALS[0] == store.acquire(TRIALS[0].key, RUN_ID)
    store.reuse_trial(RUN_ID, TRIALS[0], position=1)
    other.execute("ROLLBACK")
    store.update_run(FINISHED)
    assert [TRIALS[0]] * 2 == list(in_store(tmp_path).trials)


def test_a_locked_store_is_waited_for_and_then_trials_are_trained_unclaimed(
    store: RunStore, other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it holds is read meanwhile."""
    store.begin_run(BEGUN)
    store.commit_trial(TRIALS[0], position=0)
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(run_store, "PATIENCE_S", 60.0)
    assert Taken(None) == store.acquire("new", RUN_ID)
    monkeypatch.setattr(run_store, "PATIENCE_S", 0.0)
    assert TRIALS[0] == store.acquire(TRIALS[0].key, "later")
    assert Claim.GRANTED is store.acquire("new", RUN_ID)


def test_an_unclaimed_trial_that_another_run_has_trained_is_not_doubled(
    store: RunStore, other: sqlite3.Connection, tmp_path: Path
) -> None:
    """The other's counts."""
    store.begin_run(BEGUN)
    other.execute("BEGIN IMMEDIATE")
    assert Claim.GRANTED is store.acquire(TRIALS[0].key, RUN_ID)
    other.execute("ROLLBACK")
    second = Store(str(store.path))
    second.begin_run(run_record(run_id="second"))
    assert Claim.GRANTED is second.acquire(TRIALS[0].key, "second")
    first = replace(TRIALS[0], trial_id="first", run_id="second")
    second.commit_trial(first, position=0)
    second.close()
    assert first == store.commit_trial(TRIALS[0], position=0)
    store.update_run(replace(FINISHED, planned=PLANNED[:1]))
    assert (first,) == store.load_run(RUN_ID).trials == in_store(tmp_path).trials
    assert {"first"} == store.load_run(RUN_ID).reused


def test_a_full_disk_sends_records_to_the_temporary_folder(
    store: RunStore, tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch, other: sqlite3.Connection
) -> None:
    """Its path is said, and the next command finds them."""
    other.execute("BEGIN IMMEDIATE")
    write = pending.write_text

    def full(path: Path, text: str, **options: bool) -> Path:
        assert options["durable"]
        if "tmp" not in path.relative_to(tmp_path).parts:
            raise no_room(str(path))
        return write(path, text, **options)

    monkeypatch.setattr(pending, "write_text", full)
    run(store)
    folder = tmp_path / "tmp" / f"keras-bench-pending-{os.getuid()}" / RUN_ID
    assert f"What the store does not take is kept in {folder}." in said
    assert str(folder) in str(store.unsaved())
    other.execute("ROLLBACK")
    assert in_store(tmp_path) == WHOLE
    assert [] == list((tmp_path / "tmp").iterdir())


def test_a_folder_of_somebody_else_gets_no_records(
    store: RunStore, tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch, other: sqlite3.Connection
) -> None:
    """All users share the temporary folder: a link that somebody has put there is not followed."""
    other.execute("BEGIN IMMEDIATE")
    (tmp_path / "theirs").mkdir()
    (tmp_path / "tmp" / f"keras-bench-pending-{os.getuid()}").symlink_to(tmp_path / "theirs")
    write = pending.write_text

    def full(path: Path, text: str, **options: bool) -> Path:
        if "mnist-mlp" in path.parts:
            raise no_room(str(path))
        return write(path, text, **options)

    monkeypatch.setattr(pending, "write_text", full)
    run(store)
    assert [] == list((tmp_path / "theirs").iterdir())
    assert any("waits in memory" in text for text in said)


def test_without_any_room_records_wait_in_memory(
    store: RunStore, tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch, other: sqlite3.Connection
) -> None:
    """The run's own folder is then the way back."""
    other.execute("BEGIN IMMEDIATE")

    def full(path: Path, text: str, **options: bool) -> Path:
        raise no_room(str(path))

    monkeypatch.setattr(pending, "write_text", full)
    run(store)
    assert any("waits in memory" in text for text in said)
    unsaved = store.unsaved()
    assert unsaved is not None
    assert f"bench import {tmp_path / 'mnist-mlp' / RUN_ID}" in unsaved.hint


@pytest.mark.parametrize("replaced", [False, True])
def test_a_store_that_is_deleted_meanwhile_is_noticed(
    store: RunStore, tmp_path: Path, said: list[str], *, replaced: bool
) -> None:
    """Or replaced by another; the run stays whole for its run.json, which is named as the way back."""
    store.begin_run(BEGUN)
    store.commit_trial(TRIALS[0], position=0)
    for file in tmp_path.glob("bench.db*"):
        file.unlink()
    if replaced:
        Store(str(tmp_path / "bench.db")).close()
    store.commit_trial(TRIALS[1], position=1)
    store.update_run(FINISHED)
    assert store.load_run(RUN_ID) == WHOLE
    unsaved = store.unsaved()
    assert unsaved is not None
    assert ExitCode.UNWRITTEN is unsaved.exit_code
    assert f"bench import {tmp_path / 'mnist-mlp' / RUN_ID} takes the run into the store." == unsaved.hint
    assert 1 == len(said)
    assert "was deleted or replaced" in said[0]
    store.close()
    assert replaced is (tmp_path / "bench.db").exists()


def test_a_store_that_cannot_be_written_is_refused_before_anything_is_trained(tmp_path: Path) -> None:
    """Not after it."""
    Store(str(tmp_path / "bench.db")).close()
    with pytest.raises(StoreError, match="readonly"):
        RunStore(f"sqlite:///file:{tmp_path}/bench.db?mode=ro&uri=true", reports=tmp_path, warn=print)


def test_text_that_no_file_can_hold_is_replaced_at_once(store: RunStore) -> None:
    """The run's own report reads what later commands read."""
    store.begin_run(BEGUN)
    shown = store.commit_trial(failed(SHORT, reason="half \ud800 and \0"), position=0)
    assert "half \ufffd and \ufffd" == shown.reason == store.load_run(RUN_ID).trials[0].reason
