"""What a command exits with, whoever interrupts it and whoever reads it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from attacks import wait_until_heeded
from commandline import bench, start_bench

from bench.core.errors import ExitCode
from bench.core.interrupts import SIGNALS

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("number", SIGNALS)
def test_an_interruption_before_anything_was_imported_exits_130(number: signal.Signals) -> None:
    """From the first line of ours on, and without a traceback."""
    with start_bench("list") as process:
        wait_until_heeded(process)
        process.send_signal(number)
        output = process.communicate(timeout=60)[0]
    assert (ExitCode.INTERRUPTED, "Interrupted.") == (process.returncode, output.strip())


def turned_into_an_error() -> None:
    """What an import of a module that is written in C does."""
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt as error:
        raise ImportError("numpy.core.multiarray failed to import") from error


def swallowed() -> None:
    """What Python does with an exception that is raised in a callback of C code."""
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        return


def repeated() -> None:
    """A user who presses Ctrl-C again, while the first is seen to."""
    try:
        signal.raise_signal(signal.SIGINT)
    finally:
        signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("what", [turned_into_an_error, swallowed, repeated])
def test_an_interruption_is_one_whatever_becomes_of_it(monkeypatch, what: Callable[[], None]) -> None:
    """Exit 130 with one word."""
    monkeypatch.setattr("bench.commands.show.show_runs", lambda *_, **__: what())
    done = bench("list")
    assert (ExitCode.INTERRUPTED, "Interrupted.") == (done.returncode, done.stderr.strip())


def test_an_interruption_is_told_of_a_folder_whatever_its_name(monkeypatch, capsys) -> None:
    """Its name is text and no markup."""
    from bench.commands import conclude  # noqa: PLC0415
    from bench.record.records import RunStatus  # noqa: PLC0415

    class Record:
        notices, status = (), RunStatus.INTERRUPTED
        warmup_time_s = inspection_time_s = survey_time_s = yardstick_time_s = 0.0

    class Result:
        run, trials, reused = Record, (), frozenset[str]()

    class Interrupted:
        result, folder = Result, Path("[/b]reports")

    monkeypatch.setattr(conclude, "print_leaderboard", lambda console, run: None)
    conclude._conclude(conclude.make_console(), Interrupted, begun=0.0, jobs=1, index=Path("index.html"))
    assert "kept in [/b]reports; the same command" in capsys.readouterr().out


def run_into(output: int, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `bench` with its output going to a descriptor."""
    command = [sys.executable, "-m", "bench", *words]
    return subprocess.run(command, stdout=output, stderr=subprocess.PIPE, text=True, timeout=60, check=False)


@pytest.mark.parametrize("words", [["--help"], ["plan", "digits"], ["list", "--help"]])
def test_output_that_cannot_be_written_exits_74_with_a_sentence(words: list[str]) -> None:
    """A full disk; what the command has to do besides printing is done."""
    with Path("/dev/full").open("w") as full:
        done = run_into(full.fileno(), *words)
    assert ExitCode.UNWRITTEN == done.returncode
    assert "What was to be printed could not be written: No space left on device." in done.stderr
    assert "Traceback" not in done.stderr


def test_a_mistake_stays_a_mistake_where_nothing_can_be_written() -> None:
    """The exit code of the command comes first."""
    with Path("/dev/full").open("w") as full:
        assert ExitCode.USAGE == run_into(full.fileno(), "plan", "nosuch").returncode


def test_a_reader_who_has_gone_changes_no_exit_code() -> None:
    """Nothing is said of it."""
    reader, writer = os.pipe()
    os.close(reader)
    done = run_into(writer, "plan", "digits")
    os.close(writer)
    assert (ExitCode.OK, "") == (done.returncode, done.stderr)


def test_an_interruption_while_classes_are_made_ends_with_130_all_the_same(tmp_path: Path) -> None:
    """Python notes one that passes through text it evaluates, and ends a module that `-m` names by the signal."""
    script = (
        "import atexit, bench.cli, bench.__main__\n"
        "def interrupted(*, early):\n"
        "    atexit.register(print, 'put in order')\n"
        "    try:\n        exec('raise KeyboardInterrupt')\n"
        "    except KeyboardInterrupt:\n        raise SystemExit(130)\n"
        "bench.cli.main = interrupted\n"
        "bench.__main__.main()\n"
    )
    (tmp_path / "interrupted.py").write_text(script)
    path = {"PYTHONPATH": os.pathsep.join([str(tmp_path), *filter(None, sys.path)])}
    words = [sys.executable, "-m", "interrupted"]
    ended = subprocess.run(words, capture_output=True, text=True, check=False, env={**os.environ, **path})
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "put in order\n", "")
