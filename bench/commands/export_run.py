"""`bench export` of a whole run: tables, folders of files, and stores of other tools."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from bench.commands.exporting import free
from bench.commands.find import find_run
from bench.commands.formats import FOLDERS, SEVERAL, TABLES, latex
from bench.core.errors import BenchError
from bench.core.files import write_bytes, write_text
from bench.core.formatting import plural

if TYPE_CHECKING:
    from rich.console import Console

    from bench.commands.exporting import ExportRequest

TRACKING_VARIABLE = "MLFLOW_TRACKING_URI"
REPORT_FILES = ("report.html", "report.md")
"""Of a run's folder, what becomes an artifact."""


def write_table(request: ExportRequest, folder: Path, console: Console) -> None:
    """Write a run as one file."""
    ending, content = TABLES[request.to]
    run = find_run(request.what, request.workspace)
    path = free(request.output or folder / f"{run.run_id}{ending}", request)
    made = content(run.result) if request.top is None else latex(run.result, request.top)
    written = write_text(path, made) if isinstance(made, str) else write_bytes(path, made)
    console.print(str(written))


def write_several(request: ExportRequest, folder: Path, console: Console) -> None:
    """Write the files of a format that has several; `--output` names them all but for their endings."""
    run = find_run(request.what, request.workspace)
    texts = SEVERAL[request.to](run.result)
    base = request.output or folder / run.run_id
    stem = base.name.removesuffix(".json")
    paths = {ending: free(base.with_name(f"{stem}{ending}"), request) for ending in texts}
    for ending, text in texts.items():
        console.print(str(write_text(paths[ending], text)))


def write_folder(request: ExportRequest, folder: Path, console: Console) -> None:
    """Write a run as a folder of event files.

    Raises:
        BenchError: the folder is there; or, with `--force`, it holds anything else.
    """
    run = find_run(request.what, request.workspace)
    files = FOLDERS[request.to](run.result)
    target = free(request.output or folder / f"{run.run_id}.{request.to}", request)
    if target.exists():
        names = {Path(name).name for name in files}
        others = [path for path in target.rglob("*") if path.is_file() and ".tfevents." not in path.name]
        if not target.is_dir() or others:
            raise BenchError(
                f"{others[0] if others else target} is not an event file, so {target} is not replaced.",
                hint=f"Name another folder with -o; --force replaces folders of files like {min(names)} only.",
            )
        shutil.rmtree(target)
    for name, content in files.items():
        write_bytes(target / name, content)
    console.print(f"{target}  ({plural(len(files) - 1, 'trial')}); tensorboard --logdir shows it", soft_wrap=True)


def track(request: ExportRequest, folder: Path, console: Console) -> None:
    """Write a run into the store of another tool."""
    run = find_run(request.what, request.workspace)
    if request.to == "wandb":
        from bench.render.exports.wandb import export_to_wandb  # noqa: PLC0415  an extra

        console.print(export_to_wandb(run.result, request.output or folder, force=request.force), soft_wrap=True)
        return
    from bench.render.exports.mlflow import DEFAULT_URI, export_to_mlflow  # noqa: PLC0415  an extra

    own = f"sqlite:///{request.output}" if request.output else os.environ.get(TRACKING_VARIABLE) or DEFAULT_URI
    reports = [run.folder / name for name in REPORT_FILES] if run.folder else []
    reports = [path for path in reports if path.is_file()]
    written = export_to_mlflow(run.result, request.tracking_uri or own, reports, force=request.force)
    console.print(written, soft_wrap=True)
