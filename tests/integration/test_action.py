"""The GitHub Action of this repository: its steps, run by bash as a runner does, but for the actions that it uses."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = ACTION["runs"]["steps"]
SUITE = """
[suite]
name = "quick"
dataset = "digits"
seeds = 3
epochs = 1
[[grid]]
architecture = "softmax"
"""


@dataclass
class Runner:
    """What a runner knows while it runs the steps of a composite action.

    Attributes:
        place: the workspace.
        inputs: as a workflow gives them.
        outputs: by id of a step.
        codes: exit codes, by name of a step.
    """

    place: Path
    inputs: dict[str, str]
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.inputs = {name: spec["default"] for name, spec in ACTION["inputs"].items()} | self.inputs
        self.temp = self.place / "temp"
        self.temp.mkdir(exist_ok=True)
        self.summary = self.temp / "summary.md"

    def value(self, text: str) -> str:
        """A text with its expressions replaced by their values."""
        return re.sub(r"\$\{\{ (.*?) \}\}", lambda match: self.expression(match[1]), text)

    def expression(self, text: str) -> str:
        """The value of one of the contexts that the steps use."""
        context, _, rest = text.partition(".")
        if context == "inputs":
            return self.inputs[rest]
        if text == "runner.temp":
            return str(self.temp)
        step, name = re.fullmatch(r"steps\.([\w-]+)\.outputs\.([\w-]+)", text).groups()
        return self.outputs.get(step, {}).get(name, "")

    def wanted(self, step: dict) -> bool:
        """Whether a step runs: after those that went well, where its condition holds."""
        condition = step.get("if", "success()")
        if "always()" not in condition and any(self.codes.values()):
            return False
        compared = re.findall(r"([\w.-]+) (==|!=) ''", condition)
        return all((self.expression(name) == "") == (sign == "==") for name, sign in compared)

    def run(self, environment: dict[str, str]) -> None:
        """Run the steps in their order; an action that a step uses is only noted."""
        for step in STEPS:
            name = step.get("name", step.get("uses"))
            if not self.wanted(step):
                continue
            self.codes[name] = 0 if "uses" in step else self.shell(step, environment)

    def shell(self, step: dict, environment: dict[str, str]) -> int:
        """Run a step as GitHub runs `shell: bash`."""
        output = self.temp / "output"
        output.write_text("")
        place = self.place / self.value(step.get("working-directory", "."))
        given = {name: self.value(text) for name, text in step.get("env", {}).items()}
        variables = {
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_ACTIONS": "true",
        }
        shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        done = subprocess.run(shell, cwd=place, env={**environment, **variables, **given}, timeout=300, check=False)
        lines = dict(line.split("=", 1) for line in output.read_text().splitlines())
        if "id" in step:
            self.outputs[step["id"]] = lines
        return done.returncode


@pytest.fixture
def environment(own_folder: Path) -> dict[str, str]:
    """With `bench` as the tests run it, and a `python3` that notes what it is asked to install."""
    tools = own_folder / "tools"
    tools.mkdir()
    (tools / "bench").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m bench "$@"\n')
    (tools / "python3").write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{own_folder}/installed"\n')
    for tool in tools.iterdir():
        tool.chmod(0o755)
    (own_folder / "quick.toml").write_text(SUITE)
    path = f"{tools}:{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}


def test_what_a_user_gives_never_stands_in_a_script() -> None:
    """It comes by the environment: a name such as $(rm) would run otherwise."""
    assert [] == [step["name"] for step in STEPS if "${{" in step.get("run", "")]


def test_inputs_are_used_and_described() -> None:
    """Each of them, and nothing else is used."""
    steps = yaml.safe_dump(STEPS, width=1000)
    used = set(re.findall(r"inputs\.([\w-]+)", steps))
    assert used == ACTION["inputs"].keys()
    assert all(spec["description"] and "default" in spec for spec in ACTION["inputs"].values())


def test_extras_and_requirements_are_installed(environment: dict[str, str], own_folder: Path) -> None:
    """From the action's own folder, so that the version of the harness is that of the action."""
    install = next(step for step in STEPS if step.get("name") == "Install")
    runner = Runner(own_folder, {"extras": "parquet", "requirements": "needs.txt"})
    assert 0 == runner.shell(install, environment)
    installed = (own_folder / "installed").read_text().splitlines()
    assert ["-m", "pip", "install", f"{ROOT}[parquet]", "-r", "needs.txt"] == installed
    assert 0 == Runner(own_folder, {}).shell(install, environment)
    assert ["-m", "pip", "install", str(ROOT)] == (own_folder / "installed").read_text().splitlines()


@pytest.mark.soak
def test_a_run_without_a_baseline_is_summarised(environment: dict[str, str], own_folder: Path) -> None:
    """The summary is the report, the folder of the run is an output and becomes the artifact."""
    runner = Runner(own_folder, {"suite": "quick.toml", "arguments": "--seeds\n1\n-k\nsoftmax and digits\n"})
    runner.run(environment)
    folder = Path(runner.outputs["train"]["folder"])
    assert {0} == set(runner.codes.values())
    assert "Judge" not in runner.codes
    assert "Keep the report" in runner.codes
    assert (folder / "report.html").exists()
    assert "softmax" in runner.summary.read_text()
    assert "![" not in runner.summary.read_text()


@pytest.mark.soak
def test_a_baseline_decides(environment: dict[str, str], own_folder: Path) -> None:
    """Green by its own baseline; red by another one, with its exit code, and the report is kept."""
    first = Runner(own_folder, {"suite": "quick.toml"})
    first.run(environment)
    words = ["accept", "latest", "--reason", "the first", "-o", "accepted.json"]
    reports = first.outputs["train"]["reports"]
    accepting = [sys.executable, "-m", "bench", *words, "--reports", reports]
    subprocess.run(accepting, cwd=own_folder, env=environment, check=True, timeout=300)

    green = Runner(own_folder, {"suite": "quick.toml", "baseline": "accepted.json"})
    green.run(environment)
    assert "0" == green.outputs["judge"]["verdict"]
    assert "PASS" in green.summary.read_text()

    green.summary.unlink()
    red = Runner(own_folder, {"suite": "quick.toml", "baseline": "accepted.json", "arguments": "--set\nepochs=2"})
    red.run(environment)
    assert "4" == red.outputs["judge"]["verdict"]
    assert 4 == red.codes["Judge"]
    assert "Keep the report" in red.codes
    assert "INVALID" in red.summary.read_text()


@pytest.mark.soak
def test_a_suite_that_cannot_be_read_fails_the_step(environment: dict[str, str], own_folder: Path) -> None:
    """With the exit code of the command line; nothing is judged and there is no report to keep."""
    (own_folder / "quick.toml").write_text("[suite]\n")
    runner = Runner(own_folder, {"suite": "quick.toml", "baseline": "accepted.json"})
    runner.run(environment)
    assert 2 == runner.codes["Train"]
    assert runner.codes.keys().isdisjoint({"Judge", "Summarise", "Keep the report"})
