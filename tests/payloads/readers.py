"""What a reader makes of what was written: anything that acts, and whatever the clean text does not have, is a finding.

Structure is compared with that of a clean run: a name may change where a line breaks, and nothing else.
"""

# ruff: noqa: S314  (a parser of hostile files is what is wanted here)

from __future__ import annotations

import ast
import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from html.parser import HTMLParser

import pandas as pd
import yaml
from cmarkgfm import github_flavored_markdown_to_html
from cmarkgfm.cmark import Options
from payloads.writers import Written
from rich.text import Text

from bench.core.formatting import printable

Finding = tuple[str, str]
"""A kind of thing that acts, and what it is."""

BREAKS = {("wbr", ()), ("span", ("class",)), ("b", ())}
"""Elements that a name decides the number of: where it may break, and what must not."""
ANSI = re.compile(r"\x1b\[[\d;?]*[A-Za-z]")
COMMAND = re.compile(r"^\s*::|##\w*\[", re.MULTILINE)
ADDRESSES = re.compile(r"url\(|@import|expression|http:|https:", re.IGNORECASE)


def findings(hostile: Written, clean: Written) -> list[Finding]:
    """All that the hostile text does and the clean one does not."""
    text = hostile.content
    found: list[Finding] = []
    if isinstance(text, str):
        found += _control(text if hostile.kind != "redrawn" else ANSI.sub("", text).replace("\r", ""))
    try:
        found += READERS[hostile.kind](hostile.content, clean.content)
    except (SyntaxError, ValueError, ET.ParseError, StopIteration) as error:
        found.append(("unreadable", f"{type(error).__name__}: {error}"))
    return found


def _control(text: str) -> Iterator[Finding]:
    for char in set(text):
        if printable(char) != char:
            yield "control character", f"U+{ord(char):04X} at {text.index(char)}"


class _Elements(HTMLParser):
    """Elements with the names of their attributes, addresses, handlers and texts of scripts."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: Counter[tuple[str, tuple[str, ...]]] = Counter()
        self.given: Counter[tuple[str, str]] = Counter()
        self.ids: Counter[str] = Counter()
        self.inside = ""
        self.code: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen[tag, tuple(sorted(name for name, _ in attrs))] += 1
        self.inside = tag if tag in {"script", "style"} else ""
        for name, value in attrs:
            if name == "id":
                self.ids[value or ""] += 1
            if name in {"href", "src", "action", "style", "http-equiv", "content"}:
                self.given[name, re.sub(r"[\d.]+", "0", value or "")] += 1

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.code.append(data)

    def handle_comment(self, data: str) -> None:
        if data.strip():
            self.seen["comment", ()] += 1

    def handle_decl(self, decl: str) -> None:
        self.seen["declaration", ()] += 1

    def unknown_decl(self, data: str) -> None:
        self.seen["declaration", ()] += 1

    def handle_pi(self, data: str) -> None:
        self.seen["instruction", ()] += 1


def _html(hostile: str, clean: str) -> Iterator[Finding]:
    mine, ours = _Elements(hostile), _Elements(clean)
    for element in mine.seen.keys() - ours.seen.keys() - BREAKS:
        if not _label(*element):
            yield "element", repr(element)
    for tag in ("script", "style", "meta", "link", "base", "form", "iframe", "object", "title", "head", "body", "main"):
        if _count(mine, tag) != _count(ours, tag):
            yield "element", f"{_count(mine, tag)} {tag} instead of {_count(ours, tag)}"
    yield from _addresses(mine, ours)
    for name, number in mine.ids.items():
        if number > 1:
            yield "attribute", f"id {name} is there {number} times"
    for code in mine.code:
        if not code.lstrip().startswith("{") and code not in ours.code:
            yield "script", code[:80]


def _label(tag: str, names: Iterable[str]) -> bool:
    """Whether it is a text of a chart: where a label finds its room, names decide."""
    return tag.rpartition("}")[2] == "text" and set(names) <= {"style", "transform", "x", "y"}


def _addresses(mine: _Elements, ours: _Elements) -> Iterator[Finding]:
    for name, value in mine.given.keys() - ours.given.keys():
        if name != "style" and not value.startswith(("#", "data:image/png;base64,")) and name != "content":
            yield "address", f"{name}={value[:80]}"
        if name in {"style", "content"} and ADDRESSES.search(value):
            yield "style", value[:80]


def _count(of: _Elements, tag: str) -> int:
    return sum(number for (name, _), number in of.seen.items() if name == tag)


def _markdown(hostile: str, clean: str) -> Iterator[Finding]:
    yield from _html(_github(hostile), _github(clean))
    mine, ours = (
        Counter(re.findall(r"<(h\d|table|li|details|pre|blockquote)\b", _github(text))) for text in (hostile, clean)
    )
    for tag in ("h1", "blockquote"):
        if mine[tag] > max(ours[tag], 1):
            yield "element", f"{mine[tag]} {tag} instead of {ours[tag]}"
    if set(mine) - set(ours):
        yield "element", repr(set(mine) - set(ours))
    if re.search(r"(?<![\w<>])@(?=\w)", re.sub(r"<(code|pre)\b.*?</\1>", "", _github(hostile), flags=re.DOTALL)):
        yield "mention", "a name after @"


def _github(text: str) -> str:
    """What GitHub makes of Markdown, before it takes raw HTML away."""
    return str(github_flavored_markdown_to_html(text, options=Options.CMARK_OPT_UNSAFE))


def _svg(hostile: str, clean: str) -> Iterator[Finding]:
    mine, ours = (_nodes(text) for text in (hostile, clean))
    for tag, names in mine.keys() - ours.keys():
        if not _label(tag, names):
            yield "element", f"{tag} {names}"
    nodes = list(ET.fromstring(hostile).iter())
    for node in nodes:
        for name, value in node.attrib.items():
            if name.endswith("href") and not value.startswith(("#", "data:image/png;base64,")):
                yield "address", value[:80]
            if name.startswith("on") or (name == "style" and re.search(r"@import|expression|url\((?!#)", value)):
                yield "handler", f"{name}={value[:80]}"
    ids = Counter(node.get("id") for node in nodes if node.get("id"))
    yield from (("attribute", f"id {name} twice") for name, number in ids.items() if number > 1)
    wanted = {value[1:] for node in nodes for name, value in node.attrib.items()
              if name.endswith("href") and value.startswith("#")}  # fmt: skip
    yield from (("attribute", f"nothing has the id {name}") for name in wanted - set(ids))


def _nodes(text: str) -> Counter[tuple[str, tuple[str, ...]]]:
    return Counter((node.tag, tuple(sorted(node.attrib))) for node in ET.fromstring(text).iter())


def _xml(hostile: str, clean: str) -> Iterator[Finding]:
    if _nodes(hostile) != _nodes(clean):
        yield "element", repr(_nodes(hostile) - _nodes(clean))


def _csv(hostile: str, clean: str) -> Iterator[Finding]:
    rows, wanted = (list(csv.reader(io.StringIO(text, newline=""), strict=True)) for text in (hostile, clean))
    if [len(row) for row in rows] != [len(row) for row in wanted]:
        yield "row", f"{len(rows)} rows of {sorted({len(row) for row in rows})} cells"
    if len(pd.read_csv(io.StringIO(hostile))) != len(wanted) - 1:
        yield "row", "pandas reads another number"
    # readers that know another separator, or no quotes
    cells = [*(cell for row in rows for cell in row), *re.split(r"[;\t\n]", hostile)]
    cells += [part for row in rows for cell in row for part in re.split(r"[;\t\n]", cell)]
    for cell in cells:
        if re.match(
            r"""["']?[=@\uff1d\uff0b\uff0d\uff20]|["']?[+-](?!$)(?![\d.]*(e[+-]?\d+)?( ?%)?(,|$))""", cell
        ) and not (cell.startswith(("'", "\"'"))):
            yield "formula", repr(cell[:60])


def _json(hostile: str, clean: str) -> Iterator[Finding]:
    if _shape(json.loads(hostile)) != _shape(json.loads(clean)):
        yield "value", "another shape"


def _yaml(hostile: str, clean: str) -> Iterator[Finding]:
    try:
        if _shape(yaml.safe_load(hostile)) != _shape(yaml.safe_load(clean)):
            yield "value", "another shape"
    except yaml.YAMLError as error:
        yield "unreadable", f"{type(error).__name__}: {error}"


def _shape(value: object) -> object:
    """Of JSON: kinds of values, without keys."""
    if isinstance(value, dict):
        return tuple(_shape(item) for item in value.values())
    return tuple(_shape(item) for item in value) if isinstance(value, list) else None


def _latex(hostile: str, clean: str) -> Iterator[Finding]:
    # TeX reads nothing of a comment but its end
    hostile, clean = (re.sub(r"^%.*$", "%", text, flags=re.MULTILINE) for text in (hostile, clean))
    for command in _commands(hostile).keys() - _commands(clean).keys() - PRINTED:
        yield "command", command
    for text in ("&", r"\\", "{", "}"):
        mine, ours = (_bare(text, of) for of in (hostile, clean))
        if text in {"&", r"\\"} and mine != ours:
            yield "command", f"{mine} {text} instead of {ours}"
    if _bare("{", hostile) != _bare("}", hostile):
        yield "command", "braces do not match"
    for char in "$#^~_":
        if re.search(rf"(?<!\\)\{char}", hostile):
            yield "command", f"a bare {char}"
    if len(re.findall(r"(?<!\\)%", hostile)) != len(re.findall(r"(?<!\\)%", clean)):
        yield "command", "a comment"
    if "\n\n" in hostile.strip("\n"):
        yield "command", "a paragraph"


PRINTED = {r"\textbackslash", r"\textasciitilde", r"\textasciicircum", *(rf"\{char}" for char in "&%$#_{}")}
TOKEN = re.compile(r"\\(?:[A-Za-z@]+|.)", re.DOTALL)


def _commands(text: str) -> Counter[str]:
    return Counter(TOKEN.findall(text))


def _bare(char: str, text: str) -> int:
    return _commands(text)[char] if char.startswith("\\") else TOKEN.sub("", text).count(char)


def _python(hostile: str, clean: str) -> Iterator[Finding]:
    for call in _calls(hostile) - _calls(clean):
        yield "call", call


def _calls(code: str) -> set[str]:
    """What a program calls and imports."""
    nodes = [_WithoutTexts().visit(node) for node in ast.walk(ast.parse(code))]
    return {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)} | {
        ast.unparse(node) for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)
    }


class _WithoutTexts(ast.NodeTransformer):
    """Takes the content of every literal text away: names may stand there."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant("") if isinstance(node.value, str) else node


def _notebook(hostile: str, clean: str) -> Iterator[Finding]:
    mine, ours = (json.loads(text)["cells"] for text in (hostile, clean))
    if [cell["cell_type"] for cell in mine] != [cell["cell_type"] for cell in ours]:
        yield "cell", "other cells"
    for cell, other in zip(mine, ours, strict=True):
        yield from (_python if cell["cell_type"] == "code" else _markdown)(cell["source"], other["source"])
        if cell["cell_type"] != "code":
            yield from _control(cell["source"])


def _parquet(hostile: bytes, clean: bytes) -> Iterator[Finding]:
    mine, ours = (pd.read_parquet(io.BytesIO(content)) for content in (hostile, clean))
    if mine.shape != ours.shape or list(map(str, mine.dtypes)) != list(map(str, ours.dtypes)):
        yield "column", "another table"
    for column in mine.columns:
        yield from _control(column)
        for value in mine[column]:
            if isinstance(value, str):
                yield from _control(value)


def _terminal(hostile: str, _: str) -> Iterator[Finding]:
    for line in hostile.splitlines():
        if COMMAND.search(line):
            yield "command", line[:80]


def _text(_: str, __: str) -> Iterator[Finding]:
    """Nothing beyond what controls a terminal, which is looked for in every text."""
    return iter(())


def _redrawn(hostile: str, clean: str) -> Iterator[Finding]:
    yield from _terminal(Text.from_ansi(hostile).plain, "")
    for escape in set(ANSI.findall(hostile)) - set(ANSI.findall(clean)):
        yield "escape", repr(escape)


def _annotations(hostile: str, clean: str) -> Iterator[Finding]:
    lines, wanted = hostile.splitlines(), clean.splitlines()
    if [line.split(" ")[0] for line in lines] != [line.split(" ")[0] for line in wanted]:
        yield "command", repr(lines)[:200]
    for line in filter(None, lines):
        if not re.fullmatch(r"::(error|warning|notice) title=[^:,\r\n]*::[^\r\n]*", line):
            yield "command", line[:80]


READERS: dict[str, Callable[..., Iterator[Finding]]] = {
    "html": _html, "markdown": _markdown, "svg": _svg, "xml": _xml, "csv": _csv, "json": _json, "yaml": _yaml,
    "latex": _latex, "python": _python, "notebook": _notebook, "parquet": _parquet, "terminal": _terminal,
    "redrawn": _redrawn, "github": _annotations, "text": _text,
}  # fmt: skip
