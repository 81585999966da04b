"""A store knows the version of its tables, and is brought up to date where an earlier version made it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from commandline import bench
from factories import cell, run_record, trial

from bench.core.errors import NoStoreError, StoreError
from bench.record import tables
from bench.record.store import Store, migration, upgrade_store

VERSION_3 = Path(__file__).with_name("version_3") / "store.sql"
EVERY = [*tables.metadata.tables, migration.VERSION_TABLE]


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """The store that version 0.1.0 wrote."""
    path = tmp_path / "older.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_3.read_text())
    return path


def columns(path: Path) -> dict[str, set[tuple[object, ...]]]:
    """Name, whether it must be there, and place in the key, of each column of each table."""
    with closing(sqlite3.connect(path)) as connection:
        return {
            name: {(row[1], row[3], row[5]) for row in connection.execute(f"PRAGMA table_info({name})")}
            for name in EVERY
        }


def test_every_revision_has_its_file() -> None:
    """In the order in which they follow one another."""
    folder = Path(migration.__file__).with_name("migrations")
    walked = [script.revision for script in ScriptDirectory(str(folder)).walk_revisions()]
    assert list(migration.REVISIONS) == walked[::-1]


def test_a_file_is_upgraded_when_it_is_written_to(older: Path, tmp_path: Path) -> None:
    """It then has the columns of a new one; its rows are read as before, and doing it again changes nothing."""
    Store(str(older)).close()
    Store(str(tmp_path / "new.db")).close()
    assert columns(tmp_path / "new.db") == columns(older)
    with closing(Store(str(older))) as store:
        assert [4, 4] == [len(store.load_run(line.run.run_id).trials) for line in store.runs()]
        store.begin_run(run_record())
        store.commit_trial(trial(cell(epochs=1), 2**32 - 1), position=0)
        assert store.examine().sound


def test_the_command_upgrades_a_file_as_well(older: Path) -> None:
    """Once; then it says that there is nothing to do."""
    first, second = (bench("store", "upgrade", "--store", str(older)) for _ in range(2))
    assert (0, 0) == (first.returncode, second.returncode), first.stderr
    assert f"The store {older} is upgraded" in first.stdout
    assert f"The store {older} is up to date" in second.stdout


def test_what_is_no_store_is_not_upgraded(tmp_path: Path) -> None:
    """Neither a path that leads nowhere, nor the database of somebody else: both stay as they are."""
    with pytest.raises(NoStoreError, match="There is no store at"):
        upgrade_store(str(tmp_path / "none.db"))
    assert not (tmp_path / "none.db").exists()
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("create table runs (id)")
    before = other.read_bytes()
    with pytest.raises(StoreError, match="no store of keras-bench"):
        upgrade_store(str(other))
    assert before == other.read_bytes()


def test_tables_of_a_newer_version_are_refused(tmp_path: Path) -> None:
    """By reading, by writing and by the command."""
    path = tmp_path / "bench.db"
    Store(str(path)).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("update schema_version set version_num = '9999'")
    for use in (Store, lambda url: Store(url, create=False), upgrade_store):
        with pytest.raises(StoreError, match="was written with schema 9999"):
            use(str(path))


def test_alembic_is_imported_to_upgrade_and_not_to_open(older: Path, tmp_path: Path) -> None:
    """A run starts no slower for it."""
    code = (
        "import sys; from bench.record.store import Store; Store(sys.argv[1]).close(); print('alembic' in sys.modules)"
    )
    for path, expected in ((tmp_path / "new.db", "False"), (older, "True"), (older, "False")):
        done = subprocess.run([sys.executable, "-c", code, str(path)], check=True, capture_output=True, text=True)
        assert expected == done.stdout.strip()
