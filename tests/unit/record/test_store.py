"""The store keeps every finished trial, and gives each piece of work to one process at a time."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import textwrap
import time
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from factories import RUN_ID, cell, dataset, failed, run_record, trial
from sqlalchemy import func, select, update

from bench.analyse.stats import summary
from bench.core.errors import StoreError
from bench.core.score import ACCURACY
from bench.core.scores import SCORES
from bench.record import tables
from bench.record.collect import trials_frame
from bench.record.records import Doubt, RunRecord, RunStatus, Status, TrialRecord
from bench.record.store import Claim, Store, Taken
from bench.record.store.claims import Owner
from bench.record.store.store import Lease

if TYPE_CHECKING:
    from collections.abc import Iterator

SHORT = cell(epochs=3)
TESTS = Path(__file__).parents[2]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new store in a folder of its own."""
    opened = Store(str(tmp_path / "reports" / "bench.db"))
    yield opened
    opened.close()


def begin(store: Store, *run_ids: str, suite_name: str = "mnist-mlp", day: int = 1) -> None:
    for number, run_id in enumerate(run_ids, start=day):
        store.begin_run(run_record(run_id=run_id, suite_name=suite_name, started_at=f"2025-01-{number:02d}T00:00:00Z"))


def rows(store: Store) -> dict[str, int]:
    with store._engine.connect() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in tables.metadata.tables.items()
        }


# ------------------------------------------------------------------------------------------------------ round trips


def test_a_run_comes_back_as_it_was(store: Store) -> None:
    """Run, trials with epochs and predictions, labels, and the order of the plan."""
    run = run_record(datasets=(dataset(labels=zlib.compress(b"\1\2")), dataset("other", sha256="cd" * 32)))
    trials = (trial(SHORT, 2, validation=True), trial(SHORT, 1), failed(SHORT, 3, reason="why"))
    store.begin_run(run)
    for position in (2, 0, 1):  # trials may end in any order
        store.commit_trial(trials[position], position=position)
    loaded = store.load_run(RUN_ID)
    assert run == loaded.run
    assert trials == loaded.trials
    assert frozenset() == loaded.reused


def test_the_labels_of_a_data_set_are_kept_once(store: Store) -> None:
    """Two runs on the same data share them, and so do two data sets of one content."""
    labelled = (dataset(labels=b"labels"), dataset("copy", labels=b"labels"))
    for run_id in ("one", "two"):
        store.begin_run(run_record(run_id=run_id, datasets=labelled))
    assert 1 == rows(store)["labels"]
    assert [b"labels", b"labels"] == [data.labels for data in store.load_run("two").run.datasets]


def test_the_history_of_a_suite_is_what_its_runs_trained(store: Store) -> None:
    """Reused trials appear once, failed ones never, cells of other settings and later runs are left out."""
    begin(store, "first", "second", "third")
    longer = cell(epochs=4)
    store.commit_trial(trial(SHORT, 1, trial_id="a", run_id="first", accuracy=0.97), position=0)
    store.commit_trial(trial(longer, 1, trial_id="b", run_id="first"), position=2)
    store.reuse_trial("second", trial(SHORT, 1, trial_id="a", run_id="first"), position=0)
    store.commit_trial(
        trial(SHORT, 2, trial_id="c", run_id="second", accuracy=0.98, contention="2 at once"), position=1
    )
    store.commit_trial(replace(failed(SHORT, 3), trial_id="d", run_id="second"), position=2)
    store.commit_trial(trial(SHORT, 4, trial_id="e", run_id="third"), position=0)

    past = store.history(store.load_run("second").run)

    assert [("first", 1, 0.97), ("second", 2, 0.98)] == [(one.run.run_id, one.seed, one.score) for one in past]
    assert past[0].train_time_s is not None
    assert past[1].train_time_s is None
    assert ["first", "second", "third"] == [one.run.run_id for one in store.history(store.load_run("third").run)]
    assert ["third"] == [one.run.run_id for one in store.history(store.load_run("third").run, most=1)]


def test_times_of_another_machine_count_in_no_other_run(store: Store) -> None:
    """A stored trial is shown wherever its key is planned: its score counts, its times are left out and it says why."""
    there, here = (
        run_record(run_id=run_id, machine=machine, started_at=f"2025-01-0{day}T00:00:00Z")
        for day, (run_id, machine) in enumerate((("there", "aa"), ("here", "bb")), start=1)
    )
    store.begin_run(there)
    store.begin_run(here)
    stored = replace(trial(SHORT, 1, trial_id="a", run_id="there"), machine="aa")
    store.commit_trial(stored, position=0)
    store.reuse_trial("here", stored, position=0)
    store.commit_trial(replace(trial(SHORT, 2, trial_id="b", run_id="here"), machine="bb"), position=1)
    assert [stored] == list(store.load_run("there").trials)
    reused, own = store.load_run("here").trials
    assert (("another machine trained it", (Doubt.MACHINE,)), ("", ())) == tuple(
        (one.contention, one.doubts) for one in (reused, own)
    )
    assert (Doubt.MACHINE,) == reused.outcome.speed.doubts
    cells = summary(trials_frame(store.load_run("here")), ACCURACY).iloc[0]
    assert (2, 1) == (cells["n"], cells["timed"])
    assert cells["latency_median_s"] == own.outcome.speed.latency_s
    # a chart of times from run to run has no time of another machine either
    assert [None, own.outcome.phases.train_time_s] == [one.train_time_s for one in store.history(here)]


def test_a_run_is_brought_up_to_date(store: Store) -> None:
    """What became of it takes the place of what was known when it began."""
    begun = run_record(status=RunStatus.RUNNING, finished_at=None, wall_time_s=None)
    store.begin_run(begun)
    assert begun == store.load_run(RUN_ID).run
    store.update_run(run_record())
    assert run_record() == store.load_run(RUN_ID).run


def test_committing_twice_is_harmless(store: Store) -> None:
    """Delivery is at least once: the second copy changes nothing, whatever it says."""
    begin(store, RUN_ID)
    store.commit_trial(trial(SHORT), position=0)
    before = rows(store)
    store.commit_trial(trial(SHORT), position=0)
    store.commit_trial(trial(SHORT, accuracy=0.5), position=7)
    assert before == rows(store)
    assert (trial(SHORT),) == store.load_run(RUN_ID).trials


def test_a_trial_of_a_run_that_never_began_is_an_error(store: Store) -> None:
    """It is not taken for a second delivery and lost."""
    with pytest.raises(StoreError, match="FOREIGN KEY"):
        store.commit_trial(trial(SHORT), position=0)


def test_a_trial_that_cannot_be_linked_leaves_no_half(store: Store) -> None:
    """A commit is whole or not there: its place in the plan was taken."""
    begin(store, RUN_ID)
    store.commit_trial(trial(SHORT, 1), position=0)
    before = rows(store)
    with pytest.raises(StoreError, match="UNIQUE"):
        store.commit_trial(trial(SHORT, 2), position=0)
    assert before == rows(store)


def test_a_reused_trial_shows_the_name_this_run_gives_it(store: Store) -> None:
    """The training is the same under whatever name a later suite declares it."""
    begin(store, RUN_ID, "later")
    trained = trial(SHORT)
    store.commit_trial(trained, position=0)
    renamed = replace(trained, cell=replace(SHORT, architecture="mine"))
    store.reuse_trial("later", renamed, position=4)
    loaded = store.load_run("later")
    assert (renamed,) == loaded.trials
    assert (frozenset({trained.trial_id}), RUN_ID) == (loaded.reused, loaded.trials[0].run_id)
    assert (trained,) == store.load_run(RUN_ID).trials


def test_a_training_that_two_cells_of_a_run_share_is_shown_by_both(store: Store) -> None:
    """Under either name, each time with the epochs it has."""
    begin(store, RUN_ID)
    trained, renamed = trial(SHORT), replace(trial(SHORT), cell=replace(SHORT, architecture="mine"))
    store.commit_trial(trained, position=0)
    store.reuse_trial(RUN_ID, renamed, position=1)
    assert (trained, renamed) == store.load_run(RUN_ID).trials


def test_a_run_that_is_not_there(store: Store) -> None:
    """The sentence names the run and the store."""
    with pytest.raises(StoreError) as caught:
        store.load_run("absent")
    assert f"There is no run 'absent' in {store.url}." == caught.value.message
    assert "`bench list` shows the runs it holds." == caught.value.hint


# ------------------------------------------------------------------------------------------------------------ claims


def test_a_finished_trial_is_returned_instead_of_a_claim(store: Store) -> None:
    """With its predictions; whoever asks."""
    begin(store, RUN_ID)
    done = trial(SHORT)
    assert Claim.GRANTED is store.acquire(done.key, RUN_ID)
    store.commit_trial(done, position=0)
    found = store.acquire(done.key, "later")
    assert isinstance(found, TrialRecord)
    assert (done.trial_id, done.outcome.predictions) == (found.trial_id, found.outcome.predictions)
    assert {done.key} == store.done([done.key, "other"])
    assert 0 == rows(store)["claims"]


def test_the_latest_of_several_finished_trials_is_returned(store: Store) -> None:
    """--fresh trains again what was there already."""
    begin(store, RUN_ID)
    for position, (trial_id, day) in enumerate([("new", 2), ("old", 1)]):
        again = trial(SHORT, trial_id=trial_id, key="key", started_at=f"2025-01-{day:02d}T00:00:00Z")
        store.commit_trial(again, position=position)
    found = store.acquire("key", "later")
    assert isinstance(found, TrialRecord)
    assert "new" == found.trial_id


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.OK])
def test_a_failure_is_never_returned(store: Store, status: Status) -> None:
    """The next run tries again."""
    begin(store, RUN_ID)
    gone = failed(SHORT, status=status)
    store.commit_trial(gone, position=0)
    assert Claim.GRANTED is store.acquire(gone.key, "later")
    assert set() == store.done([gone.key])


def test_a_claim_is_granted_once(store: Store) -> None:
    """Until it is given back, by the end of its trial or by its run."""
    begin(store, RUN_ID)
    gone = failed(SHORT)
    assert Claim.GRANTED is store.acquire(gone.key, RUN_ID)
    assert isinstance(store.acquire(gone.key, "other"), Taken)
    store.commit_trial(gone, position=0)
    assert Claim.GRANTED is store.acquire(gone.key, "other")
    store.release_claims("nobody")
    assert isinstance(store.acquire(gone.key, RUN_ID), Taken)
    store.release_claims("other")
    assert Claim.GRANTED is store.acquire(gone.key, RUN_ID)


OTHER = (
    "import sys; from bench.record.store import Claim, Store; s = Store(sys.argv[1]);"
    "print(s.acquire('key', 'there') is Claim.GRANTED, flush=True); sys.stdin.read()"
)


def test_a_claim_ends_with_its_process(store: Store) -> None:
    """While it lives nobody else trains the trial, and who asks hears who has it; when it is gone the claim is void."""
    before = datetime.now(UTC) - timedelta(seconds=2)
    with subprocess.Popen(
        [sys.executable, "-c", OTHER, store.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert "True" == other.stdout.readline().strip()
        taken = store.acquire("key", "here")
        assert isinstance(taken, Taken)
        assert ("there", other.pid, socket.gethostname()) == (
            taken.holder.run_id,
            taken.holder.process_id,
            taken.holder.hostname,
        )
        assert taken.holder.since is not None
        assert before < taken.holder.since <= datetime.now(UTC)
        other.communicate("")
    assert Claim.GRANTED is store.acquire("key", "here")


def test_a_process_that_nobody_has_waited_for_holds_no_claim(store: Store) -> None:
    """A zombie has ended, though its number is still in use."""
    with subprocess.Popen(
        [sys.executable, "-c", OTHER, store.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        other.kill()
        deadline = time.monotonic() + 30
        while psutil.Process(other.pid).status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
            time.sleep(0.01)
        assert Claim.GRANTED is store.acquire("key", "here")


def test_a_process_number_that_was_given_out_again_holds_no_claim(store: Store) -> None:
    """Only number and start time together name a process."""
    assert Claim.GRANTED is store.acquire("key", "one")
    with store._engine.begin() as connection:
        before = tables.claims.c.process_started - 10
        connection.execute(update(tables.claims).values(process_started=before, owner="another"))
    assert Claim.GRANTED is store.acquire("key", "two")


def elsewhere(url: str, lease: Lease) -> Store:
    """A store as it is opened in another container: its processes cannot be seen from here."""
    opened = Store(url, lease=lease)
    opened._owner = replace(Owner(), hostname="elsewhere", place="another namespace")
    return opened


@pytest.mark.parametrize(("lease_s", "granted"), [(60.0, False), (-1.0, True)])
def test_a_claim_from_another_host_lasts_as_long_as_its_lease(store: Store, *, lease_s: float, granted: bool) -> None:
    """Its process cannot be seen from here."""
    there = elsewhere(store.url, Lease(lease_s=lease_s))
    assert Claim.GRANTED is there.acquire("key", "there")
    assert granted is (store.acquire("key", "here") is Claim.GRANTED)
    there.close()


def test_a_claim_is_renewed_while_its_owner_lives(store: Store) -> None:
    """It outlasts its lease many times over; without the heartbeat it ends."""
    there = elsewhere(store.url, Lease(lease_s=3.0, heartbeat_s=0.2))
    assert Claim.GRANTED is there.acquire("key", "there")
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        assert isinstance(store.acquire("key", "here"), Taken)
        time.sleep(0.2)
    there._heartbeat.stop()  # as an owner that was stopped
    while isinstance(store.acquire("key", "here"), Taken):
        assert time.monotonic() < deadline + 30
        time.sleep(0.2)
    there.close()


def test_an_owner_that_wakes_after_its_lease_doubles_nothing(store: Store) -> None:
    """Of two trainings of one key the first one committed counts; the other is kept, and its run shows the first."""
    sleeper = elsewhere(store.url, Lease(lease_s=-1.0))
    begin(store, "asleep", "awake")
    late, first = (trial(SHORT, trial_id=run_id, run_id=run_id, key="key") for run_id in ("asleep", "awake"))
    assert Claim.GRANTED is sleeper.acquire("key", "asleep")
    assert Claim.GRANTED is store.acquire("key", "awake")
    assert first == store.commit_trial(first, position=0)
    assert first == sleeper.commit_trial(late, position=0)
    assert first == sleeper.commit_trial(late, position=0)
    assert (first,) == store.load_run("asleep").trials == store.load_run("awake").trials
    assert frozenset({"awake"}) == store.load_run("asleep").reused
    with store._engine.connect() as connection:
        kept = connection.execute(select(tables.trials.c.trial_id, tables.trials.c.status)).all()
    assert {("awake", "OK"), ("asleep", "LATE")} == set(kept)
    sleeper.close()


def test_a_claim_of_an_earlier_version_lasts_as_long_as_its_process(store: Store) -> None:
    """It is never renewed; from another host it lasts as long as it says."""
    assert Claim.GRANTED is store.acquire("key", "old")
    with store._engine.begin() as connection:
        old = update(tables.claims).values(owner=None, place=None, claimed_at=None, expires_at=0.0)
        connection.execute(old)
    assert isinstance(store.acquire("key", "here"), Taken)
    with store._engine.begin() as connection:
        connection.execute(update(tables.claims).values(hostname="elsewhere"))
    assert Claim.GRANTED is store.acquire("key", "here")


WORKER = textwrap.dedent("""
    import sys, time
    from factories import cell, run_record, trial
    from bench.record.records import TrialRecord
    from bench.record.store import Claim, Store, Taken

    url, run_id = sys.argv[1:]
    store, trained = Store(url), 0
    store.begin_run(run_record(run_id=run_id))
    print("ready", flush=True)
    sys.stdin.readline()
    waiting = list(range(20))
    while waiting:
        seed = waiting.pop(0)
        record = trial(cell(epochs=3), seed, run_id=run_id, trial_id=f"{run_id}-{seed}", key=f"key-{seed}")
        match store.acquire(record.key, run_id):
            case TrialRecord() as done:
                store.reuse_trial(run_id, done, position=seed)
            case Claim.GRANTED:
                time.sleep(0.005)
                store.commit_trial(record, position=seed)
                store.commit_trial(record, position=seed)
                trained += 1
            case Taken():
                waiting.append(seed)
                time.sleep(0.005)
    print(trained)
""")


def test_two_processes_share_the_work(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two runs of one suite at a time: every trial is trained once, shown by both, and no row is lost or doubled."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(TESTS.parent), str(TESTS)]))
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, store.url, run_id], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for run_id in ("one", "two")
    ]
    for process in processes:
        assert process.stdout is not None
        assert "ready" == process.stdout.readline().strip()
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    trained = [int(process.communicate(timeout=120)[0]) for process in processes]
    assert [0, 0] == [process.returncode for process in processes]
    assert 20 == sum(trained)
    runs = [store.load_run(run_id) for run_id in ("one", "two")]
    assert [list(range(20))] * 2 == [[one.seed for one in run.trials] for run in runs]
    assert [[one.trial_id for one in runs[0].trials]] * 2 == [[one.trial_id for one in run.trials] for run in runs]
    assert [20 - number for number in trained] == [len(run.reused) for run in runs]
    assert {"trials": 20, "epochs": 60, "predictions": 20, "run_trials": 40, "claims": 0, "runs": 2} == {
        name: number for name, number in rows(store).items() if name not in {"meta", "labels", "surveys"}
    }


# --------------------------------------------------------------------------------------------------- finding a run


RUNS = ("2025-01-mnist-a1", "2025-02-mnist-b2", "2025-03-digits-c3")


@pytest.fixture
def history(store: Store) -> Store:
    """Two runs of one suite, then one of another."""
    begin(store, *RUNS[:2], suite_name="mnist")
    begin(store, RUNS[2], suite_name="digits", day=3)
    return store


@pytest.mark.parametrize(
    ("reference", "expected"),
    [(RUNS[0], 0), ("2025-01", 0), ("2025-02-mnist-b", 1), ("mnist", 1), ("digits", 2), ("latest", 2)],
)
def test_a_run_is_found(history: Store, reference: str, expected: int) -> None:
    """By its id or the beginning of it, by its suite (the latest run of it), or as the latest of all."""
    assert RUNS[expected] == history.find_run(reference)


def test_an_id_comes_before_a_beginning(history: Store) -> None:
    """A run whose id begins another's is not ambiguous, and neither is one called like a suite."""
    begin(history, "2025", day=9)
    assert "2025" == history.find_run("2025")
    begin(history, "mnist", suite_name="other", day=10)
    assert "mnist" == history.find_run("mnist")


def test_several_runs_that_begin_so(history: Store) -> None:
    """Nothing is guessed."""
    with pytest.raises(StoreError) as caught:
        history.find_run("2025")
    assert "3 runs begin with '2025'." == caught.value.message
    assert "Give more of the id; see `bench list`." == caught.value.hint


def test_a_run_that_nobody_knows(history: Store) -> None:
    """The hint says where to look."""
    with pytest.raises(StoreError) as caught:
        history.find_run("2024")
    assert f"There is no run '2024' in {history.url}." == caught.value.message
    assert "`bench list` shows the runs it holds." == caught.value.hint


@pytest.mark.parametrize("reference", ["latest", "2025"])
def test_a_store_without_runs_says_how_to_fill_it(store: Store, reference: str) -> None:
    """The first thing a new user may ask for is the latest run."""
    with pytest.raises(StoreError) as caught:
        store.find_run(reference)
    assert "It holds no run yet: try `bench run digits`." == caught.value.hint


def test_runs_are_listed_with_what_came_of_them(history: Store) -> None:
    """The newest first, with their trials and how many are OK; of one suite, and no more than asked for."""
    for position, record in enumerate([trial(SHORT, 1), trial(SHORT, 2), failed(SHORT, 3)]):
        history.commit_trial(replace(record, run_id=RUNS[0]), position=position)
    history.reuse_trial(RUNS[2], trial(SHORT, 1), position=0)
    lines = [(line.run.run_id, line.trials, line.ok) for line in history.runs()]
    assert [(RUNS[2], 1, 1), (RUNS[1], 0, 0), (RUNS[0], 3, 2)] == lines
    assert [RUNS[1], RUNS[0]] == [line.run.run_id for line in history.runs("mnist")]
    assert [RUNS[1]] == [line.run.run_id for line in history.runs("mnist", limit=1)]
    assert [] == history.runs("other")


# -------------------------------------------------------------------------------------------------- what it knows


def test_typical_times_are_those_of_the_latest_finished_trial(store: Store) -> None:
    """Per cell: seconds per epoch, and everything beside the epochs."""
    begin(store, RUN_ID)
    for position, (seed, day, seconds) in enumerate([(1, 2, 6.0), (2, 1, 60.0)]):
        record = trial(SHORT, seed, started_at=f"2025-01-{day:02d}T00:00:00Z")
        phases = replace(record.outcome.phases, train_time_s=seconds, total_time_s=seconds + 1.5)
        store.commit_trial(replace(record, outcome=replace(record.outcome, phases=phases)), position=position)
    store.commit_trial(failed(cell("never"), 3), position=2)
    assert {SHORT.id: (2.0, 1.5)} == store.typical_times()


def test_done_takes_any_number_of_keys(store: Store) -> None:
    """More than a database takes in one question."""
    begin(store, RUN_ID)
    store.commit_trial(trial(SHORT), position=0)
    assert {trial(SHORT).key} == store.done([*(str(number) for number in range(1200)), trial(SHORT).key])
    assert set() == store.done([])


# --------------------------------------------------------------------------------------------------------- opening


def test_a_store_is_made_with_its_folder_and_opened_again(tmp_path: Path) -> None:
    """What was committed is there the next time."""
    url = str(tmp_path / "deep" / "er" / "bench.db")
    for run_id in ("one", "two"):
        opened = Store(url)
        begin(opened, run_id)
        opened.close()
    opened = Store(f"sqlite:///{url}", create=False)
    assert {"one", "two"} == {line.run.run_id for line in opened.runs()}
    opened.close()


@pytest.mark.parametrize("name", ["what?.db", "50%.db", "a#b.db", "a b.db"])
def test_a_path_is_taken_as_it_is(tmp_path: Path, name: str) -> None:
    """Only what holds `://` is read as a URL."""
    opened = Store(str(tmp_path / name))
    opened.close()
    assert (tmp_path / name).is_file()


def test_a_store_in_memory_leaves_no_file(tmp_path: Path) -> None:
    """Any SQLAlchemy URL will do."""
    opened = Store("sqlite://")
    begin(opened, RUN_ID)
    assert RUN_ID == opened.find_run("latest")
    opened.close()
    assert [] == list(tmp_path.iterdir())


def test_reading_makes_no_store(tmp_path: Path) -> None:
    """A report of a store that is not there is a mistake, not an empty report."""
    with pytest.raises(StoreError) as caught:
        Store(str(tmp_path / "absent" / "bench.db"), create=False)
    assert f"There is no store at {tmp_path / 'absent' / 'bench.db'}." == caught.value.message
    assert "`bench run` makes it; --store names another one." == caught.value.hint
    assert [] == list(tmp_path.iterdir())


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """And left as it is."""
    file = tmp_path / "notes.txt"
    file.write_text("not a database " * 100)
    with pytest.raises(StoreError) as caught:
        Store(str(file))
    assert f"The store {file} cannot be used: file is not a database." == caught.value.message
    expected = "Is it a keras-bench store, on a disk that can be written? --store names another one."
    assert expected == caught.value.hint
    assert "not a database " * 100 == file.read_text()


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    """The system's own words are kept."""
    with pytest.raises(StoreError, match="cannot be used: unable to open database file"):
        Store(str(tmp_path))


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    """A file stands where a folder should be."""
    (tmp_path / "file").touch()
    with pytest.raises(
        StoreError, match=r"The store .*/file/deeper/bench\.db cannot be opened: .*(Not a directory|File exists)"
    ):
        Store(str(tmp_path / "file" / "deeper" / "bench.db"))


def test_a_store_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """A database that may only be read is read, takes no run, and says so."""
    Store(str(tmp_path / "bench.db")).close()
    opened = Store(f"sqlite:///file:{tmp_path}/bench.db?mode=ro&uri=true")
    assert [] == opened.runs()
    with pytest.raises(StoreError, match="cannot be used: attempt to write a readonly database"):
        begin(opened, RUN_ID)
    opened.close()


@pytest.mark.parametrize("url", ["nowhere://x", "://", "oracle://x/y"])
def test_a_url_that_names_no_database_is_refused(url: str) -> None:
    """The hint shows what one looks like."""
    with pytest.raises(StoreError) as caught:
        Store(url)
    assert caught.value.message.startswith(f"{url!r} is not a store: ")
    assert "Give a path or a SQLAlchemy URL, such as sqlite:///reports/bench.db." == caught.value.hint


@pytest.mark.parametrize("schema", ["5", "17", "next"])
def test_a_store_of_a_newer_version_is_refused(tmp_path: Path, schema: str) -> None:
    """It is not guessed at, and nothing is written to it."""
    url = str(tmp_path / "bench.db")
    opened = Store(url)
    with opened._engine.begin() as connection:
        connection.execute(update(tables.meta).values(value=schema))
    opened.close()
    with pytest.raises(StoreError) as caught:
        Store(url)
    assert (
        f"The store {url} was written with schema {schema}; this version reads up to schema 4." == caught.value.message
    )
    assert "Upgrade keras-bench, or name another store with --store." == caught.value.hint


def test_a_record_that_was_edited_in_the_database_is_refused(store: Store) -> None:
    """By the run's id."""
    begin(store, RUN_ID)
    with store._engine.begin() as connection:
        connection.execute(update(tables.runs).values(record={"schema_version": 1}))
    with pytest.raises(StoreError, match=f"Run {RUN_ID} in .* is damaged: record"):
        store.load_run(RUN_ID)


def test_a_minimal_run_is_kept(store: Store) -> None:
    """Without environment, data sets or anything measured."""
    run = RunRecord(run_id="r", suite_name="s", suite={}, suite_source="", command="", started_at="")
    store.begin_run(run)
    store.commit_trial(
        TrialRecord(trial_id="t", key="k", run_id="r", cell=SHORT, seed=0, status=Status.SKIPPED), position=0
    )
    assert (run, 1) == (store.load_run("r").run, len(store.load_run("r").trials))


def test_the_history_is_of_the_score_of_the_run_that_is_looked_at(store: Store) -> None:
    """Trials of earlier runs that were not measured by it are left out; records of accuracy need no metric."""
    begin(store, "first")
    store.begin_run(run_record(run_id="second", started_at="2025-11-23T00:00:00Z", score=SCORES["auc"]))
    measured = trial(SHORT, 2, trial_id="b", run_id="first", accuracy=0.98)
    measured = replace(measured, outcome=replace(measured.outcome, metrics={"auc": 0.995}))
    store.commit_trial(trial(SHORT, 1, trial_id="a", run_id="first", accuracy=0.97), position=0)
    store.commit_trial(measured, position=1)
    store.reuse_trial("second", measured, position=0)

    def scores(run_id: str) -> list[float]:
        return [past.score for past in store.history(store.load_run(run_id).run)]

    assert scores("first") == [0.97, 0.98]
    assert scores("second") == [0.995]
