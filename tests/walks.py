"""The code blocks of the documents, and how the files and commands in them are used as a reader would use them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import NamedTuple

from pages import ROOT

_FENCE = re.compile(r"^```(\{?[\w-]+\}?)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"# ([\w.-]+\.(?:py|toml))\n")
_ENDS = re.compile(r"#.*\bexit (\d+)")
_NUMBER = re.compile(r"[\d.,]*\d(?: %)?")


class Block(NamedTuple):
    """A fenced block of a document.

    Attributes:
        page: the document, relative to the repository.
        kind: the language behind the fence: `toml`, `console`, `{eval-rst}`.
        text: what is between the fences.
    """

    page: str
    kind: str
    text: str

    @property
    def file(self) -> str:
        """The name of the file that a reader saves it as, which its first line says; empty where it says none."""
        match = _FILE.match(self.text)
        return match[1] if match else ""


class Line(NamedTuple):
    """A line that a document says to type.

    Attributes:
        page: the document.
        words: the words of the line, as a shell splits them.
        exit_code: with which it ends, 0 unless its comment says `exit N`.
    """

    page: str
    words: tuple[str, ...]
    exit_code: int


def documents() -> list[Path]:
    """Every document whose blocks are for readers of the project."""
    names = ("*.md", "docs/*.md", "examples/**/*.md", "reports/perf/*.md", "reports/gpu/*.md", "reports/examples/*.md")
    return sorted(path for name in names for path in ROOT.glob(name))


def blocks(*paths: Path) -> list[Block]:
    """The blocks of these documents, else of all, in their order."""
    return [
        Block(str(path.relative_to(ROOT)), kind, text)
        for path in paths or documents()
        for kind, text in _FENCE.findall(path.read_text(encoding="utf-8"))
    ]


def lines(block: Block) -> list[Line]:
    """What a `console` block says to type."""
    typed = [line.removeprefix("$ ") for line in block.text.splitlines() if line.startswith("$ ")]
    return [
        Line(block.page, tuple(shlex.split(text, comments=True)), int(match[1]) if (match := _ENDS.search(text)) else 0)
        for text in typed
    ]


def parts_not_said(printed: str, said: str) -> list[str]:
    """The lines of a document that a command did not say.

    Numbers may differ, since other machines round otherwise and take other times; a line may be the beginning of the
    one that was said, or a part of it where what is left out is at its end.
    """
    known = _masked(said)
    return [line for line in printed.splitlines() if line.strip() and _masked(line) not in known]


def _masked(text: str) -> str:
    return re.sub(r"\s+", " ", _NUMBER.sub("N", text)).strip()
