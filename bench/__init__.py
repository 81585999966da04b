"""A benchmark harness for Keras architectures.

>>> import bench
>>> run = bench.run("digits")        # trains what the store does not hold yet   # doctest: +SKIP
>>> run.summary()                    # a row per cell                            # doctest: +SKIP
>>> run.report("digits.html")        # one file                                  # doctest: +SKIP
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.results import Run

__all__ = ["load", "run"]


def run(
    suite: str | Path | None = None,
    *,
    seeds: int | Sequence[int] | None = None,
    select: str | None = None,
    settings: dict[str, Any] | None = None,
    fresh: bool = False,
    jobs: int | Literal["auto"] = 1,
    reports: str | Path = "reports",
    store: str | None = None,
    progress: bool = True,
) -> Run:
    """Train a suite and write its report; what the store holds already is not trained again.

    Args:
        suite: a path or a shipped name; None takes the suite of the current folder, else `mnist-mlp`.
        seeds: trials per cell, or the seeds themselves; None as the suite says.
        select: which cells, by words in their ids, as `-k` does.
        settings: keys of [suite] to replace, such as `{"epochs": 1}`.
        fresh: train again what the store holds already.
        jobs: trials at a time; timings of more than one are marked contended. "auto" for one per core.
        reports: the folder of runs and reports.
        store: path or SQLAlchemy URL; `bench.db` in `reports` where not given.
        progress: print a line per trial.

    Returns:
        The run, with `trials()`, `epochs()`, `summary()` and `report(path)`.

    Raises:
        bench.core.errors.BenchError: the suite is wrong, its data cannot be had, or this machine does not serve. A
            trial that fails raises nothing: it is a row like any other.
        KeyboardInterrupt: after what had finished was recorded; `load()` gives that run.
    """
    from bench.commands.request import RunRequest  # noqa: PLC0415  `import bench` stays quick
    from bench.commands.run import run_suite  # noqa: PLC0415
    from bench.commands.workspace import Workspace  # noqa: PLC0415
    from bench.render.terminal import make_console, make_display, silent_display  # noqa: PLC0415

    overrides = dict(settings or {})
    if seeds is not None:
        overrides["seeds"] = seeds if isinstance(seeds, int) else list(seeds)
    request = RunRequest(
        suite=None if suite is None else str(suite),
        overrides=overrides,
        expression=select,
        fresh=fresh,
        jobs=0 if jobs == "auto" else jobs,
        workspace=Workspace(Path(reports), store),
    )
    display = make_display(make_console()) if progress else silent_display()
    finished = run_suite(request, display, keep_server=True)
    if finished.result.run.status == "INTERRUPTED":
        raise KeyboardInterrupt
    return finished


def load(run: str | Path = "latest", *, reports: str | Path = "reports", store: str | None = None) -> Run:
    """A run from the store, or from a run folder.

    Args:
        run: an id or the beginning of one, a suite's name, `latest`, or the path of a run folder or `run.json`.
        reports: the folder of runs and reports.
        store: path or SQLAlchemy URL; `bench.db` in `reports` where not given.

    Raises:
        bench.core.errors.StoreError: there is no such run.
    """
    from bench.commands.find import find_run  # noqa: PLC0415  `import bench` stays quick
    from bench.commands.workspace import Workspace  # noqa: PLC0415

    return find_run(run, Workspace(Path(reports), store), history=True)
