"""What can be done with this repository, each in an environment of its own: `nox -l` lists it."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import nox
from nox.virtualenv import PassthroughEnv

nox.needs_version = ">=2024.10.9"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["tests", "lint", "types", "imports", "docs-check"]

PROJECT = nox.project.load_toml("pyproject.toml")
HEAVY = ("tensorflow", "keras")
WITHOUT_TENSORFLOW = [name for name in PROJECT["project"]["dependencies"] if not name.startswith("tensorflow")]
ON_GPU = ("jax[cuda12]", "torch>=2.6")
# a file as a whole: its tests share what they train; in the order of `testpaths`: the small files fill in at the end
TWO_AT_A_TIME = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")


def install_once(session: nox.Session, *packages: str) -> None:
    """Install what has not been installed since pyproject.toml last changed, so that a second start is quick.

    With `nox --no-venv` it goes into the environment that nox runs in, which several sessions share then.
    """
    if isinstance(session.virtualenv, PassthroughEnv):
        session.run("python", "-m", "pip", "install", "--quiet", *packages)
        return
    wanted = hashlib.sha256(repr((packages, Path("pyproject.toml").read_text(encoding="utf-8"))).encode()).hexdigest()
    stamp = Path(session.virtualenv.location) / ".installed"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    session.install(*packages)
    stamp.write_text(wanted, encoding="utf-8")


def group(name: str) -> list[str]:
    """The packages of a dependency group."""
    return list(nox.project.dependency_groups(PROJECT, name))


@nox.session
def bench(session: nox.Session) -> None:
    """Train a suite and write its report; what follows `--` goes to `bench run`."""
    install_once(session, "-e", ".")
    # 3 says that trials failed and 130 that somebody interrupted: the run has explained itself by then
    session.run("bench", "run", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests; what follows `--` goes to pytest."""
    install_once(session, "-e", ".[interactive,jax,parquet]", *group("tests"))
    if session.posargs:
        session.run("pytest", *session.posargs)
        return
    # counting coverage nearly doubles the time: it is counted where it is judged, over the tests of these rooms alone
    rooms = ("declare", "record", "analyse")
    theirs = [*(f"tests/unit/{room}" for room in rooms), "tests/simulation/test_power.py"]
    session.run("pytest", *TWO_AT_A_TIME, "--one-case", *(f"--ignore={path}" for path in theirs))
    session.run("pytest", *TWO_AT_A_TIME, "--one-case", "--cov", "--cov-report=", *theirs)
    include = ",".join(f"bench/{room}/*" for room in rooms)
    session.run("coverage", "report", f"--include={include}", "--fail-under=95")


@nox.session
def oldest(session: nox.Session) -> None:
    """Run the quick tests on the lowest versions that pyproject.toml allows; what follows `--` goes to pytest."""
    install_once(session, "-c", "tests/oldest.txt", "-e", ".[interactive,parquet,sklearn,tuner]", *group("tests"))
    rooms = [f"tests/unit/{room}" for room in ("core", "declare", "catalog", "record", "analyse", "commands", "render")]
    # an old library may be deprecated by a newer one that it uses, which is neither's fault and none of ours
    chosen = session.posargs or [*rooms, "tests/integration/test_commands.py"]
    session.run("pytest", *TWO_AT_A_TIME, "-W", "default", *chosen)


@nox.session
def soak(session: nox.Session) -> None:
    """Run the tests that take long by their nature; what follows `--` goes to pytest: `--kills=200 --all-builders`."""
    install_once(session, "-e", ".[interactive,jax,parquet]", *group("tests"))
    chosen = any(Path(word.partition("::")[0]).exists() for word in session.posargs)
    rooms = ("integration", "unit", "docs", "soak", "store", "payloads")
    folders = [] if chosen else [f"tests/{room}" for room in rooms]
    session.run("pytest", *TWO_AT_A_TIME, "-m", "soak", *folders, *session.posargs)


@nox.session
def backends(session: nox.Session) -> None:
    """Train on JAX and PyTorch, which need no TensorFlow; what follows `--` goes to pytest."""
    # a pinned PyTorch: without a version pip may bring that of another device, with gigabytes that nobody needs here
    install_once(session, "torch==2.13.0", "-e", ".[jax,torch]", *group("tests"))
    tests = ("tests/unit/execute/test_backends.py", "tests/unit/execute/test_backend_engines.py")
    gpus = ("tests/unit/execute/test_gpu_runtimes.py", "tests/integration/test_gpu_script.py")
    suites = ("tests/integration/test_backends.py", "tests/integration/test_parity.py")
    session.run("pytest", "-m", "soak or not soak", *tests, *gpus, *suites, *session.posargs)


@nox.session
def gpu(session: nox.Session) -> None:
    """Check and measure the GPUs of this machine, 6 minutes at most; `-- --wheels FOLDER` installs without a network.

    With `nox --no-venv -s gpu` nothing is installed. All other words go to tests/gpu/run.py.
    """
    words = list(session.posargs)
    if "--wheels" in words:
        place = words.index("--wheels")
        folder = words[place + 1]
        del words[place : place + 2]
        session.install("--no-index", "--find-links", folder, *WITHOUT_TENSORFLOW, *ON_GPU)
        session.install("--no-index", "--find-links", folder, "--no-deps", PROJECT["project"]["name"])
    elif not isinstance(session.virtualenv, PassthroughEnv):
        install_once(session, *WITHOUT_TENSORFLOW, *ON_GPU)
        session.install("--no-deps", "-e", ".")
    session.run("python", "tests/gpu/run.py", *words)


@nox.session(name="gpu-wheels")
def gpu_wheels(session: nox.Session) -> None:
    """Collect in wheels/ all that `nox -s gpu -- --wheels wheels` installs on a machine of the same kind."""
    session.run("python", "-m", "pip", "download", "--dest", "wheels", *WITHOUT_TENSORFLOW, *ON_GPU)
    session.run("python", "-m", "pip", "wheel", "--no-deps", "--wheel-dir", "wheels", ".")


@nox.session
def fuzz(session: nox.Session) -> None:
    """Damage every kind of file that is read; what follows `--` goes to pytest, such as `--inputs 10000`."""
    install_once(session, "-e", ".[parquet]", *group("tests"))
    session.run("pytest", "-n", "2", "tests/fuzz", *session.posargs)


@nox.session
def cluster(session: nox.Session) -> None:
    """Train on many machines, and share a store on PostgreSQL, which it starts itself; `--` goes to pytest."""
    if not shutil.which("initdb") and not any(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        session.error("There is no PostgreSQL server. On Debian and Ubuntu: apt-get install postgresql")
    install_once(session, "-e", ".[postgresql,ray]", *group("tests"))
    session.run("pytest", *TWO_AT_A_TIME, "tests/cluster", *session.posargs)


@nox.session
def exports(session: nox.Session) -> None:
    """Have the tools of others read what is exported for them: MLflow, TensorBoard, Weights & Biases, Keras, ONNX."""
    install_once(session, "-e", ".[jax,mlflow,onnx,tensorboard,wandb]", *group("exports"))
    session.run("pytest", "tests/exports", *session.posargs)


@nox.session
def check(session: nox.Session) -> None:
    """Train a suite and judge its accuracy by the accepted baseline; what follows `--` goes to `bench run`."""
    install_once(session, "-e", ".")
    session.run("bench", "run", "--check", *session.posargs)


@nox.session
def simulate(session: nox.Session) -> None:
    """Count the error rates of the gate over 10,000 simulated grids each; what follows `--` goes to pytest."""
    install_once(session, "-e", ".", *group("tests"), *group("simulate"))
    # it pins NumPy, and needs clients of databases that finding change points does without
    session.run("python", "-m", "pip", "install", "--quiet", "--no-deps", "apache-otava==0.8.0")
    session.run("pytest", "-n", "2", "tests/simulation", "--grids=10000", *session.posargs)


@nox.session
def differential(session: nox.Session) -> None:
    """Train what users write by plain Keras and by the harness, and compare; what follows `--` goes to pytest."""
    install_once(session, "-e", ".", *group("tests"))
    session.run("pytest", "tests/differential", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and form, and the workflows: that they are right, pinned and hold no credentials."""
    install_once(session, *group("lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    workflows = sorted(map(str, Path(".github/workflows").glob("*.yml")))
    session.run("actionlint", *workflows)
    others = ("action.yml", ".github/dependabot.yml")
    session.run("zizmor", "--offline", "--persona", "pedantic", "--quiet", *workflows, *others)


@nox.session
def types(session: nox.Session) -> None:
    """Check types, strictly; TensorFlow and Keras carry none and are left out."""
    light = [name for name in PROJECT["project"]["dependencies"] if not name.startswith(HEAVY)]
    install_once(session, *light, *group("types"))
    session.run("mypy")


@nox.session
def imports(session: nox.Session) -> None:
    """Check that every file imports only from the floors below its own."""
    install_once(session, *group("imports"))
    session.run("lint-imports", env={"PYTHONPATH": "."})


@nox.session
def browser(session: nox.Session) -> None:
    """Open the pages in the system's Chromium, by mouse and keyboard, and ask axe; what follows `--` goes to pytest."""
    if not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))):
        session.error("There is no Chromium on the PATH. On Debian and Ubuntu: apt-get install chromium")
    install_once(session, "-e", ".[interactive]", *group("browser"))
    session.run("pytest", "tests/browser", *session.posargs)


@nox.session
def latex(session: nox.Session) -> None:
    """Compile the tables for papers by the system's LaTeX; what follows `--` goes to pytest."""
    if not shutil.which("pdflatex"):
        packages = "texlive-latex-recommended texlive-science"
        session.error(f"There is no pdflatex on the PATH. On Debian and Ubuntu: apt-get install {packages}")
    install_once(session, "-e", ".", *group("tests"))
    session.run("pytest", "tests/latex", *session.posargs)


@nox.session
def gallery(session: nox.Session) -> None:
    """Write the committed example reports again; `-- --train` trains their suites anew, alone on the machine."""
    install_once(session, "-e", ".")
    examples, folder = Path("reports/examples"), Path(session.create_tmp()).resolve()
    for suite in ("mnist-mlp", "mnist-grid"):
        if "--train" in session.posargs:
            session.run("bench", "run", suite, "--fresh", "--reports", str(folder))
            for name in ("run.json", "results.csv"):
                shutil.copyfile(folder / suite / "latest" / name, examples / suite / name)
        session.run("bench", "report", str(examples / suite))
    short = ("--set", "epochs=5", "--reports", str(folder / "short"))
    session.run("bench", "run", "mnist-mlp", *short)
    sides = (str(folder / "short" / "mnist-mlp" / "latest"), str(examples / "mnist-mlp"))
    for page in ("compare.html", "compare.md"):
        session.run("bench", "compare", *sides, "-o", str(examples / "comparison" / page))


@nox.session
def picture(session: nox.Session) -> None:
    """Write docs/report.png, the README's picture, from the example report of the grid."""
    install_once(session, *group("browser"))
    session.run("python", "docs/_tools/picture.py")


@nox.session
def perf(session: nox.Session) -> None:
    """Measure what this project promises to be quick at; run it alone on the machine."""
    install_once(session, "torch==2.13.0", "-e", ".[jax,ray,torch,tuner]", *group("perf"))
    columns = "--benchmark-columns=min,median,max,rounds"
    figures = "--figures=reports/perf/figures.md"
    session.run("pytest", "tests/perf", "--benchmark-only", columns, figures, *session.posargs)


@nox.session
def wheel(session: nox.Session) -> None:
    """Build the wheel, install it, and use it from another folder."""
    install_once(session, "build")
    folder = Path(session.create_tmp()).resolve()
    for old in folder.glob("*.whl"):
        old.unlink()
    session.run("python", "-m", "build", "--wheel", "--outdir", str(folder))
    built = next(folder.glob("*.whl"))
    session.install("--force-reinstall", "--no-deps", str(built))
    session.install(str(built))
    with session.chdir(folder):
        session.run("bench", "run", "digits", "--seeds", "1", "--set", "epochs=2", "--reports", str(folder / "reports"))
        session.run("bench", "report", "digits", "-o", "digits.html", "--reports", str(folder / "reports"))


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation site in docs/_build/html, strictly and without a network."""
    light = [name for name in PROJECT["project"]["dependencies"] if not name.startswith(HEAVY)]
    install_once(session, *light, *group("docs"))
    words = ("-b", "html", "-W", "--keep-going", "-n", "-E", "-q")
    session.run("sphinx-build", *words, *session.posargs, "docs", "docs/_build/html", env={"PYTHONPATH": "."})


@nox.session(name="docs-check")
def docs_check(session: nox.Session) -> None:
    """Check that links lead somewhere, and that what the documents and examples say to type does what they say."""
    install_once(session, "-e", ".[interactive,parquet]", *group("tests"))
    session.run("pytest", "tests/docs", *session.posargs)
