"""The documents as text: their code blocks, what stands in their tables, and whether a run keeps what they say."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from bench.results import Run

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
_SESSION = re.compile(r"^@nox\.session(?:\(.*?name=\"(?P<name>[\w-]+)\".*?\))?.*?\ndef (?P<function>\w+)", re.MULTILINE)
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_NAME = re.compile(r'^name = "([^"]+)"', re.MULTILINE)


class PrintedSuite(NamedTuple):
    """A suite of a document.

    Attributes:
        name: of the suite.
        text: the TOML document.
        answer: what the document says that the command prints; empty where it is trained.
    """

    name: str
    text: str
    answer: str


def sessions() -> set[str]:
    """The sessions of noxfile.py."""
    text = (ROOT / "noxfile.py").read_text(encoding="utf-8")
    return {match["name"] or match["function"] for match in _SESSION.finditer(text)}


def printed_suites(page: Path) -> list[PrintedSuite]:
    """Every suite of a document, each with the block of text right below it, where that says `Error:`."""
    blocks = _BLOCK.findall(page.read_text(encoding="utf-8"))
    suites = []
    for (kind, text), (next_kind, below) in zip(blocks, [*blocks[1:], ("", "")], strict=True):
        if kind == "toml" and "[suite]" in text:
            answer = below if next_kind == "text" and below.startswith("Error:") else ""
            suites.append(PrintedSuite(_NAME.findall(text)[0], text, answer))
    return suites


def first_cells(text: str, heading: str) -> list[str]:
    """What stands in backquotes in the first column of the first table below a line."""
    rows = re.search(r"(^\|.*\n)+", text.partition(heading)[2], re.MULTILINE)
    assert rows is not None
    cells = [line.split("|")[1] for line in rows.group().splitlines()]
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def reaches(run: Run, figure: float) -> bool:
    """Whether the best network of a run is at least as good as a document says."""
    means = run.summary()["score_mean"]
    if run.result.run.score.higher_is_better:
        return bool(means.max() >= figure)
    return bool(means.min() <= figure)
