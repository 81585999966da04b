"""Numbers as people read them, one place, so that every format prints the same digits; and text made harmless."""

from __future__ import annotations

import math
import re
import unicodedata

MISSING = "-"
REPLACEMENT = "\ufffd"
"""What stands for a character that would act on whatever reads it."""

_COMMAND = re.compile(r"^((?:[^\S\n]|\x1b\[[\d;?]*[A-Za-z])*):(?=:)", re.MULTILINE)
_MARK = re.compile(r"##(?=\w*\[)")
_NOT_PLAIN = re.compile(r"[^\n\t -~]")
"""What has to be looked up in Unicode's tables."""

ALIKE = 1.05
"""Times as much: two costs that differ by less are about equal."""


def percent(fraction: float | None, digits: int = 2) -> str:
    """A fraction as percent: 0.9812 gives `98.12 %`; NaN and None give `-`."""
    return MISSING if _absent(fraction) else f"{fraction:.{digits}%}".replace("%", " %")


def points(fraction: float | None, digits: int = 2) -> str:
    """A difference or deviation of fractions in percentage points: 0.0012 gives `0.12`; NaN and None give `-`."""
    return MISSING if _absent(fraction) or fraction is None else f"{100 * fraction:.{digits}f}"


def signed_points(fraction: float | None, digits: int = 2) -> str:
    """A difference in percentage points with its sign: `-0.52`, `+0.10`, `0.00`; NaN and None give `-`."""
    text = points(fraction, digits)
    if fraction is None or text == MISSING or float(text) == 0:
        return text if text == MISSING else text.lstrip("-")
    return text if fraction < 0 else f"+{text}"


def seconds(value: float | None) -> str:
    """A duration: `0.42 ms`, `23 ms`, `4.21 s`, `7 min 05 s`, `2 h 03 min`; NaN and None give `-`."""
    if value is None or not math.isfinite(value):
        return MISSING
    if 0 < value < 0.00995:  # noqa: PLR2004  what would print as 10.0 ms is printed whole
        return f"{value * 1e3:.2g} ms"
    if value < 0.9995:  # noqa: PLR2004  what would print as 1000 ms is printed as seconds
        return f"{value * 1e3:.0f} ms"
    if value < 59.95:  # noqa: PLR2004  what would print as 60.0 s is printed as minutes
        return f"{value:.2f} s" if value < 9.995 else f"{value:.1f} s"  # noqa: PLR2004  three figures either way
    minutes, rest = divmod(round(value), 60)
    if minutes < 60:  # noqa: PLR2004  minutes in an hour
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min"


def size(value: float | None) -> str:
    """A number of bytes in binary units: `412 MiB`, `1.5 GiB`; NaN and None give `-`."""
    if value is None or not math.isfinite(value):
        return MISSING
    for unit in ("B", "KiB", "MiB"):
        if abs(value) < 1023.5:  # noqa: PLR2004  what would print as 1024 is printed in the next unit
            return f"{value:.0f} {unit}"
        value /= 1024
    return f"{value:.1f} GiB"


def count(value: float | None) -> str:
    """A whole number with thin groups of three: `101,770`; NaN and None give `-`."""
    return MISSING if value is None or not math.isfinite(value) else f"{value:,.0f}"


def plural(number: int, noun: str, nouns: str | None = None) -> str:
    """A number and its noun: `1 trial`, `10 trials`."""
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"


def percent_range(low: float | None, high: float | None, digits: int = 2) -> str:
    """An interval of fractions: 0.9808 and 0.9814 give `98.08 to 98.14 %`; NaN and None give `-`."""
    return MISSING if _absent(low) or _absent(high) else f"{points(low, digits)} to {percent(high, digits)}"


def interval_text(n: int, low: float | None, high: float | None) -> str:
    """An interval of a mean of fractions; one of no width says what it comes from.

    Args:
        n: values behind the mean.
        low: a fraction; NaN and None give `-`.
        high: a fraction; NaN and None give `-`.
    """
    if n > 1 and low is not None and low == high:
        return f"all {n} equal"
    return percent_range(low, high)


def points_range(low: float | None, high: float | None, digits: int = 2) -> str:
    """An interval of differences in percentage points: `5.50 to 5.60`; NaN and None give `-`."""
    return MISSING if _absent(low) or _absent(high) else f"{points(low, digits)} to {points(high, digits)}"


def signed_points_range(low: float | None, high: float | None, digits: int = 2) -> str:
    """An interval of differences in percentage points, with signs: `-0.52 to +0.10`; NaN and None give `-`."""
    if _absent(low) or _absent(high):
        return MISSING
    return f"{signed_points(low, digits)} to {signed_points(high, digits)}"


def seconds_range(low: float | None, high: float | None) -> str:
    """An interval of durations: `33.9 s to 34.5 s`; NaN and None give `-`."""
    return MISSING if _absent(low) or _absent(high) else f"{seconds(low)} to {seconds(high)}"


def factor(value: float | None) -> str:
    """A ratio in two figures or whole: `1.3`, `12`; NaN and None give `-`."""
    if value is None or not math.isfinite(value):
        return MISSING
    return f"{value:.1f}" if value < 9.95 else f"{value:,.0f}"  # noqa: PLR2004  what would print as 10.0


def about_one(times: float) -> bool:
    """Whether a ratio is so near to 1, on either side, that `factor` would print it as 1.0."""
    return 1 / ALIKE < times < ALIKE


def ratio(value: float | None) -> str:
    """A ratio of two measurements in two or three figures: `0.0040`, `0.62`, `1.35`, `104`; NaN and None give `-`."""
    if value is None or not math.isfinite(value):
        return MISSING
    if 0 < value < 0.0995:  # noqa: PLR2004  what would print as 0.10
        return f"{value:.{1 - math.floor(math.log10(value))}f}"
    digits = 2 if value < 9.995 else 1 if value < 99.95 else 0  # noqa: PLR2004  what would print as 10.00 or 100.0
    return f"{value:,.{digits}f}"


def ratio_range(low: float | None, high: float | None) -> str:
    """An interval of ratios: `0.58 to 0.66`; NaN and None give `-`."""
    return MISSING if _absent(low) or _absent(high) else f"{ratio(low)} to {ratio(high)}"


def probability(p: float | None) -> str:
    """A p-value in two figures: `0.065`, `1`, `< 0.0001`; NaN and None give `-`."""
    if p is None or math.isnan(p):
        return MISSING
    return f"{p:.2g}" if p >= 1e-4 else "< 0.0001"  # noqa: PLR2004  smaller ones say no more


def number(value: float | None) -> str:
    """A measured quantity without a unit in four significant figures: `0.06213`; NaN and None give `-`."""
    return MISSING if value is None or not math.isfinite(value) else f"{value:.4g}"


def plain(value: float) -> str:
    """A whole number below 1e9 with all its digits, any other in four significant figures: `60,000`, `0.1307`."""
    return f"{value:,.0f}" if value == round(value) and abs(value) < 1e9 else number(value)  # noqa: PLR2004


def significant(value: float | None) -> str:
    """A quantity of any size in four significant figures, zeros kept: `41.60`, `0.06213`, `12,345`.

    Zero is `0`; NaN and None give `-`.
    """
    if value is None or not math.isfinite(value):
        return MISSING
    if value == 0:
        return "0"
    digits = 3 - math.floor(math.log10(abs(value)))
    # what rounds up to the next power of ten has one decimal less
    digits = 3 - math.floor(math.log10(abs(round(value, digits))))
    return f"{value:.3e}" if digits > 7 else f"{value:,.{max(digits, 0)}f}"  # noqa: PLR2004  smaller is read as a power


def compact(value: float | None) -> str:
    """The same without zeros at its end: `2`, `1.3`, `0.00186`, `1,050,000`; NaN and None give `-`."""
    text = significant(value)
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def fraction(value: float | None) -> str:
    """A value from 0 to 1 that is not usually given in percent, in four decimals: `0.9780`; NaN and None give `-`."""
    return MISSING if value is None or not math.isfinite(value) else f"{value:.4f}"


def printable(text: str) -> str:
    """Text that no page, terminal, parser or editor acts on: characters that control one are shown as U+FFFD.

    Line feeds and tabs stay. Terminal escapes (category Cc), bidirectional overrides and other invisible formats (Cf),
    lone surrogates (Cs), which UTF-8 cannot hold, separators of lines and paragraphs (Zl, Zp) and noncharacters, which
    XML forbids, do not.
    """
    if text.isprintable():  # nearly all texts are
        return text
    return _NOT_PLAIN.sub(lambda match: match[0] if _harmless(match[0]) else REPLACEMENT, text.replace("\r\n", "\n"))


def _harmless(char: str) -> bool:
    if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
        return False
    code = ord(char)
    # the last two of every plane and 32 of the Arabic forms are noncharacters (Unicode, section 23.7)
    return code & 0xFFFE != 0xFFFE and not 0xFDD0 <= code <= 0xFDEF  # noqa: PLR2004  as that section numbers them


def one_line(text: str) -> str:
    """Printable text on one line: each run of spaces and line ends is one space, and none is at either end."""
    return " ".join(printable(text).split())


def log_text(text: str) -> str:
    """Text in which the log of a CI job finds no command; colours and movements of the cursor may be in it.

    Runners of GitHub Actions and Azure Pipelines take a line that begins with `::`, and `##[`, `##vso[` anywhere, for a
    command. The character that would begin it is shown as U+FFFD, as `printable` shows those that control something.
    """
    return _MARK.sub(f"#{REPLACEMENT}", _COMMAND.sub(rf"\1{REPLACEMENT}", text))


def elided(text: str, width: int) -> str:
    """Text on one line of at most `width` characters: its middle gives way to an ellipsis, both ends stay readable."""
    line = one_line(text)
    if len(line) <= width:
        return line
    tail = (width - 1) // 3
    return f"{line[: width - 1 - tail]}\u2026{line[len(line) - tail :]}"


def _absent(value: float | None) -> bool:
    return value is None or not math.isfinite(value)
