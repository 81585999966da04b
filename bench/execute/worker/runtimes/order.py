"""The order of the examples, drawn as `Model.fit` draws it. For backends whose `fit` reads arrays without `tf.data`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray


class Order:
    """Permutations of the examples, one for each epoch.

    Keras's own iterator draws them, over indices instead of examples: whatever it takes from the random numbers of a
    backend, and when, is the same as in `fit`. How many examples a batch has makes no difference to it.

    Args:
        epoch_iterator: the class of the backend's iterator; it is not public, but decides the order.
        size: how many examples.
        shuffle: False for examples that `fit` reads as they are.
        given: the orders that another backend has drawn; the iterator then takes from the random numbers what it takes
            where nothing is shuffled. None to draw.
    """

    def __init__(
        self,
        epoch_iterator: Callable[..., Any],
        size: int,
        *,
        shuffle: bool = True,
        given: Sequence[NDArray[np.int32]] | None = None,
    ) -> None:
        indices = np.arange(size, dtype=np.int32)
        self._batches = epoch_iterator(x=indices, batch_size=size, shuffle=shuffle and given is None)
        self._given = None if given is None else iter(given)
        self._is_open = False
        self._rest: Iterator[Any] = iter(())

    def draw(self) -> NDArray[np.int32]:
        """(size,) int32, the order of the next epoch, which begins."""
        self._rest = iter(self._batches)
        _, _, data = next(self._rest)
        drawn = _indices(data)
        return drawn if self._given is None else next(self._given)

    def finish(self) -> None:
        """End the epoch whose order was drawn: a backend may take of its random numbers then, too."""
        # a loop would begin the iterator anew
        while next(self._rest, None) is not None:
            pass

    def look(self, model: keras.Model, batch: tuple[Any, ...]) -> None:
        """Have Keras make the variables of loss, metrics and optimizer, as `fit` does first.

        It looks at a first epoch for that, and then begins anew. For a model that was trained before it need not look;
        the random numbers are drawn all the same.

        Args:
            model: compiled.
            batch: some examples as the model takes them.
        """
        examples = self._opened(batch)
        model._symbolic_build(iterator=examples)  # noqa: SLF001  it has no public name
        if not self._is_open:
            next(examples)
        self._is_open = False
        self._batches.reset()

    def _opened(self, batch: tuple[Any, ...]) -> Iterator[tuple[int, int, list[tuple[Any, ...]]]]:
        for _, _, data in self._batches:
            _indices(data)
            self._is_open = True
            yield 0, 0, [batch]


def _indices(data: Any) -> NDArray[np.int32]:  # noqa: ANN401  a list of batches, or an iterator of them
    batch = data[0] if isinstance(data, (list, tuple)) else next(data)
    (indices,) = keras.tree.flatten(batch)
    drawn: NDArray[np.int32] = np.asarray(keras.ops.convert_to_numpy(indices), np.int32)
    return drawn
