"""Write pictures/: 36 pictures each of five of the digits that come with keras-bench, a folder per class."""

from pathlib import Path

from PIL import Image

from bench.catalog.datasets.catalog import DATASETS
from bench.catalog.datasets.npz import read

EACH = 36
arrays = read(DATASETS["digits"].embedded)
for digit, name in enumerate(("zero", "one", "two", "three", "four")):
    folder = Path(__file__).parent / "pictures" / name
    folder.mkdir(parents=True, exist_ok=True)
    chosen = arrays["x_train"][arrays["y_train"] == digit][:EACH]
    for number, pixels in enumerate(chosen):
        Image.fromarray(pixels.reshape(8, 8)).save(folder / f"{number:02d}.png")
