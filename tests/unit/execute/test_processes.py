"""Real processes: what is below one, what they hold, and that all of them end."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import psutil
import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's lists of processes are Linux's")

BEGIN = """
import json, mmap, os, signal, subprocess, sys, time
from bench.execute.system.processes import adopt_orphans, descendants, end_descendants, held_bytes, reap
MIB = 2**20

def child(work):
    if not (pid := os.fork()):
        try:
            work()
        finally:
            os._exit(0)
    return pid

def say(**what):
    print(json.dumps(what), flush=True)

"""


def answer(script: str) -> dict[str, Any]:
    """What a process of its own says about itself."""
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + script], capture_output=True, text=True, timeout=60, check=True
    )
    return json.loads(done.stdout)


def test_orphans_in_sessions_of_their_own_are_found_and_ended() -> None:
    """Whatever they ignore; a child that is spared lives on, and its own children with it."""
    told = answer("""
def stubborn():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.setsid()
    child(lambda: (os.setsid(), time.sleep(100)))
    time.sleep(100)

adopt_orphans()
child(lambda: child(stubborn))            # an orphan, and its child
child(lambda: (os.setsid(), os.kill(os.getpid(), signal.SIGSTOP)))
spared = child(lambda: (child(lambda: time.sleep(100)), time.sleep(100)))
while reap() is None or len(descendants(os.getpid())) < 5: time.sleep(0.01)
before = descendants(os.getpid())
left = end_descendants(within_s=10, spare=[spared])
after = descendants(os.getpid())
rest = end_descendants(within_s=10)
say(before=len(before), left=left, after=after, spared=spared, rest=rest, end=descendants(os.getpid()))
""")
    assert told["before"] >= 5
    assert (0, 0, []) == (told["left"], told["rest"], told["end"])
    assert told["spared"] == told["after"][0]
    assert 2 == len(told["after"])


def test_a_process_without_children_has_nothing_to_end() -> None:
    """Which is what most trials leave."""
    assert {"left": 0, "below": [], "codes": {}} == answer(
        "say(left=end_descendants(within_s=1), below=descendants(os.getpid()), codes=reap())"
    )


def test_what_processes_share_counts_once_and_files_do_not_count() -> None:
    """Three processes with 60 MiB in common and 20 MiB each hold 120 MiB, whatever file they have mapped."""
    told = answer("""
import tempfile
shared = mmap.mmap(-1, 60 * MIB)
shared.write(b"x" * (60 * MIB))
file = tempfile.TemporaryFile()
file.write(b"x" * (80 * MIB)); file.flush()
mapped = mmap.mmap(file.fileno(), 80 * MIB, prot=mmap.PROT_READ)
ready, done = os.pipe()

def hold():
    own = bytearray(b"x") * (20 * MIB)
    sum(shared[::4096]); sum(mapped[::4096])
    os.write(done, b"x")
    time.sleep(100)

pids = [child(hold) for _ in range(3)]
for _ in pids: os.read(ready, 1)
exact, upper = held_bytes(pids, limit=0), held_bytes(pids, limit=10**12)
end_descendants(within_s=10)
say(exact=exact / MIB, upper=upper / MIB)
""")
    # this process maps the shared pages as well: its quarter of them is not the children's
    assert 60 + 60 * 3 / 4 - 1 <= told["exact"] <= 60 + 60 * 3 / 4 + 25
    assert told["upper"] >= 3 * 80


def test_a_process_ends_with_its_parent() -> None:
    """However the parent went."""
    script = (
        BEGIN
        + """
from bench.execute.system.processes import end_with_parent
def wait():
    end_with_parent(signal.SIGKILL)
    say(pid=os.getpid())
    time.sleep(100)
child(wait)
time.sleep(100)
"""
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        below = psutil.Process(json.loads(parent.stdout.readline())["pid"])
        parent.kill()
    gone, alive = psutil.wait_procs([below], timeout=10)
    assert ([below], []) == (gone, alive)
