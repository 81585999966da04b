"""Write digits.csv: the first 600 of the digits that come with keras-bench, one per row."""

from pathlib import Path

import pandas as pd

from bench.catalog.datasets.catalog import DATASETS
from bench.catalog.datasets.npz import read

ROWS = 600
arrays = read(DATASETS["digits"].embedded)
pixels = arrays["x_train"][:ROWS].reshape(ROWS, -1)
table = pd.DataFrame(pixels, columns=[f"pixel{index}" for index in range(pixels.shape[1])])
table.insert(0, "label", arrays["y_train"][:ROWS])
table.to_csv(Path(__file__).parent / "digits.csv", index=False, lineterminator="\n")
