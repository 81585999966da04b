"""`bench audit --json`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.record.verdicts import Judgement, Verdict
from bench.render.documents.common import ScoreEntry, score_entry
from bench.render.documents.document import VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.core.score import Score
    from bench.declare.schema import GateKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplanted:
    """A cell that a fault does not fit, and why."""

    cell_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultEntry:
    """A fault and what the gate said of the cells that had it.

    Attributes:
        caught: whether some cell is red for what it did; null where the fault fits no cell.
        regressed, invalid, inconclusive, passed: how many cells.
        worst_change: the largest change for the worse, in the unit of the score; null where no seeds were compared.
        not_planted: the cells that the fault does not fit.
    """

    fault: str
    caught: bool | None
    regressed: int
    invalid: int
    inconclusive: int
    passed: int
    worst_change: float | None
    not_planted: tuple[Unplanted, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditDocument:
    """Which planted faults the gate catches.

    Attributes:
        caught: how many of the faults.
        rule, alpha, margin: of the gate; margin is null where none is set for all cells.
    """

    run_id: str
    score: ScoreEntry
    rule: str
    alpha: float
    margin: float | None
    caught: int
    faults: tuple[FaultEntry, ...]
    version: int = VERSION


def fault_entry(fault: str, judgement: Judgement, not_planted: Mapping[str, str], *, caught: bool) -> FaultEntry:
    """A fault as a document has it.

    Args:
        fault: its name.
        judgement: of the cells that had it.
        not_planted: the cells that it does not fit, and why.
        caught: whether some cell is red for what it did.
    """
    having = judgement.having
    changes = [cell.difference.value for cell in judgement.cells if cell.difference]
    return FaultEntry(
        fault=fault,
        caught=caught if judgement.cells else None,
        regressed=len(having(Verdict.REGRESSED)),
        invalid=len(having(Verdict.INVALID)),
        inconclusive=len(having(Verdict.INCONCLUSIVE)),
        passed=len(having(Verdict.PASS, Verdict.IMPROVED)),
        worst_change=min(changes, key=judgement.score.gain) if changes else None,
        not_planted=tuple(Unplanted(cell_id=cell_id, reason=reason) for cell_id, reason in not_planted.items()),
    )


def audit_document(run_id: str, score: Score, gate: GateKeys, faults: tuple[FaultEntry, ...]) -> AuditDocument:
    """An audit as a document.

    Args:
        run_id: whose training the faults were planted in.
        score: what is judged.
        gate: the rules.
        faults: each with what became of it.
    """
    return AuditDocument(
        run_id=run_id,
        score=score_entry(score),
        rule=gate.rule,
        alpha=gate.alpha,
        margin=gate.margin,
        caught=sum(bool(fault.caught) for fault in faults),
        faults=faults,
    )
