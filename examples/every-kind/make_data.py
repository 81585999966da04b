"""Write a small file of every kind of data into the folder you are in. All of it is made up, the same in every run."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from bench.catalog.datasets.catalog import DATASETS
from bench.catalog.datasets.npz import read

chance = np.random.default_rng(7)
here = Path.cwd()


def idx(array):
    """The bytes of an IDX file."""
    return bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape) + array.tobytes()


# customers.csv: numbers, texts, gaps, a column of train and test, string labels
rows = 300
months, minutes, calls = chance.integers(1, 60, rows), chance.gamma(2, 100, rows).round(1), chance.poisson(2, rows)
plan = chance.choice(["basic", "family", "office"], rows)
leaves = calls - months / 15 - minutes / 200 + (plan == "basic") + chance.normal(0, 0.5, rows) > 0.5
customers = pd.DataFrame({"months": pd.array(months, dtype="Int64"), "minutes": minutes, "calls": calls, "plan": plan})
customers.loc[[4, 90, 210], "months"] = pd.NA
customers["part"] = np.where(np.arange(rows) % 4 == 3, "test", "train")
customers["left"] = np.where(leaves, "yes", "no")
customers.to_csv(here / "customers.csv", index=False)

# machines-train.parquet, machines-test.parquet: two files; times to failure and temperatures are both predicted
speed, load, age = chance.uniform(0, 1, (3, 400))
machines = pd.DataFrame({"speed": speed, "load": load, "age": age})
machines["hours"] = 10 - 4 * load - 3 * age + chance.normal(0, 0.3, 400)
machines["temperature"] = 2 + 3 * speed * load + chance.normal(0, 0.2, 400)
machines[:300].to_parquet(here / "machines-train.parquet")
machines[300:].to_parquet(here / "machines-test.parquet")

# train.csv: as Kaggle has its digits
digits = read(DATASETS["digits"].embedded)
pixels, label = digits["x_train"][:400].reshape(400, 64), digits["y_train"][:400]
kaggle = pd.DataFrame(pixels, columns=[f"pixel{number}" for number in range(64)])
kaggle.insert(0, "label", label)
kaggle.to_csv(here / "train.csv", index=False)

# pictures/: a folder per class
for number, digit in enumerate(label[:200]):
    if digit in (0, 1, 7):
        folder = here / "pictures" / {0: "zero", 1: "one", 7: "seven"}[int(digit)]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels[number].reshape(8, 8)).save(folder / f"{number}.png")

# arrays.npz: two parts; one-part.npz: one; x.npy and y.npy
x, y = pixels.reshape(400, 8, 8), label
np.savez(here / "arrays.npz", x_train=x[:300], y_train=y[:300], x_test=x[300:], y_test=y[300:])
np.savez(here / "one-part.npz", x=x, y=y)
np.save(here / "x.npy", x)
np.save(here / "y.npy", y)

# idx-files/: the four files of MNIST
folder = here / "idx-files"
folder.mkdir(exist_ok=True)
for part, rows in (("train", slice(0, 300)), ("t10k", slice(300, 400))):
    (folder / f"{part}-images-idx3-ubyte").write_bytes(idx(x[rows]))
    (folder / f"{part}-labels-idx1-ubyte").write_bytes(idx(y[rows]))

# reviews.csv: a column of texts
good, bad = ["fine", "lovely", "quick", "fresh"], ["stale", "slow", "rude", "cold"]
rest = ["the", "soup", "was", "and", "table", "we", "had", "with", "service", "bread"]
stars = chance.integers(0, 2, 300)
texts = [" ".join(chance.permutation([*chance.choice(rest, 8), *chance.choice(good if s else bad, 2)])) for s in stars]
pd.DataFrame({"review": texts, "liked": np.where(stars, "yes", "no")}).to_csv(here / "reviews.csv", index=False)

# weather.csv: several labels per row
heat, damp, air = chance.normal(0, 1, (3, 400))
weather = pd.DataFrame({"heat": heat.round(3), "damp": damp.round(3), "air": air.round(3)})
weather["rain"], weather["snow"], weather["wind"] = (damp > 0) * 1, ((damp > 0) & (heat < -0.3)) * 1, (air > 0.4) * 1
weather.to_csv(here / "weather.csv", index=False)

for name in ("my_data.py", "my_models.py"):
    if Path(__file__).parent != here:
        shutil.copy(Path(__file__).parent / name, here)
