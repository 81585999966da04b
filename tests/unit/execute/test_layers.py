"""What a worker records of the layers of models: Keras's own, nested, of somebody's classes, and hostile ones."""

from __future__ import annotations

import pickle

import keras
import pytest
from keras import layers as L  # noqa: N812  as people write it

from bench.execute.worker.layers import layers_of
from bench.record.layers import LONGEST_TEXT, MOST_LAYERS, layers_from_json, layers_to_json


def convolutional() -> keras.Model:
    """With weights that are not trained, and a model within."""
    head = keras.Sequential([L.Flatten(name="flatten"), L.Dense(10, name="dense")], name="head")
    return keras.Sequential([keras.Input((8, 8, 1)), L.Conv2D(2, 3, name="conv"), L.BatchNormalization(), head])


def shared() -> keras.Model:
    """Two inputs, one layer used twice, several outputs of a layer."""
    a, b, dense = keras.Input((4,), name="a"), keras.Input((4,), name="b"), L.Dense(3, name="both")
    states = L.LSTM(5, return_state=True, name="lstm")(L.Reshape((4, 1))(a))
    return keras.Model([a, b], L.Dense(1)(L.Concatenate()([dense(a), dense(b), states[0]])))


class Own(keras.Model):
    """Layers in a list, and a weight that belongs to none."""

    def __init__(self) -> None:
        super().__init__(name="own")
        self.steps = [L.Dense(4), L.Dense(2)]
        self.scale = self.add_weight(shape=(3,), trainable=False)

    def call(self, x):
        """Without a graph."""
        return self.steps[1](self.steps[0](x))


def own() -> keras.Model:
    """Built by a call."""
    model = Own()
    model(keras.ops.ones((2, 5)))
    return model


def deep() -> keras.Model:
    """More layers than a record has rows."""
    return keras.Sequential([keras.Input((2,)), *(L.Dense(2) for _ in range(MOST_LAYERS + 50))])


@pytest.mark.parametrize("make", [convolutional, shared, own, deep])
def test_the_rows_add_up_to_the_model(make) -> None:
    """Parameters and trainable ones are each counted once; a record crosses processes and files."""
    model = make()
    rows = layers_of(model)
    assert model.count_params() == sum(row.parameters for row in rows)
    trained = sum(weight.numpy().size for weight in model.trainable_weights)
    assert trained == sum(row.trainable for row in rows)
    assert rows == pickle.loads(pickle.dumps(rows)) == layers_from_json(layers_to_json(rows))  # noqa: S301


def test_a_nested_model_is_taken_apart() -> None:
    """Its layers come in its place, with its name before theirs and the shapes of their outputs."""
    rows = {row.name: row for row in layers_of(convolutional())}
    assert ["conv", "head/dense", "head/flatten"] == sorted(name for name in rows if "batch" not in name)
    assert ((6, 6, 2),) == rows["conv"].outputs
    assert ("Dense", ((10,),), 730, 730) == (
        rows["head/dense"].kind, rows["head/dense"].outputs, rows["head/dense"].parameters, rows["head/dense"].trainable
    )  # fmt: skip


def test_shapes_of_several_outputs_and_none() -> None:
    """A layer with three outputs has three shapes; layers of a model without a graph have none."""
    assert ((5,), (5,), (5,)) == {row.name: row for row in layers_of(shared())}["lstm"].outputs
    assert {()} == {row.outputs for row in layers_of(own())}
    last = layers_of(own())[-1]
    assert ("own", "Own", 3, 0) == (last.name, last.kind, last.parameters, last.trainable)


def test_a_large_model_ends_in_a_row_for_the_rest() -> None:
    """Which says how many layers it stands for."""
    *_, before, rest = layers_of(deep())
    assert (1, 50, "", 300) == (before.layers, rest.layers, rest.kind, rest.parameters)


class Text(str):
    """A text that says something else to everybody who asks."""

    __slots__ = ()

    def __str__(self):
        raise RuntimeError("no text")

    def __getitem__(self, key):
        return "x" * 10**6

    def __len__(self):
        return 0


def test_what_hostile_classes_say_is_bounded(capsys: pytest.CaptureFixture[str]) -> None:
    """Names without end, half characters, layers that are their own, and properties that raise."""

    class Odd(L.Dense):
        @property
        def name(self):
            return Text("half\ud800" + "n" * 10**6)

        @name.setter
        def name(self, value):
            pass

    class Endless(keras.Model):
        @property
        def layers(self):
            return [Odd(2), self, self]

    class Raising(keras.Model):
        @property
        def layers(self):
            raise RuntimeError("no layers")

    rows = layers_of(Endless())
    assert 0 < len(rows) <= MOST_LAYERS + 2
    assert {str} == {type(row.name) for row in rows}
    assert max(len(row.name) for row in rows) <= LONGEST_TEXT
    assert rows[0].name.encode("utf-8").startswith(b"half\xef\xbf\xbd")
    assert () == layers_of(Raising())
    assert "no layers" in capsys.readouterr().err
