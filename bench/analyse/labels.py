"""Short names of cells: what is the same for all of them need not be read sixty times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.core.formatting import elided

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


def cell_labels(cells: pd.DataFrame) -> dict[str, str]:
    """Each cell's id without the data set and the device, where all cells share them: `mlp[hidden=128]`.

    Args:
        cells: any frame with the columns cell_id, dataset and device.

    Returns:
        Labels by cell id, all different; the ids themselves where shortening would make two of them equal.
    """
    one_dataset, one_device = cells["dataset"].nunique() < 2, cells["device"].nunique() < 2  # noqa: PLR2004
    labels = {}
    for row in cells[["cell_id", "dataset", "device"]].drop_duplicates().itertuples():
        label = str(row.cell_id)
        if one_device:
            label = label.removesuffix(f"@{row.device}")
            if one_dataset:
                label = label.removesuffix(f"@{row.dataset}")
        elif one_dataset:
            suffix = f"@{row.dataset}@{row.device}"
            label = label.removesuffix(suffix) + f"@{row.device}" if label.endswith(suffix) else label
        labels[str(row.cell_id)] = label
    return labels if len(set(labels.values())) == len(labels) else {cell_id: cell_id for cell_id in labels}


def elided_labels(labels: Mapping[str, str], width: int) -> dict[str, str]:
    """Each label in at most `width` characters, or in as few more as it takes to tell all of them apart."""
    longest = max((len(label) for label in labels.values()), default=0)
    for wide in range(width, longest):
        short = {cell_id: elided(label, wide) for cell_id, label in labels.items()}
        if len(set(short.values())) == len(short):
            return short
    return {cell_id: elided(label, max(width, longest)) for cell_id, label in labels.items()}
