"""`-k EXPR` picks cells by words in their ids."""

from __future__ import annotations

from contextlib import suppress

import pytest
from factories import cell
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.core.errors import BenchError
from bench.declare.select import select

COSINE = {"schedule": "cosine", "initial": 0.5}
CELLS = (
    cell("softmax"),
    cell("mlp", learning_rate=0.1, named=("learning_rate",)),
    cell("mlp", learning_rate=0.5, named=("learning_rate",), device="gpu:0"),
    cell("MLP-wide", learning_rate=COSINE, named=("learning_rate",)),
)
SOFTMAX, SLOW, FAST, WIDE = range(4)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("softmax", [SOFTMAX]),
        ("mlp", [SLOW, FAST, WIDE]),  # whatever the case
        ("Mlp", [SLOW, FAST, WIDE]),
        ("mlp and gpu", [FAST]),
        ("softmax or gpu", [SOFTMAX, FAST]),
        ("not mlp", [SOFTMAX]),
        ("not not mlp", [SLOW, FAST, WIDE]),
        ("not mlp or gpu", [SOFTMAX, FAST]),  # not binds closest
        ("softmax or mlp and gpu", [SOFTMAX, FAST]),  # then and
        ("(softmax or mlp) and gpu", [FAST]),
        ("not (softmax or gpu)", [SLOW, WIDE]),
        ("not(softmax or gpu)and(mlp)", [SLOW, WIDE]),
        ("mlp and not lr=0.1", [FAST, WIDE]),
        ("mlp[lr=0.1]@mnist@cpu", [SLOW]),
        ("MLP-wide[lr=cosine(initial=0.5)]@mnist@cpu", [WIDE]),  # an id as it is printed, parentheses and all
        ("(lr=cosine(initial=0.5)]) or softmax", [SOFTMAX, WIDE]),
        (" or ".join(["softmax"] * 5000), [SOFTMAX]),
        (" and ".join(["softmax"] * 5000), [SOFTMAX]),
    ],
)
def test_an_expression_picks_cells(expression: str, expected: list[int]) -> None:
    """`not` binds closest, then `and`, then `or`; a word holds when it is part of the id."""
    assert tuple(CELLS[index] for index in expected) == select(CELLS, expression)


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("", "a word is missing"),
        ("and", "a word is missing"),
        ("mlp and", "a word is missing"),
        ("mlp or or mlp", "a word is missing"),
        ("not", "a word is missing"),
        ("()", "a word is missing"),
        ("(mlp", "a parenthesis is not closed"),
        ("mlp)", "')' is one too many"),
        ("mlp cpu", "'cpu' is one too many"),
        ("( " * 3000, "its parentheses are nested too deeply"),
    ],
)
def test_an_expression_that_cannot_be_read(expression: str, reason: str) -> None:
    """The refusal says what is missing or one too many, and how an expression looks."""
    with pytest.raises(BenchError) as caught:
        select(CELLS, expression)
    assert f"-k {expression!r} cannot be read: {reason}." == caught.value.message
    expected = "Join words of a cell's id with and, or, not and parentheses: -k 'mlp and not lr=0.1'"
    assert expected == caught.value.hint


def test_an_expression_that_matches_nothing_shows_what_there_is() -> None:
    """The first ids of the suite are the hint."""
    with pytest.raises(BenchError) as caught:
        select(CELLS[:2], "lenet")
    assert "No cell matches -k 'lenet'." == caught.value.message
    assert "Ids of this suite look like:\n  softmax@mnist@cpu\n  mlp[lr=0.1]@mnist@cpu" == caught.value.hint


WORDS = st.sampled_from(["and", "or", "not", "(", ")", "mlp", "softmax", "lr=0.1", "cosine(initial=0.5)"])


@settings(deadline=None)
@given(st.one_of(st.text(), st.lists(WORDS, max_size=12).map(" ".join), st.lists(WORDS, max_size=12).map("".join)))
def test_any_text_selects_or_is_refused(expression: str) -> None:
    """Whatever is typed, the outcome is some of the cells in their order, or a BenchError."""
    with suppress(BenchError):
        chosen = select(CELLS, expression)
        assert chosen == tuple(one for one in CELLS if one in chosen) != ()
