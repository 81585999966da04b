"""`bench compare`: what differs between two runs, or a run and a baseline."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from bench.commands.find import find_run
from bench.core.documents import read_json
from bench.core.errors import BenchError, ExitCode, StoreError
from bench.core.files import write_text
from bench.record.baseline import read_baseline
from bench.render.terminal import make_console

if TYPE_CHECKING:
    from bench.analyse.compare.comparison import Comparison
    from bench.analyse.compare.party import Party
    from bench.commands.workspace import Workspace

FORMATS = {".html": "html", ".md": "md", ".txt": "terminal"}
"""What a file's name says of its format."""
HINT = "A run is run.json in its folder, a baseline is what `bench accept` wrote; `bench list` shows the runs."


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareRequest:
    """What a user asks to be compared.

    Attributes:
        before: A, a run or a baseline file.
        after: B.
        to: `html`, `md` or `terminal`; None for what `output` is called, else the terminal.
        output: the file; None for the screen, and for a page in the current folder.
        workspace: where runs are looked for.
    """

    before: str
    after: str
    to: str | None
    output: Path | None
    workspace: Workspace


def compare_and_show(request: CompareRequest) -> ExitCode:
    """Say what differs from A to B.

    Raises:
        BenchError: a side cannot be found or read, they have no cell in common, or the file is of no known format.
    """
    from bench.analyse.compare.comparison import compare  # noqa: PLC0415  SciPy takes a second to import

    to = _format(request)
    comparison = compare(_party(request.before, request), _party(request.after, request))
    if to == "html":
        return _html(
            comparison, request.output or Path(f"compare-{_slug(comparison.before)}-{_slug(comparison.after)}.html")
        )
    return _markdown(comparison, request.output) if to == "md" else _terminal(comparison, request.output)


def _party(reference: str, request: CompareRequest) -> Party:
    """A side by its name: a .json file is what its content says, anything else is a run."""
    from bench.analyse.compare.party import party_of_baseline, party_of_run  # noqa: PLC0415  SciPy again

    path = Path(reference)
    if path.name.endswith(".json") and path.is_file() and _holds(path) == "baseline":
        return party_of_baseline(read_baseline(path))
    return party_of_run(find_run(reference, request.workspace).result)


def _holds(path: Path) -> str:
    """`run` or `baseline`, by the keys that only one of them has.

    Raises:
        StoreError: it is neither, or cannot be read.
    """
    try:
        content = read_json(path)
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise StoreError(f"{path} is not JSON: {error}.", hint=HINT) from error
    keys = content.keys() if isinstance(content, dict) else set()
    if "acceptances" in keys:
        return "baseline"
    if "run_id" in keys:
        return "run"
    raise StoreError(f"{path} is neither a run nor a baseline: it has no run_id and no acceptances.", hint=HINT)


def _format(request: CompareRequest) -> str:
    if request.to or request.output is None:
        return request.to or "terminal"
    if request.output.suffix not in FORMATS:
        raise BenchError(
            f"The name of {request.output} does not say whether it is HTML, Markdown or text.",
            hint=f"Call it .html, .md or .txt, or add --format: -o {request.output.with_suffix('.html')}",
        )
    return FORMATS[request.output.suffix]


def _html(comparison: Comparison, path: Path) -> ExitCode:
    from bench.render.compare.page import compare_html  # noqa: PLC0415  matplotlib takes a second to import

    return _written(path, compare_html(comparison))


def _markdown(comparison: Comparison, path: Path | None) -> ExitCode:
    from bench.render.compare.page import compare_markdown  # noqa: PLC0415  matplotlib takes a second to import

    if path is None:
        print(compare_markdown(comparison)[0], end="")  # noqa: T201  for a pipe: no colours, no wrapping
        return ExitCode.OK
    image = path.with_name(f"{path.stem}.svg")
    text, svg = compare_markdown(comparison, quote(image.name))
    if svg:
        write_text(image, svg)
    return _written(path, text)


def _terminal(comparison: Comparison, path: Path | None) -> ExitCode:
    from bench.render.compare.context import compare_context  # noqa: PLC0415  pandas takes a second to import
    from bench.render.compare.terminal import compare_text, compare_view  # noqa: PLC0415

    view = compare_view(compare_context(comparison))
    if path is not None:
        return _written(path, compare_text(view))
    make_console().print(view)
    return ExitCode.OK


def _written(path: Path, text: str) -> ExitCode:
    make_console().print(str(write_text(path, text)))
    return ExitCode.OK


def _slug(party: Party) -> str:
    """A side in the name of a file that any system takes."""
    text = party.run_id if party.run else f"baseline-{party.suite}"
    return re.sub(r"[^A-Za-z0-9._]+", "-", text).strip("-.")[:80] or "run"
