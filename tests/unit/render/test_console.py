"""The console shows text and obeys none."""

from __future__ import annotations

import io

import pytest
from factories import cell, failed, result
from rich.text import Text

from bench.record.collect import trials_frame
from bench.render.console import TextConsole
from bench.render.plan import new_table, plan_table
from bench.render.tables import leaderboard, trials_table
from bench.render.terminal import LiveDisplay, PlainDisplay

ESCAPE = "\x1b[31m"


def printed(*values: object, width: int = 160, colour: bool = False) -> str:
    """What a console of ours writes; without colours, so that each escape in it is somebody else's."""
    file = io.StringIO()
    TextConsole(file=file, width=width, color_system="standard" if colour else None, force_terminal=colour).print(
        *values
    )
    return file.getvalue()


def test_a_string_is_no_markup_wherever_it_is_printed() -> None:
    """Brackets, closing ones too, are shown: in a line, in a cell and in the heading of a table."""
    table = new_table("a[/b]", ("[bold]", False))
    table.add_row("[red]x[/]:smile:")

    shown = printed("[/] [link=file:///etc]", table)

    assert all(text in shown for text in ("a[/b]", "[bold]", "[red]x[/]:smile:", "[/] [link=file:///etc]"))


@pytest.mark.parametrize("char", ["\x1b]8;;http://a.example\x1b\\", ESCAPE, "\x9b31m", "\u202e", "\x07", "\ud800"])
def test_nothing_controls_the_terminal(char: str) -> None:
    """Neither from a string, a text with styles, nor a cell of a table."""
    table = new_table(None, ("name", False))
    table.add_row(f"x{char}")
    table.add_row(Text(f"x{char}"))

    shown = printed(f"x{char}", Text.assemble((f"x{char}", "bold")), table)

    assert not [part for part in shown if part != "\n" and not part.isprintable()]
    shown.encode()


@pytest.mark.parametrize("colour", [False, True])
def test_no_line_is_a_command_to_a_runner(*, colour: bool) -> None:
    """Not by its beginning, not where a column breaks a word, and not by Azure's mark in its middle."""
    table = new_table(None, ("name", False))
    table.add_row("aaaaaaaa::error::x")  # is broken after eight characters

    shown = printed(Text("::error::x", style="red"), "a\n  ::stop-commands::t", "a ##[add-mask]b ##vso[c]", table,
                    width=8, colour=colour)  # fmt: skip

    plain = [Text.from_ansi(line).plain.lstrip() for line in shown.splitlines()]
    assert not [line for line in plain if line.startswith("::")]
    assert "##[" not in "".join(plain)
    assert "##vso[" not in "".join(plain)
    assert "\ufffd:error" in shown.replace("\n", "")


def test_what_is_no_command_stays() -> None:
    """Two colons inside a line, a heading of Markdown and code in C++ are text."""
    assert "a std::sort\n## b [c]\n" == printed("a std::sort\n## b [c]")


def test_a_line_end_in_a_name_starts_no_line_of_ours() -> None:
    """A trial has one line; a warning that has several indents them."""
    name = "a\n[9/9] OK b  100.00 %"
    file = io.StringIO()
    display = PlainDisplay(TextConsole(file=file, width=200))
    display.begin(1)
    display.finished(failed(cell(name), reason=name), "", reused=False)
    display.warn(name)
    display.note(name)

    lines = file.getvalue().splitlines()
    assert ["[1/1]", "WARNI", "  [9/", "a", "  [9/"] == [line[:5] for line in lines]


def test_a_hostile_cell_has_one_line_in_each_table() -> None:
    """Where there is room for its name."""
    run = result(failed(cell("a\n::error::b", parameters={}), reason="no\nroom"))
    console = TextConsole(file=io.StringIO(), width=300)
    from bench.analyse.stats import summary  # noqa: PLC0415  SciPy

    frame = summary(trials_frame(run), run.run.score)
    assert 2 == len(printed(plan_table([trial.cell for trial in run.trials], 1, None), width=300).splitlines())
    assert 3 == len(printed(leaderboard(frame, run.run.score), width=300).splitlines())
    assert "a ::error::b" in printed(trials_table(run), width=300)
    assert console.width == 300


def test_progress_shows_a_hostile_name_as_text() -> None:
    """While it is redrawn, too."""
    file = io.StringIO()
    display = LiveDisplay(TextConsole(file=file, width=100, force_terminal=True, color_system=None))
    display.begin(1)
    display.working(f"reading {ESCAPE}[/x]\x07")
    display.started("t", f"[/x]{ESCAPE}", 3)
    display.end()

    assert "[/x]" in file.getvalue()
    assert ESCAPE not in file.getvalue()
    assert "\x07" not in file.getvalue()
