"""Opening a store: reading needs no writing, older stores are read as they are, and no password is ever shown."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from factories import RUN_ID, cell, run_record, trial

from bench.core.errors import StoreError
from bench.core.secrets import without_passwords
from bench.record.records import TrialRecord
from bench.record.store import Store

SHORT = cell(epochs=2)
VERSION_3 = Path(__file__).with_name("version_3")
NOBODY = 65534
SECRET = "hunter2-s3cr3t"  # noqa: S105  made up


@contextmanager
def as_nobody() -> Iterator[None]:
    """Without the right of root to write everywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that everybody may enter, which pytest's own are not."""
    with tempfile.TemporaryDirectory() as made:
        path = Path(made)
        path.chmod(0o755)
        yield path
        path.chmod(0o755)


def fill(path: Path) -> None:
    """A store with a run of one trial."""
    with closing(Store(str(path))) as store:
        store.begin_run(run_record(planned=((SHORT.id, 1),)))
        store.commit_trial(trial(SHORT), position=0)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_store_in_a_folder_that_cannot_be_written_is_read(folder: Path) -> None:
    """And nothing is made there."""
    fill(folder / "bench.db")
    (folder / "bench.db").chmod(0o444)
    folder.chmod(0o555)
    before = contents(folder)
    assert ["bench.db"] == list(before)
    with as_nobody(), closing(Store(str(folder / "bench.db"), create=False)) as store:
        assert (trial(SHORT),) == store.load_run(store.find_run("latest")).trials
        assert [RUN_ID] == [line.run.run_id for line in store.runs()]
        assert {trial(SHORT).key} == store.done([trial(SHORT).key])
        assert 1 == len(store.history(store.load_run(RUN_ID).run))
        with pytest.raises(StoreError, match="readonly"):
            store.begin_run(run_record(run_id="new"))
    assert before == contents(folder)


def test_the_last_commits_of_a_store_that_was_cut_off_are_read_as_well(folder: Path, tmp_path: Path) -> None:
    """They lie in the log beside it, as on a medium that was taken away from a run; the copy is removed."""
    fill(tmp_path / "bench.db")
    with closing(Store(str(tmp_path / "bench.db"))) as store:
        store.begin_run(run_record(run_id="later", started_at="2025-12-01T00:00:00Z"))
        for name in ("bench.db", "bench.db-wal"):
            (folder / name).write_bytes((tmp_path / name).read_bytes())
            (folder / name).chmod(0o444)
    assert (folder / "bench.db-wal").stat().st_size > 0
    folder.chmod(0o555)
    before = set(Path(tempfile.gettempdir()).iterdir())
    with as_nobody(), closing(Store(str(folder / "bench.db"), create=False)) as store:
        assert "later" == store.find_run("latest")
    assert before == set(Path(tempfile.gettempdir()).iterdir())


def make_version_3(path: Path) -> None:
    """The store that version 0.1.0 wrote."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((VERSION_3 / "store.sql").read_text())


def test_an_older_store_is_read_without_being_changed(folder: Path) -> None:
    """It has no checksums; not a byte of it is written."""
    make_version_3(folder / "bench.db")
    before = contents(folder)
    with closing(Store(str(folder / "bench.db"), create=False)) as store:
        runs = [store.load_run(line.run.run_id) for line in store.runs()]
        assert [4, 4] == [len(run.trials) for run in runs]
        assert 8 == len(store.history(runs[0].run))
        assert 1 == len(store.typical_times())
        assert ([], 8) == (store.damage, store.examine().unchecked)
    assert before == contents(folder)


def test_an_older_store_gets_what_it_lacks_when_it_is_written_to(tmp_path: Path) -> None:
    """Its rows stay as they are; new ones have checksums, and its trials are reused."""
    make_version_3(tmp_path / "bench.db")
    with closing(Store(str(tmp_path / "bench.db"))) as store:
        old = store.load_run("run-b")
        assert isinstance(store.acquire(old.trials[0].key, "new"), TrialRecord)
        store.begin_run(run_record())
        store.commit_trial(trial(SHORT), position=0)
        examined = store.examine()
        assert (3, 9, 8) == (examined.runs, examined.trials, examined.unchecked)
        assert ((), ()) == (examined.damage, examined.problems)
        assert old == store.load_run("run-b")


def test_an_older_version_goes_on_with_a_store_that_got_them(tmp_path: Path) -> None:
    """What it inserts has no checksums and no owner, and is read."""
    make_version_3(tmp_path / "bench.db")
    Store(str(tmp_path / "bench.db")).close()
    with closing(sqlite3.connect(tmp_path / "bench.db", isolation_level=None)) as connection:
        connection.execute(
            "insert into trials (trial_id, key, run_id, cell_id, seed, status, epochs, started_at, record) "
            "select 'new', key, run_id, cell_id, seed, status, epochs, started_at, record from trials limit 1"
        )
        connection.execute("insert into claims values ('key', 'run-a', 'elsewhere', 1, 1.0, 1e12, null, null, null)")
    with closing(Store(str(tmp_path / "bench.db"))) as store:
        assert store.examine().sound
        assert 9 == store.examine().unchecked


@pytest.mark.parametrize("make", [lambda path: path.touch(), lambda path: sqlite3.connect(path).close()])
def test_reading_makes_no_tables(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """A database that is no store is refused, and stays as it is."""
    path = tmp_path / "bench.db"
    make(path)
    with pytest.raises(StoreError, match="is a database, but no store of keras-bench"):
        Store(str(path), create=False)
    assert b"" == path.read_bytes()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgresql://me:pw@host:5432/bench", "postgresql://me:***@host:5432/bench"),
        ("postgresql+psycopg://me:p%40w@host/bench?sslmode=on", "postgresql+psycopg://me:***@host/bench?sslmode=on"),
        ("postgresql://me:p@w@host/bench", "postgresql://me:***@host/bench"),
        ("postgresql://me:p/w#?@host/bench", "postgresql://me:***@host/bench"),
        ("postgresql://:pw@host/bench", "postgresql://:***@host/bench"),
        ("postgresql://host/bench?user=me&password=pw&x=1", "postgresql://host/bench?user=me&password=***&x=1"),
        ("postgresql://host/b?sslpassword=pw&sslkey=k", "postgresql://host/b?sslpassword=***&sslkey=k"),
        ("sqlite:///x.db?vfs=crypt&PASSWORD=pw", "sqlite:///x.db?vfs=crypt&PASSWORD=***"),
        ("could not connect: host=h password='p w' user=me", "could not connect: host=h password=*** user=me"),
        ("no password: https://example.org/a:b", "no password: https://example.org/a:b"),
        ("reports/bench.db", "reports/bench.db"),
        ("a@b.c and sqlite:///reports/bench.db", "a@b.c and sqlite:///reports/bench.db"),
        ("see https://a.b:80/x and me@c.d", "see https://a.b:80/x and me@c.d"),
    ],
)
def test_passwords_are_hidden(text: str, expected: str) -> None:
    """In URLs, however odd the password, and in connection strings; all other text stays as it is."""
    assert expected == without_passwords(text)


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql+nodriver://me:{SECRET}@127.0.0.1:1/bench",
        f"postgresql://me:{SECRET}@host:notaport/bench",
        f"nowhere://me:{SECRET}@host/bench",
        f"sqlite:///missing/bench.db?password={SECRET}&mode=rw",
        f"sqlite:///bench.db?password={SECRET}",
        f"://me:{SECRET}@host",
    ],
)
def test_no_error_shows_a_password(tmp_path: Path, url: str) -> None:
    """Whatever is wrong with the URL."""
    (tmp_path / "bench.db").write_text("no database " * 100)
    for create in (True, False):
        with pytest.raises(StoreError) as caught:
            Store(url, create=create)
        assert SECRET not in caught.value.message + caught.value.hint
