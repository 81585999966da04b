"""Finding the run that a user names: in the store, or in a folder that stands alone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from bench.core.errors import StoreError
from bench.record.runfile import RUN_FILE, read_run_file
from bench.results import Run

if TYPE_CHECKING:
    from bench.commands.workspace import Workspace

LIST = "`bench list` shows the runs in the store."


def find_run(reference: str | Path, workspace: Workspace, *, history: bool = False) -> Run:
    """The run that `reference` names.

    Args:
        reference: an id or the beginning of one, a suite's name, `latest`, or a run folder or its `run.json`.
        workspace: where it is looked for.
        history: whether what earlier runs found is wanted too, which a report shows and nothing else.

    Raises:
        StoreError: there is no such run.
    """
    name = str(reference)
    if not name.strip():
        raise StoreError("The name of the run is empty.", hint="Write latest, or leave it out; is a variable not set?")
    path = Path(reference)
    file = path / RUN_FILE
    if file.is_symlink() or file.exists() or path.name.endswith(".json"):
        result = read_run_file(path)
        return Run(result, path if path.is_dir() else path.parent)
    if os.sep in name and path.exists():
        raise StoreError(f"{path} is not a run: it is neither a folder with a {RUN_FILE} nor such a file.", hint=LIST)
    with workspace.reading() as database:
        result = database.load_run(database.find_run(name))
        past = database.history(result.run) if history else ()
    folder = workspace.folder_of(result.run.suite_name, result.run.run_id)
    return Run(result, folder if folder.is_dir() else None, past)
