"""What is wrong with a suite file: every problem at once, each with its key, what was received and what is allowed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from bench.core.errors import SuiteError
from bench.core.formatting import plural
from bench.core.names import nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from pydantic import ValidationError

LONGEST_VALUE = 60
LONGEST_PATH = 200
MOST = 50
"""Problems that are listed; who has more than that has one that repeats."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong.

    Attributes:
        path: where, as a reader finds it in the file: `grid[2].learning_rate[1]`.
        received: the value as written; None where the key itself is the problem.
        allowed: what may stand there, as the end of the sentence "expected ...".
        suggestion: the nearest valid name, where there is one.
    """

    path: str
    received: str | None
    allowed: str
    suggestion: str | None = None

    def __str__(self) -> str:
        path = self.path if len(self.path) <= LONGEST_PATH else f"{self.path[:LONGEST_PATH]}..."
        received = "" if self.received is None else f"received {self.received}; "
        suggestion = f" (did you mean {self.suggestion}?)" if self.suggestion else ""
        return f"{path}: {received}expected {self.allowed}{suggestion}"


class EnoughError(Exception):
    """There are more problems than anybody reads at once."""


class Problems(list[Problem]):
    """Problems as they are found.

    Raises:
        EnoughError: by `append` and `+=`, at one more than are listed; what is left of the file is not looked at.
    """

    def append(self, problem: Problem) -> None:
        """Note one."""
        if len(self) == MOST:
            raise EnoughError
        super().append(problem)

    def __iadd__(self, problems: Iterable[Problem]) -> Self:  # type: ignore[override, misc]  # any iterable
        for problem in problems:
            self.append(problem)
        return self


def value_text(value: object) -> str:
    """A received value as an error shows it, TOML-like and no longer than a line."""
    try:
        text = {True: "true", False: "false"}[value] if isinstance(value, bool) else repr(value)
    except ValueError:  # Python writes no integer of more than 4,300 digits
        return "an enormous number"
    except RecursionError:  # a value of Python's own: what is read from a file is not as deep
        return "a value that is nested too deeply"
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 3]}..."


def unknown_key(path: str, key: str, valid: Iterable[str], of: str) -> Problem:
    """A key that its table does not have."""
    names = sorted(valid)
    suggestion = nearest(key, names)
    allowed = f"a key of {of}" if suggestion else f"a key of {of}: {', '.join(names)}"
    return Problem(f"{path}.{key}" if path else key, "an unknown key", allowed, suggestion)


def from_validation(
    path: str, error: ValidationError, *, inside: str | None = None, axes: Collection[str] = ()
) -> list[Problem]:
    """Pydantic's findings as problems of ours, one per place.

    Args:
        path: of what was validated.
        error: pydantic's.
        inside: the only key of what was validated, where `path` ends with it already.
        axes: keys of which a grid may have several values.
    """
    problems: dict[str, Problem] = {}
    for detail in error.errors(include_url=False):
        parts = _inner(detail["loc"][1:] if inside is not None else detail["loc"])
        place = path + "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in parts)
        if detail["type"] == "missing":
            problem = Problem(place, "nothing", "this key")
        elif detail["type"] == "extra_forbidden":
            problem = Problem(place, "an unknown key", "only the keys this table has")
        else:
            words = _WORDS.get(detail["type"]) or _allowed(detail["msg"])
            allowed, _, guess = words.partition("; did you mean ")
            received = "nothing" if detail["input"] is None else value_text(detail["input"])  # TOML has no null
            if len(parts) == 1 and parts[0] in axes and isinstance(detail["input"], list):
                allowed = f"one value ({allowed}); a list is an axis: write {parts[0]} = [...] under [[grid]]"
            problem = Problem(place, received, allowed, guess.strip("'?") or None)
        problems.setdefault(place, problem)
    return list(problems.values())


def refuse(source: str, problems: list[Problem], *, more: bool = False) -> SuiteError:
    """The one error that carries the problems of a suite.

    Args:
        source: the name of the file.
        problems: to list.
        more: whether there are more of them.
    """
    lines = "\n".join(f"  {problem}" for problem in problems)
    number = (
        f"more than {plural(len(problems), 'problem')}, the first ones are"
        if more
        else plural(len(problems), "problem")
    )
    return SuiteError(
        f"{source} has {number}:\n{lines}",
        hint="`bench init` writes a commented suite to start from; nothing was trained or written.",
    )


_TAGS = frozenset(
    {"constant", "cosine", "exponential", "polynomial", "inverse_time", "piecewise", "own", "int", "float"}
)


_WORDS = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "byte_size": "a number of bytes greater than 0, or one with a unit, such as '4 GiB'",
    "float_parsing": "a number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "list_type": "a list",
    "model_type": "a table",
    "string_pattern_mismatch": "1 to 80 letters, digits, dots, dashes and underscores, a letter or digit first",
    "string_too_short": "a text that is not empty",
    "string_type": "a text",
    "tuple_type": "a list",
}
"""Pydantic's error types in the words of a suite file; only a suite's name has a pattern."""


def _inner(location: tuple[int | str, ...]) -> list[Any]:
    """The parts of a location that stand in the file; a union's tags do not."""
    return [
        part
        for part in location
        if part not in _TAGS and not str(part).startswith(("list[", "function-", "constrained"))
    ]


def _allowed(message: str) -> str:
    """Pydantic's message without its subject: `Input should be greater than 0` gives `a value greater than 0`."""
    text = message.removeprefix("Value error, ")
    if text.startswith("Input should be "):
        rest = text.removeprefix("Input should be ")
        return f"a value {rest}" if rest.startswith(("greater", "less")) else rest
    return text
