"""Several hosts share the work of a suite by claims alone: no engine, no scheduler, one command on each.

A host is a process with namespaces of its own for processes, network and the host's name, as a container has them; all
of them have one hostname, as containers of one image may.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from commandline import bench
from postgres import Server

from bench.core.errors import ExitCode
from bench.record.store import Claim, Store

if TYPE_CHECKING:
    from pathlib import Path

HOSTS = 3
SEEDS = 8
SUITE = f"""
[suite]
name = "shared"
dataset = "digits"
seeds = {SEEDS}
epochs = 20
engine = "epoch"
isolation = "trial"
[[grid]]
architecture = "softmax"
"""
HOST = ["unshare", *([] if os.getuid() == 0 else ["--user", "--map-root-user"]), "--net", "--uts", "--pid", "--fork"]
HOST += ["--kill-child", "--mount-proc"]


@pytest.fixture(autouse=True)
def allowed() -> None:
    """Only where this system lets its users have namespaces."""
    done = subprocess.run([*HOST, "true"], check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no namespaces here: {done.stderr.strip()}")


def test_a_process_of_another_container_keeps_its_claim(server: Server, database: str) -> None:
    """Its number says nothing here, whatever its host is called: two trainings of one trial would be the price."""
    url = server.socket_url(database)
    ask = f"from bench.record.store import Store; print(Store({url!r}).acquire('key', 'there'))"
    with closing(Store(url)) as store:
        assert store.acquire("key", "here") is Claim.GRANTED
        done = subprocess.run([*HOST, sys.executable, "-c", ask], check=True, capture_output=True, text=True)
    assert "Taken" in done.stdout
    assert "run_id='here'" in done.stdout


def test_three_hosts_train_every_trial_once(server: Server, database: str, tmp_path: Path) -> None:
    """They start at the same time, with an empty database; each ends well and shows all trials."""
    (tmp_path / "suite.toml").write_text(SUITE)
    url = server.socket_url(database)
    words = [sys.executable, "-m", "bench", "run", "suite.toml", "--store", url]
    started = []
    for number in range(HOSTS):
        log = (tmp_path / f"host-{number}.log").open("w")
        command = [*HOST, *words, "--reports", f"host-{number}"]
        started.append(subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=tmp_path))
        log.close()
    codes = [process.wait(timeout=240) for process in started]
    logs = [(tmp_path / f"host-{number}.log").read_text() for number in range(HOSTS)]
    assert [ExitCode.OK] * HOSTS == codes, logs
    # nothing was trained twice, not even a trial that was put aside afterwards as late
    counted = "SELECT count(*), count(DISTINCT key), min(status), max(status) FROM keras_bench.trials"
    assert f"{SEEDS}|{SEEDS}|OK|OK" == server.sql(counted, database)
    shown = "SELECT count(DISTINCT run_id), count(*) FROM keras_bench.run_trials"
    assert f"{HOSTS}|{HOSTS * SEEDS}" == server.sql(shown, database)
    assert "0" == server.sql("SELECT count(*) FROM keras_bench.claims", database)
    assert 1 < int(server.sql("SELECT count(DISTINCT run_id) FROM keras_bench.trials", database))
    for number in range(HOSTS):
        assert (tmp_path / f"host-{number}" / "shared" / "latest" / "report.html").exists()


def test_a_run_of_another_place_is_unknown_and_never_killed(server: Server, database: str, tmp_path: Path) -> None:
    """Whether its process lives cannot be seen from here."""
    url = server.socket_url(database)
    code = (
        "import os; from factories import run_record; from bench.core.processes import place; "
        "from bench.record.records import RunStatus; from bench.record.store import Store; "
        f"Store({url!r}).begin_run(run_record(status=RunStatus.RUNNING, process_id=os.getpid(), place=place()))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for command, word in (([*HOST, sys.executable, "-c", code], "unknown"), ([sys.executable, "-c", code], "KILLED")):
        server.sql("DROP SCHEMA IF EXISTS keras_bench CASCADE", database)
        subprocess.run(command, check=True, env=environment)
        assert word in bench("list", "--store", url, cwd=tmp_path).stdout
