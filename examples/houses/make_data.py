"""Write houses.csv: 600 invented houses, the same in every run. Nothing in it is about a real house or town."""

from pathlib import Path

import numpy as np
import pandas as pd

ROWS = 600
chance = np.random.default_rng(13)
towns = np.array(["Ashford", "Birchwood", "Clayton", "Dunmore"])
level = np.array([1.0, 1.25, 0.8, 1.6])  # what a square metre costs there, beside the others
town = chance.integers(0, len(towns), ROWS)
area = chance.uniform(45, 220, ROWS).round()
rooms = np.clip((area / 28 + chance.normal(0, 0.8, ROWS)).round(), 1, 9).astype(int)
built = chance.integers(1920, 2024, ROWS)
garden = np.where(chance.random(ROWS) < 0.6, chance.gamma(2.0, 120.0, ROWS), 0.0).round()
condition = chance.choice(["poor", "fair", "good"], ROWS, p=[0.2, 0.5, 0.3])
factor = pd.Series(condition).map({"poor": 0.75, "fair": 1.0, "good": 1.15}).to_numpy()
age = 2024 - built
price = level[town] * factor * area * (2.1 + 0.9 * np.exp(-age / 25)) + 0.12 * garden + 6 * rooms
sure = chance.integers(1, 4, ROWS)  # how many estimates a price is the mean of
price = price * (1 + chance.normal(0, 0.08, ROWS) / np.sqrt(sure))
table = pd.DataFrame(
    {
        "area": area.astype(int),
        "rooms": rooms,
        "built": pd.array(built, dtype="Int64"),
        "garden": garden.astype(int),
        "town": towns[town],
        "condition": condition,
        "estimates": sure,
        "price": price.round(1),
    }
)
table.loc[chance.choice(ROWS, 12, replace=False), "built"] = pd.NA  # nobody knows any more
table.to_csv(Path(__file__).parent / "houses.csv", index=False, lineterminator="\n")
