"""`--json`: one document on standard output that follows its published schema, whatever the command says besides."""

from __future__ import annotations

import json
import shutil
from dataclasses import fields
from pathlib import Path
from subprocess import CompletedProcess

import jsonschema
import numpy as np
import pytest
from commandline import bench
from histories import fill

from bench.analyse.gate.acceptance import Approval, accept
from bench.analyse.gate.judge import judge
from bench.commands import doctor
from bench.commands.audit import Planted, entries
from bench.record.measures import SUMMARY_COLUMNS, TRIAL_COLUMNS
from bench.record.runfile import read_run_file
from bench.render.documents import show
from bench.render.documents.audit import audit_document
from bench.render.documents.document import document_text
from bench.render.documents.schemas import schemas

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "tests" / "fixtures" / "0.1.0"
RUN = "20261127-065402-ae95e4734b021221"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A suite, two runs of it and its baseline; nothing here trains."""
    made = tmp_path_factory.mktemp("json")
    (made / "reports" / "baselines").mkdir(parents=True)
    shutil.copy(FIXTURES / "bench.toml", made)
    shutil.copy(FIXTURES / "bench.db", made / "reports")
    shutil.copy(FIXTURES / "baseline.json", made / "reports" / "baselines" / "small.json")
    return made


def read(ended: CompletedProcess[str], schema: str, *, code: int = 0):
    """The document that a command printed, checked by the published schema."""
    assert code == ended.returncode, ended.stderr
    document = json.loads(ended.stdout, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    jsonschema.validate(document, json.loads((ROOT / "docs" / f"{schema}.schema.json").read_text(encoding="utf-8")))
    return document


def test_the_published_schemas_are_current() -> None:
    """`python -m bench.render.documents.schemas docs` writes them; every published one is among them."""
    published = {path.name.removesuffix(".schema.json"): path for path in (ROOT / "docs").glob("*.schema.json")}
    assert schemas() == {name: json.loads(path.read_text(encoding="utf-8")) for name, path in published.items()}
    for schema in schemas().values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_plan(folder: Path) -> None:
    """With the key of each trial, and whether the store has it."""
    document = read(bench("plan", "--seeds", "4", "--json", cwd=folder), "plan")
    assert (8, 2) == (document["trials"], len(document["cells"]))
    assert [("digits", True)] == [(data["name"], data["at_hand"]) for data in document["datasets"]]
    seeds = [trial for cell in document["cells"] for trial in cell["trials"]]
    assert document["to_train"] == sum(not seed["in_store"] for seed in seeds)
    assert len({seed["key"] for seed in seeds}) == 8
    assert [8] == document["cells"][1]["declared"]["parameters"]["hidden"]


def test_list(folder: Path) -> None:
    """The newest run first."""
    document = read(bench("list", "--json", cwd=folder), "list")
    assert [(6, 6, "FINISHED"), (4, 4, "FINISHED")] == [
        (run["planned"], run["ok"], run["status"]) for run in document["runs"]
    ]
    assert RUN == document["runs"][0]["run_id"]
    assert [] == read(bench("list", "other", "--json", cwd=folder), "list")["runs"]


def test_show(folder: Path) -> None:
    """Cells and trials, of the store and of a run's folder alike."""
    document = read(bench("show", "small", "--json", cwd=folder), "show")
    assert ["accuracy", None] == [document["run"]["score"]["name"], document["folder"]]
    assert [1, 2] == [cell["rank"] for cell in document["cells"]]
    trials = document["trials"]
    assert [True] * 4 + [False] * 2 == [trial["reused"] for trial in trials]
    of_first = [trial["score"] for trial in trials if trial["cell_id"] == document["cells"][0]["cell_id"]]
    assert np.mean(of_first) == pytest.approx(document["cells"][0]["score_mean"])
    alone = read(bench("show", str(FIXTURES / "run.json"), "--json", cwd=folder), "show")
    assert trials == alone["trials"]


def test_the_fields_of_show_are_columns_of_the_frames() -> None:
    """One registry names them; some fields are made of the records."""
    made = {"metrics", "layers", "other_layers"}
    assert {field.name for field in fields(show.CellEntry)} - made <= SUMMARY_COLUMNS.keys()
    assert {field.name for field in fields(show.TrialEntry)} - {"doubts"} <= TRIAL_COLUMNS.keys()


def test_compare(folder: Path) -> None:
    """Two runs, and a run and a baseline; -o writes the same."""
    sides = ("2026112", "reports/baselines/small.json")
    assert 2 == bench("compare", *sides, "--json", cwd=folder).returncode
    document = read(bench("compare", RUN, "reports/baselines/small.json", "--json", cwd=folder), "compare")
    assert (["run", "baseline"], True) == ([document[side]["kind"] for side in ("before", "after")], document["equal"])
    earlier = read(bench("compare", "20261127-0653", RUN, "--json", cwd=folder), "compare")
    assert {"may be equal"} == {cell["call"] for cell in earlier["cells"]}
    assert {2} == {cell["same_seeds"] for cell in earlier["cells"]}
    bench("compare", "20261127-0653", RUN, "-o", "compare.json", cwd=folder)
    assert earlier == json.loads((folder / "compare.json").read_text())


def test_check(folder: Path) -> None:
    """What verdict.json holds; the table is on standard error, and so are annotations."""
    ended = bench("check", "small", "--json", cwd=folder, GITHUB_ACTIONS="true")
    document = read(ended, "verdict")
    assert document == json.loads((folder / "reports" / "small" / RUN / "verdict.json").read_text())
    assert ["PASS", "PASS"] == [cell["verdict"] for cell in document["cells"]]
    assert "PASS" in ended.stderr


def test_power(folder: Path) -> None:
    """Where nothing is enough, it is null."""
    document = read(bench("power", "small", "--json", cwd=folder), "power")
    assert (3, 3, False) == (document["accepted_seeds"], document["seeds"], document["enough"])
    assert 0.02 < document["margin_needed"] < 0.2
    assert {0.02} == {cell["margin"] for cell in document["cells"]}


def test_accept(folder: Path) -> None:
    """The file, who and why."""
    ended = bench("accept", "--reason", "again", "-o", "new.json", "--json", cwd=folder, GITHUB_ACTOR="ada")
    document = read(ended, "accept")
    assert ("new.json", "ada", "again") == tuple(document[key] for key in ("baseline", "accepted_by", "reason"))
    assert [[0, 1, 2]] * 2 == [cell["seeds"] for cell in document["cells"]]
    assert ended.stderr.startswith("Accepted")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Less arithmetic: whether times can be trusted here is not the question."""
    monkeypatch.setattr(doctor, "ROUNDS", 2)


@pytest.mark.usefixtures("quick")
def test_doctor(folder: Path) -> None:
    """Facts beside the sentences."""
    document = read(bench("doctor", "--quick", "--json", cwd=folder), "doctor")
    assert document["works"]
    facts = {finding["subject"]: finding["facts"] for finding in document["findings"]}
    assert (2, 6, 0) == tuple(facts["store"][key] for key in ("runs", "trials", "damaged_rows"))
    assert facts["memory"]["available_bytes"] <= facts["memory"]["total_bytes"]


@pytest.mark.usefixtures("quick")
def test_doctor_fails_where_a_run_would(tmp_path: Path) -> None:
    """Exit 2, with a document all the same: it has found what it looks for."""
    (tmp_path / "notes.txt").write_text("no database")
    document = read(bench("doctor", "--quick", "--json", "--store", "notes.txt", cwd=tmp_path), "doctor", code=2)
    assert ["mend"] == [finding["level"] for finding in document["findings"] if finding["subject"] == "store"]


def test_history(tmp_path: Path) -> None:
    """The same as `--format json`."""
    (tmp_path / "reports").mkdir()
    fill(tmp_path / "reports" / "bench.db")
    ended = bench("history", "mnist-mlp", "--json", cwd=tmp_path)
    assert 24 == len(read(ended, "history")["runs"])
    assert ended.stdout == bench("history", "mnist-mlp", "--format", "json", cwd=tmp_path).stdout


def test_audit() -> None:
    """A fault that fits no cell is neither caught nor missed."""
    result = read_run_file(FIXTURES / "run.json")
    baseline = accept(result, Approval("2026-11-27T00:00:00+00:00", "ada", "why"), None)
    faults = [
        Planted("last-bias", judge(baseline, [result]), {}),
        Planted("swapped-classes", judge(baseline, [result], partial=True), {"mlp@houses@cpu": "it predicts values"}),
    ]
    document = audit_document(result.run.run_id, baseline.score, baseline.gate, entries(faults))
    written = json.loads(document_text(document))
    jsonschema.validate(written, schemas()["audit"])
    assert (0, 2) == (written["caught"], written["faults"][0]["passed"])
    assert [{"cell_id": "mlp@houses@cpu", "reason": "it predicts values"}] == written["faults"][1]["not_planted"]


@pytest.mark.parametrize(
    ("words", "kind", "code"),
    [
        (("show", "nothing"), "store", 2),
        (("show", "--nonsense"), "usage", 2),
        (("check", "--baseline", "none.json"), "not-judged", 4),
        (("plan", "none.toml"), "suite", 2),
        (("list", "--store", "none.db"), "no-store", 2),
        (("history", "-o", "h.json"), "error", 2),
    ],
)
def test_errors_are_documents_too(folder: Path, words: tuple[str, ...], kind: str, code: int) -> None:
    """With the message of standard error, and the same exit code as without --json."""
    ended = bench(*words, "--json", cwd=folder)
    error = read(ended, "error", code=code)["error"]
    assert (kind, code) == (error["kind"], error["exit_code"])
    assert error["message"].split(".")[0] in ended.stderr.replace("\n", " ")


def test_figures_that_json_does_not_have_are_null() -> None:
    """NaN and the infinities, however deep they are."""
    cell = dict.fromkeys(("cell_id", "call"))
    assert cell.keys() <= {"cell_id", "call"}
    assert {"a": [None, None, 1.5]} == json.loads(document_text({"a": [float("nan"), float("inf"), 1.5]}))
