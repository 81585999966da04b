"""The command line as a user types it: in this process, or where that is the point in a process of its own."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import ExitStack, chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from subprocess import CompletedProcess
from unittest import mock

import pytest

from bench import cli
from bench.commands import export_model, site
from bench.execute.harness.servers import warm_servers

TIMEOUT_S = 300


def bench(*words: str, cwd: Path | None = None, **variables: str) -> CompletedProcess[str]:
    """Run `bench` to its end in this process, with the warm server that its runs share.

    It saves the seconds in which a process imports pandas and a server TensorFlow. The warm server was started before
    `variables` were set: what workers are to hear needs `bench_process`.
    """
    out, err = io.StringIO(), io.StringIO()
    with ExitStack() as stack:
        for module in (export_model, site):
            stack.enter_context(mock.patch.object(module, "warm_servers", _kept_servers))
        stack.enter_context(mock.patch.object(sys, "argv", ["bench", *words]))
        stack.enter_context(mock.patch.dict(os.environ, {"COLUMNS": "160", **variables}))
        stack.enter_context(chdir(cwd or Path.cwd()))
        stack.enter_context(redirect_stdout(out))
        stack.enter_context(redirect_stderr(err))
        ended = stack.enter_context(pytest.raises(SystemExit))
        cli.main()
    return CompletedProcess(words, int(ended.value.code), out.getvalue(), err.getvalue())


def _kept_servers(signatures, *, keep, now=True, started=None):
    """Warm servers as a notebook has them: they stay for the next command."""
    return warm_servers(signatures, keep=True, now=now)


def bench_process(*words: str, cwd: Path | None = None, **variables: str) -> CompletedProcess[str]:
    """Run `bench` to its end in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "bench", *words],
        check=False,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "COLUMNS": "160", **variables},
    )


def start_bench(*words: str, cwd: Path | None = None, wrapper: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    """Start `bench`, by another program where there is a wrapper, with its output to be read line by line."""
    return subprocess.Popen(
        [*wrapper, sys.executable, "-u", "-m", "bench", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        cwd=cwd,
    )


def read_until(process: subprocess.Popen[str], text: str) -> list[str]:
    """The lines printed up to the first that contains `text`; all of them where none does."""
    lines = []
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line)
        if text in line:
            break
    return lines
