"""What is printed never decides what becomes of a command."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest

from bench.core.streams import StandardStreams

SCRIPT = """
import sys
from bench.core.streams import StandardStreams
with StandardStreams() as streams:
    for number in range(20_000):
        print("line", number)
    print("error", file=sys.stderr)
    streams.flush()
    failure = streams.failure
open("done", "w").write(str(failure and failure.strerror))
"""


def run(*, unbuffered: bool, **streams) -> subprocess.Popen[bytes]:
    words = [sys.executable, *(["-u"] if unbuffered else []), "-c", SCRIPT]
    return subprocess.Popen(words, **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams})


@pytest.mark.parametrize("unbuffered", [False, True])
def test_a_reader_who_has_gone_is_not_missed(own_folder: Path, *, unbuffered: bool) -> None:
    """Both streams, as after `| head`."""
    with run(unbuffered=unbuffered) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert b"line 0\n" == process.stdout.readline()
        process.stdout.close()
        process.stderr.close()
        assert 0 == process.wait(60)
    assert "None" == (own_folder / "done").read_text()


@pytest.mark.parametrize("unbuffered", [False, True])
def test_a_full_disk_is_a_failure_that_is_told(own_folder: Path, *, unbuffered: bool) -> None:
    """The program goes on to its end all the same; its errors are heard."""
    with Path("/dev/full").open("w") as full, run(unbuffered=unbuffered, stdout=full) as process:
        assert b"error\n" == process.communicate(timeout=60)[1]
    assert 0 == process.returncode
    assert "No space left on device" == (own_folder / "done").read_text()


def test_streams_that_are_closed_take_everything(own_folder: Path) -> None:
    """As after `>&- 2>&-`; no file that is opened later gets what is printed."""
    words = ["sh", "-c", 'exec "$0" -c "$1" >&- 2>&- <&-', sys.executable, SCRIPT]
    assert 0 == subprocess.run(words, timeout=60, check=False).returncode
    assert "None" == (own_folder / "done").read_text()


def test_all_that_is_printed_arrives() -> None:
    """In order, and in the encoding of the stream."""
    with run(unbuffered=False) as process:
        output, errors = process.communicate(timeout=60)
    assert [f"line {number}" for number in range(20_000)] == output.decode().splitlines()
    assert b"error\n" == errors


def test_streams_of_a_program_s_own_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook's, or a test's."""
    own = io.StringIO()
    monkeypatch.setattr(sys, "stdout", own)
    with StandardStreams():
        print("heard")
    assert (own, "heard\n") == (sys.stdout, own.getvalue())
