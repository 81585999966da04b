"""`bench accept`: a run becomes what later runs are judged by."""

from __future__ import annotations

import getpass
import os
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bench.analyse.gate.acceptance import Approval, accept
from bench.analyse.gate.judge import rates_of
from bench.analyse.gate.reach import design_of, reach_of, usual_seeds
from bench.commands.find import find_run
from bench.core.errors import ExitCode, NotJudgedError
from bench.core.formatting import plural
from bench.record.baseline import read_baseline, write_baseline
from bench.render.documents.accept import accept_document
from bench.render.documents.document import print_document
from bench.render.gate.accepted import acceptance_changes
from bench.render.gate.reach import PAIRS, reach_text
from bench.render.terminal import make_console

if TYPE_CHECKING:
    from pathlib import Path

    from bench.commands.workspace import Workspace
    from bench.record.baseline import Baseline


def accept_run(
    reference: str, *, reason: str, output: Path | None, workspace: Workspace, as_json: bool = False
) -> ExitCode:
    """Write the baseline of a run's suite, with the chain of the baselines before it.

    Raises:
        BenchError: there is no such run, it cannot be a reference, or the file that is there cannot be read; that file
            is then left as it is.
    """
    run = find_run(reference, workspace)
    path = output or workspace.baseline_of(run.result.run.suite_name)
    approval = Approval(datetime.now(UTC).isoformat(timespec="seconds"), _who(), reason)
    previous = _previous(path, run.result.run.suite_name)
    baseline = accept(run.result, approval, previous)
    write_baseline(baseline, path)
    design = design_of(baseline, rates_of(baseline.gate), usual_seeds(baseline))
    reach = reach_of(design) if design else None
    console = make_console(stderr=as_json)
    seeds = sum(len(cell.seeds) for cell in baseline.cells)
    console.print(
        f"Accepted  {run.run_id}: {plural(len(baseline.cells), 'cell')}, {plural(seeds, 'seed')}, "
        f"acceptance {len(baseline.acceptances)} of {baseline.suite}\nBaseline  {path}\n\n"
        f"Next: commit {path}, and let CI run: bench check",
    )
    if design and reach:
        text = reach_text(reach, design.margin.tolist(), baseline.score)
        console.print(f"\n{text} {PAIRS}", style="dim")
    for line in acceptance_changes(previous, baseline) if previous else ():
        console.print(line, style="yellow")
    if run.result.run.notices:
        console.print("\n".join(run.result.run.notices), style="bold yellow")
    if as_json:
        print_document(accept_document(baseline, path, reach))
    return ExitCode.OK


def _previous(path: Path, suite: str) -> Baseline | None:
    try:
        return read_baseline(path, suite=suite)
    except NotJudgedError:  # there is none yet
        return None


def _who() -> str:
    """Who is at the keyboard, as git knows them; in CI who started it."""
    if actor := os.environ.get("GITHUB_ACTOR"):
        return actor
    try:
        return f"{_git('user.name')} <{_git('user.email')}>"
    except (OSError, subprocess.SubprocessError):
        return getpass.getuser()


def _git(key: str) -> str:
    words = ["git", "config", key]
    return subprocess.run(words, capture_output=True, text=True, timeout=10, check=True).stdout.strip()  # noqa: S603
