"""Past findings: the small ones are files under `corpus/`, the others are made here."""

from __future__ import annotations

import base64
import io
import json
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import parsers
from mutations import as_json

CORPUS = Path(__file__).parent / "corpus"


def corpus(name: str) -> dict[str, bytes]:
    """The past findings of a parser by their names."""
    folder = CORPUS / name
    kept = {path.name: path.read_bytes() for path in sorted(folder.iterdir())} if folder.is_dir() else {}
    return kept | {made: make() for made, make in MADE.get(name, {}).items()}


def _changed(data: bytes, *keys: Any, value: Any) -> bytes:
    """A document in which one field is another."""
    content = place = json.loads(data)
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = value
    return as_json(content)


def _run(*keys: Any, value: Any) -> Callable[[], bytes]:
    return lambda: _changed(parsers.PARSERS["run.json"].seeds()[0], *keys, value=value)


def _resealed(*keys: Any, value: Any) -> Callable[[], bytes]:
    first = parsers.PARSERS["baseline"].seeds
    return lambda: as_json(parsers.resealed(json.loads(_changed(first()[0], *keys, value=value))))


def _run_bomb() -> bytes:
    """1.4 MB of predictions that were 1.2 GB: each of seven trials, and the labels."""
    content = json.loads(parsers.PARSERS["run.json"].seeds()[0])
    zeros = base64.b64encode(zlib.compress(bytes(150_000_000), 9)).decode()
    content["datasets"][0] |= {"test_images": 150_000_000, "labels": zeros}
    for trial in content["trials"]:
        trial["answers"] = zeros
    return as_json(content)


def _silent_run_bomb() -> bytes:
    """The same, announced as fifty examples."""
    content = json.loads(_run_bomb())
    content["datasets"][0]["test_images"] = 50
    return as_json(content)


def _npz_bomb(announced: int = 10**9) -> bytes:
    """A megabyte that holds a gigabyte."""
    file = io.BytesIO()
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": (announced,)})
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("x_train.npy", "w") as member:
        member.write(header.getvalue())
        for _ in range(1_000):
            member.write(bytes(10**6))
    return file.getvalue()


def _idx_bomb(announced: int) -> bytes:
    """Half a megabyte that holds half a gigabyte, announced or not."""
    stream = zlib.compressobj(9, wbits=31)
    packed = stream.compress(bytes((0, 0, 8, 1)) + announced.to_bytes(4, "big"))
    for _ in range(500):
        packed += stream.compress(bytes(10**6))
    return packed + stream.flush()


def _large_grid() -> bytes:
    """10,000 cells and 2,000 tables that exclude some of them."""
    axis = list(range(1, 101))
    tables = (f"[[exclude]]\nbatch_size = {i % 100 + 1}\nepochs = {i // 100 + 1}\n" for i in range(2_000))
    head = "[suite]\nname = 's'\ndataset = 'digits'\n[[grid]]\narchitecture = 'mlp'\n"
    return (head + f"batch_size = {axis}\nepochs = {axis}\n" + "".join(tables)).encode()


MADE: dict[str, dict[str, Callable[[], bytes]]] = {
    "suite": {
        "a key of 5,000 parts": lambda: b"x." * 5_000 + b"x = 1\n",
        "a key of 250,000 parts": lambda: b"x." * 250_000 + b"x = 1\n",
        "margins 5,000 deep": lambda: b"[gate.margins." + b"a." * 5_000 + b"a]\n",
        "6,000 digits": lambda: b"[suite]\nname = 's'\nepochs = " + b"9" * 6_000,
        "lists 100,000 deep": lambda: b"x = " + b"[" * 100_000,
        "40,000 unknown keys": lambda: b"[suite]\nname = 's'\n" + b"".join(b"k%d = 1\n" % i for i in range(40_000)),
        "200,000 unknown keys": lambda: b"[suite]\n" + b"".join(b"k%d = 1\n" % i for i in range(200_000)),
        "10,000 cells, 2,000 excludes": _large_grid,
    },
    "run.json": {
        "a cell names what it has not": _run("trials", 0, "cell", "named", value=["nothing"]),
        "a time of 1e308": _run("trials", 0, "outcome", "phases", "train_time_s", value=1e308),
        "an epoch of 1e308": _run("trials", 0, "outcome", "epochs", 0, "train_time_s", value=1e308),
        "a device that does nothing": _run("trials", 0, "outcome", "speed", "yardstick", "flops_per_s", value=0.0),
        "lists 100,000 deep": lambda: b"[" * 100_000,
        "objects 900 deep": lambda: b'{"a":' * 900 + b"1" + b"}" * 900,
        "labels of nothing": _run("datasets", 0, "labels", value=""),
        "a number of 63 bits": _run("trials", 0, "outcome", "parameter_count", value=2**63 - 1),
        "half a character": _run("trials", 0, "reason", value="\ud800"),
        "predictions of 1.2 GB": _run_bomb,
        "predictions of 1.2 GB, not announced": _silent_run_bomb,
    },
    "verdict.json": {
        "a list": lambda: b"[]",
        "no rules": lambda: _changed(parsers.PARSERS["verdict.json"].seeds()[0], "gate", value={}),
        "lists 100,000 deep": lambda: b"[" * 100_000,
    },
    "baseline": {
        "an accuracy of 1e300": _resealed("cells", 0, "seeds", 0, "score", value=1e300),
        "a cell without seeds": _resealed("cells", 0, "seeds", value=[]),
        "an accuracy of 7": _resealed("cells", 0, "seeds", 0, "score", value=7.0),
        "lists 100,000 deep": lambda: b"[" * 100_000,
    },
    "IDX": {
        "65 dimensions": lambda: bytes((0, 0, 8, 65)) + b"\0\0\0\1" * 65 + b"\0",
        "255 dimensions": lambda: bytes((0, 0, 8, 255)) + b"\0\0\0\1" * 255 + b"\0",
        "half a gigabyte": lambda: _idx_bomb(5 * 10**8),
        "half a gigabyte, not announced": lambda: _idx_bomb(10),
        "no element of a huge shape": lambda: bytes((0, 0, 8, 3)) + bytes(4) + b"\xff" * 8,
    },
    "CSV": {"200,000 commas": lambda: b"," * 200_000 + b"\n" + b"," * 200_000 + b"\n"},
    "npz": {"a gigabyte": _npz_bomb, "a gigabyte, not announced": lambda: _npz_bomb(10)},
}  # fmt: skip
