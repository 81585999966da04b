"""The tutorial keeps its word: its files are written, its commands run in their order, and say what it prints."""

from __future__ import annotations

import pytest
from commandline import bench
from pages import ROOT
from walks import blocks, lines, parts_not_said

PAGE = ROOT / "docs" / "tutorial.md"


@pytest.fixture(scope="module")
def walk(tmp_path_factory):
    """Every line that is typed, and how it ended; each ended before the next one, and said what is printed below it."""
    folder = tmp_path_factory.mktemp("tutorial")
    steps, done = [], None
    for block in blocks(PAGE):
        if block.file:
            (folder / block.file).write_text(block.text, encoding="utf-8")
        elif block.kind == "console":
            for line in lines(block):
                if line.words[0] == "bench":
                    done = bench(*line.words[1:], cwd=folder)
                    steps.append((line, done))
        elif block.kind == "text":
            assert [] == parts_not_said(block.text, done.stdout + done.stderr)
    return steps


def test_every_command_ends_as_the_page_says(walk):
    """With exit code 0, or the one that its comment names."""
    assert len(walk) >= 10
    assert [] == [(line, done.stderr) for line, done in walk if line.exit_code != done.returncode]


def test_the_broken_network_is_regressed(walk):
    """The one command that must fail is the check of the broken network."""
    red = [line.words for line, done in walk if done.returncode == 1]
    assert [("bench", "run", "--check")] == red


def test_only_what_is_missing_is_trained(walk):
    """Ten seeds after five: half of the trials come from the store."""
    said = next(done.stdout + done.stderr for line, done in walk if line.words[-2:] == ("--seeds", "10"))
    assert "20 trials, 10 of them in the store already" in said
