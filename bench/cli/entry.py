"""Running the command line: what every end of it says, and the only place that exits."""

from __future__ import annotations

import sys
import tempfile
import traceback
from typing import Any, NoReturn

import click

from bench.cli.commands import bench
from bench.core.errors import BenchError, ErrorKind, ExitCode
from bench.core.formatting import log_text, printable
from bench.core.interrupts import Interruptible
from bench.core.secrets import without_passwords
from bench.core.streams import StandardStreams
from bench.core.surroundings import cause_outside
from bench.core.text import storable_text

ISSUES = "https://github.com/keras-bench/keras-bench/issues"


def main(*, early: bool = False) -> NoReturn:
    """Run the command line and exit with what came of it; no traceback reaches a user but for a bug of ours.

    Args:
        early: whether a run may start its warm server before it knows for sure that it needs one.
    """
    with StandardStreams() as streams, Interruptible() as interruption:
        try:
            code = _outcome(interruption, early=early)
        except KeyboardInterrupt:  # once more, while the first was seen to
            code = ExitCode.INTERRUPTED
        streams.flush()
        if streams.failure is not None:
            _complain(
                f"What was to be printed could not be written: {streams.failure.strerror}.",
                "Make room, or send the output elsewhere. Whatever the command was to do besides printing is done.",
            )
            code = code or ExitCode.UNWRITTEN
    sys.exit(int(code))


def _outcome(interruption: Interruptible, *, early: bool) -> int:
    """Run the command line and say what came of it."""
    try:
        code = int(bench.main(standalone_mode=False, obj=early) or ExitCode.OK)
    except click.exceptions.Exit as error:
        code = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        interruption.requested = True
    except Exception as error:  # noqa: BLE001  a bug of ours must not bury the user under a traceback
        # where there was an interruption, this is what somebody else has made of it
        code = ExitCode.OK if interruption.requested else _explain(error)
    if interruption.requested:
        click.echo("Interrupted.", err=True)
        _document_error(ErrorKind.INTERRUPTED, ExitCode.INTERRUPTED, "The command was interrupted.")
        return ExitCode.INTERRUPTED
    return code


def _explain(error: Exception) -> int:
    """Tell the user of an error."""
    if isinstance(error, BenchError):
        _complain(error.message, error.hint)
        _document_error(error.kind, error.exit_code, error.message, error.hint)
        return error.exit_code
    if isinstance(error, click.ClickException):
        error.show()
        _document_error(ErrorKind.USAGE, ExitCode.USAGE, error.format_message())
        return ExitCode.USAGE
    outside = cause_outside(error)
    if outside is not None:
        _complain(outside.message, outside.hint)
        _document_error(outside.kind, outside.exit_code, outside.message, outside.hint)
        return outside.exit_code
    return _confess()


def _document_error(kind: ErrorKind, code: ExitCode, message: str, hint: str = "") -> None:
    """With --json, print the error to standard output as well: a reader of documents gets one in any case."""
    if "--json" not in sys.argv[1:]:
        return
    from bench.render.documents.document import print_document  # noqa: PLC0415
    from bench.render.documents.error import ErrorDocument, ErrorEntry  # noqa: PLC0415

    print_document(ErrorDocument(error=ErrorEntry(kind=kind, exit_code=int(code), message=message, hint=hint)))


def _complain(message: str, hint: str) -> None:
    for word, colour, text in (("Error:", "red", message), ("Hint:", "cyan", hint)):
        if text:
            # what a suite or a builder wrote is shown, not obeyed
            safe = log_text(printable(text))
            click.echo(f"{click.style(word, fg=colour, bold=True)} {safe}", err=True)


def _confess() -> ExitCode:
    report = storable_text(without_passwords(f"{sys.argv}\n{sys.version}\n\n{traceback.format_exc()}"))
    bug = "This is a bug in keras-bench, not in what you typed. What happened is written"
    options: dict[str, Any] = {"prefix": "bench-bug-", "suffix": ".log", "delete": False, "encoding": "utf-8"}
    try:
        with tempfile.NamedTemporaryFile("w", **options) as log:
            log.write(report)
    except OSError:
        message, hint = f"{bug} below, since no file could be written.\n{report}", f"Please send it to {ISSUES}."
    else:
        message, hint = f"{bug} to {log.name}.", f"Please send that file to {ISSUES}."
    _complain(message, hint)
    _document_error(ErrorKind.BUG, ExitCode.BUG, message, hint)
    return ExitCode.BUG
