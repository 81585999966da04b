"""What is wrong with a store, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.core.formatting import plural
from bench.record.integrity import MISSING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.record.integrity import Damage
    from bench.record.store import Holder
    from bench.record.store.examination import Examination

KINDS = {
    "runs": "run",
    "trials": "trial",
    "run_trials": "place in the plan of run",
    "labels": "true values of data set",
    "surveys": "survey of engines for shape",
}
SHOWN = 10


def damage_text(damage: Damage) -> str:
    """One damaged row: `trial X is damaged (record)`."""
    row = f"{KINDS[damage.table]} {damage.row}"
    if damage.columns == (MISSING,):
        return f"{row} is missing"
    return f"{row} is damaged ({', '.join(damage.columns)})"


def damage_lines(damage: Sequence[Damage], url: str) -> list[str]:
    """What to say after reading a store with damaged rows: which they are, and how to get them back."""
    if not damage:
        return []
    distinct = list(dict.fromkeys(damage))
    lines = [f"The store {url} is damaged: {plural(len(distinct), 'row')} cannot be read."]
    lines += [f"  {damage_text(row)}" for row in distinct[:SHOWN]]
    if len(distinct) > SHOWN:
        lines.append(f"  ... and {len(distinct) - SHOWN:,} more: bench doctor lists all")
    return [*lines, advice(distinct)]


def examination_text(examined: Examination, url: str) -> str:
    """What was checked, and how much of it is damaged."""
    held = f"{url}: {plural(examined.runs, 'run')}, {plural(examined.trials, 'trial')}"
    unchecked = f", {examined.unchecked:,} of earlier versions without checksums" if examined.unchecked else ""
    if examined.sound:
        return f"{held}{unchecked}; no row is damaged"
    findings = [plural(len(examined.damage), "damaged row")] if examined.damage else []
    findings += [plural(len(examined.problems), "problem") + " in its pages"] if examined.problems else []
    return f"{held}{unchecked}; {' and '.join(findings)}"


def advice(damage: Sequence[Damage]) -> str:
    """How to get damaged rows back."""
    runs = list(dict.fromkeys(damaged.run_id for damaged in damage if damaged.run_id))
    if not runs:
        return "bench run trains the damaged trials again."
    named = ", ".join(runs[:3]) + (" ..." if len(runs) > 3 else "")  # noqa: PLR2004
    return f"bench import RUN_FOLDER restores rows from the folders of {named}; bench run trains the rest again."


def waiting_text(holder: Holder) -> str:
    """Whom a run waits for."""
    since = f" since {holder.since:%H:%M:%S} UTC" if holder.since else ""
    return (
        f"Waiting for a trial that another run is training: run {holder.run_id}, process "
        f"{holder.process_id} on {holder.hostname},{since or ' since an unknown time'}"
    )
