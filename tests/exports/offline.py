"""The records of an offline run of Weights & Biases: the log format that LevelDB documents, with wandb's own messages.

Up to version 0.21 wandb had a reader in Python; what reads the files since then is a program that uploads them.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from wandb.proto.wandb_internal_pb2 import Record

BLOCK, HEAD = 32_768, 7
FULL, FIRST, MIDDLE, LAST = 1, 2, 3, 4


def records(path: Path) -> Iterator[Record]:
    """The records of a file, each with its checksum verified."""
    content = path.read_bytes()
    assert (b":W&B", 0xBEE1, 0) == struct.unpack("<4sHB", content[:HEAD])
    place, parts = HEAD, b""
    while place < len(content):
        left = BLOCK - place % BLOCK
        if left < HEAD:
            place += left
            continue
        checksum, length, kind = struct.unpack("<IHB", content[place : place + HEAD])
        data = content[place + HEAD : place + HEAD + length]
        assert checksum == zlib.crc32(bytes([kind]) + data)
        place += HEAD + length
        parts = data if kind in {FULL, FIRST} else parts + data
        if kind in {FULL, LAST}:
            yield Record.FromString(parts)


def run_of(folder: Path) -> dict[str, Any]:
    """An offline run: its name, group, project and settings, its history by step, its summary and its exit code."""
    (file,) = folder.glob("run-*.wandb")
    found: dict[str, Any] = {"config": {}, "history": [], "summary": {}, "exit": None}
    for record in records(file):
        kind = record.WhichOneof("record_type")
        if kind == "run":
            of = record.run
            found |= {"id": of.run_id, "name": of.display_name, "group": of.run_group, "project": of.project}
            found["config"] |= _values(of.config.update)
        elif kind == "config":
            found["config"] |= _values(record.config.update)
        elif kind == "history":
            found["history"].append(_values(record.history.item))
        elif kind == "summary":
            found["summary"] |= _values(record.summary.update)
        elif kind == "exit":
            found["exit"] = record.exit.exit_code
    return found


def _values(items: Any) -> dict[str, Any]:
    return {item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in items}
