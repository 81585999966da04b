"""Builders: functions of the shape of an example and of the number of classes, labels or values."""

import keras


def compiled(input_shape, num_classes, *, lr=0.001):
    """A network that comes with its optimizer and loss."""
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            keras.layers.Flatten(),
            keras.layers.Dense(32, activation="relu"),
            keras.layers.Dense(num_classes, activation="softmax"),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(lr), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
