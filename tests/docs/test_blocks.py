"""Every block of every document is tried: commands run, Python runs, suites parse, shell and YAML are checked.

What is not run, because it would train for long or needs another machine, is checked word by word instead:

- `bench run`, `verify` and `audit` outside of the tutorial have their arguments parsed by the command line itself
  (`test_documents.py`). The tutorial runs them (`test_tutorial.py`), and so do the suites of `test_own_data.py`.
- what needs a server, an extra that this environment lacks, or a suite that was trained (`ELSEWHERE`) is parsed too,
  and run by tests of its own: `nox -s cluster` for stores on servers, the tests of exports for their formats.
- `nox`, `pip`, `cd` and scripts have to name a session, an extra, a folder and a file that exist.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from contextlib import chdir
from pathlib import Path

import click
import pytest
import yaml
from commandline import bench
from pages import PROJECT, ROOT, sessions
from walks import Line, blocks, lines

import bench as harness
from bench import cli

PARSED = {"run", "verify", "audit"}
"""Commands that train."""
ELSEWHERE = ("://", "--to mlflow", "--to tensorboard", "--to wandb", "--run with-models")
"""What a command has that another environment or another test runs."""
TUTORIAL = "docs/tutorial.md"
FILES = {TUTORIAL, "docs/your-own-data.md"}
"""Pages whose blocks of Python are files, which `test_tutorial.py` writes and `test_own_data.py` compares."""
TYPED = [line for block in blocks() if block.kind == "console" for line in lines(block)]
OURS = [line for line in TYPED if line.words[0] == "bench" and line.page != TUTORIAL]
TEXTS = {line: " ".join(line.words) for line in OURS}
HERE = [line for line in OURS if line.words[1] not in PARSED and not any(mark in TEXTS[line] for mark in ELSEWHERE)]
RUN = sorted({line.words: line for line in HERE}.values())
OTHERS = sorted({line.words: line for line in TYPED if line.words[0] not in {"bench", "pytest"}}.values())
SHELL = [block for block in blocks() if block.kind == "sh"]
PYTHON = [block for block in blocks() if block.kind == "python" and block.page not in FILES]
CHECKED = {"console", "json", "python", "sh", "text", "toml", "yaml", "{eval-rst}"}
"""The kinds of blocks that a test looks at; `{eval-rst}` is looked at by `nox -s docs`."""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A folder as the pages assume it: runs of `digits` and `mnist-mlp`, a baseline, a suite, two more stores.

    `digits` is trained with one epoch; `mnist-mlp` is the committed example.
    """
    folder = tmp_path_factory.mktemp("pages")
    examples = shutil.copytree(ROOT / "reports" / "examples", folder / "reports" / "examples")
    suite = next(block.text for block in blocks(ROOT / "README.md") if block.kind == "toml")
    (folder / "bench.toml").write_text(suite, encoding="utf-8")
    for words in (
        ("import", str(examples / "mnist-mlp")),
        ("run", "digits", "--set", "epochs=1"),
        ("accept", "digits", "--reason", "for the pages"),
    ):
        done = bench(*words, cwd=folder)
        assert done.returncode == 0, done.stderr
    for name in ("alices.db", "bobs.db"):
        shutil.copy(folder / "reports" / "bench.db", folder / name)
    return folder


@pytest.fixture
def place(prepared, tmp_path):
    """A copy of it, so that no command sees what another one wrote."""
    return shutil.copytree(prepared, tmp_path / "place", symlinks=True)


@pytest.mark.parametrize("line", RUN, ids=lambda line: " ".join(line.words[1:]))
def test_a_command_ends_as_its_page_says(line, place):
    """With exit code 0, or the one that its comment names."""
    done = bench(*line.words[1:], cwd=place)
    assert done.returncode == line.exit_code, done.stderr


@pytest.mark.parametrize("block", PYTHON, ids=lambda block: block.page)
def test_python_runs(block, place, monkeypatch):
    """Where it would train, it gets the run that is there: a training by `bench.run` has tests of its own."""
    monkeypatch.setattr(harness, "run", harness.load)
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    with chdir(place):
        exec(compile(block.text, block.page, "exec"), {})  # noqa: S102  our own page


def test_cells_are_collected_as_tests(place):
    """As `pytest --bench-suite bench.toml` does before it trains."""
    line = next(line for line in TYPED if line.words[0] == "pytest")
    words = [sys.executable, "-m", "pytest", *line.words[1:], "--collect-only", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(words, cwd=place, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "bench.toml::mlp[" in done.stdout


@pytest.mark.parametrize("line", OTHERS, ids=lambda line: " ".join(line.words))
def test_other_programs_are_given_what_exists(line):
    """A session, an extra or file to install, a folder, a script."""
    assert [] == list(problems(line))


def problems(line: Line):
    """What a line names that does not exist; a line may be several commands, joined by `&&`."""
    commands = " ".join(line.words).split(" && ")
    for words in map(str.split, commands):
        if words[:4] == ["python3", "-m", "nox", "-s"]:
            named = words[4 : words.index("--")] if "--" in words else words[4:]
            yield from (f"no session {name}" for name in named if name not in sessions())
        elif words[:4] == ["python3", "-m", "pip", "install"]:
            yield from _not_installable(words[4:])
        elif words[0] == "cd":
            yield from (f"no folder {name}" for name in words[1:] if not (ROOT / name).is_dir())
        elif words[0] == "python3":
            yield from () if list(ROOT.rglob(words[1])) else (f"no file {words[1]}",)
        else:
            yield f"nothing knows how to check {words[0]}"


def _not_installable(words: list[str]):
    extras = PROJECT["project"]["optional-dependencies"]
    for word in words:
        name, _, wanted = word.partition("[")
        if wanted and not (name == "keras-bench" and set(wanted.rstrip("]").split(",")) <= set(extras)):
            yield f"no such extra: {word}"
        elif not wanted and word not in {"nox", "."} and not word.startswith("--") and not word.endswith(".whl"):
            yield f"nobody checked {word}"


@pytest.mark.parametrize("block", SHELL, ids=lambda block: block.text[:30])
def test_shell_scripts_are_well_formed(block):
    """A shell reads them without running them, and every `bench` in them has arguments that are accepted."""
    assert subprocess.run([shutil.which("bash"), "-n"], input=block.text, text=True, check=False).returncode == 0
    for text in block.text.replace("'", "").replace('"', "").splitlines():
        words = text.partition("bench run ")[2].removesuffix(" &").split()
        if words:
            with click.Context(cli.bench) as parent:
                assert cli.bench.commands["run"].make_context("run", words, parent=parent)


def test_workflows_name_inputs_of_the_action():
    """Each step of a page that uses our action gives it inputs that it has."""
    inputs = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["inputs"]
    steps = [step for block in blocks() if block.kind == "yaml" for step in yaml.safe_load(block.text)]
    assert steps
    assert all(set(step["with"]) <= set(inputs) for step in steps if "keras-bench" in step["uses"])


def test_toml_and_json_can_be_read():
    """Suites are also parsed or trained by other tests."""
    readers = {"json": json.loads, "toml": tomllib.loads}
    assert all(readers[block.kind](block.text) for block in blocks() if block.kind in readers)


def test_every_kind_of_block_is_checked():
    """A block of a new kind needs a test."""
    assert {block.kind for block in blocks()} <= CHECKED


def test_there_is_something_to_check():
    """The patterns above look for something."""
    assert len(RUN) >= 20
    assert len(OTHERS) >= 10
    assert len(PYTHON) >= 3
