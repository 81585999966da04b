"""`bench report`: a run's report, written again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.commands.find import find_run
from bench.core.errors import ExitCode
from bench.render.terminal import make_console

if TYPE_CHECKING:
    from pathlib import Path


def write_again(
    reference: str, output: Path | None, *, templates: Path | None, reports: Path, store: str | None
) -> ExitCode:
    """Write HTML and Markdown into the run's folder, or one of them to `output`."""
    from bench.render.report import write_report  # noqa: PLC0415  matplotlib takes a second to import

    console = make_console()
    run = find_run(reference, reports=reports, store=store)
    if output is not None:
        console.print(str(run.report(output, templates=templates)), markup=False)
        return ExitCode.OK
    folder = run.folder or reports / run.result.run.suite_name / run.run_id
    paths = write_report(run.result, folder, template_dir=templates, judgement=run.judgement)
    console.print(f"Report    {paths.html}\nMarkdown  {paths.markdown}", markup=False)
    return ExitCode.OK
