"""A store on PostgreSQL keeps what one on SQLite keeps, beside the tables of other tools."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from commandline import bench
from factories import RUN_ID, cell, dataset, failed, run_record, trial
from postgres import Server
from sqlalchemy import inspect, text

from bench.core.errors import NoStoreError, StoreError
from bench.record import tables
from bench.record.records import EngineSurvey, RunStatus, TrialRecord
from bench.record.store import RunStore, Store, servers, upgrade_store
from bench.record.store.claims import Lease
from bench.record.store.migration import REVISIONS

SHORT = cell(epochs=3)
SURVEY = EngineSurvey(shape="shape", timings=())
VERSION_4 = Path(__file__).with_name("version_4.sql")
OURS = sorted((*tables.metadata.tables, "schema_version"))


def tables_in(server: Server, database: str, schema: str) -> list[str]:
    query = f"SELECT table_name FROM information_schema.tables WHERE table_schema = '{schema}' ORDER BY 1"  # noqa: S608
    return server.sql(query, database).split()


def test_a_run_comes_back_as_it_was(url: str) -> None:
    """The largest seed, figures that are no numbers, text with NUL, labels, epochs, predictions and the order."""
    odd = trial(SHORT, 2**32 - 1, trial_id="odd")
    epochs = tuple(replace(epoch, loss=math.nan) for epoch in odd.outcome.epochs)
    odd = replace(odd, outcome=replace(odd.outcome, loss=math.inf, epochs=epochs), reason="a\0b")
    run = run_record(
        datasets=(dataset(labels=b"labels"),), planned=((SHORT.id, 2**32 - 1), (SHORT.id, 1), (SHORT.id, 3))
    )
    with closing(Store(url)) as store:
        store.begin_run(run)
        for position, one in ((1, trial(SHORT, 1)), (2, failed(SHORT, 3, reason="why")), (0, odd)):
            store.commit_trial(one, position=position)
        loaded = store.load_run(RUN_ID)
        assert run == loaded.run
        assert [2**32 - 1, 1, 3] == [one.seed for one in loaded.trials]
        assert (trial(SHORT, 1), failed(SHORT, 3, reason="why")) == loaded.trials[1:]
        assert (None, "a\ufffdb") == (loaded.trials[0].outcome.loss, loaded.trials[0].reason)
        assert all(math.isnan(epoch.loss) for epoch in loaded.trials[0].outcome.epochs)
        assert 3 == len(loaded.trials[0].outcome.epochs)
        examined = store.examine()
        assert ((1, 3), True) == ((examined.runs, examined.trials), examined.sound)
        assert [2**32 - 1, 1] == [one.seed for one in store.history(run)]


def test_what_json_does_not_have_is_null_before_it_is_sent(server: Server, database: str, url: str) -> None:
    """Wherever it stands in a record; its checksum is that of what comes back."""
    with closing(Store(url)) as store:
        store.begin_run(run_record(gate={"margin": math.nan}, suite={"a": [1.0, -math.inf]}))
        run = store.load_run(RUN_ID).run
        assert ({"margin": None}, {"a": [1.0, None]}) == (run.gate, run.suite)
        assert store.examine().sound
    record = json.loads(server.sql("SELECT record FROM keras_bench.runs", database), parse_constant=pytest.fail)
    assert record["gate"] == {"margin": None}


def test_tables_of_other_tools_stay_as_they_are(server: Server, database: str, url: str) -> None:
    """`runs` is MLflow's and `trials` Optuna's; ours are in a schema of their own."""
    server.sql("CREATE TABLE runs (id int); CREATE TABLE trials (id int); INSERT INTO runs VALUES (7)", database)
    with closing(Store(url)) as store:
        store.begin_run(run_record())
    assert "7" == server.sql("SELECT id FROM public.runs", database)
    assert ["runs", "trials"] == tables_in(server, database, "public")
    assert OURS == tables_in(server, database, "keras_bench")


def test_reading_makes_no_tables(server: Server, database: str, url: str) -> None:
    """A database that is no store is refused, and stays as it is; so does one with tables of others alone."""
    server.sql("CREATE TABLE runs (id int); CREATE TABLE meta (id int)", database)
    with pytest.raises(NoStoreError, match="There is no store in"):
        Store(url, create=False)
    assert ["meta", "runs"] == tables_in(server, database, "public")
    assert [] == tables_in(server, database, "keras_bench")


def test_a_store_of_an_earlier_version_is_upgraded_by_the_command(
    server: Server, database: str, url: str, tmp_path: Path
) -> None:
    """Nothing is changed before; then its runs are read and large seeds are kept. Doing it twice changes nothing."""
    server.sql(VERSION_4.read_text(), database)
    before = server.sql("SELECT * FROM public.trials", database)
    for create in (True, False):
        with pytest.raises(StoreError, match="was made by an earlier version") as caught:
            Store(url, create=create)
        assert "bench store upgrade" in caught.value.hint
    assert before == server.sql("SELECT * FROM public.trials", database)

    first, second = (bench("store", "upgrade", "--store", url, cwd=tmp_path) for _ in range(2))
    assert (0, 0) == (first.returncode, second.returncode), first.stderr
    assert "is upgraded" in first.stdout
    assert "is up to date" in second.stdout
    assert [] == tables_in(server, database, "public")
    assert OURS == tables_in(server, database, "keras_bench")
    with closing(Store(url)) as store:
        assert [1, 2] == [one.seed for one in store.load_run(RUN_ID).trials]
        assert store.examine().sound
        assert isinstance(store.acquire("key-model-2@mnist@cpu-1", "new"), TrialRecord)
        store.begin_run(run_record(run_id="new"))
        store.commit_trial(trial(SHORT, 2**32 - 1, run_id="new", trial_id="new-0"), position=0)


def test_an_upgraded_store_has_the_tables_of_a_new_one(server: Server, url: str) -> None:
    """Column by column, with types and keys."""
    server.sql("CREATE DATABASE earlier")
    server.sql(VERSION_4.read_text(), "earlier")
    assert ("", REVISIONS[-1]) == upgrade_store(server.url("earlier"))

    def described(store: Store) -> dict[str, object]:
        with store._engine.connect() as connection:
            look, schema = inspect(connection), "keras_bench"
            return {
                name: (
                    sorted((one["name"], str(one["type"]), one["nullable"]) for one in look.get_columns(name, schema)),
                    look.get_pk_constraint(name, schema)["constrained_columns"],
                    sorted(str(one["referred_table"]) for one in look.get_foreign_keys(name, schema)),
                    sorted(str(one["name"]) for one in look.get_indexes(name, schema)),
                )
                for name in OURS
            }

    with closing(Store(url)) as new, closing(Store(server.url("earlier"))) as upgraded:
        assert described(new) == described(upgraded)


def test_a_store_of_a_newer_version_is_refused(server: Server, database: str, url: str) -> None:
    """By reading, by writing, and by the command."""
    Store(url).close()
    server.sql("UPDATE keras_bench.schema_version SET version_num = '9999'", database)
    for use in (Store, lambda url: Store(url, create=False), upgrade_store):
        with pytest.raises(StoreError, match="was written with schema 9999"):
            use(url)


def test_there_is_nothing_to_upgrade_in_an_empty_database(server: Server, database: str, url: str) -> None:
    """It stays empty."""
    with pytest.raises(NoStoreError, match="There is no store in"):
        upgrade_store(url)
    assert [] == tables_in(server, database, "keras_bench")


def test_surveys_and_labels_that_two_bring_at_once_are_kept_once(url: str) -> None:
    """Whoever comes second waits for the first and changes nothing."""
    with closing(Store(url)) as first, closing(Store(url)) as second:
        problems: list[Exception] = []

        def bring(store: Store, name: str) -> None:
            try:
                for number in range(20):
                    labelled = dataset(labels=b"labels", sha256=f"{number:064d}")
                    store.begin_run(run_record(run_id=f"{name}-{number}", datasets=(labelled,)))
                    store.keep_survey(f"{number:064d}", True, SURVEY)
            except StoreError as error:
                problems.append(error)

        threads = [threading.Thread(target=bring, args=(store, name)) for store, name in ((first, "a"), (second, "b"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [] == problems
        assert SURVEY == first.find_survey("0" * 64, True)
        assert 40 == len(first.runs())
        assert first.examine().sound


def test_a_reader_sees_one_moment(url: str) -> None:
    """Trials that are committed while a run is loaded are not taken for damage."""
    with closing(Store(url)) as writer, closing(Store(url, create=False)) as reader:
        writer.begin_run(run_record(status=RunStatus.RUNNING))
        ended = threading.Event()

        def write() -> None:
            try:
                for number in range(150):
                    one = trial(SHORT, number, trial_id=f"t-{number}", key=f"k-{number}")
                    writer.commit_trial(one, position=number)
            finally:
                ended.set()

        thread = threading.Thread(target=write)
        thread.start()
        while not ended.is_set():
            loaded = reader.load_run(RUN_ID)
            assert all(one.status == "OK" for one in loaded.trials)
        thread.join()
        assert [] == reader.damage
        assert 150 == len(reader.load_run(RUN_ID).trials)


def test_a_process_holds_one_connection_and_none_while_it_trains(server: Server, database: str, url: str) -> None:
    """The heartbeat shares it, and closes it where nothing else has used it for a while."""
    count = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{database}'"  # noqa: S608
    with closing(Store(url, lease=Lease(lease_s=5, heartbeat_s=0.3))) as store:
        store.acquire("key", "run")
        counts = [server.sql(count)]
        deadline = time.monotonic() + 30
        while counts[-1] != "0" and time.monotonic() < deadline:
            time.sleep(0.1)
            counts.append(server.sql(count))
        assert ("1", "0") == (counts[0], counts[-1])
        assert {"0", "1"} == set(counts)
        assert [] == store.runs()  # it connects again


def test_a_server_without_a_free_connection_is_waited_for() -> None:
    """More processes than it has connections: each gets one as soon as another lets go."""
    small = Server()
    try:
        small.stop()
        small.start("max_connections=4", "superuser_reserved_connections=0")
        url = small.url("postgres")
        held = [Store(url) for _ in range(4)]
        for store in held:
            store.runs()
        opened: list[Store] = []
        late = threading.Thread(target=lambda: opened.append(Store(url)))
        late.start()
        time.sleep(1.0)
        assert [] == opened
        for store in held:
            store.close()
        late.join(timeout=servers.PATIENCE_S)
        assert [] == opened[0].runs()
        opened[0].close()
    finally:
        small.remove()


def test_a_statement_that_waits_for_others_gives_up(url: str, tmp_path: Path) -> None:
    """A run keeps its record beside itself and goes on; nothing waits without an end."""
    said: list[str] = []
    with closing(RunStore(url, reports=tmp_path, warn=said.append)) as store, closing(Store(url)) as other:
        store.begin_run(run_record())
        with other._engine.begin() as connection:
            connection.execute(text("LOCK TABLE keras_bench.trials"))
            store.commit_trial(trial(SHORT), position=0)
            assert any("The run goes on" in line for line in said)
        time.sleep(2.1)
        store.update_run(run_record())
        assert store.unsaved() is None
        assert 1 == len(other.load_run(RUN_ID).trials)


def test_alembic_is_imported_to_upgrade_and_not_to_open(url: str) -> None:
    """A run starts no slower for it."""
    Store(url).close()
    code = f"import sys; from bench.record.store import Store; Store({url!r}).close(); print('alembic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert "False" == done.stdout.strip()
