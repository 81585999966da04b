"""The texts of a frame as a file can hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd


def with_texts(frame: pd.DataFrame, made: Callable[[str], str]) -> pd.DataFrame:
    """The frame with other texts and headings; dtypes and order stay, and no two columns have one heading.

    Args:
        frame: as of `bench.record.collect`, texts of dtype string.
        made: the text to write in place of one.
    """
    safe = frame.copy()
    for column, kind in frame.dtypes.items():
        if kind == "string":
            safe[column] = frame[column].map(made, na_action="ignore").astype("string")
    headings: list[str] = []
    for column in frame.columns:
        # two names may differ in nothing but what controls a terminal
        heading, number = made(column), 2
        while heading in headings:
            heading, number = f"{made(column)} ({number})", number + 1
        headings.append(heading)
    return safe.set_axis(headings, axis="columns")
