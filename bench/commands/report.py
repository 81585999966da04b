"""`bench report`: a run's report, written again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.commands.find import find_run
from bench.commands.index import write_index_of
from bench.core.errors import ExitCode
from bench.record.runfile import CSV_FILE, RUN_FILE, write_run_file
from bench.render.exports.csv import write_csv
from bench.render.terminal import make_console

if TYPE_CHECKING:
    from pathlib import Path

    from bench.commands.workspace import Workspace


def write_again(
    reference: str, output: Path | None, *, templates: Path | None, workspace: Workspace, interactive: bool = False
) -> ExitCode:
    """Write HTML and Markdown into the run's folder, or one of them to `output`.

    A folder that is not there, or that could not be written when the run ended, gets the run's other files too.

    Args:
        reference: of the run.
        output: the file; None for those of the run's folder.
        templates: a folder of templates searched before ours.
        workspace: where the run is looked for.
        interactive: whether the page has charts to explore as well.

    Raises:
        BenchError: there is no such run, a template fails, or the page is to be interactive and the extra
            `[interactive]` is not installed.
    """
    from bench.render.report import write_report  # noqa: PLC0415  matplotlib takes a second to import

    console = make_console()
    run = find_run(reference, workspace, history=True)
    if output is not None:
        console.print(str(run.report(output, templates=templates, interactive=interactive)))
        return ExitCode.OK
    own = workspace.folder_of(run.result.run.suite_name, run.run_id)
    folder = run.folder or own
    paths = write_report(
        run.result,
        folder,
        template_dir=templates,
        judgement=run.judgement,
        history=run.history,
        interactive=interactive,
    )
    if folder == own and not (folder / RUN_FILE).exists():
        # the run has ended when its folder could not be written, or the folder was removed
        write_run_file(run.result, folder)
        write_csv(run.result, folder / CSV_FILE)
    _index(workspace)
    console.print(f"Report    {paths.html}\nMarkdown  {paths.markdown}")
    return ExitCode.OK


def _index(workspace: Workspace) -> None:
    """List what was written in the index; a run in a folder of its own has none."""
    if workspace.reports.is_dir():
        write_index_of(workspace)
