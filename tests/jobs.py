"""Jobs for workers of a warm server, called by `test_warm_server.py` as `jobs:name`; each takes a payload and sends."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psutil

DAY_S = 86_400


def answer(payload, send) -> None:
    """Send the payload back."""
    send(payload)


def leave_children(_, send) -> None:
    """Leave two processes in sessions of their own, and say which."""
    children = [
        subprocess.Popen(["/bin/sleep", str(DAY_S)], start_new_session=True),
        subprocess.Popen(["/bin/sleep", str(DAY_S)], start_new_session=True, close_fds=False),
    ]
    send([child.pid for child in children])


def leave_children_and_wait(_, send) -> None:
    """The same, and do not end."""
    leave_children(_, send)
    time.sleep(DAY_S)


def leave_files(_, send) -> None:
    """Leave temporary files, and say where."""
    descriptor, path = tempfile.mkstemp()
    os.close(descriptor)
    own = subprocess.run(["/bin/sh", "-c", 'echo "$TMPDIR"'], capture_output=True, text=True, check=True).stdout.strip()
    send((path, tempfile.mkdtemp(), own))


def descriptors(_, send) -> None:
    """Say which sockets are open: none of the server's may be."""
    links = [str(entry.readlink()) for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink()]
    send([link for link in links if link.startswith("socket:")])


def garbage(_, send) -> None:
    """Say something that is no pickle, and then something that is."""
    send.__self__.send_bytes(b"no pickle")
    send("understood")


def stop_the_server(_, send) -> None:
    """Stop the process that keeps deadlines."""
    psutil.Process(os.getppid()).suspend()
    time.sleep(DAY_S)


def wait(_, send) -> None:
    """Do not end."""
    send("waiting")
    time.sleep(DAY_S)


def answer_all(payload, send, following) -> None:
    """Send the payload back, and each that follows."""
    send(payload)
    for further in following:
        send(further)
        if further == "end":
            return
        if further == "hang":
            time.sleep(DAY_S)


def pretend_group(first, send, following) -> None:
    """Pretend to train: the outcome's device is the one that was asked for, and its driver says when it was used."""
    from itertools import chain  # noqa: PLC0415  the server that forks this imports nothing before

    from bench.execute.messages import Began, TrialEnded  # noqa: PLC0415
    from bench.record.records import DeviceRecord, Outcome, Status  # noqa: PLC0415

    for errand in chain([first], following):
        send(Began(errand.task.trial_id))
        if errand.task.builder == "kills:server" and not (mark := Path(f"{errand.log}.killed")).exists():
            mark.touch()
            os.kill(os.getppid(), signal.SIGKILL)
        begun = time.monotonic()
        time.sleep(0.1)
        used = f"{os.getpid()} {begun} {time.monotonic()}"
        outcome = Outcome(device=DeviceRecord(name=str(errand.task.device), driver=used))
        send(TrialEnded(errand.task.trial_id, Status.OK, "", outcome, lasting=True))
