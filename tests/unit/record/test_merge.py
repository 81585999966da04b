"""Stores are brought together: nothing twice, nothing lost, sources untouched."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from commandline import bench
from factories import cell, failed, run_record, trial

from bench.record.records import EngineSurvey, EngineTiming, RunResult
from bench.record.runfile import read_run_file
from bench.record.store import Claim, Store, intake

OLD = Path(__file__).with_name("version_3") / "store.sql"
OLDER = Path(__file__).parents[2] / "fixtures" / "0.1.0"
SHORT = cell(epochs=3)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def named(seed: int, run_id: str, **changes) -> object:
    """A trial of a run: its key is that of its seed, its id that of run and seed."""
    of = trial(SHORT, seed, **changes)
    weights = replace(of.outcome, weights_digest=f"{seed}{round(of.outcome.accuracy * 1000)}".rjust(64, "0"))
    return replace(of, trial_id=f"{run_id}-{seed}", run_id=run_id, key=f"key {seed}", outcome=weights)


def made(path: str, run_id: str, *trials, day: int = 1, reused: frozenset[str] = frozenset()) -> RunResult:
    """A run that is put into a store."""
    planned = tuple((one.cell.id, one.seed) for one in trials)
    run = run_record(run_id=run_id, started_at=f"2025-01-{day:02d}T00:00:00Z", planned=planned)
    done = RunResult(run=run, trials=tuple(trials), reused=reused)
    with closing(Store(path)) as store:
        store.import_run(done)
    return done


def loaded(path: str) -> dict[str, RunResult]:
    """All runs of a store, which must be sound."""
    with closing(Store(path, create=False)) as store:
        assert store.examine().sound
        return {line.run.run_id: store.load_run(line.run.run_id) for line in store.runs()}


def digest(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def test_two_stores_become_one() -> None:
    """Runs, trials, the places of reused trials and surveys; once more changes nothing."""
    own = named(1, "alice")
    made("a.db", "alice", own, replace(failed(SHORT, 2), run_id="alice"), day=1)
    again = made("a.db", "later", own, named(3, "later"), day=2, reused=frozenset({"alice-1"}))
    made("b.db", "bob", named(4, "bob"), day=3)
    survey = EngineSurvey(shape="s", timings=(EngineTiming(engine="fit", exact=True),))
    with closing(Store("b.db")) as store:
        store.keep_survey("s", True, survey)
    before = digest("a.db"), digest("b.db")
    ended = bench("merge", "a.db", "b.db", "--store", "team.db")
    assert (0, "") == (ended.returncode, ended.stderr)
    assert "a.db: 2 runs, 3 trials taken in, 1 in the store already, 0 surveys" in ended.stdout
    assert "b.db: 1 run, 1 trial taken in, 0 in the store already, 1 survey" in ended.stdout
    assert {**loaded("a.db"), **loaded("b.db")} == loaded("team.db")
    assert again == loaded("team.db")["later"]
    assert before == (digest("a.db"), digest("b.db"))
    with closing(Store("team.db")) as store:
        assert survey == store.find_survey("s", True)
        assert ["bob", "later", "alice"] == [line.run.run_id for line in store.runs()]
    once = loaded("team.db")
    assert "0 trials taken in, 4 in the store already" in bench("merge", "a.db", "--store", "team.db").stdout
    assert once == loaded("team.db")


def test_a_key_is_reused_from_one_trial() -> None:
    """The first that came; each run shows its own, also in lists and histories."""
    first, second = (made(f"{name}.db", name, named(1, name), day=day) for day, name in enumerate(("a", "b"), 1))
    ended = bench("merge", "a.db", "b.db", "--store", "team.db")
    assert "1 trial of them: another of the same key was there, with the same result" in ended.stdout
    assert {"a": first, "b": second} == loaded("team.db")
    with closing(Store("team.db")) as store:
        assert first.trials[0] == store.acquire("key 1", "c")
        assert [1, 1] == [line.ok for line in store.runs()]
        assert ["a", "b"] == [past.run.run_id for past in store.history(second.run)]


def test_results_that_differ_are_reported() -> None:
    """Both are kept, and one is reused."""
    first = made("a.db", "a", named(1, "a"))
    second = made("b.db", "b", named(1, "b", accuracy=0.5), day=2)
    ended = bench("merge", "a.db", "b.db", "--store", "team.db")
    assert 0 == ended.returncode
    assert "trials of one key have different results: a-1, which runs go on to reuse, and b-1" in ended.stdout
    assert {"a": first, "b": second} == loaded("team.db")


def test_one_trial_with_two_results_is_reported() -> None:
    """The store keeps what it has."""
    first = made("a.db", "a", named(1, "a"))
    made("b.db", "a", named(1, "a", accuracy=0.5))
    ended = bench("merge", "a.db", "b.db", "--store", "team.db")
    assert "trial a-1 has another result in the store, which stays as it is" in ended.stdout
    assert {"a": first} == loaded("team.db")


def test_damaged_rows_are_named_and_left_out() -> None:
    """Exit 74; their places stay empty, and a sound copy fills them."""
    whole = made("a.db", "a", named(1, "a"), named(2, "a"), named(3, "a"))
    shutil.copy("a.db", "sound.db")
    with closing(sqlite3.connect("a.db", isolation_level=None)) as connection:
        connection.execute("update trials set record = '{}' where trial_id = 'a-2'")
    ended = bench("merge", "a.db", "--store", "team.db")
    assert 74 == ended.returncode
    assert "trial a-2 is damaged (record)" in ended.stdout
    assert "1 damaged row of a.db could not be taken in. Everything else is in team.db." in ended.stderr
    with closing(Store("team.db")) as store:
        assert (whole.trials[0], whole.trials[2]) == store.load_run("a").trials
        assert Claim.GRANTED == store.acquire("key 2", "b")
        store.release_claims("b")
    assert 0 == bench("merge", "sound.db", "--store", "team.db").returncode
    assert {"a": whole} == loaded("team.db")


def test_an_interruption_leaves_whole_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs that were begun are not there; the same command goes on."""
    runs = {name: made("a.db", name, named(day, name), named(day + 10, name), day=day)
            for day, name in enumerate(("one", "two", "three"), 1)}  # fmt: skip
    put, calls = intake._put, []

    def interrupted(*words):
        calls.append(words)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return put(*words)

    monkeypatch.setattr(intake, "_put", interrupted)
    assert 130 == bench("merge", "a.db", "--store", "team.db").returncode
    assert {"one": runs["one"]} == loaded("team.db")
    assert 0 == bench("merge", "a.db", "--store", "team.db").returncode
    assert runs == loaded("team.db")


@pytest.mark.parametrize("version", ["unnumbered", "0.1.0"])
def test_stores_of_earlier_versions_are_read_and_not_changed(version: str) -> None:
    """Their runs get checksums in the target; the file keeps every byte."""
    if version == "0.1.0":
        shutil.copy(OLDER / "bench.db", "old.db")
    else:
        with closing(sqlite3.connect("old.db")) as connection:
            connection.executescript(OLD.read_text())
    before = digest("old.db")
    assert 0 == bench("merge", "old.db", "--store", "team.db").returncode
    assert before == digest("old.db")
    assert loaded("old.db") == loaded("team.db")
    with closing(Store("team.db")) as store:
        assert 0 == store.examine().unchecked
    if version == "0.1.0":
        assert read_run_file(OLDER / "run.json").trials == loaded("team.db")["20261127-065402-ae95e4734b021221"].trials


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("a.db", "none.db"), "There is no store at none.db"),
        (("a.db", "./team.db"), "./team.db is the target itself"),
        (("a.db", "notes.txt"), "notes.txt"),
    ],
)
def test_nothing_is_written_where_a_source_cannot_be_read(words: tuple[str, ...], message: str) -> None:
    """All sources are opened first."""
    made("a.db", "a", named(1, "a"))
    Path("notes.txt").write_text("no database")
    ended = bench("merge", *words, "--store", "team.db")
    assert (2, True) == (ended.returncode, message in ended.stderr)
    assert not Path("team.db").exists()
