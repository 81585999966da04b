"""The sources that run a program: Keras's loader in an interpreter of its own, and the user's npm."""

from __future__ import annotations

import io
import os
import socket
import sys
import tarfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.catalog.datasets import cache, catalog, child, keras_source, npm_source, obtain, sha256
from bench.catalog.datasets.keras_source import PROBE
from bench.catalog.datasets.keras_source import SCRIPT as KERAS_SCRIPT
from bench.catalog.datasets.offer import silent
from bench.core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.catalog.datasets.arrays import Arrays
    from bench.catalog.datasets.catalog import DatasetSpec

    Writer = Callable[..., Path]

COPIES = "import shutil, sys; shutil.copy({!r}, sys.argv[2])"


def test_keras_loader_hands_its_arrays_over(
    *,
    shapes: DatasetSpec,
    arrays: Arrays,
    base: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    write_npz: Writer,
) -> None:
    """What the child saved is verified and cached, whatever it printed."""
    made = write_npz(tmp_path / "made.npz", arrays)
    monkeypatch.setattr(keras_source, "SCRIPT", f"print('noise'); {COPIES.format(str(made))}")
    found = obtain("tiny_shapes", base=base)
    assert ("keras.datasets.tiny_shapes, over the network", True) == (found.source, found.pinned)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("print('noise'); raise ValueError('URL fetch failure')", "ValueError: URL fetch failure"),
        ("raise SystemExit(3)", "ended with exit code 3"),
        ("pass", "ended with exit code 0"),
        ("import sys; open(sys.argv[2], 'w').write('junk')", "is no .npz file"),
        ("import time; time.sleep(60)", "no answer within 1 s"),
    ],
)
def test_keras_loader_fails_with_its_last_line(
    shapes: DatasetSpec, monkeypatch: pytest.MonkeyPatch, script: str, expected: str
) -> None:
    """The reason is Keras's own last word, or the deadline."""
    monkeypatch.setattr(keras_source, "SCRIPT", script)
    if "sleep" in script:
        monkeypatch.setattr(keras_source, "DEADLINE_S", 1.0)
    with pytest.raises(DataError) as caught:
        keras_source.read_loader(shapes, silent)
    assert expected in caught.value.message


def test_keras_loader_needs_keras(shapes: DatasetSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Keras there is nothing to ask."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert (False, "Keras is not installed") == keras_source.look_loader(shapes)


def test_keras_home_is_kerass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """KERAS_HOME, else the folder in the user's home."""
    assert tmp_path / "keras" == keras_source.keras_home()
    monkeypatch.delenv("KERAS_HOME")
    assert Path.home() / ".keras" == keras_source.keras_home()


def test_a_child_that_runs_is_watched() -> None:
    """The caller gets to look while the child runs, and all it wrote afterwards."""
    ticks: list[float] = []
    script = "import sys, time; print(' out '); print(file=sys.stderr); time.sleep(0.5); sys.exit('end')"
    ended = child.run(
        [sys.executable, "-c", script],
        cwd=Path(),
        env=os.environ,
        deadline_s=30,
        tick=lambda: ticks.append(time.perf_counter()),
    )
    assert (1, {"out", "end"}) == (ended.code, set(ended.lines))
    assert ticks


def test_a_child_never_outlives_its_caller(tmp_path: Path) -> None:
    """An error while watching, such as Ctrl-C, ends the child."""
    mark = tmp_path / "alive"
    script = f"import time; time.sleep(1); open({str(mark)!r}, 'w')"

    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        child.run([sys.executable, "-c", script], cwd=Path(), env=os.environ, deadline_s=30, tick=interrupted)
    time.sleep(1.2)
    assert not mark.exists()


def test_a_program_that_is_not_there_is_a_data_error(tmp_path: Path) -> None:
    """The system's own words are kept."""
    with pytest.raises(DataError, match="cannot be started: No such file"):
        child.run([str(tmp_path / "absent")], cwd=Path(), env={}, deadline_s=1, tick=lambda: None)


def packed(path: Path, folder: Path, inside: str = "package/data") -> Path:
    """A tarball as npm packs one, with a few members that must not be touched."""
    with tarfile.open(path, "w:gz") as archive:
        for name in ("package/package.json", "../escape", f"{inside}/notes.txt"):
            info = tarfile.TarInfo(name)
            info.size = 2
            archive.addfile(info, io.BytesIO(b"{}"))
        link = tarfile.TarInfo(f"{inside}/train-images-idx3-ubyte.gz")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        for file in folder.iterdir():
            archive.add(file, f"{inside}/{file.name}")
    return path


@pytest.fixture
def tarball(tmp_path: Path, arrays: Arrays, write_idx: Writer) -> Path:
    return packed(tmp_path / "tiny-shapes-1.0.0.tgz", write_idx(tmp_path / "files", arrays))


@pytest.fixture
def npm(tmp_path: Path) -> Callable[[str], None]:
    """Puts an npm on the PATH that does what a Python script says; `target` is its destination."""

    def install(script: str) -> None:
        program = tmp_path / "bin" / "npm"
        program.parent.mkdir(exist_ok=True)
        start = (
            "import pathlib, shutil, sys, time\n"
            "target = pathlib.Path(sys.argv[sys.argv.index('--pack-destination') + 1])"
        )
        program.write_text(f"#!{sys.executable}\n{start}\n{script}\n")
        program.chmod(0o755)

    return install


def test_npm_packs_what_is_pinned(
    shapes: DatasetSpec, base: Path, tmp_path: Path, tarball: Path, npm: Callable[[str], None]
) -> None:
    """The package's files are decoded, verified and cached; bytes are counted, and nothing else stays."""
    seen = tmp_path / "seen"
    npm(
        f"assert sys.argv[1:3] == ['pack', 'tiny-shapes@1.0.0'], sys.argv\n"
        f"(target.parent / 'arriving').write_bytes(bytes(400))\n"
        f"while not pathlib.Path({str(seen)!r}).exists(): time.sleep(0.01)\n"
        f"shutil.copy({str(tarball)!r}, target)"
    )
    counted: list[int] = []

    def progress(message: str, done: int | None, expected: int | None) -> None:
        if message == "fetching npm package tiny-shapes@1.0.0":
            assert expected == 1000
            counted.append(done or 0)
            if done == 400:
                seen.touch()

    found = obtain("tiny_shapes", base=base, progress=progress)
    assert found.source == "npm package tiny-shapes 1.0.0, over the network"
    assert sorted(counted) == counted
    assert (0, 1000) == (counted[0], counted[-1])
    assert {".npz", ".lock"} == {file.suffix for file in cache.cache_dir().iterdir()}


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (
            "print(*['npm error ' + line for line in ('code E', 'errno 1', 'request failed')], sep='\\n'); sys.exit(1)",
            "request failed",
        ),
        ("print('npm ERR! old npm'); sys.exit(1)", "old npm"),
        ("print('something else'); sys.exit(1)", "something else"),
        ("sys.exit(7)", "npm ended with exit code 7"),
        ("pass", "npm ended with exit code 0"),
        ("(target / 'a.tgz').write_bytes(b'junk')", "a.tgz is not a whole tarball"),
        ("time.sleep(60)", "no answer within 1 s"),
    ],
)
def test_npm_fails_with_its_own_words(
    shapes: DatasetSpec, monkeypatch: pytest.MonkeyPatch, npm: Callable[[str], None], script: str, expected: str
) -> None:
    """The reason is npm's, without its codes and the place of its log."""
    if "sleep" in script:
        monkeypatch.setattr(npm_source, "DEADLINE_S", 1.0)
    cache.cache_dir().mkdir()
    npm(script)
    with pytest.raises(DataError) as caught:
        npm_source.read(shapes, silent)
    assert expected in caught.value.message
    assert [] == list(cache.cache_dir().iterdir())


def test_npm_may_be_missing(shapes: DatasetSpec) -> None:
    """Reading without npm gives the reason that looking gives."""
    assert (False, "npm is not installed") == npm_source.look(shapes)
    with pytest.raises(DataError, match="npm is not installed"):
        npm_source.read(shapes, silent)


def test_a_tarball_is_read_without_unpacking(tarball: Path, arrays: Arrays, tmp_path: Path) -> None:
    """Only the four named files of the one folder are read: no links, and nothing is written."""
    before = sorted(tmp_path.rglob("*"))
    assert sha256(arrays) == sha256(npm_source.read_tarball(tarball, "package/data"))
    assert before == sorted(tmp_path.rglob("*"))


def test_a_tarball_without_the_files_is_refused(tarball: Path) -> None:
    """Files in another folder do not count."""
    with pytest.raises(DataError, match="no IDX file for train-images"):
        npm_source.read_tarball(tarball, "package/elsewhere")


def test_a_truncated_tarball_never_gives_other_data(tarball: Path, arrays: Arrays) -> None:
    """A tarball cut off anywhere is refused, unless only the padding after its last file is missing."""
    whole = tarball.read_bytes()
    for cut in range(0, len(whole) - 8, 37):
        tarball.write_bytes(whole[:cut])
        try:
            read = npm_source.read_tarball(tarball, "package/data")
        except DataError:
            continue
        assert sha256(arrays) == sha256(read)
        assert cut > len(whole) // 2


def test_members_too_large_are_refused(tarball: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bomb is not read into memory."""
    monkeypatch.setattr(npm_source, "_MAX_MEMBER_BYTES", 20)
    with pytest.raises(DataError, match="more than any of these files can have"):
        npm_source.read_tarball(tarball, "package/data")


def test_files_that_move_while_they_are_counted_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A temporary file of npm's may be renamed at any moment."""
    (tmp_path / "stays").write_bytes(bytes(7))
    (tmp_path / "goes").write_bytes(bytes(9))
    look = Path.is_file

    def is_file(path: Path) -> bool:
        if path.name == "goes":
            raise FileNotFoundError(path)
        return look(path)

    monkeypatch.setattr(Path, "is_file", is_file)
    assert npm_source._largest_file(tmp_path) == 7


@pytest.fixture
def silent_proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A network that takes every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        for name in ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy", "npm_config_https_proxy"):
            monkeypatch.setenv(name, url)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        yield


@pytest.mark.usefixtures("silent_proxy")
def test_a_network_that_says_nothing_costs_keras_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The host is asked before Keras is imported, and its loader is not started."""
    monkeypatch.setattr(keras_source, "ANSWER_S", 0.7)
    monkeypatch.setattr(keras_source, "PROBE", PROBE)
    monkeypatch.setattr(keras_source, "SCRIPT", "raise SystemExit('the loader was started')")
    with pytest.raises(DataError, match=r"storage\.googleapis\.com does not answer: "):
        keras_source.read_loader(catalog.DATASETS["mnist"], silent)


@pytest.mark.usefixtures("silent_proxy")
def test_what_keras_has_needs_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that its own loader alone can read: nobody is asked, and the loader is started."""
    (tmp_path / "keras" / "datasets" / "cifar-10-batches-py-target").mkdir(parents=True)
    monkeypatch.setattr(keras_source, "SCRIPT", "raise SystemExit('the loader was started')")
    with pytest.raises(DataError, match="the loader was started"):
        keras_source.read_loader(catalog.UNPINNED["cifar10"], silent)


def test_a_loader_that_stalls_is_ended(monkeypatch: pytest.MonkeyPatch, shapes: DatasetSpec) -> None:
    """Whatever it reads from has so many seconds for its next byte."""
    monkeypatch.setattr(keras_source, "STALL_S", 0.2)
    waits = "server = socket.create_server(('127.0.0.1', 0)); socket.create_connection(server.getsockname()).recv(1)"
    script = KERAS_SCRIPT.replace("(a, b)", f"{waits}\n(a, b)", 1)
    monkeypatch.setattr(keras_source, "SCRIPT", script)
    with pytest.raises(DataError, match="TimeoutError: timed out"):
        keras_source.read_loader(shapes, silent)


def test_an_npm_that_gets_nothing_is_ended(
    shapes: DatasetSpec, npm: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it logs is no answer."""
    monkeypatch.setattr(npm_source, "ANSWER_S", 0.5)
    logs = "logs = sys.argv[sys.argv.index('--cache') + 1] + '/_logs'; os.makedirs(logs)"
    npm(f"import os, sys, time; {logs}; open(logs + '/a', 'w').write('x'); time.sleep(60)")
    cache.cache_dir().mkdir(parents=True, exist_ok=True)
    with pytest.raises(DataError, match="npm's registry gave no answer within 0 s"):
        npm_source.read(shapes, silent)
