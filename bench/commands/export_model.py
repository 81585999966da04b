"""`bench export` of the trained model that a run has kept of a cell."""

from __future__ import annotations

import importlib.util
import re
from typing import TYPE_CHECKING

from bench.commands.exporting import find_cell, free, slug
from bench.commands.find import find_run
from bench.commands.formats import MODELS
from bench.core.errors import BenchError
from bench.core.files import make_folder, sha256_of, write_bytes
from bench.core.formatting import one_line, printable
from bench.core.temporary import temporary_folder
from bench.declare.locate import load_suite
from bench.execute.conversion import Conversion
from bench.execute.harness.servers import warm_servers
from bench.execute.harness.starting import RuntimeSignature
from bench.record.runfile import MODELS as MODELS_FOLDER
from bench.render.treatment import inputs_text

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from bench.commands.exporting import ExportRequest
    from bench.core.trees import Shapes
    from bench.execute.conversion import Converted
    from bench.record.records import KeptModel, TrialRecord
    from bench.results import Run

TIMEOUT_S = 600.0
"""Seconds that a conversion may take."""

MOST_DIFFERENCE = 1e-3
"""The largest difference of predictions that rounding explains."""

ASK = 'Write keep_models = "best" into [suite] and run it with --fresh.'


def write_model(request: ExportRequest, folder: Path, console: Console) -> None:
    """Copy the kept model of a cell, or convert it in a worker process.

    Raises:
        BenchError: the run has kept no model of the cell, its file is gone or changed, or it cannot be converted.
    """
    run = find_run(request.run, request.workspace)
    kept, trial = _kept(run, request)
    file = _file(run, kept)
    path = free(request.output or folder / f"{slug(kept.cell)}{MODELS[request.to]}", request)
    if request.to == "keras":
        content = file.read_bytes()
        write_bytes(path, content)
        checked = ""
    else:
        checked = _convert(run, kept, trial, file, path)
    console.print(f"Model   {path}", soft_wrap=True)
    console.print(f"Of      {printable(kept.cell)}, seed {kept.seed} ({_WHY[kept.by.value]})", soft_wrap=True)
    for name, text in _inputs(trial).items():
        console.print(f"{one_line(name).capitalize()}  {text}; the model expects the same", soft_wrap=True)
    if checked:
        console.print(checked, soft_wrap=True)


_WHY = {
    "validation": "the best seed on the examples held out",
    "median": "the seed nearest to the median score",
}


def _kept(run: Run, request: ExportRequest) -> tuple[KeptModel, TrialRecord]:
    cells = tuple(dict.fromkeys(trial.cell.id for trial in run.result.trials))
    cell = find_cell(run, request.what, cells)
    kept = next((model for model in run.result.run.models if model.cell == cell), None)
    if kept is None:
        raise BenchError(f"Run {run.run_id} has kept no trained model of {cell}.", hint=ASK)
    if request.seed not in {None, kept.seed}:
        raise BenchError(
            f"Run {run.run_id} has kept the model of {cell} with seed {kept.seed}, and not with seed {request.seed}.",
            hint=f"Leave --seed out, or write --seed {kept.seed}.",
        )
    trial = next(
        (trained for trained in run.result.trials if trained.cell.id == cell and trained.seed == kept.seed), None
    )
    if trial is None:
        raise BenchError(f"Run {run.run_id} has no trial of {cell} with seed {kept.seed}.", hint=ASK)
    return kept, trial


def _file(run: Run, kept: KeptModel) -> Path:
    """The file of a kept model, with the content that the run has saved."""
    # a run.json of somebody else's may name any file
    named = re.fullmatch(r"\d{4,}\.keras", kept.file) is not None
    file = (run.folder / MODELS_FOLDER / kept.file) if run.folder is not None and named else None
    if file is None or not file.is_file():
        raise BenchError(
            f"The kept model of {kept.cell} is not in the folder of run {run.run_id} any more.",
            hint="Bring the folder `models` of that run back, or run the suite with --fresh.",
        )
    if sha256_of(file) != kept.sha256:
        raise BenchError(
            f"{file} is not the file that run {run.run_id} has saved: its SHA-256 is another.",
            hint="Bring the file back, or run the suite with --fresh.",
        )
    return file


def _inputs(trial: TrialRecord) -> dict[str, str]:
    """What was done to the inputs before the model got them, by the name of the input."""
    outcome = trial.outcome
    texts = {"inputs": inputs_text(outcome.inputs)} if outcome.inputs is not None else {}
    return texts | {f"input {name}": inputs_text(record) for name, record in outcome.several_inputs.items()}


def _convert(run: Run, kept: KeptModel, trial: TrialRecord, file: Path, path: Path) -> str:
    for package in ("onnx", "onnxruntime", "tf2onnx"):
        if importlib.util.find_spec(package) is None:
            raise BenchError(
                f"ONNX needs {package}, which is not installed here.", hint="python3 -m pip install 'keras-bench[onnx]'"
            )
    if trial.cell.precision != "float32":
        raise BenchError(
            f"{kept.cell} was trained in {trial.cell.precision}, and Keras converts models of float32 only.",
            hint="Export it --to keras, or train the cell in float32.",
        )
    notes = {"cell": kept.cell, "seed": str(kept.seed), "run": run.run_id, "sha256_of_keras_file": kept.sha256}
    notes |= {key: text for key, text in _inputs(trial).items() if text}
    signature = RuntimeSignature("tensorflow")
    with warm_servers([signature], keep=False) as servers, temporary_folder() as temporary:
        target = temporary / "model.onnx"
        wanted = Conversion(
            file=str(file.absolute()),
            sha256=kept.sha256,
            shapes=_shapes(run, trial),
            search_path=_search_path(run),
            module=trial.cell.builder.partition(":")[0] if ":" in trial.cell.builder else "",
            target=str(target),
            notes={one_line(key): one_line(text) for key, text in notes.items()},
        )
        answer: Converted = servers.call("bench.execute.worker.convert:to_onnx", wanted, timeout_s=TIMEOUT_S)
        if answer.obstacle:
            raise BenchError(
                f"The model of {kept.cell} cannot be converted to ONNX: {answer.obstacle}",
                hint="Layers of your own must compute with keras.ops or TensorFlow; `--to keras` takes any model.",
            )
        if answer.difference is None or not answer.difference <= MOST_DIFFERENCE:
            raise BenchError(
                f"The ONNX model of {kept.cell} predicts different values from Keras (difference {answer.difference}).",
                hint="Export it --to keras instead, and please report this.",
            )
        make_folder(path.absolute().parent)
        write_bytes(path, target.read_bytes())
    return f"Check   ONNX Runtime and Keras predict the same: largest difference {answer.difference:.2g}"


def _shapes(run: Run, trial: TrialRecord) -> Shapes:
    """The shapes of an example's inputs, as the run recorded them."""
    data = next(
        (data for data in run.result.run.datasets if data.sha256 == trial.outcome.data_sha256),
        run.result.run.datasets[0],
    )
    return dict(data.inputs) if data.inputs else tuple(data.image_shape)


def _search_path(run: Run) -> tuple[str, ...]:
    """The folder of the suite, where layers of the user's own may be."""
    try:
        return (str(load_suite(run.result.run.asked.get("suite")).base),)
    except BenchError:  # the suite is gone: most models need nothing of it
        return ()
