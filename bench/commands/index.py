"""`bench index`: the page that lists every run of a reports folder, which each run writes too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.analyse.entry import run_entry
from bench.core.errors import BenchError, ExitCode
from bench.core.files import write_text
from bench.record.index import Kept, read_index, write_index
from bench.record.runfile import RUN_FILE, read_run_file
from bench.record.verdictfile import VERDICT_FILE
from bench.render.index.context import PAGES, Folder
from bench.render.terminal import make_console
from bench.results import Run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bench.commands.workspace import Workspace


def show_index(workspace: Workspace) -> ExitCode:
    """Write the index of the reports folder and say where it is.

    Raises:
        BenchError: the folder is not there, or the page cannot be written.
    """
    if not workspace.reports.is_dir():
        raise BenchError(
            f"There is no folder {workspace.reports}.",
            hint="`bench run` makes it; with --reports another folder is indexed.",
        )
    make_console().print(f"Index     {write_index_of(workspace)}")
    return ExitCode.OK


def write_index_of(workspace: Workspace, written: Run | None = None) -> Path:
    """Write `index.html` for all runs whose `run.json` lies two levels below a folder.

    A run is read again only where its files have changed since the last index.

    Args:
        workspace: its folder of reports.
        written: a run whose files were just written, so that they need not be read again.

    Returns:
        The page.

    Raises:
        OutputError: the page or the entries cannot be written.
    """
    from bench.render.index.page import index_html  # noqa: PLC0415  Jinja takes a while to import

    reports = workspace.reports
    known, kept, unreadable = read_index(reports), {}, {}
    folders: list[Folder] = []
    for run_folder in _run_folders(reports):
        path = run_folder.relative_to(reports).as_posix()
        stamp = (*_stamp(run_folder / RUN_FILE), *_stamp(run_folder / VERDICT_FILE))
        indexed = known.get(path)
        if indexed is None or indexed.stamp != stamp:
            here = written is not None and written.folder is not None and written.folder.name == run_folder.name
            try:
                run = written if here and written else Run(read_run_file(run_folder), run_folder)
            except BenchError as error:
                unreadable[path] = error.message
                continue
            indexed = Kept(stamp=stamp, entry=run_entry(run.result, run.judgement))
        kept[path] = indexed
        files = tuple(name for name in PAGES if (run_folder / name).is_file())
        folders.append(Folder(path=path, entry=indexed.entry, files=files))
    if kept != known:
        write_index(reports, kept)
    return write_text(workspace.index_page, index_html(folders, unreadable, _comparisons(reports)))


def _run_folders(reports: Path) -> Iterator[Path]:
    """The folders of runs, without the links that lead to one of them."""
    for suite in sorted(reports.iterdir()):
        if not suite.is_dir() or suite.is_symlink():
            continue
        for folder in sorted(suite.iterdir()):
            if not folder.is_symlink() and (folder / RUN_FILE).is_file():
                yield folder


def _comparisons(reports: Path) -> list[str]:
    """Pages of comparisons, by the name that `bench compare` gives them."""
    pages = [*reports.glob("compare*.html"), *reports.glob("*/compare*.html")]
    return [path.relative_to(reports).as_posix() for path in pages if path.is_file()]


def _stamp(path: Path) -> tuple[int, int]:
    """Size and time of a file; zeros where it is not there."""
    try:
        status = path.stat()
    except OSError:
        return (0, 0)
    return (status.st_size, status.st_mtime_ns // 1_000)  # a JSON number of ours has 53 bits at most
