"""From a suite to its cells: pure, and counted before it is expanded."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import product
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from bench.core.errors import SuiteError
from bench.core.formatting import plural
from bench.declare.cell import LIMITS, PLACE, Cell, dataset_label, dataset_names
from bench.declare.excludes import Excludes, numbers
from bench.declare.schedule import Constant
from bench.declare.schema import CellKeys
from bench.declare.settings import COMPILED, SETTINGS, TrainingSettings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from bench.declare.suite import GridTable, NamedArchitecture, Suite

_place = attrgetter(*PLACE)


@dataclass(frozen=True, slots=True)
class Expansion:
    """The cells of a suite.

    Attributes:
        cells: in the order of the file, each one once.
        excluded: how many an [[exclude]] dropped.
        idle_excludes: [[exclude]] tables, counted from 1, that dropped nothing: most likely a slip.
    """

    cells: tuple[Cell, ...]
    excluded: int
    idle_excludes: tuple[int, ...]


def count(suite: Suite) -> int:
    """How many cells the tables name, before exclusions; takes no time however large the grid is."""
    return sum(table.size for table in (*suite.grids, *suite.includes))


def expand(suite: Suite, *, max_cells: int | None = None) -> Expansion:
    """The cells of a suite: the union of its grids less what is excluded, then what is included.

    Args:
        suite: checked.
        max_cells: the largest grid to expand; None takes the suite's own limit.

    Raises:
        SuiteError: the grid is larger than that, nothing is left of it, or two of its cells read alike.
    """
    limit, size = max_cells or suite.keys.max_cells, count(suite)
    if size > limit:
        raise SuiteError(
            f"{suite.origin} declares {plural(size, 'cell')}, more than the limit of {limit:,}.",
            hint=f"Shorten an axis, or allow it with --max-cells {size} (or max_cells = {size} under [suite]).",
        )
    kept: dict[tuple[object, ...], Cell] = {}
    excludes = Excludes(suite.excludes)
    dropped, hits = 0, 0
    for cell in (cell for table in suite.grids for cell in _cells(suite, table)):
        matching = excludes.matching(cell)
        hits |= matching
        if matching:
            dropped += 1
        else:
            kept.setdefault(_identity(cell), cell)
    for cell in (cell for table in suite.includes for cell in _cells(suite, table)):
        kept.setdefault(_identity(cell), cell)
    if not kept:
        raise SuiteError(f"{suite.origin} excludes every one of its cells.", hint="Narrow an [[exclude]] table.")
    kept = _with_references(_named_apart(kept))
    _check_ids(suite, kept.values())
    _check_held_out(suite, kept.values())
    idle = tuple(number + 1 for number in numbers(~hits & ((1 << len(suite.excludes)) - 1)))
    return Expansion(tuple(kept.values()), dropped, idle)


def _named_apart(cells: dict[tuple[object, ...], Cell]) -> dict[tuple[object, ...], Cell]:
    """The cells, each data set under a name that no other one has."""
    names = dataset_names(dict.fromkeys(cell.dataset for cell in cells.values()))
    longer = {reference: name for reference, name in names.items() if name != dataset_label(reference)}
    if not longer:
        return cells
    return {key: cell.on_dataset(cell.dataset, longer.get(cell.dataset, "")) for key, cell in cells.items()}


def _with_references(cells: dict[tuple[object, ...], Cell]) -> dict[tuple[object, ...], Cell]:
    """The cells; those that are declared on several backends follow the first of them."""
    if len({cell.backend for cell in cells.values()}) == 1:
        return cells
    first: dict[tuple[object, ...], str] = {}
    following = {}
    for key, cell in cells.items():
        reference = first.setdefault(_identity(replace(cell, backend="")), cell.backend)
        following[key] = cell if reference == cell.backend else replace(cell, follows=reference)
    return following


def _check_ids(suite: Suite, cells: Iterable[Cell]) -> None:
    """Refuse different cells of one id, such as two builders `make` of different modules: no report separates them."""
    alike = [name for name, number in Counter(cell.id for cell in cells).items() if number > 1]
    if alike:
        raise SuiteError(
            f"{suite.origin} declares different cells of one id: {', '.join(alike[:5])}.",
            hint="Give their builders names of their own under [architectures.NAME].",
        )


def _check_held_out(suite: Suite, cells: Iterable[Cell]) -> None:
    """Refuse rules that follow a validation figure where no examples are held out."""
    for key in ("early_stopping", "reduce_on_plateau"):
        blind = [cell for cell in cells if getattr(cell.settings, key) and not cell.settings.validation_split]
        if blind:
            raise SuiteError(
                f"{suite.origin} sets {key} for {plural(len(blind), 'cell')} without examples to judge by: "
                f"{blind[0].id}.",
                hint=f"Set validation_split = 0.1 beside {key}; the test set is no guide to a training.",
            )
    for cell in cells:
        rate = cell.settings.learning_rate
        if cell.settings.reduce_on_plateau and not isinstance(rate, Constant):
            raise SuiteError(
                f"{suite.origin} sets reduce_on_plateau and a schedule for {cell.id}: both decide the learning rate.",
                hint="Give learning_rate a number, or take reduce_on_plateau out.",
            )


def _identity(cell: Cell) -> tuple[object, ...]:
    """What two cells of one architecture and one training have in common; as `Cell.fingerprint`, and quicker."""
    return cell.architecture, cell.builder, cell.dataset, cell.parameters_text, cell.settings.deciding, *_place(cell)


def _cells(suite: Suite, table: GridTable) -> Iterator[Cell]:
    for named in table.architectures:
        base = {**{key: getattr(suite.keys, key) for key in CellKeys.model_fields}, **named.keys}
        make = _CellMaker(suite, named, base, tuple(table.axes))
        for values in product(*table.axes.values()):
            yield make(values)


def _check_compile(suite: Suite, named: NamedArchitecture, point: dict[str, Any]) -> None:
    """Refuse a setting that the builder's own `compile()` would make void, where it is set as near as `compile` is."""
    levels: tuple[Collection[str], ...] = (point, named.keys, suite.keys.model_fields_set)
    for keys in levels:
        void = [key for key in COMPILED if key in keys]
        if void:
            keys_set = " and ".join(void)
            raise SuiteError(
                f'{suite.origin} sets {keys_set} for {named.name}, but compile = "builder" trains it with what its '
                "builder compiled.",
                hint=f"Take out {keys_set}, or compile. What the builder's compile() uses can be an axis of the grid "
                "where it is a parameter of the builder.",
            )
        if "compile" in keys:
            return


class _CellMaker:
    """Makes the cells of one architecture in a table. Cells with the same settings share them: a grid has many.

    Args:
        suite: checked.
        named: the architecture.
        base: the value of every key of a cell where the table does not name it.
        axes: the keys that the table names.
    """

    def __init__(self, suite: Suite, named: NamedArchitecture, base: dict[str, Any], axes: tuple[str, ...]) -> None:
        self._suite, self._named, self._base, self._axes = suite, named, base, axes
        self._of_settings = [place for place, key in enumerate(axes) if key in SETTINGS]
        self._of_builder = [(place, key) for place, key in enumerate(axes) if key not in CellKeys.model_fields]
        self._settings: dict[tuple[int, ...], TrainingSettings] = {}

    def __call__(self, values: tuple[Any, ...]) -> Cell:
        """The cell at a point: a value for each axis of the table."""
        # what is no key of a cell is there too, and nobody asks for it
        keys = {**self._base, **dict(zip(self._axes, values, strict=True))}
        if keys["compile"] == "builder":
            _check_compile(self._suite, self._named, dict(zip(self._axes, values, strict=True)))
        return Cell(
            architecture=self._named.name,
            builder=self._named.architecture.reference,
            parameters={**self._named.parameters, **{key: values[place] for place, key in self._of_builder}},
            dataset=keys["dataset"],
            settings=self._shared(values, keys),
            score=self._suite.keys.score,
            named=self._axes,
            **{name: keys[name] for name in (*PLACE, *LIMITS)},
        )

    def _shared(self, values: tuple[Any, ...], keys: dict[str, Any]) -> TrainingSettings:
        """The settings at a point, which are the same object for the same values of the table."""
        # the table keeps its values, so that their ids stay theirs
        chosen = tuple([id(values[place]) for place in self._of_settings])
        if chosen not in self._settings:
            # every value was checked when the file was parsed: no second validation here
            self._settings[chosen] = TrainingSettings.model_construct(**{key: keys[key] for key in SETTINGS})
        return self._settings[chosen]
