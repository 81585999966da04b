"""Sequential and Functional models as their authors write them: uncompiled, for a suite to train."""

from __future__ import annotations

import keras
from keras import layers


def mlp(input_shape, num_classes, width=32):
    """A Sequential network of one hidden layer."""
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Flatten(),
            layers.Dense(width, activation="relu"),
            layers.Dense(num_classes, activation="softmax"),
        ]
    )


def lazy(input_shape, num_classes):
    """A Sequential network that learns its input's shape from the first batch."""
    return keras.Sequential([layers.Flatten(), layers.Dense(32, "relu"), layers.Dense(num_classes, "softmax")])


def cnn(input_shape, num_classes):
    """A Functional convolutional network with a skip connection and dropout."""
    inputs = keras.Input(input_shape)
    x = layers.Conv2D(8, 3, padding="same", activation="relu")(inputs)
    y = layers.Conv2D(8, 3, padding="same", activation="relu")(x)
    x = layers.MaxPooling2D()(layers.add([x, y]))
    x = layers.Dropout(0.2)(layers.Flatten()(x))
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))


def logits(input_shape, num_classes):
    """A network without a softmax: its loss has to be told."""
    inputs = keras.Input(input_shape)
    x = layers.Dense(32, activation="relu")(layers.Flatten()(inputs))
    return keras.Model(inputs, layers.Dense(num_classes)(x))


def one_sigmoid(input_shape, num_classes):
    """A binary classifier with a single sigmoid unit."""
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Flatten(),
            layers.Dense(16, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def sigmoids(input_shape, num_classes):
    """One sigmoid per class."""
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Flatten(),
            layers.Dense(32, activation="relu"),
            layers.Dense(num_classes, activation="sigmoid"),
        ]
    )


def rescaled(input_shape, num_classes):
    """A network that divides by 255 itself, in a Rescaling layer."""
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Rescaling(1.0 / 255),
            layers.Flatten(),
            layers.Dense(32, activation="relu"),
            layers.Dense(num_classes, activation="softmax"),
        ]
    )


def normalised(input_shape, num_classes):
    """A network that standardises raw pixels itself, with figures its author measured."""
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Normalization(axis=None, mean=78.0, variance=95.0**2),
            layers.Flatten(),
            layers.Dense(32, activation="relu"),
            layers.Dense(num_classes, activation="softmax"),
        ]
    )


def divided(input_shape, num_classes):
    """A network that divides by 255 itself, in a Lambda layer."""
    inputs = keras.Input(input_shape)
    x = layers.Lambda(lambda image: image / 255.0)(inputs)
    x = layers.Dense(32, activation="relu")(layers.Flatten()(x))
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))


def augmented(input_shape, num_classes):
    """A network that shifts and turns its training images."""
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.RandomTranslation(0.1, 0.1),
            layers.RandomRotation(0.05),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(num_classes, activation="softmax"),
        ]
    )


def frozen(input_shape, num_classes):
    """A network whose first layer keeps the weights it was drawn with."""
    model = mlp(input_shape, num_classes, width=64)
    model.layers[1].trainable = False
    return model


def shared(input_shape, num_classes):
    """One layer reads the upper and the lower half of every image."""
    inputs = keras.Input(input_shape)
    read = layers.Dense(24, activation="relu")
    half = input_shape[0] // 2
    upper = read(layers.Flatten()(inputs[:, :half]))
    lower = read(layers.Flatten()(inputs[:, half:]))
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(layers.concatenate([upper, lower])))


def regularised(input_shape, num_classes):
    """Penalties on weights and on activations."""
    l1, l2 = keras.regularizers.L1, keras.regularizers.L2
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Flatten(),
            layers.Dense(32, "relu", kernel_regularizer=l2(0.02), activity_regularizer=l2(0.02)),
            layers.Dense(num_classes, "softmax", kernel_regularizer=l1(0.002)),
        ]
    )


def reader(input_shape, num_classes, vocabulary=200):
    """An LSTM over word numbers, 0 for padding."""
    inputs = keras.Input(input_shape)
    words = layers.Reshape((input_shape[0],))(inputs)
    x = layers.LSTM(8)(layers.Embedding(vocabulary, 8, mask_zero=True)(words))
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))


def bag_of_words(input_shape, num_classes, vocabulary=200):
    """The mean of the words' vectors; padding is masked."""
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Reshape((input_shape[0],)),
            layers.Embedding(vocabulary, 8, mask_zero=True),
            layers.GlobalAveragePooling1D(),
            layers.Dense(num_classes, activation="softmax"),
        ]
    )


def mixed(input_shape, num_classes):
    """Layers of three precisions."""
    inputs = keras.Input(input_shape)
    x = layers.Dense(32, activation="relu", dtype="float64")(layers.Flatten()(inputs))
    x = layers.Dense(24, activation="relu", dtype="mixed_float16")(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax", dtype="float32")(x))


def batch_normalised(input_shape, num_classes):
    """A network with moving averages."""
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Conv2D(8, 3, use_bias=False),
            layers.BatchNormalization(momentum=0.9),
            layers.ReLU(),
            layers.Flatten(),
            layers.Dense(num_classes, activation="softmax"),
        ]
    )


class Rising(layers.Layer):
    """Lets its input through little by little: a weight that is not trained counts the training steps."""

    def build(self, input_shape):
        """Make the counter."""
        self.steps = self.add_weight(shape=(), initializer="zeros", trainable=False)

    def call(self, inputs, training=None):
        """Count in training only."""
        if training:
            self.steps.assign_add(1.0)
        return inputs * keras.ops.minimum(self.steps / 100.0, 1.0)


def counting(input_shape, num_classes):
    """A network with a layer that counts."""
    inputs = keras.Input(input_shape)
    x = Rising()(layers.Dense(32, activation="relu")(layers.Flatten()(inputs)))
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
