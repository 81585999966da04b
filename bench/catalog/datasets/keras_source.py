"""Keras as a source: the files it has downloaded already, and its own loader in a process of its own."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.catalog.datasets import child, idx, npz
from bench.catalog.datasets.arrays import Arrays, checked
from bench.catalog.datasets.offer import Offer, Progress
from bench.core.errors import DataError
from bench.core.temporary import temporary_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.catalog.datasets.catalog import DatasetSpec

DEADLINE_S = 1_800.0
"""Of a whole download, however slowly it goes on; one that stalls ends after `STALL_S`."""
ANSWER_S, STALL_S = 4.0, 30.0
"""How long the host may take to answer at all, and a download to go on."""
_GOOGLE, _TORONTO = "storage.googleapis.com", "www.cs.toronto.edu"
_HOSTS = {
    "mnist": _GOOGLE,
    "fashion_mnist": _GOOGLE,
    "imdb": _GOOGLE,
    "reuters": _GOOGLE,
    "california_housing": _GOOGLE,
    "cifar10": _TORONTO,
    "cifar100": _TORONTO,
}
"""Where Keras's loaders fetch from."""
VOCABULARY, LENGTH = 20_000, 200
"""Of token ids, where nobody says others."""
_ONE_PART = frozenset({"california_housing"})
_KERAS_SEED, _KERAS_TEST = 113, 0.2
_QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0", "PYTHONWARNINGS": "ignore", "NO_COLOR": "1"}

# Pickled files (CIFAR) and archives of Python objects (IMDB, Reuters) are read by Keras's own loaders alone, here.
# Runs in a fresh interpreter: importing Keras takes seconds and hundreds of megabytes, and our own process stays free
# of it. The arrays come back in a file that we name, wherever Keras keeps its own.
SCRIPT = """
import importlib, json, socket, sys
import numpy
socket.setdefaulttimeout(float(sys.argv[5]))
options, length = json.loads(sys.argv[3]), int(sys.argv[4])
(a, b), (c, d) = importlib.import_module(f"keras.datasets.{sys.argv[1]}").load_data(**options)
if length:
    pad = importlib.import_module("keras.utils").pad_sequences
    a, c = (pad(x, maxlen=length, padding="post", truncating="post") for x in (a, c))
numpy.savez(sys.argv[2], x_train=a, y_train=b, x_test=c, y_test=d)
"""

# By urllib, as Keras asks: through the same proxies. A refusal is an answer too.
PROBE = """
import sys, urllib.error, urllib.request
try:
    urllib.request.urlopen(urllib.request.Request(sys.argv[1], method="HEAD"), timeout=float(sys.argv[2]))
except urllib.error.HTTPError:
    pass
"""


def keras_home() -> Path:
    """Where Keras keeps its downloads: KERAS_HOME, else `~/.keras`."""
    named = os.environ.get("KERAS_HOME")
    return Path(named).expanduser() if named else Path.home() / ".keras"


def look_file(spec: DatasetSpec) -> Offer | None:
    """Whether Keras has downloaded this data set before."""
    if spec.keras_file is None:
        return None
    path = keras_home() / "datasets" / spec.keras_file
    cached = path.is_file() or idx.is_folder(path)
    return Offer(available=True, detail=f"Keras's copy {path}") if cached else Offer(False, f"no {path}")


def read_file(spec: DatasetSpec, progress: Progress) -> Arrays:
    """What Keras has downloaded, read without Keras.

    Raises:
        DataError: the file is damaged.
    """
    path = keras_home() / "datasets" / str(spec.keras_file)
    progress(f"reading {path}", None, None)
    if path.is_dir():
        return idx.read_folder(path)
    return _one_part(path) if spec.name in _ONE_PART else checked(**npz.read(path), where=str(path))


def _one_part(path: Path) -> Arrays:
    """A file of one part, `x` and `y`, split as Keras's loader of California housing does by default."""
    with npz.opened(path) as archive:
        x, y = npz.plain(archive, "x", path), npz.plain(archive, "y", path)
    order = np.arange(len(x))
    np.random.RandomState(_KERAS_SEED).shuffle(order)
    cut = int(len(x) * (1 - _KERAS_TEST))
    train, test = order[:cut], order[cut:]
    return checked(x[train], y[train], x[test], y[test], where=str(path))


def look_loader(spec: DatasetSpec) -> Offer | None:
    """Whether Keras is installed and knows this data set; the network is not asked."""
    if spec.keras_module is None:
        return None
    if importlib.util.find_spec("keras") is None:
        return Offer(available=False, detail="Keras is not installed")
    return Offer(available=True, detail=f"keras.datasets.{spec.keras_module}, over the network")


def loader_reader(vocabulary: int, length: int) -> Callable[[DatasetSpec, Progress], Arrays]:
    """`read_loader` for token ids of other numbers."""

    def read(spec: DatasetSpec, progress: Progress) -> Arrays:
        return read_loader(spec, progress, vocabulary, length)

    return read


def read_loader(spec: DatasetSpec, progress: Progress, vocabulary: int = VOCABULARY, length: int = LENGTH) -> Arrays:
    """What Keras's own loader returns, which downloads the file to Keras's home.

    Args:
        spec: of the data set.
        progress: told that it takes a while.
        vocabulary: of token ids, the most different ones.
        length: of token ids, how many each example is cut or padded to.

    Raises:
        DataError: it failed, with the last line it wrote; its host does not answer within `ANSWER_S`, nothing arrives
            for `STALL_S`, or all took longer than `DEADLINE_S`.
    """
    progress(f"asking Keras for {spec.name}", None, None)
    if not _has_file(spec):
        _ask_host(_HOSTS.get(str(spec.keras_module)))
    options = (json.dumps({"num_words": vocabulary}), str(length)) if spec.ragged else ("{}", "0")
    with temporary_folder() as folder:
        target = folder / "arrays.npz"
        ended = child.run(
            # -P: a file `keras.py` where the user happens to stand is not Keras.
            [sys.executable, "-P", "-c", SCRIPT, str(spec.keras_module), str(target), *options, str(STALL_S)],
            cwd=folder,
            env={**os.environ, **_QUIET},
            deadline_s=DEADLINE_S,
            tick=lambda: None,
        )
        if ended.code or not target.exists():
            raise DataError(ended.lines[-1] if ended.lines else f"ended with exit code {ended.code}")
        return checked(**npz.read(target), where=f"keras.datasets.{spec.keras_module}", names=spec.classes)


def _has_file(spec: DatasetSpec) -> bool:
    """Whether Keras may have what it needs without the network: `cifar-10-batches-py` for `cifar10`."""
    folder = keras_home() / "datasets"
    names = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
    return any(_plain(name).startswith(_plain(str(spec.keras_module))) for name in names)


def _plain(name: str) -> str:
    return "".join(char for char in name.lower() if char.isalnum())


def _ask_host(host: str | None) -> None:
    """Refuse a host that does not answer: on a closed network, Keras would wait for it for minutes.

    Raises:
        DataError: it does not answer within `ANSWER_S`, or its name is not known here.
    """
    if host is None:
        return
    command = [sys.executable, "-P", "-c", PROBE, f"https://{host}/", str(ANSWER_S)]
    try:
        with temporary_folder() as folder:
            ended = child.run(command, cwd=folder, env=os.environ, deadline_s=ANSWER_S, tick=lambda: None)
    except DataError as error:
        raise DataError(f"{host} does not answer: {error.message}") from error
    if ended.code:
        raise DataError(f"{host} does not answer: {ended.lines[-1] if ended.lines else 'no reason given'}")
