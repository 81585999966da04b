"""Text that stays text in Markdown, as GitHub reads it."""

from __future__ import annotations

import re

from bench.core.formatting import printable

# Anywhere: code, emphasis, links, HTML, tables, headings, mathematics, strike-through, entities, mentions.
ANYWHERE = re.compile(r"([\\`*_\[\]<>#|~$&@])")
# Where a word follows: addresses that turn into links, and names of emoji.
COLON = re.compile(r":(?=\S)")
# At the start of a line: lists, rules and underlined headings.
START = re.compile(r"^[-+=]")
NUMBERED = re.compile(r"^(\d+)([.)])(?=\s|$)")
BARE = re.compile(r"(?i)\b(www)\.")


def escaped(text: str) -> str:
    """Text as prose of one line: CommonMark shows a backslash before punctuation as that punctuation alone."""
    line = ANYWHERE.sub(r"\\\1", " ".join(printable(text).split()))
    line = BARE.sub(r"\1\\.", COLON.sub(r"\\:", line))
    return NUMBERED.sub(r"\1\\\2", START.sub(r"\\\g<0>", line))


def code(text: str) -> str:
    """Text as a code span of one line, whatever backticks it holds; a pipe in it would need `code_cell`."""
    line = " ".join(printable(text).split())
    if not line:
        return ""
    longest = max((len(run) for run in re.findall(r"`+", line)), default=0)
    fence = "`" * (longest + 1)
    # A space keeps the fence apart from a backtick at either end; CommonMark takes one such space off again.
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def code_cell(text: str) -> str:
    """A code span inside a table: a table reads the pipe first, and takes a backslash before it away."""
    return code(text).replace("|", "\\|")


def link(text: str, target: str) -> str:
    """A code span inside a table that leads to `target`, which the caller has made sure of; without one, the span."""
    return f"[{code_cell(text)}]({target})" if target else code_cell(text)


def block(text: str, language: str = "") -> str:
    """Text as a fenced block, whatever fences it holds."""
    body = printable(text).rstrip("\n")
    longest = max((len(run) for run in re.findall(r"`+", body)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{body}\n{fence}"
