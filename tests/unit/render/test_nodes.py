"""What a report says of the machines of a run that trained on many."""

from __future__ import annotations

from dataclasses import replace

from factories import cell, environment, result, trial

from bench.record.codec import run_from_json, run_to_json
from bench.record.fleet import NodeRecord
from bench.render.context import report_context
from bench.render.report import render_html, render_markdown

LOST = NodeRecord(
    node="cellar", kind="aaaa", lost_at="2026-11-27T07:00:00.000+00:00", lost="it is gone", environment=environment()
)
NODES = (NodeRecord(node="attic", kind="aaaa", trained=3), LOST, NodeRecord(node="shed", kind="bbbb", trained=3))


def on_two_kinds():
    """A run of one cell on two kinds of node: the same scores, other times."""
    trials = [
        trial(cell(node_kind=kind), seed, accuracy=0.98 + seed / 1000, epoch_seconds=seconds, node=node, node_kind=kind,
              machine=kind)
        for kind, node, seconds in (("aaaa", "attic", 1.0), ("bbbb", "shed", 3.0))
        for seed in range(4)
    ]  # fmt: skip
    return result(*trials, nodes=NODES, gate={"margin": 0.02})


def test_each_kind_has_a_column_of_times_of_its_own():
    """Times are never pooled or compared; scores are, by a test of equivalence."""
    context = report_context(on_two_kinds())
    (board,) = context.leaderboards
    assert 1 == len(board.rows)
    headings = [column.heading for column in board.columns if column.key.startswith("train-")]
    assert ["Train time, kind aaaa", "Train time, kind bbbb"] == headings
    assert "do not compare" in " ".join(context.cards[0].sentences)
    (kinds,) = (section for section in context.places if section.heading == "Kinds of node")
    assert "Scores are identical on aaaa and bbbb" == kinds.title
    assert kinds.findings[0].endswith("Times cannot be compared.")


def test_a_lost_node_is_named():
    """In the badges, and in the table of nodes, in every format."""
    made = on_two_kinds()
    context = report_context(made)
    (badge,) = (badge for badge in context.badges if "cellar" in badge.label)
    assert badge.reason.startswith("lost at 2026-11-27 07:00 UTC: it is gone.")
    assert ["attic", "cellar", "shed"] == [row[0] for row in context.nodes.rows]
    for text in (render_html(made), render_markdown(made)[0]):
        assert "cellar" in text
        assert "it is gone" in text


def test_a_run_of_one_machine_has_no_table_of_nodes():
    """And its leaderboard is that of its data set."""
    context = report_context(result(trial()))
    assert () == context.nodes.rows
    assert ["mnist"] == [board.dataset for board in context.leaderboards]


def test_nodes_are_kept_with_the_run():
    """Written and read back; times of each kind are those of its first node."""
    run = on_two_kinds().run
    nodes = (replace(NODES[0], machine="m1"), replace(LOST, machine="m2"), replace(NODES[2], machine="m3"))
    run = replace(run, nodes=nodes, machine="m1")
    assert nodes == run_from_json(run_to_json(run), "here").nodes
    assert ("m1", "m3", "m1") == (run.machine_for("aaaa"), run.machine_for("bbbb"), run.machine_for(""))
