"""The tidy frame of trials as a Parquet file."""

from __future__ import annotations

import importlib.util
import io
from typing import TYPE_CHECKING

from bench.core.errors import BenchError
from bench.core.formatting import printable
from bench.record.collect import trials_frame
from bench.render.exports.texts import with_texts

if TYPE_CHECKING:
    from bench.record.records import RunResult


def parquet_bytes(result: RunResult) -> bytes:
    """The trials of a run, a row each, with the dtypes of the frame; texts and headings are printable.

    Raises:
        BenchError: pyarrow is not installed.
    """
    if importlib.util.find_spec("pyarrow") is None:
        raise BenchError(
            "Parquet needs pyarrow, which is not installed here.", hint="python3 -m pip install 'keras-bench[parquet]'"
        )
    buffer = io.BytesIO()
    with_texts(trials_frame(result), printable).to_parquet(buffer, engine="pyarrow", index=False)
    return buffer.getvalue()
