"""Runs that are cut short, share a store, or are killed: no trial is lost and none is there twice."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil
import pytest
from commandline import bench, read_until, start_bench

import bench as bench_api

if TYPE_CHECKING:
    from pathlib import Path

SUITE = """
[suite]
name = "short"
dataset = "digits"
seeds = 5
epochs = 12
engine = "epoch"
[[grid]]
architecture = "softmax"
learning_rate = [0.05, 0.1]
"""
WANTED = {(f"softmax[lr={rate}]@digits@cpu", seed) for rate in ("0.05", "0.1") for seed in range(5)}


@pytest.fixture(autouse=True)
def suite(own_folder: Path) -> Path:
    """Ten short trials."""
    path = own_folder / "short.toml"
    path.write_text(SUITE)
    return path


def stored_ok() -> list[tuple[str, int]]:
    """Cell and seed of every finished trial in the store."""
    with sqlite3.connect("reports/bench.db") as database:
        return database.execute("select cell_id, seed from trials where status = 'OK'").fetchall()


def family(process: psutil.Process) -> list[psutil.Process]:
    """Everything a process has started, and what that has started."""
    return process.children(recursive=True)


@pytest.mark.soak
def test_kill_9_then_the_same_command_ends_with_every_trial_once():
    """A harness killed in the middle leaves its finished trials and no process; the rerun trains only the rest."""
    with start_bench("run", "short.toml") as process:
        read_until(process, "[3/10]")
        started = family(psutil.Process(process.pid))
        process.kill()
    gone, alive = psutil.wait_procs(started, timeout=5)
    assert [] == alive
    assert gone
    before = stored_ok()
    assert 3 <= len(before) < 10
    again = bench("run", "short.toml")
    assert 0 == again.returncode, again.stderr
    assert f"{len(before)} of them in the store already" in again.stdout
    assert sorted(WANTED) == sorted(stored_ok())
    assert "KILLED" in bench("list").stdout


@pytest.mark.soak
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interruption_keeps_what_is_done_and_exits_130(number):
    """Workers end within 5 seconds, and what was cut short is recorded; the next run goes on."""
    with start_bench("run", "short.toml") as process:
        read_until(process, "[2/10]")
        started = family(psutil.Process(process.pid))
        os.kill(process.pid, number)
        _, alive = psutil.wait_procs(started, timeout=5)
        rest = process.communicate(timeout=30)[0]
    assert [] == alive
    assert 130 == process.returncode
    assert "the same command goes on from there" in rest
    assert "Traceback" not in rest
    with sqlite3.connect("reports/bench.db") as database:
        counts = dict(database.execute("select status, count(*) from trials group by status"))
        assert 10 == sum(counts.values())
        assert counts["INTERRUPTED"] >= 1
        assert [("INTERRUPTED",)] == database.execute("select status from runs").fetchall()
        assert [] == database.execute("select * from claims").fetchall()
    again = bench("run", "short.toml")
    assert 0 == again.returncode, again.stderr
    assert sorted(WANTED) == sorted(stored_ok())


def server_of(process) -> psutil.Process:
    """The warm server of a run."""
    children = psutil.Process(process.pid).children()
    return next(child for child in children if "bench.execute.server.main" in child.cmdline())


@pytest.mark.soak
def test_a_warm_server_that_is_killed_is_started_again():
    """Its worker ends with it; the trial that was under way is trained again, and the run is complete."""
    with start_bench("run", "short.toml") as process:
        read_until(process, "[2/10]")
        server = server_of(process)
        workers = family(server)
        server.kill()
        _, alive = psutil.wait_procs(workers, timeout=5)
        rest = process.communicate(timeout=120)[0]
    assert 0 == process.returncode, rest
    assert [] == alive
    assert sorted(WANTED) == sorted(stored_ok())
    with sqlite3.connect("reports/bench.db") as database:
        assert [("OK", 10)] == database.execute("select status, count(*) from trials group by status").fetchall()


@pytest.mark.soak
def test_a_trial_under_which_the_server_is_lost_twice_has_failed():
    """Each is tried twice, with a reason that blames no line of TensorFlow's; exit 3."""
    with start_bench("run", "short.toml", "--seeds", "1", "--set", "epochs=2000") as process:
        read_until(process, "Measuring the rate")
        killed = set()
        while process.poll() is None:
            with suppress(StopIteration, psutil.NoSuchProcess):
                server = server_of(process)
                if server.pid not in killed and family(server):
                    server.kill()
                    killed.add(server.pid)
            time.sleep(0.01)
        rest = process.communicate(timeout=60)[0]
    assert 3 == process.returncode, rest
    trials = bench_api.load("latest").trials()
    assert ["FAILED", "FAILED"] == trials["status"].tolist()
    reason = "The warm server was ended by signal SIGKILL while this trial was training, for the second time."
    assert {reason} == set(trials["reason"])


@pytest.mark.soak
def test_nohup_lets_a_run_go_on():
    """A terminal that closes is no reason to end where the user has said so."""
    with start_bench("run", "short.toml", "--seeds", "1", wrapper=("nohup",)) as process:
        read_until(process, "[1/2]")
        process.send_signal(signal.SIGHUP)
        rest = process.communicate(timeout=60)[0]
    assert 0 == process.returncode, rest


@pytest.mark.soak
def test_a_reader_who_has_seen_enough_changes_nothing():
    """`bench run | head`: the run is finished, and its exit code is its own."""
    with start_bench("run", "short.toml", "--seeds", "1") as process:
        read_until(process, "Warming up")
        process.stdout.close()
        assert 0 == process.wait(timeout=120)
    with sqlite3.connect("reports/bench.db") as database:
        assert [("FINISHED",)] == database.execute("select status from runs").fetchall()


@pytest.mark.soak
def test_two_runs_at_once_share_the_work():
    """Two runs of one suite on one store neither lose nor double a trial, and both show all of them."""
    with start_bench("run", "short.toml") as first, start_bench("run", "short.toml") as second:
        outputs = [process.communicate(timeout=300)[0] for process in (first, second)]
    assert [0, 0] == [first.returncode, second.returncode], outputs
    assert sorted(WANTED) == sorted(stored_ok())
    with sqlite3.connect("reports/bench.db") as database:
        shown = database.execute("select count(*) from run_trials group by run_id").fetchall()
    assert [(10,), (10,)] == shown
