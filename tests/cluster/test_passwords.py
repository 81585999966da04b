"""The password of a store is in no output and no file of any command, whether the command ends well or not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from commandline import bench, bench_process
from postgres import PASSWORD, QUOTED, Server

if TYPE_CHECKING:
    from collections.abc import Iterator

SUITE = """
[suite]
name = "secret"
dataset = "digits"
seeds = 2
epochs = 1
engine = "epoch"
[[grid]]
architecture = "softmax"
"""
WRONG = "xvk9%40zq7"
PARTS = (PASSWORD, QUOTED, "xvk9", "zq7", "jq#5", "jq%235")
COMMANDS = (
    ("plan", "suite.toml"),
    ("run", "suite.toml"),
    ("run", "suite.toml", "--dry-run"),
    ("list",),
    ("show",),
    ("report",),
    ("doctor", "--quick"),
    ("accept", "--reason", "why"),
    ("check",),
    ("power",),
    ("compare", "latest", "latest"),
    ("export", "--to", "json"),
    ("export", "softmax", "--to", "script", "-o", "cell.py"),
    ("import", "reports/secret/latest"),
    ("store", "upgrade"),
)


def leaks(text: str) -> list[str]:
    """The lines that have one of the passwords, as it is or quoted, or a part of it."""
    return [line for line in text.splitlines() if any(part in line for part in PARTS)]


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Path]:
    """A folder with a suite; in the end, no file in it may have the password."""
    (tmp_path / "suite.toml").write_text(SUITE)
    yield tmp_path
    for path in (path for path in tmp_path.rglob("*") if path.is_file()):
        assert [] == leaks(path.read_bytes().decode("utf-8", "replace")), path


def test_no_command_that_works_shows_it(files: Path, url: str) -> None:
    """Every command that opens the store, from the first run to the upgrade."""
    for words in COMMANDS:
        # what the interpreter and libraries print themselves is looked at as well
        done = (bench_process if words[0] == "run" else bench)(*words, "--store", url, cwd=files)
        assert done.returncode in (0, 4), (words, done.stdout, done.stderr)
        assert [] == leaks(done.stdout + done.stderr), words
    done = bench("list", cwd=files, BENCH_STORE=url)
    assert "secret" in done.stdout
    assert [] == leaks(done.stdout + done.stderr)


def test_no_command_that_fails_shows_it(files: Path, server: Server, url: str, database: str) -> None:
    """A wrong password, no such database, no such server, a host that is none, and a driver that is not installed."""
    places = {
        "authentication": server.url(database, WRONG),
        "does not exist": server.url("nowhere"),
        "refused": f"postgresql+psycopg://me:{QUOTED}@127.0.0.1:1/x",
        "is not a store": f"postgresql+psycopg://me:{QUOTED}@host:port/x",
        "postgresql": f"postgresql+pg8000://me:{QUOTED}@host/x",
    }
    for said, place in places.items():
        for words in (("list",), ("run", "suite.toml"), ("store", "upgrade")):
            done = bench(*words, "--store", place, cwd=files)
            assert said in done.stdout + done.stderr, (words, done.stderr)
            assert [] == leaks(done.stdout + done.stderr), words
    done = bench("doctor", "--quick", "--store", places["authentication"], cwd=files)
    assert "authentication" in done.stdout
    assert [] == leaks(done.stdout + done.stderr)


def test_a_bug_of_ours_does_not_show_it(files: Path, url: str) -> None:
    """The log that a user is asked to send has what was typed, without the password."""
    code = f"""
import sys, bench.commands.show as show
def broken(*_, **__):
    raise RuntimeError("cannot reach " + {url!r})
show.show_runs = broken
sys.argv = ["bench", "list", "--store", {url!r}]
from bench.cli import main
main()
"""
    (files / "broken").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        capture_output=True,
        text=True,
        cwd=files,
        env={**os.environ, "TMPDIR": str(files / "broken")},
    )
    assert 70 == done.returncode, done.stderr
    assert [] == leaks(done.stdout + done.stderr)
    logs = list((files / "broken").glob("bench-bug-*.log"))
    assert ["cannot reach" in log.read_text() for log in logs] == [True]
