"""Numbers as people read them, at the borders where one form passes into the next."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.core import formatting
from bench.core.formatting import (
    count,
    elided,
    factor,
    number,
    percent,
    plain,
    plural,
    points,
    printable,
    probability,
    ratio,
    seconds,
    signed_points,
    size,
)

if TYPE_CHECKING:
    from collections.abc import Callable

NAN = math.nan


@pytest.mark.parametrize(
    "form", [percent, points, signed_points, seconds, size, count, factor, ratio, probability, number]
)
@pytest.mark.parametrize("value", [None, NAN])
def test_what_is_missing_is_a_dash(form: Callable[[float | None], str], value: float | None) -> None:
    """None and NaN read alike in every form."""
    assert "-" == form(value)


@pytest.mark.parametrize(
    "form",
    [
        formatting.percent_range,
        formatting.points_range,
        formatting.signed_points_range,
        formatting.seconds_range,
        formatting.ratio_range,
    ],
)
@pytest.mark.parametrize("ends", [(None, 1.0), (1.0, None), (NAN, 1.0), (1.0, NAN), (None, NAN)])
def test_a_range_without_an_end_is_a_dash(form: Callable[..., str], ends: tuple[float | None, float | None]) -> None:
    """Half an interval says nothing."""
    assert "-" == form(*ends)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0 ms"),
        (0.0004, "0.4 ms"),
        (0.000421, "0.42 ms"),
        (0.00994, "9.9 ms"),
        (0.00995, "10 ms"),
        (0.0234, "23 ms"),
        (0.9994, "999 ms"),
        (0.9995, "1.00 s"),
        (4.214, "4.21 s"),
        (9.994, "9.99 s"),
        (9.995, "10.0 s"),
        (59.94, "59.9 s"),
        (59.95, "1 min 00 s"),
        (60.4, "1 min 00 s"),
        (425, "7 min 05 s"),
        (59.5 * 60, "59 min 30 s"),
        (3599.4, "59 min 59 s"),
        (3599.5, "1 h 00 min"),
        (3600, "1 h 00 min"),
        (7380, "2 h 03 min"),
        (100 * 3600, "100 h 00 min"),
    ],
)
def test_a_duration(value: float, expected: str) -> None:
    """Three figures or two units; no form ever shows 1000 ms, 60.0 s or 60 min."""
    assert expected == seconds(value)


@given(st.floats(0, 1e7))
def test_no_duration_shows_more_than_its_unit_holds(value: float) -> None:
    """Rounding never carries a number to where the next unit begins."""
    text = seconds(value)
    assert not text.startswith(("1000 ms", "60.0 s", "60 min"))
    assert " 60 " not in text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1 KiB"),
        (1024**2 - 1, "1 MiB"),
        (412 * 1024**2, "412 MiB"),
        (1023.4 * 1024**2, "1023 MiB"),
        (1024**3 - 1, "1.0 GiB"),
        (1.5 * 1024**3, "1.5 GiB"),
        (4096 * 1024**3, "4096.0 GiB"),
    ],
)
def test_a_number_of_bytes(value: float, expected: str) -> None:
    """Binary units; no form ever shows 1024 of one."""
    assert expected == size(value)


@pytest.mark.parametrize(
    ("fraction", "digits", "expected"),
    [(0.9812, 2, "98.12 %"), (0.98124, 2, "98.12 %"), (0, 2, "0.00 %"), (1, 0, "100 %"), (-0.005, 1, "-0.5 %")],
)
def test_a_fraction_is_read_in_percent(fraction: float, digits: int, expected: str) -> None:
    """With as many decimals as asked for, and a space before the sign."""
    assert expected == percent(fraction, digits)


@given(st.floats(0, 1), st.integers(0, 3))
def test_points_and_percent_show_the_same_digits(fraction: float, digits: int) -> None:
    """A range that mixes both forms cannot contradict itself."""
    assert percent(fraction, digits) == f"{points(fraction, digits)} %"


def test_ranges() -> None:
    """The unit stands once, at the end, but where the two ends may have different ones."""
    assert "98.08 to 98.14 %" == formatting.percent_range(0.98084, 0.98139)
    assert "5.50 to 5.60" == formatting.points_range(0.055, 0.056)
    assert "999 ms to 1.00 s" == formatting.seconds_range(0.999, 1)


@pytest.mark.parametrize(("value", "expected"), [(101_770, "101,770"), (0, "0"), (999.6, "1,000")])
def test_a_count(value: float, expected: str) -> None:
    """In groups of three."""
    assert expected == count(value)


@pytest.mark.parametrize(("value", "expected"), [(1.25, "1.2"), (9.94, "9.9"), (9.95, "10"), (1234.5, "1,234")])
def test_a_factor(value: float, expected: str) -> None:
    """In two figures, or whole; never 10.0."""
    assert expected == factor(value)


@pytest.mark.parametrize(("value", "expected"), [(0.062134, "0.06213"), (2, "2"), (1e-7, "1e-07")])
def test_a_number(value: float, expected: str) -> None:
    """In four significant figures."""
    assert expected == number(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (41.2, "41.20"),
        (40, "40.00"),
        (0.5, "0.5000"),
        (-0.062134, "-0.06213"),
        (9.99951, "10.00"),
        (0.999951, "1.000"),
        (12_345.4, "12,345"),
        (0.00001234, "1.234e-05"),
        (5e-324, "4.941e-324"),
        (0, "0"),
        (math.nan, "-"),
        (None, "-"),
    ],
)
def test_a_value_keeps_its_zeros(value: float | None, expected: str) -> None:
    """In four significant figures, so that values in a column are of equal precision."""
    assert expected == formatting.significant(value)


def test_a_noun_follows_its_number() -> None:
    """One of it, none of it, thousands of it, and nouns that do not simply take an s."""
    assert ["1 trial", "0 trials", "1,000 trials"] == [plural(number, "trial") for number in (1, 0, 1000)]
    assert ["1 study", "2 studies"] == [plural(number, "study", "studies") for number in (1, 2)]


def test_text_that_controls_nothing_stays() -> None:
    """Line feeds, tabs, letters of any script and pictures are text."""
    assert "a\n\tü 漢 🎉" == printable("a\r\n\tü 漢 🎉")


@pytest.mark.parametrize("char", ["\x1b", "\r", "\0", "\x7f", "\x85", "\u202e", "\u200b", "\ufeff", "\ud800",
                                  "\u2028", "\ufffe", "\uffff", "\ufdd0", "\U0010fffe", "\U000e0041"])  # fmt: skip
def test_characters_that_control_something_are_replaced(char: str) -> None:
    """Escapes, overrides, what cannot be seen, half characters, and what XML forbids."""
    assert "a\ufffdb" == printable(f"a{char}b")


def test_text_on_one_line() -> None:
    """Line ends and tabs are spaces there."""
    assert "a b c" == formatting.one_line("  a\n\tb\r\nc ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("::error::x", "\ufffd:error::x"),
        ("a\n \t::stop-commands::b", "a\n \t\ufffd:stop-commands::b"),
        ("\x1b[31m\x1b[1m ::error::x", "\x1b[31m\x1b[1m \ufffd:error::x"),
        ("a ##[add-mask]b ##vso[task.x]c", "a #\ufffd[add-mask]b #\ufffdvso[task.x]c"),
        ("a std::sort\n## b [c] #[d]", "a std::sort\n## b [c] #[d]"),
    ],
)
def test_a_log_has_no_command(text: str, expected: str) -> None:
    """None at the start of a line, whatever spaces and colours precede it; none with the marks that work anywhere."""
    assert expected == formatting.log_text(text)


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("short", 5, "short"),
        ("two\n lines", 20, "two lines"),
        ("abcdefghij", 9, "abcdef…ij"),
        ("abcdefghij", 1, "…"),
        ("\x1b[31mred", 20, "\ufffd[31mred"),
    ],
)
def test_a_long_text_gives_way_in_its_middle(text: str, width: int, expected: str) -> None:
    """Both ends stay readable, on one line."""
    assert expected == elided(text, width)


@given(st.text(), st.integers(1, 30))
def test_an_elided_text_fits(text: str, width: int) -> None:
    """On one line, of no more characters than there is room for."""
    line = elided(text, width)
    assert len(line) <= width
    assert len(line.splitlines()) <= 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [(-0.0052, "-0.52"), (0.001, "+0.10"), (0.0, "0.00"), (-0.00004, "0.00"), (0.00004, "0.00")],
)
def test_a_difference_has_a_sign_where_it_shows_one(value: float, expected: str) -> None:
    """What prints as nought has none."""
    assert expected == signed_points(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.6234, "0.62"),
        (1.0, "1.00"),
        (9.994, "9.99"),
        (9.995, "10.0"),
        (99.94, "99.9"),
        (99.95, "100"),
        (1234.5, "1,234"),
    ],
)
def test_a_ratio_has_three_figures(value: float, expected: str) -> None:
    """Below one it has two decimals."""
    assert expected == ratio(value)


@pytest.mark.parametrize(
    ("value", "expected"), [(0.0651, "0.065"), (1.0, "1"), (0.0001, "0.0001"), (0.00009, "< 0.0001"), (0.0, "< 0.0001")]
)
def test_a_probability_has_two_figures(value: float, expected: str) -> None:
    """Very small ones are not told apart."""
    assert expected == probability(value)


def test_ranges_are_written_with_to() -> None:
    """Each end as it would stand alone."""
    assert "-2.90 to +1.30" == formatting.signed_points_range(-0.029, 0.013)
    assert "0.58 to 12.4" == formatting.ratio_range(0.58, 12.4)


@pytest.mark.parametrize(
    ("value", "expected"), [(255.0, "255"), (60_000.0, "60,000"), (-1.5, "-1.5"), (0.130661, "0.1307"), (2e9, "2e+09")]
)
def test_a_plain_number_keeps_the_digits_of_whole_ones(value: float, expected: str) -> None:
    """Whole numbers are printed in full, others in four figures."""
    assert expected == plain(value)
