"""The files around the code agree with it: workflows, hooks, citation, constraints."""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path

import pytest
import yaml
from commandline import bench as command
from pages import PROJECT, ROOT, sessions

PINNED = [ROOT / "action.yml", *sorted(ROOT.glob(".github/workflows/*.yml"))]
"""Files that use the actions of others."""
TO_COME = {"cluster"}
"""Sessions that the workflow runs once noxfile.py has them."""


def jobs(name: str) -> dict[str, dict]:
    """The jobs of a workflow."""
    return yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8"))["jobs"]


def sessions_of_ci() -> set[str]:
    """The sessions that the workflow runs: those of its matrices, and those that a step names."""
    found = set()
    for job in jobs("ci.yml").values():
        found.update(job.get("strategy", {}).get("matrix", {}).get("session", []))
        for step in job["steps"]:
            found.update(re.findall(r"nox -s ([a-z-]+)", step.get("run", "")))
    return found


def test_the_workflow_runs_sessions_that_exist() -> None:
    """Each session that the workflow names is one of noxfile.py, but for those that are to come."""
    assert sessions_of_ci() <= sessions() | TO_COME


def test_the_workflow_runs_what_has_to_pass_before_a_change_lands() -> None:
    """The sessions of `.ci/run` and of `nox` without arguments, but for the real run."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    named = re.findall(r"nox (?:--no-venv )?-s ([a-z -]+?)(?: -- .*)?$", script, re.MULTILINE)
    required = set(chain.from_iterable(words.split() for words in named))
    assert {"tests", "lint", "soak", "browser"} < required
    assert required - {"bench"} <= sessions_of_ci()


def test_the_workflows_test_every_python_that_is_supported() -> None:
    """As the classifiers say, in the tests and for the wheel of a release."""
    classifiers = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["project"]["classifiers"]))
    assert classifiers == jobs("ci.yml")["tests"]["strategy"]["matrix"]["python"]
    assert classifiers == jobs("release.yml")["test"]["strategy"]["matrix"]["python"]


@pytest.mark.parametrize("path", PINNED, ids=lambda path: path.name)
def test_actions_are_pinned(path: Path) -> None:
    """Each action of another repository is pinned to a whole hash, with its version in a comment."""
    uses = [
        line for line in path.read_text(encoding="utf-8").splitlines() if "uses:" in line and "uses: ./" not in line
    ]
    assert uses
    assert [] == [line for line in uses if not re.search(r"uses: [\w/.-]+@[0-9a-f]{40} # v[\d.]+$", line)]


def test_one_action_has_one_version() -> None:
    """In all workflows and our own action, so that an update is not forgotten in one of them."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in PINNED)
    pinned = set(re.findall(r"uses: ([\w/.-]+)@([0-9a-f]{40})", text))
    assert len({name for name, _ in pinned}) == len(pinned)


def test_the_constraints_are_the_lower_bounds() -> None:
    """Of the dependencies and of the extras."""
    project = PROJECT["project"]
    wanted = [*project["dependencies"], *chain.from_iterable(project["optional-dependencies"].values())]
    bounds = {re.sub(r"\[.*\]", "", name): version for name, version in (_bound(text) for text in wanted)}
    lines = (ROOT / "tests" / "oldest.txt").read_text(encoding="utf-8").splitlines()
    assert bounds == dict(line.split("==") for line in lines if not line.startswith("#"))


def _bound(requirement: str) -> tuple[str, str]:
    name, _, rest = requirement.partition(">=")
    return name, rest.partition(",")[0].partition(";")[0].strip()


def test_the_citation_is_of_this_version() -> None:
    """Version, licence and address agree with pyproject.toml."""
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert PROJECT["project"]["version"] == citation["version"]
    assert PROJECT["project"]["license"] == citation["license"]
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()


def test_the_command_line_says_its_version() -> None:
    """That of the package: what an issue is to name."""
    done = command("--version")
    assert (0, f"bench, version {PROJECT['project']['version']}\n") == (done.returncode, done.stdout)


def test_hooks_have_the_versions_of_the_lint_session() -> None:
    """What a commit is checked by is what CI checks."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]["hooks"]
    used = set(chain.from_iterable(hook["additional_dependencies"] for hook in hooks))
    assert used == set(PROJECT["dependency-groups"]["lint"])


@pytest.mark.parametrize("name", ["bug.yml", "feature.yml"])
def test_issue_forms_ask_something(name: str) -> None:
    """Each field has an id of its own and a label, as GitHub requires, and one at least must be filled in."""
    form = yaml.safe_load((ROOT / ".github" / "ISSUE_TEMPLATE" / name).read_text(encoding="utf-8"))
    ids = [field["id"] for field in form["body"]]
    assert {"name", "description", "body"} <= form.keys()
    assert len(set(ids)) == len(ids)
    assert all(field["attributes"]["label"] for field in form["body"])
    assert any(field.get("validations", {}).get("required") for field in form["body"])
