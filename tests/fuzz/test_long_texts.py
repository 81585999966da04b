"""Texts of a hundred thousand characters that make a careless pattern try every end from every beginning."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from bench.catalog.datasets.written import looks_date, looks_number
from bench.core.formatting import log_text, one_line, printable
from bench.core.secrets import without_passwords
from bench.render.exports.csv import guarded_text
from bench.render.markdown import block, code, escaped
from bench.render.markup import label_markup, sentence_markup

if TYPE_CHECKING:
    from collections.abc import Callable

LENGTH = 100_000
LIMIT_S = 2.0
"""Of a processor, as for every input of the fuzzer."""

UNITS = [
    "1", "1.", "1,", "+", "-", "a", "a.", "@", "a@", "#1", "\n", " ", "\t", "\n ", ";", ';"', "'", '"', "`", "[", "]",
    "a://b:", "://", "a://b:c@", "password", "password.", "password = ", "token-", "\x1b[", "\x1b[0", "\x1b[0m", "::",
    "##", "##[", "www.", "1/1/", "2024-", "$1", "<", "<!--", "-->", " %", "x %", "=", "|", "\\",
]  # fmt: skip

READERS: dict[str, Callable[[str], object]] = {
    "printable": printable, "one_line": one_line, "without_passwords": without_passwords, "CSV": guarded_text,
    "Markdown": escaped, "code": code, "block": block, "label": label_markup, "sentence": sentence_markup,
    "log": log_text, "number": looks_number, "date": looks_date,
}  # fmt: skip


@pytest.mark.parametrize("reader", READERS)
def test_no_text_takes_long(reader: str) -> None:
    """A text of one repeated piece, with and without another end."""
    slow = {}
    for unit in UNITS:
        for end in ("", "x", "!", "@", "\n::x"):
            text = unit * (LENGTH // len(unit)) + end
            begun = time.process_time()
            READERS[reader](text)
            taken_s = time.process_time() - begun
            if taken_s > LIMIT_S:
                slow[unit + end] = taken_s
    assert not slow
