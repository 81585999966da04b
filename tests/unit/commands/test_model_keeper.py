"""The models of a run in its folder: one of each cell stays, others go, whatever happens to their files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from factories import cell, failed, trial

from bench.commands.models import ModelKeeper
from bench.core.files import sha256_of
from bench.core.score import ACCURACY
from bench.declare.plan import PlannedTrial
from bench.record.records import SavedModel

CELLS = cell("first"), cell("second")
ACCURACIES = {0: 0.90, 1: 0.97, 2: 0.93}
"""By seed; the median is seed 2's."""


class Said(list):
    """A display that remembers what it is told."""

    note = warn = list.append


@pytest.fixture
def kept(tmp_path) -> Any:
    """A keeper of a run of two cells with three seeds each, and what it says."""
    said = Said()
    stage = SimpleNamespace(display=said, request=SimpleNamespace(workspace=SimpleNamespace(reports=tmp_path)))
    planned = [PlannedTrial(of, seed, "key") for of in CELLS for seed in ACCURACIES]
    keeper = ModelKeeper(planned, "now", tmp_path / "suite" / "now", ACCURACY, stage)
    return SimpleNamespace(keeper=keeper, said=said, folder=keeper.folder)


def trained(folder: Path, index: int, run: str = "now", **changes: Any) -> Any:
    """A trial as it ended, and its model beside it."""
    of, seed = CELLS[index // 3], index % 3
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{index:04d}.keras"
    file.write_bytes(f"model {index}".encode())
    made = trial(of, seed, accuracy=ACCURACIES[seed], run_id=run, trial_id=f"{run}-{index}")
    saved = SavedModel(file=file.name, sha256=sha256_of(file), size_bytes=file.stat().st_size)
    return replace(made, outcome=replace(made.outcome, validation_accuracy=None, validation_loss=None, model=saved))


def names(folder: Path) -> list[str]:
    """The files of a folder."""
    return sorted(path.name for path in folder.iterdir())


def test_when_the_last_seed_of_a_cell_has_ended_one_model_stays(kept) -> None:
    """So the disk holds the models of cells under way, and one of each other."""
    for index in (0, 1, 3):
        kept.keeper.note(index, trained(kept.folder, index))
    assert ["0000.keras", "0001.keras", "0003.keras"] == names(kept.folder)
    kept.keeper.note(2, trained(kept.folder, 2))
    assert ["0002.keras", "0003.keras"] == names(kept.folder)


def test_the_end_of_a_trial_may_be_told_twice(kept) -> None:
    """The second time changes nothing."""
    for index in (0, 0, 1, 1, 2, 2):
        kept.keeper.note(index, trained(kept.folder, index))
    (model,) = kept.keeper.settle()
    assert (CELLS[0].id, 2, "0002.keras") == (model.cell, model.seed, model.file)


def test_a_run_that_is_cut_short_keeps_what_it_has(kept) -> None:
    """Of cells whose other trials failed or never ran, too; what a killed worker left goes."""
    kept.keeper.note(0, trained(kept.folder, 0))
    kept.keeper.note(1, failed(CELLS[0], 1))
    (kept.folder / ".0004-77.keras").write_bytes(b"half a model")
    (kept.folder / "notes.txt").write_text("mine")
    (model,) = kept.keeper.settle()
    assert 0 == model.seed
    assert ["0000.keras", "notes.txt"] == names(kept.folder)


def test_a_model_of_another_run_is_brought(kept, tmp_path) -> None:
    """Under the name that its trial has in this run's plan; whose suite the run was does not matter."""
    other = tmp_path / "elsewhere" / "before" / "models"
    for index in range(3):
        kept.keeper.note(index, trained(other, index, "before"))
    (model,) = kept.keeper.settle()
    assert b"model 2" == (kept.folder / model.file).read_bytes()
    assert ["0000.keras", "0001.keras", "0002.keras"] == names(other)


def test_a_file_that_has_changed_is_not_brought(kept, tmp_path) -> None:
    """The next seed by the rule is kept, and named."""
    other = tmp_path / "elsewhere" / "before" / "models"
    for index in range(3):
        record = trained(other, index, "before")
        if index == 2:
            (other / "0002.keras").write_bytes(b"something else")
        kept.keeper.note(index, record)
    (model,) = kept.keeper.settle()
    assert 0 == model.seed  # 0.90 is nearer to 0.93 than 0.97
    assert any("that of seed 2, the first by median, is not there" in text for text in kept.said)


def test_cells_without_a_model_are_told_once(kept) -> None:
    """Their trials came from runs that kept nothing."""
    for index in range(6):
        kept.keeper.note(index, trial(CELLS[index // 3], index % 3, run_id="before"))
    assert () == kept.keeper.settle()
    (text,) = kept.said
    assert "No model of 2 cells is kept" in text
    assert "--fresh" in text
    assert not kept.folder.exists()
