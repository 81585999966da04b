"""Which suite a user means: a file, a shipped suite's name, or the one lying in the current folder."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.core.documents import LARGEST_TOML_BYTES, toml_document
from bench.core.errors import SuiteError
from bench.core.files import open_file
from bench.core.names import listed, nearest
from bench.declare.parse import parse_suite, tool_table

if TYPE_CHECKING:
    from bench.declare.suite import Suite

DEFAULT_SUITE = "mnist-mlp"
STARTER = "starter.toml"
_SHIPPED = files("bench.declare") / "suites"


def shipped_suites() -> tuple[str, ...]:
    """The names of the suites that come with the package, the default first."""
    names = sorted(entry.name.removesuffix(".toml") for entry in _SHIPPED.iterdir() if entry.name.endswith(".toml"))
    return (DEFAULT_SUITE, *(name for name in names if name not in {DEFAULT_SUITE, "starter"}))


def starter_text() -> str:
    """The commented suite that `bench init` writes."""
    return (_SHIPPED / STARTER).read_text(encoding="utf-8")


def load_suite(
    reference: str | None = None, *, overrides: dict[str, Any] | None = None, folder: Path | None = None
) -> Suite:
    """The suite a user means.

    Args:
        reference: a path or a shipped name; None takes `bench.toml` of the folder, then `[tool.bench]` of its
            pyproject.toml, then the default suite.
        overrides: keys of [suite] to replace.
        folder: where to look, the current one where not given.

    Raises:
        SuiteError: there is no such suite, or it is wrong.
    """
    if not (reference is None or reference.strip()):
        raise SuiteError(
            "The name of the suite is empty.", hint="Leave it out for the suite of this folder; is a variable not set?"
        )
    here = folder or Path.cwd()
    name = reference or _lying_here(here) or DEFAULT_SUITE
    if name in shipped_suites() and not (here / name).is_file():
        text = (_SHIPPED / f"{name}.toml").read_text(encoding="utf-8")
        return parse_suite(text, base=here, origin=name, overrides=overrides)
    path = here / name
    try:
        text = _text(path)
    except (OSError, ValueError) as error:
        raise _not_found(name, error) from error
    return parse_suite(text, base=path.resolve().parent, origin=name, overrides=overrides)


def _lying_here(folder: Path) -> str | None:
    # a link that leads nowhere is named as what was meant, and then it is said what is wrong with it
    if os.path.lexists(folder / "bench.toml"):
        return "bench.toml"
    try:
        text = _text(folder / "pyproject.toml")
    except (OSError, ValueError):
        return None
    try:
        declared = bool(tool_table(toml_document(text)))
    except ValueError:
        declared = "[tool.bench" in text
    return "pyproject.toml" if declared else None


def _text(path: Path) -> str:
    """The text of a suite file; of one that is too large, a little more than may be."""
    with open_file(path) as file:
        content = file.read(LARGEST_TOML_BYTES + 1)
    errors = "strict" if len(content) <= LARGEST_TOML_BYTES else "replace"  # a character may be cut in two
    # some editors begin a file with a mark that says UTF-8
    return content.decode("utf-8-sig", errors).replace("\r\n", "\n")


def _not_found(name: str, error: Exception) -> SuiteError:
    names = shipped_suites()
    if name.endswith(".toml") or "/" in name:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "it is not UTF-8 text"
        return SuiteError(
            f"The suite file {name} cannot be read: {why}.", hint="`bench init` writes one to start from."
        )
    guess = nearest(name, names)
    return SuiteError(
        f"There is no suite {name!r}" + (f"; did you mean {guess!r}?" if guess else "."),
        hint=f"Give the path of a .toml file, or a shipped suite: {listed(names)}.",
    )
