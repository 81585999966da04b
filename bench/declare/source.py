"""Which suite a user means: a file, a shipped suite's name, or the one lying in the current folder.

Its text is read and not checked here: nothing is imported that takes a while.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.core.documents import LARGEST_TOML_BYTES, toml_document
from bench.core.errors import SuiteError
from bench.core.files import open_file
from bench.core.names import listed, nearest

DEFAULT_SUITE = "mnist-mlp"
STARTER = "starter.toml"
_SHIPPED = Path(__file__).parent / "suites"


@dataclass(frozen=True, slots=True)
class SuiteSource:
    """The text of a suite.

    Attributes:
        text: TOML, a suite file or a pyproject with `[tool.bench]`.
        base: the folder that its paths and builders are looked for in.
        origin: what the user calls it.
    """

    text: str
    base: Path
    origin: str

    def document(self) -> dict[str, Any]:
        """Its tables, unchecked.

        Raises:
            ValueError: it is no TOML.
        """
        document = toml_document(self.text)
        return tool_table(document) if Path(self.origin).name == "pyproject.toml" else document


def shipped_suites() -> tuple[str, ...]:
    """The names of the suites that come with the package, the default first."""
    names = sorted(entry.name.removesuffix(".toml") for entry in _SHIPPED.iterdir() if entry.name.endswith(".toml"))
    return (DEFAULT_SUITE, *(name for name in names if name not in {DEFAULT_SUITE, "starter"}))


def starter_text() -> str:
    """The commented suite that `bench init` writes."""
    return (_SHIPPED / STARTER).read_text(encoding="utf-8")


def find_suite(reference: str | None = None, folder: Path | None = None) -> SuiteSource:
    """The text of the suite a user means.

    Args:
        reference: a path or a shipped name; None takes `bench.toml` of the folder, then `[tool.bench]` of its
            pyproject.toml, then the default suite.
        folder: where to look, the current one where not given.

    Raises:
        SuiteError: there is no such suite.
    """
    if not (reference is None or reference.strip()):
        raise SuiteError(
            "The name of the suite is empty.", hint="Leave it out for the suite of this folder; is a variable not set?"
        )
    here = folder or Path.cwd()
    name = reference or _lying_here(here) or DEFAULT_SUITE
    if name in shipped_suites() and not (here / name).is_file():
        return SuiteSource((_SHIPPED / f"{name}.toml").read_text(encoding="utf-8"), here, name)
    path = here / name
    try:
        text = _text(path)
    except (OSError, ValueError) as error:
        raise _not_found(name, error) from error
    return SuiteSource(text, path.resolve().parent, name)


def tool_table(document: dict[str, Any]) -> dict[str, Any]:
    """The table [tool.bench] of a pyproject; empty where it has none."""
    tool = document.get("tool")
    table = tool.get("bench") if isinstance(tool, dict) else None
    return table if isinstance(table, dict) else {}


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
