"""Printable text as HTML: names and numbers in one piece, without a character that a copy would carry along."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from bench.core.formatting import printable

PIECE = 26  # characters of one piece that a narrow screen can carry
# A figure with its percent sign is one word, as is whatever has no space in it.
WORD = re.compile(r"\S+ %\S*|\S+|\s+")
SETTINGS, PARAMETERS = re.compile(r"(?<=[,@])"), re.compile(r"(?<=\[)")


def label_markup(label: str) -> Markup:
    """A cell's label, escaped: a column may break it between its settings, and only there unless they are long."""
    return Markup("<wbr>").join(_whole(piece) for piece in _pieces(printable(label)))


def name_markup(label: str) -> Markup:
    """A cell's label for an element that keeps a line whole: it may break between its settings, or where it is long."""
    return Markup("<wbr>").join(
        Markup('<span class="long">{}</span>').format(piece) if len(piece) > PIECE else escape(piece)
        for piece in _pieces(printable(label))
    )


def sentence_markup(sentence: str) -> Markup:
    """A sentence, escaped, whose names, signed numbers and percentages stay whole where a line can hold them."""
    return Markup("").join(_word(word) for word in WORD.findall(printable(sentence)))


def _pieces(label: str) -> list[str]:
    """A label cut after the commas of its settings, and after its bracket where a piece would be long."""
    return [
        piece
        for part in SETTINGS.split(label)
        for piece in (PARAMETERS.split(part) if len(part) > PIECE else [part])
        if piece
    ]


def _word(word: str) -> Markup:
    if "[" in word or "@" in word:
        return Markup('<span class="label">{}</span>').format(label_markup(word))
    # browsers break a line after a hyphen and at a space
    return _whole(word) if "-" in word or " %" in word else escape(word)


def _whole(text: str) -> Markup:
    if len(text) > PIECE:  # longer than a screen is wide: it must break somewhere
        return escape(text)
    head, bracket, rest = text.partition("[")
    # in large type even a piece may have to break: after its bracket rather than after a hyphen in the name
    inner = Markup('<span class="whole">{}[</span><wbr>{}').format(head, rest) if bracket and rest else escape(text)
    return Markup('<span class="whole">{}</span>').format(inner)
