"""Text that stays text in Markdown, as GitHub reads it.

GitHub looks for addresses, mentions and numbers of issues in what it has read already, where no backslash is left. An
empty comment parts those; no reader sees it.
"""

from __future__ import annotations

import re

from bench.core.formatting import one_line, printable

# Anywhere: code, emphasis, links, HTML, tables, headings, mathematics, strike-through, entities, mentions, footnotes.
ANYWHERE = re.compile(r"([\\`*_\[\]<>#|~$&@^])")
# Where a word follows: addresses that turn into links, and names of emoji.
COLON = re.compile(r":(?=\S)")
# At the start of a line: lists, rules and underlined headings.
START = re.compile(r"^[-+=]")
NUMBERED = re.compile(r"^(\d+)([.)])(?=\s|$)")
BARE = re.compile(r"(?i)(www)\.")
# What may be an e-mail address, a mention, or the number of an issue.
ADDRESS = re.compile(r"(?<![\w.+@-])[\w.+@-]*@[\w.+@-]*|#(?=\d)")
MENTION = re.compile(r"(?<!\w)@(?=\w)")
PARTED, MARK = "<!-- -->", "\0"


def escaped(text: str) -> str:
    """Text as prose of one line: CommonMark shows a backslash before punctuation as that punctuation alone."""
    line = ADDRESS.sub(_parted, one_line(text))
    line = BARE.sub(r"\1\\.", COLON.sub(r"\\:", ANYWHERE.sub(r"\\\1", line)))
    return NUMBERED.sub(r"\1\\\2", START.sub(r"\\\g<0>", line)).replace(MARK, PARTED)


def _parted(match: re.Match[str]) -> str:
    """A mark, which printable text cannot hold, where an address, a mention or a number is to be parted."""
    word = match[0]
    if word == "#":
        return word + MARK
    return word.replace("@", "@" + MARK) if "." in word else MENTION.sub("@" + MARK, word)


def code(text: str) -> str:
    """Text as a code span of one line, whatever backticks it holds; a pipe in it would need `code_cell`."""
    line = one_line(text)
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
