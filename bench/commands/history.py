"""`bench history`: where score and time of a suite changed over its runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.core.errors import ExitCode, StoreError
from bench.core.files import write_text
from bench.render.terminal import make_console

if TYPE_CHECKING:
    from pathlib import Path

    from bench.commands.workspace import Workspace

MOST = 300
"""Runs that are looked at."""


def show_history(suite: str, *, to: str, output: Path | None, expression: str | None, workspace: Workspace) -> ExitCode:
    """Look for changes over the runs of a suite and show them.

    Args:
        suite: its name, or a run: then that run and those before it.
        to: `terminal`, `md` or `json`.
        output: the file; None for the screen.
        expression: which cells; all where not given.
        workspace: its store is read.

    Raises:
        StoreError: there is no such run, or none of the cells was trained.
    """
    from bench.analyse.history.story import suite_history  # noqa: PLC0415  SciPy takes a second to import
    from bench.declare.select import select  # noqa: PLC0415

    with workspace.reading() as database:
        result = database.load_run(database.find_run(suite))
        past = database.history(result.run, MOST)
    cells = list({trial.cell.id: trial.cell for trial in result.trials}.values())
    chosen = [cell.id for cell in (select(cells, expression) if expression else cells)]
    history = suite_history(past, chosen, result.run.score)
    if not history.cells:
        raise StoreError(
            f"No trial of {result.run.suite_name} has ended well, so it has no history.",
            hint=f"`bench show {result.run.run_id}` says why its trials failed.",
        )
    name = result.run.suite_name
    if to == "json":
        from bench.render.exports.history import history_json  # noqa: PLC0415

        return _print(history_json(history, name) + "\n", output)
    if to == "md":
        from bench.render.history.markdown import history_markdown  # noqa: PLC0415

        return _print(history_markdown(history, name), output)
    from bench.render.compare.terminal import compare_text  # noqa: PLC0415  pandas takes a second to import
    from bench.render.history.terminal import history_view  # noqa: PLC0415

    view = history_view(history)
    if output is not None:
        return _print(compare_text(view), output)
    make_console().print(view)
    return ExitCode.OK


def _print(text: str, output: Path | None) -> ExitCode:
    if output is None:
        print(text, end="")  # noqa: T201  for a pipe: no colours, no wrapping
    else:
        make_console().print(str(write_text(output, text)))
    return ExitCode.OK
