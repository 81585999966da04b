"""Keeping one trained model of each cell, where the suite asks for it."""

from __future__ import annotations

import glob
import shutil
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.analyse.kept import Candidate, candidate_of, preference
from bench.core.files import sha256_of
from bench.core.formatting import plural
from bench.execute.harness.schedule import model_name
from bench.record.records import KeptModel, Status
from bench.record.runfile import MODELS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.commands.stage import Stage
    from bench.core.score import Score
    from bench.declare.plan import PlannedTrial
    from bench.record.records import SavedModel, TrialRecord


@dataclass(frozen=True, slots=True)
class _Trained:
    """What is needed of a trial until the model of its cell is chosen."""

    candidate: Candidate
    trial_id: str
    run_id: str
    model: SavedModel | None


class ModelKeeper:
    """Chooses the model of each cell when its last trial has ended, and removes the others.

    Args:
        planned: the trials of the run.
        run_id: of the run.
        folder: of the run.
        score: what cells are ranked by.
        stage: of the run; hears of models that are not there.
    """

    def __init__(self, planned: Sequence[PlannedTrial], run_id: str, folder: Path, score: Score, stage: Stage) -> None:
        self.folder = (folder / MODELS).absolute()
        self._run_id, self._score, self._stage = run_id, score, stage
        self._missing: defaultdict[str, set[int]] = defaultdict(set)
        for index, trial in enumerate(planned):
            self._missing[trial.cell.id].add(index)
        self._trained: defaultdict[str, list[_Trained]] = defaultdict(list)
        self._kept: dict[str, KeptModel] = {}
        self._without: list[str] = []
        self._unsaved: set[str] = set()

    def note(self, index: int, trial: TrialRecord) -> None:
        """Hear of a trial that has ended, or was taken from the store; with the last of its cell, choose its model."""
        cell, outcome = trial.cell.id, trial.outcome
        if index not in self._missing[cell]:  # the end of a trial may be told twice
            return
        self._missing[cell].remove(index)
        candidate = candidate_of(index, trial.seed, outcome, self._score) if trial.status is Status.OK else None
        if candidate is not None:
            self._trained[cell].append(_Trained(candidate, trial.trial_id, trial.run_id, outcome.model))
            if outcome.model is not None and outcome.model.obstacle and cell not in self._unsaved:
                self._unsaved.add(cell)
                self._stage.display.warn(f"The model of {cell} cannot be saved: {outcome.model.obstacle}")
        if not self._missing[cell]:
            self._choose(cell)

    def settle(self) -> tuple[KeptModel, ...]:
        """The models that the run keeps, those of cells included that were cut short; nothing else is left."""
        for cell in tuple(self._trained):
            self._choose(cell)
        self._remove_others({model.file for model in self._kept.values()})
        display = self._stage.display
        if self._kept:
            display.note(f"Kept models of {plural(len(self._kept), 'cell')}: {self.folder}")
        if self._without:
            some = f"{self._without[0]}{', ...' if len(self._without) > 1 else ''}"
            display.warn(
                f"No model of {plural(len(self._without), 'cell')} is kept ({some}): their trials came from the store, "
                "and no model of these is there. `bench run -k CELL --fresh` trains one again."
            )
        return tuple(self._kept.values())

    def _choose(self, cell: str) -> None:
        """Keep the first model by the rule that is there."""
        trained = {trial.candidate.index: trial for trial in self._trained.pop(cell, [])}
        if not trained:
            return
        by, order = preference([trial.candidate for trial in trained.values()])
        for candidate in order:
            trial = trained[candidate.index]
            file = self._at_hand(trial)
            if file is None or trial.model is None:
                continue
            self._kept[cell] = KeptModel(
                cell=cell,
                seed=candidate.seed,
                trial_id=trial.trial_id,
                file=file,
                sha256=trial.model.sha256,
                size_bytes=trial.model.size_bytes,
                by=by,
            )
            if candidate is not order[0]:
                self._stage.display.warn(
                    f"The kept model of {cell} is of seed {candidate.seed}: that of seed {order[0].seed}, the first by "
                    f"{by.value}, is not there."
                )
            break
        else:
            if cell not in self._unsaved:
                self._without.append(cell)
        for index, trial in trained.items():
            if trial.run_id == self._run_id and (cell not in self._kept or self._kept[cell].file != model_name(index)):
                _remove(self.folder / model_name(index))

    def _at_hand(self, trial: _Trained) -> str | None:
        """The name of a trial's model in the folder of this run, where it is brought if it is another run's."""
        model, name = trial.model, model_name(trial.candidate.index)
        if model is None or model.obstacle:
            return None
        file = self.folder / name
        if trial.run_id == self._run_id:
            return name if file.exists() else None
        reports = self._stage.request.workspace.reports
        # the run may be of another suite with the same cell
        for source in reports.glob(f"*/{glob.escape(trial.run_id)}/{MODELS}/{glob.escape(model.file)}"):
            try:
                if sha256_of(source) == model.sha256:
                    _bring(source, file)
                    return name
            except OSError:
                continue
        return None

    def _remove_others(self, kept: set[str]) -> None:
        """Remove what workers left that were ended while they saved."""
        if not self.folder.is_dir():
            return
        for file in self.folder.glob("*.keras"):
            if file.name not in kept:
                _remove(file)
        if not kept:
            with suppress(OSError):  # somebody else's file is in it
                self.folder.rmdir()


def _remove(file: Path) -> None:
    """Remove a file; one that cannot be removed costs the run nothing."""
    with suppress(OSError):
        file.unlink(missing_ok=True)


def _bring(source: Path, file: Path) -> None:
    """Give a file another name, or copy it where it lies on another file system."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    try:
        file.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, file)
