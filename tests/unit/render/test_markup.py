"""Names and numbers that stay in one piece, and text that stays text."""

from __future__ import annotations

import re
from html import unescape

import pytest
from factories import HOSTILE

from bench.core.formatting import printable
from bench.render.markup import label_markup, name_markup, sentence_markup


def seen(markup: str) -> str:
    """What a reader sees and copies."""
    return unescape(re.sub(r'</?span(?: class="(?:whole|label|long)")?>|<wbr>', "", markup))


@pytest.mark.parametrize("text", [HOSTILE, "against 22.2 s for model-1.", "a[x=1,y=<b>]@c at 98.08 %, 1,024 & -0.04 "])
def test_nothing_is_added_to_the_text(text: str) -> None:
    """A copy of a sentence or a label is that, made printable: no character joins its pieces."""
    for markup in (sentence_markup, label_markup, name_markup):
        assert printable(text) == seen(markup(text))


def test_a_name_a_percentage_and_a_sign_stay_whole() -> None:
    """What a line break would tear apart is one piece; plain words and numbers are left alone."""
    markup = sentence_markup("model-1 reaches 92.49 % of 1,024, -0.04 less.")

    assert ["model-1", "92.49 %", "-0.04"] == re.findall(r'<span class="whole">([^<]*)</span>', markup)


def test_a_label_breaks_between_its_settings() -> None:
    """A narrow column may break a label after a comma, and after its bracket before it breaks a name."""
    pieces = label_markup("mlp-2[optimizer=adam,lr=0.1]@mnist").split("<wbr>")

    assert ["mlp-2[", "optimizer=adam,", "lr=0.1]@", "mnist"] == [seen(piece) for piece in pieces]


def test_what_is_longer_than_a_screen_may_break() -> None:
    """A name of 90 characters must not make a page wider than its reader's screen."""
    assert "a-" * 45 == label_markup("a-" * 45)
