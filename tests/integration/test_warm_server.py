"""The warm server and its workers: real processes, none of which is left behind."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from bench.core.errors import ExecutionError
from bench.core.temporary import LOCK
from bench.execute.harness import launcher, starting
from bench.execute.harness.launcher import ServerLostError, WarmServer
from bench.execute.harness.servers import MOST_RESTARTS, Servers, warm_servers
from bench.execute.harness.starting import RuntimeSignature
from bench.execute.protocol import Ended
from bench.execute.server.jobs import PATIENCE_S, Step

ANSWER_S = 60.0


@pytest.fixture(scope="module", autouse=True)
def light() -> Iterator[None]:
    """Servers that import nothing: what is asked here has nothing to do with TensorFlow."""
    with pytest.MonkeyPatch.context() as patch:
        start = subprocess.Popen

        def start_light(words, **options):
            if "bench.execute.server.main" in words:
                run = "from bench.execute.server import main; main.PRELOADED = (); main.main()"
                words = [words[0], "-c", run, *words[3:]]
            return start(words, **options)

        patch.setattr(launcher.subprocess, "Popen", start_light)
        yield


@pytest.fixture
def spawning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers that spawn, as on macOS."""
    start = subprocess.Popen

    def start_spawning(words, **options):
        if "bench.execute.server.main" in words:
            words = [words[0], str(Path(__file__).parents[1] / "spawning_server.py"), *words[3:]]
        return start(words, **options)

    monkeypatch.setattr(launcher.subprocess, "Popen", start_spawning)


def gone(pids: list[int], within_s: float = 5.0) -> bool:
    """Whether no process with these ids is there, or only as a zombie."""
    until = time.monotonic() + within_s
    while any(map(alive, pids)) and time.monotonic() < until:
        time.sleep(0.02)
    return not any(map(alive, pids))


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_what_a_job_leaves_ends_with_it() -> None:
    """Processes in sessions of their own, with its channel open, and its temporary files."""
    with WarmServer() as warm:
        children = warm.call("jobs:leave_children", None, timeout_s=ANSWER_S)
        assert 2 == len(children)
        assert gone(children, within_s=0.0)  # before the end is reported, not after
        file, folder, told = warm.call("jobs:leave_files", None, timeout_s=ANSWER_S)
        assert Path(file).parent == Path(folder).parent == Path(told)
        assert Path(told).parent == warm.folder
        assert not Path(told).exists()
        assert [LOCK] == [path.name for path in warm.folder.iterdir()]
    assert not warm.folder.exists()


def test_what_a_job_leaves_ends_with_it_where_workers_are_spawned(spawning) -> None:
    """Found by the mark in their environment."""
    with WarmServer() as warm:
        assert "spawn" == warm.ready().start_method
        children = warm.call("jobs:leave_children", None, timeout_s=ANSWER_S)
        assert gone(children, within_s=0.0)
        job = warm.submit("jobs:leave_children_and_wait", None)
        assert job == (received := warm.receive())[0]
    assert gone(received[1])
    assert not warm.folder.exists()


def test_a_deadline_is_kept_where_workers_are_spawned(spawning) -> None:
    """By the same steps."""
    with WarmServer() as warm:
        job = warm.submit("jobs:wait", None, timeout_s=3.0)
        events = [warm.receive(), warm.receive()]
    assert [(job, "waiting"), (job, Ended(job, -15, timed_out=True))] == events


def test_of_two_jobs_only_the_one_that_ended_loses_its_children() -> None:
    """The other one's are its own, and end with it."""
    with WarmServer() as warm:
        job = warm.submit("jobs:leave_children_and_wait", None)
        kept = warm.receive()[1]
        ended = warm.call("jobs:leave_children", None, timeout_s=ANSWER_S)
        assert gone(ended, within_s=0.0)
        assert all(map(alive, kept))
        assert job
    assert gone(kept)


def test_a_server_that_is_killed_takes_all_with_it() -> None:
    """Its workers by the kernel, what they had started by their mark; then another one takes its place."""
    servers = Servers(RuntimeSignature())
    lost = servers.main
    lost.submit("jobs:leave_children_and_wait", None)
    children = lost.receive()[1]
    lost._process.kill()
    with pytest.raises(ServerLostError, match="The warm server was ended by signal SIGKILL") as caught:
        lost.receive()
    servers.restart(lost, caught.value)
    assert gone(children, within_s=0.0)
    assert not lost.folder.exists()
    assert servers.main is not lost
    assert servers.of(lost.connection) is None
    assert "again" == servers.call("jobs:answer", "again", timeout_s=ANSWER_S)
    servers.stop()


def test_servers_that_may_not_be_needed_start_when_they_are_asked_for() -> None:
    """Nothing is started before, and nothing is left behind where nobody asks."""
    with warm_servers([RuntimeSignature()], keep=False, now=False) as servers:
        assert ([], {}) == (servers.connections, servers.ready())
    with warm_servers([RuntimeSignature()], keep=False, now=False) as servers:
        assert 1 == servers.call("jobs:answer", 1, timeout_s=ANSWER_S)
        assert ["tensorflow"] == list(servers.ready())
    assert not servers.alive


def test_a_process_that_was_started_before_serves_where_it_fits() -> None:
    """It is the one that answers, and ends with the others."""
    signature = RuntimeSignature("tensorflow")
    started = starting.start_server(signature)
    with warm_servers([signature], keep=False, started=started) as servers:
        assert 1 == servers.call("jobs:answer", 1, timeout_s=ANSWER_S)
        assert started.process is servers.main._process
    assert started.process.poll() is not None
    assert not started.folder.exists()


@pytest.mark.parametrize("change", ["backend", "variable", "search path", "ended"])
def test_a_process_that_does_not_fit_is_ended(change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another backend is wanted, its environment would be another one now, or it is gone: a new one is started."""
    started = starting.start_server(RuntimeSignature("tensorflow"))
    if change == "variable":
        monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    if change == "search path":
        monkeypatch.syspath_prepend("/nowhere")
    if change == "ended":
        started.process.kill()
        started.process.wait()
    signature = RuntimeSignature("jax" if change == "backend" else "tensorflow")
    with warm_servers([signature], keep=False, started=started) as servers:
        assert 1 == servers.call("jobs:answer", 1, timeout_s=ANSWER_S)
        assert started.process is not servers.main._process
        assert started.process.poll() is not None
        assert not started.folder.exists()


@pytest.mark.soak
def test_a_call_is_made_again_where_its_server_was_killed() -> None:
    """Once; a server that always ends is started only so often."""
    servers = Servers(RuntimeSignature())
    servers.main.ready()
    servers.main._process.kill()
    assert 1 == servers.call("jobs:answer", 1, timeout_s=ANSWER_S)
    for _ in range(MOST_RESTARTS - 1):
        servers.restart(servers.main, ServerLostError("gone"))
    with pytest.raises(ServerLostError, match="gone"):
        servers.restart(servers.main, ServerLostError("gone"))
    servers.stop()


def test_a_server_that_is_stopped_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """It cannot keep the deadline, so the harness does."""
    monkeypatch.setattr(launcher, "OVERDUE_S", 1.0)
    with WarmServer() as warm:
        warm.submit("jobs:stop_the_server", None, timeout_s=1.0)
        with pytest.raises(ServerLostError):
            warm.receive()


HARNESS = """
import sys, time
from bench.execute.harness.launcher import WarmServer

warm = WarmServer()
print(warm._process.pid, warm.folder, flush=True)
if sys.argv[1] == "at work":
    warm.submit("jobs:leave_children_and_wait", None)
    print(*warm.receive()[1], flush=True)
time.sleep(1000)
"""


@pytest.mark.soak
@pytest.mark.parametrize("moment", ["at work", "importing"])
def test_a_server_ends_with_a_harness_that_is_killed(own_folder: Path, moment: str) -> None:
    """With all that was started below it; no file is left."""
    words = [sys.executable, "-c", HARNESS, moment]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as harness:
        assert harness.stdout is not None
        pid, folder = harness.stdout.readline().split()
        pids = [int(pid)]
        if moment == "at work":
            pids += map(int, harness.stdout.readline().split())
        else:
            time.sleep(0.5)
        harness.kill()
    assert gone(pids)
    assert not Path(folder).exists()


def test_what_is_left_where_all_were_killed_goes_with_the_next_start(own_folder: Path, monkeypatch) -> None:
    """A harness and its server that the kernel ended for want of memory, say; the folder of one at work stays."""
    monkeypatch.setattr(tempfile, "tempdir", str(own_folder))
    left = WarmServer()
    left.submit("jobs:leave_children_and_wait", None)
    children = left.receive()[1]
    left._process.kill()
    left._process.wait()
    assert all(map(alive, children))
    with WarmServer() as first:
        first.ready()
        assert gone(children, within_s=0.0)
        assert not left.folder.exists()
        with WarmServer() as second:
            assert 1 == second.call("jobs:answer", 1, timeout_s=ANSWER_S)
        assert first.folder.exists()
    left.stop()
    assert [] == list(own_folder.iterdir())


def test_a_worker_holds_no_connection_of_its_server() -> None:
    """A builder that writes to every descriptor must not reach the harness."""
    with WarmServer() as warm:
        assert [] == warm.call("jobs:descriptors", None, timeout_s=ANSWER_S)


def test_what_cannot_be_understood_is_passed_over() -> None:
    """A worker's channel may be written to by anybody in it."""
    with WarmServer() as warm:
        assert "understood" == warm.call("jobs:garbage", None, timeout_s=ANSWER_S)


def test_a_server_that_cannot_start_says_what_it_printed_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """That is no loss: starting it again would not help."""
    monkeypatch.setattr(starting, "_python_path", lambda: "")
    monkeypatch.chdir("/")
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    with (
        WarmServer() as warm,
        pytest.raises(ExecutionError, match=r"The warm server ended \(exit code 1\): ") as caught,
    ):
        warm.ready()
    assert not isinstance(caught.value, ServerLostError)


REFUSED_ONCE = """
from multiprocessing.context import ForkProcess
from bench.execute.server import main as server

begin = ForkProcess.start

def refuse(process):
    ForkProcess.start = begin
    raise BlockingIOError(11, "Resource temporarily unavailable")

ForkProcess.start = refuse
server.PRELOADED = ()
server.main()
"""


def test_a_job_that_no_process_can_be_started_for_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log says why, and the server goes on."""
    start = subprocess.Popen

    def start_refusing(words, **options):
        return start([words[0], "-c", REFUSED_ONCE, *words[3:]], **options)

    monkeypatch.setattr(launcher.subprocess, "Popen", start_refusing)
    with WarmServer() as warm:
        with pytest.raises(ExecutionError, match="no process could be started: Resource temporarily unavailable"):
            warm.call("jobs:answer", 1, timeout_s=ANSWER_S)
        assert 2 == warm.call("jobs:answer", 2, timeout_s=ANSWER_S)


def test_the_steps_to_an_end_have_a_last_one() -> None:
    """A process that cannot be ended is reported all the same."""
    assert list(Step)[-1] is Step.GIVE_UP
    assert set(PATIENCE_S) == {Step.ASK, Step.KILL}


def followed(warm: WarmServer, job: int, payload: object, tmp_path: Path, timeout_s: float | None = None) -> object:
    """What a lasting worker says to a further payload."""
    warm.follow(job, payload, log=tmp_path / "log", timeout_s=timeout_s)
    return warm.receive()


def test_a_lasting_worker_takes_one_payload_after_another(tmp_path: Path) -> None:
    """In one process, until it hears that nothing more comes; a large payload needs no larger pipe."""
    with WarmServer() as warm:
        job = warm.submit("jobs:answer_all", "first", lasting=True)
        assert (job, "first") == warm.receive()
        large = "x" * 3_000_000
        for payload in ("second", large, None):
            assert (job, payload) == followed(warm, job, payload, tmp_path)
        warm.leave(job)
        assert (job, Ended(job, 0)) == warm.receive()
        warm.leave(job)  # nobody is there any more, and nothing comes of it
        assert "next" == warm.call("jobs:answer", "next", timeout_s=ANSWER_S)


def test_a_payload_for_a_worker_that_has_ended_is_void(tmp_path: Path) -> None:
    """Its end is reported once, and the server goes on."""
    with WarmServer() as warm:
        job = warm.submit("jobs:answer_all", "first", lasting=True)
        warm.receive()
        warm.follow(job, "end", log=tmp_path / "log", timeout_s=None)
        warm.follow(job, "too late", log=tmp_path / "log", timeout_s=None)
        assert [(job, "end"), (job, Ended(job, 0))] == [warm.receive(), warm.receive()]
        assert "next" == warm.call("jobs:answer", "next", timeout_s=ANSWER_S)


def test_each_payload_has_its_own_time_limit_and_waiting_has_none(tmp_path: Path) -> None:
    """The limit of the first is over when the second comes; the second's ends the worker."""
    with WarmServer() as warm:
        job = warm.submit("jobs:answer_all", "first", timeout_s=1.5, lasting=True)
        warm.receive()
        warm.rest(job)
        assert warm.patience() is None
        time.sleep(2.0)
        assert (job, "second") == followed(warm, job, "second", tmp_path, timeout_s=60.0)
        assert (job, "hang") == followed(warm, job, "hang", tmp_path, timeout_s=0.5)
        assert (job, Ended(job, -15, timed_out=True)) == warm.receive()


def test_a_lasting_worker_lasts_where_workers_are_spawned(spawning, tmp_path: Path) -> None:
    """Its channels are handed over."""
    with WarmServer() as warm:
        job = warm.submit("jobs:answer_all", "first", lasting=True)
        assert (job, "first") == warm.receive()
        assert (job, "second") == followed(warm, job, "second", tmp_path)
        warm.leave(job)
        assert (job, Ended(job, 0)) == warm.receive()
