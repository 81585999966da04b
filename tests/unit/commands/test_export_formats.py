"""`bench export` for tools that follow figures, and for the hub: from a run folder, as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commandline import bench as command

from bench.record.runfile import read_run_file

EXAMPLE = Path(__file__).parents[3] / "reports" / "examples" / "mnist-mlp"
RUN = read_run_file(EXAMPLE).run.run_id


def test_bmf_is_one_file(own_folder: Path) -> None:
    """Named by its run, and printed."""
    done = command("export", str(EXAMPLE), "--to", "bmf")
    assert (0, f"{RUN}.bmf.json\n") == (done.returncode, done.stdout)
    assert 2 == len(json.loads((own_folder / f"{RUN}.bmf.json").read_text()))


@pytest.mark.parametrize("name", ["latest.json", "latest"])
def test_github_action_benchmark_is_two_files(own_folder: Path, name: str) -> None:
    """What -o names is the beginning of both names; neither is replaced unasked."""
    words = ("export", str(EXAMPLE), "--to", "github-action-benchmark", "-o", name)
    expected = ["latest.score.bigger-is-better.json", "latest.time.smaller-is-better.json"]
    assert expected == command(*words).stdout.split()
    assert expected == sorted(path.name for path in own_folder.glob("*.json"))
    again = command(*words)
    assert (2, True) == (again.returncode, "--force" in again.stderr)
    assert 0 == command(*words, "--force").returncode


def test_a_model_card_is_of_a_cell(own_folder: Path) -> None:
    """Named by a part of its id; a seed that the cell has not is refused."""
    words = ("export", "model-2", "--run", str(EXAMPLE), "--to", "model-card", "-o", "README.md")
    done = command(*words)
    assert (0, "README.md\n") == (done.returncode, done.stdout)
    assert (own_folder / "README.md").read_text().startswith("---\nlibrary_name: keras\n")
    refused = command(*words, "--force", "--seed", "99")
    assert (2, True) == (refused.returncode, "seed 99" in refused.stderr)
