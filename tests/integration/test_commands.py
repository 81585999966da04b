"""The command line: its examples work as printed, and its mistakes are answered in sentences."""

from __future__ import annotations

import json
import re
import shlex
import warnings
from importlib.util import find_spec
from pathlib import Path
from unittest import mock

import pytest
from click.testing import CliRunner
from commandline import bench, bench_process

import bench as api
from bench import cli
from bench.core.errors import ExitCode

TRAINING = re.compile(r"^bench run(?!.*(?:digits|--dry-run))")
QUICK = ["--set", "epochs=1", "--set", "engine=epoch", "--jobs", "2"]
EXTRAS = {"--to mlflow": "mlflow", "--to onnx": "onnxruntime"}
"""Examples that need an extra, by what they hold, and a package of it."""


def examples(name: str) -> list[str]:
    """The examples that a command's --help prints."""
    text = CliRunner().invoke(cli.bench, [name, "--help"] if name else ["--help"]).output
    return [line.strip().split("   ")[0] for line in text.partition("Examples:")[2].splitlines() if line.strip()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder in which `digits` and `mnist-mlp` (on few epochs, `digits` in its place) have been run and accepted."""
    folder = tmp_path_factory.mktemp("commands")
    for suite in ("digits", "mnist-mlp"):
        run = api.run(
            suite,
            seeds=3,
            settings={"epochs": 1, "dataset": "digits", "engine": "epoch"},
            reports=folder / "reports",
            jobs=2,
            progress=False,
        )
        assert ExitCode.OK == run.exit_code()
        for words in ([], ["-o", "accepted.json"]):
            assert 0 == bench("accept", suite, "--reason", "for the examples", *words, cwd=folder).returncode
        (folder / "accepted.json").rename(folder / f"{suite}.json")
    (folder / "mnist-mlp.json").rename(folder / "accepted.json")
    return folder


def as_a_shell_expands(word: str, folder: Path) -> list[str]:
    """The names that a pattern matches, and any other word as it is."""
    return [str(path.relative_to(folder)) for path in folder.glob(word)] if "*" in word else [word]


def test_every_command_has_examples():
    """No command's help is without an example."""
    assert {} == {name: [] for name in ["", *cli.bench.commands] if not examples(name)}


@pytest.mark.parametrize(
    "line",
    [
        # it trains a grid for each fault
        pytest.param(line, id=line, marks=pytest.mark.soak if line.startswith("bench audit") and "-k" in line else ())
        for line in dict.fromkeys(line for name in ["", *cli.bench.commands] for line in examples(name))
    ],
)
def test_examples_work_as_printed(line, folder):
    """Every example of every --help exits 0; trainings are short, or show their plan where they are of MNIST."""
    (folder / "bench.toml").unlink(missing_ok=True)
    (folder / "my-suite.toml").unlink(missing_ok=True)
    if "bench.toml" in line:
        assert 0 == bench("init", cwd=folder).returncode
    words = [name for word in shlex.split(line)[1:] for name in as_a_shell_expands(word, folder)]
    if line.startswith("bench run"):
        words += ["--dry-run"] if TRAINING.match(line) else QUICK
    if line.startswith(("bench verify", "bench audit")) and "-k" not in words:
        words += ["-k", "softmax"]
    if line.startswith("bench verify"):
        words += [*QUICK[:-2], "--set", "dataset=digits"]
    if line.startswith("bench audit") and "--fault" not in words:
        words += ["--fault", "last-bias"]
    needed = next((package for part, package in EXTRAS.items() if part in line), None)
    with mock.patch("bench.commands.doctor.PRODUCTS", 4), warnings.catch_warnings():
        if needed:
            warnings.simplefilter("default")  # that package's own are none of ours
        done = bench(*words, cwd=folder)
    if needed and find_spec(needed) is None:
        assert 2 == done.returncode
        assert "python3 -m pip install 'keras-bench[" in done.stderr
        return
    # after one epoch the seeds lie far apart, and a check may rightly be inconclusive
    expected = {0, 4} if line.startswith("bench check") else {0}
    assert done.returncode in expected, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout.strip()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["run", "mnist-mpl"], "There is no suite 'mnist-mpl'; did you mean 'mnist-mlp'?"),
        (["run", "nowhere.toml"], "The suite file nowhere.toml cannot be read"),
        (["run", "digits", "--set", "epoch=3"], "did you mean epochs?"),
        (["run", "digits", "--set", "epochs=0"], "expected a value greater than 0"),
        (["run", "digits", "--seeds", "none"], "suite.seeds"),
        (["run", "digits", "-k", "nothing"], "No cell matches -k 'nothing'."),
        (["run", "digits", "-k", "(mlp"], "a parenthesis is not closed"),
        (["run", "digits", "--jobs", "0"], "0 is not in the range"),
        (["show", "nosuchrun"], "There is no store at reports/bench.db."),
        (["report", "nowhere/run.json"], "cannot be read"),
        (["list", "--store", "nosuch://x"], "is not a store"),
        (["init", "suite.yaml"], "A suite file ends in .toml"),
        (["rum"], "No such command 'rum'"),
    ],
)
def test_mistakes_exit_2_with_a_sentence_and_write_nothing(words, sentence, own_folder):
    """What a user gets wrong is answered with exit 2, a sentence on stderr, no traceback and no file."""
    done = bench(*words)
    assert ExitCode.USAGE == done.returncode
    assert sentence in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert [] == list(own_folder.iterdir())


def test_a_bug_of_ours_exits_70_and_says_where_its_log_is(monkeypatch, capsys):
    """An unforeseen exception becomes a sentence, with the traceback in a file."""
    monkeypatch.setattr("bench.commands.show.show_runs", lambda *_, **__: 1 / 0)
    monkeypatch.setattr("sys.argv", ["bench", "list"])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    told = capsys.readouterr().err
    assert ExitCode.BUG == caught.value.code
    assert "Traceback" not in told
    path = re.search(r"written to (\S+\.log)", told).group(1)
    assert "ZeroDivisionError" in Path(path).read_text()


def test_init_leaves_a_file_alone_that_is_there(own_folder):
    """`bench init` writes a suite once; again only with --force."""
    assert 0 == bench("init").returncode
    (own_folder / "bench.toml").write_text("mine")
    refused = bench("init")
    assert ExitCode.USAGE == refused.returncode
    assert "mine" == (own_folder / "bench.toml").read_text()
    assert 0 == bench("init", "--force").returncode
    assert json.loads((own_folder / "bench.schema.json").read_text())["title"] == "keras-bench suite"


@pytest.mark.soak
def test_the_starter_suite_trains(own_folder):
    """What `bench init` writes can be run as it is."""
    bench("init")
    done = bench("run", "bench.toml", "--seeds", "1", *QUICK)
    assert 0 == done.returncode, done.stderr
    assert "8 cells x 1 seed = 8 trials" in done.stdout


def test_a_report_of_a_folder_needs_no_store(folder, own_folder):
    """A run folder that was sent around is reported again without the store it came from."""
    done = bench("report", str(folder / "reports" / "digits" / "latest"), "-o", "again.html")
    assert 0 == done.returncode, done.stderr
    assert "softmax" in (own_folder / "again.html").read_text()


@pytest.mark.soak
def test_a_fallback_is_told_everywhere(own_folder):
    """Where MNIST cannot be had, the default suite says so in terminal, headline and run file, and trains on digits."""
    done = bench_process(
        "run", "mnist-mlp", "--seeds", "1", *QUICK,
        BENCH_CACHE=str(own_folder / "empty"), PATH="/nonexistent", KERAS_HOME=str(own_folder / "keras"),
        https_proxy="http://127.0.0.1:9", http_proxy="http://127.0.0.1:9",
    )  # fmt: skip
    assert 0 == done.returncode, done.stderr
    folder = own_folder / "reports" / "mnist-mlp" / "latest"
    notice = "These are not results on mnist."
    assert done.stdout.count(notice) >= 2
    assert notice in json.loads((folder / "run.json").read_text())["notices"][0]
    assert notice in (folder / "report.html").read_text()
    assert notice in (folder / "report.md").read_text()
    assert "model-1@digits@cpu" in done.stdout
