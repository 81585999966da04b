"""Parts of a report's context: points in time, and the way to a failed trial's log."""

from __future__ import annotations

from dataclasses import replace

import pytest
from factories import HOSTILE, RUN_ID, failed, result
from markdown_it import MarkdownIt

from bench.render.context.failures import log_link
from bench.render.moments import moment
from bench.render.report import render_html, render_markdown


@pytest.mark.parametrize(
    ("recorded", "shown"),
    [
        ("2026-11-22T23:35:15.649+00:00", "2026-11-22 23:35 UTC"),
        ("2026-11-22T23:35:15Z", "2026-11-22 23:35 UTC"),
        ("2026-11-23T00:35:15+01:00", "2026-11-22 23:35 UTC"),
        ("2026-11-22T23:35:15", "2026-11-22 23:35 UTC"),
        ("0001-01-01T00:00:00+23:00", "0001-01-01T00:00:00+23:00"),
        ("yesterday", "yesterday"),
    ],
)
def test_a_point_in_time_is_shown_to_the_minute(recorded: str, shown: str) -> None:
    """Times are in UTC and say so; what cannot be read stays as it was recorded."""
    assert shown == moment(recorded)


def test_a_log_is_found_from_the_runs_folder() -> None:
    """A trial of this run has its log below, one of another run beside it, in HTML and in Markdown."""
    own = replace(failed(), log="logs/0001.log")
    reused = replace(failed(seed=2), log="logs/0002.log", run_id="20261122-230624-4f1a")
    html, (markdown, _) = render_html(result(own, reused)), render_markdown(result(own, reused))

    links = [log_link(own, RUN_ID), log_link(reused, RUN_ID)]

    assert ["logs/0001.log", "../20261122-230624-4f1a/logs/0002.log"] == links
    for link in links:
        assert f'<a href="{link}">' in html
        assert f"]({link})" in markdown


@pytest.mark.parametrize(
    ("log", "run_id"),
    [
        ("javascript:alert(1)", RUN_ID),
        ("//a.example/0001.log", RUN_ID),
        ("logs/../../0001.log", RUN_ID),
        ("/etc/passwd", RUN_ID),
        ("logs/0001.log\n", RUN_ID),
        ("logs/\u0661.log", RUN_ID),
        ("logs/0001.log", ".."),
        ("logs/0001.log", "a/../.."),
        ("logs/0001.log", HOSTILE),
        (HOSTILE, RUN_ID),
        ("", RUN_ID),
    ],
)
def test_no_other_value_becomes_a_link(log: str, run_id: str) -> None:
    """A path that the harness would not have written is shown as text."""
    trial = replace(failed(), log=log, run_id=run_id)
    html, (markdown, _) = render_html(result(trial)), render_markdown(result(trial))

    assert not log_link(trial, RUN_ID)
    assert all(part.startswith("#") for part in html.split('<a href="')[1:])
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
    assert not [leaf for token in tokens for leaf in (token.children or [token]) if leaf.type == "link_open"]
