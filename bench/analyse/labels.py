"""Short names of cells: what is the same for all of them need not be read sixty times."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
