"""Telling everybody who looks at a check: the terminal, files beside the run, and GitHub's pages."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from bench.core.errors import OutputError
from bench.core.files import write_text
from bench.record.verdictfile import write_verdict
from bench.render.gate.annotations import annotation_lines, refusal_line
from bench.render.gate.junit import junit
from bench.render.gate.markdown import MOST_BYTES, refusal, summary
from bench.render.gate.terminal import verdict_table

if TYPE_CHECKING:
    from rich.console import Console

    from bench.core.errors import BenchError
    from bench.record.verdicts import Judgement

JUNIT_FILE = "junit.xml"


def publish(judgement: Judgement, console: Console, folder: Path, *, junit_path: Path | None = None) -> None:
    """Write `verdict.json` and the JUnit XML, then say what was found.

    Args:
        judgement: of a run.
        console: gets the table and, on GitHub, the annotations.
        folder: of the run.
        junit_path: of the JUnit XML; None for the run's folder.
    """
    # what was found is on the screen before a file can be in the way
    console.print(verdict_table(judgement))
    verdict = write_verdict(judgement, folder)
    xml = write_text(junit_path or folder / JUNIT_FILE, junit(judgement))
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for line in annotation_lines(judgement):
            # GitHub reads whole lines of either stream, which the console might fold
            print(line, file=console.file)
    console.print(f"\nVerdict   {verdict}\nJUnit     {xml}")
    if step_summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        page = Path(step_summary)
        _append(page, summary(judgement, MOST_BYTES - _taken(page)))


def publish_refusal(error: BenchError, *, stderr: bool = False) -> None:
    """Tell GitHub's pages of a check that could not be made; the terminal hears of it anyway.

    Args:
        error: why.
        stderr: annotate on standard error.
    """
    if step_summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with suppress(OutputError):  # what the check itself is refused for counts more
            _append(Path(step_summary), refusal(error.message, error.hint))
    if os.environ.get("GITHUB_ACTIONS") == "true":
        # GitHub reads whole lines of either stream
        print(refusal_line(error.message, error.hint), file=sys.stderr if stderr else sys.stdout)


def _append(path: Path, text: str) -> None:
    """Add text to a page of GitHub's.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(text + "\n")
    except OSError as error:
        raise OutputError(
            f"{path}, which GITHUB_STEP_SUMMARY names, cannot be written: {error.strerror}.",
            hint="Everything else of this check is written; unset the variable to leave that page out.",
        ) from error


def _taken(path: Path) -> int:
    """What earlier steps left of a summary's page."""
    return path.stat().st_size if path.exists() else 0
