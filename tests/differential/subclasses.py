"""Subclasses of keras.Model as their authors write them: own call, own training step, own loss, own fit."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from keras import layers


class Network(keras.Model):
    """One hidden layer; its shapes are known when the first batch comes."""

    def __init__(self, num_classes, width=32):
        super().__init__()
        self.flatten = layers.Flatten()
        self.hidden = layers.Dense(width, activation="relu")
        self.classify = layers.Dense(num_classes, activation="softmax")

    def call(self, inputs):
        """From images to probabilities."""
        return self.classify(self.hidden(self.flatten(inputs)))


def plain(input_shape, num_classes, width=32):
    """A subclass with nothing but layers and a call."""
    return Network(num_classes, width)


class Reordered(keras.Model):
    """Its layers are called in another order than they were made in, and it scales its images itself."""

    def __init__(self, num_classes):
        super().__init__()
        self.classify = layers.Dense(num_classes, activation="softmax")
        self.dropout = layers.Dropout(0.1)
        self.second = layers.Dense(24, activation="relu")
        self.first = layers.Dense(48, activation="relu")
        self.flatten = layers.Flatten()

    def call(self, inputs, training=None):
        """From raw images to probabilities."""
        x = self.flatten(inputs / 255.0)
        x = self.dropout(self.second(self.first(x)), training=training)
        return self.classify(x)


def reordered(input_shape, num_classes):
    """A subclass that scales in its call."""
    return Reordered(num_classes)


class OwnStep(Network):
    """The training step of Keras's guide, with gradients clipped by hand."""

    def train_step(self, data):
        """One batch."""
        x, y = data
        with tf.GradientTape() as tape:
            predicted = self(x, training=True)
            loss = self.compute_loss(y=y, y_pred=predicted)
        gradients = tape.gradient(loss, self.trainable_variables)
        gradients = [tf.clip_by_norm(gradient, 0.05) for gradient in gradients]
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
            else:
                metric.update_state(y, predicted)
        return {metric.name: metric.result() for metric in self.metrics}


def own_step(input_shape, num_classes):
    """A subclass with its own training step."""
    return OwnStep(num_classes)


class OwnMetrics(Network):
    """The lower-level example of Keras's guide: compile() is given an optimizer and nothing else."""

    def __init__(self, num_classes):
        super().__init__(num_classes)
        self.loss_tracker = keras.metrics.Mean(name="loss")
        self.smoothed = keras.losses.CategoricalCrossentropy(label_smoothing=0.3)

    @property
    def metrics(self):
        """Its own only."""
        return [self.loss_tracker]

    def train_step(self, data):
        """One batch, by a loss of its own."""
        x, y = data
        with tf.GradientTape() as tape:
            loss = self.smoothed(y, self(x, training=True))
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        self.loss_tracker.update_state(loss)
        return {"loss": self.loss_tracker.result()}


def own_metrics(input_shape, num_classes):
    """A subclass with its own training step, loss and metrics."""
    return OwnMetrics(num_classes)


class Mixup(keras.Model):
    """A Functional model that trains on mixtures of two images."""

    def train_step(self, data):
        """One batch, mixed with itself in another order."""
        x, y = data
        x = tf.cast(x, "float32")
        order = tf.random.shuffle(tf.range(tf.shape(x)[0]))
        share = tf.random.uniform((), 0.5, 1.0)
        mixed_x = share * x + (1 - share) * tf.gather(x, order)
        mixed_y = share * y + (1 - share) * tf.gather(y, order)
        return super().train_step((mixed_x, mixed_y))


def _layers(input_shape, num_classes):
    inputs = keras.Input(input_shape)
    x = layers.Dense(32, activation="relu")(layers.Flatten()(inputs))
    return inputs, layers.Dense(num_classes, activation="softmax")(x)


def mixup(input_shape, num_classes):
    """A Functional model with mixup."""
    return Mixup(*_layers(input_shape, num_classes))


class OwnLoss(keras.Model):
    """A Functional model whose loss also rewards uncertainty."""

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=None):
        """The compiled loss, less a part of the predictions' entropy."""
        loss = super().compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=training)
        entropy = -keras.ops.mean(keras.ops.sum(y_pred * keras.ops.log(y_pred + 1e-7), axis=-1))
        return loss - 0.8 * entropy


def own_loss(input_shape, num_classes):
    """A Functional model with its own compute_loss."""
    return OwnLoss(*_layers(input_shape, num_classes))


class Smoothing(keras.Model):
    """A Functional model that softens its targets before it trains."""

    def fit(self, x=None, y=None, **keywords):
        """As Keras's, on softer targets."""
        softer = 0.6 * np.asarray(y, "float32") + 0.4 / y.shape[-1]
        return super().fit(x, softer, **keywords)


def smoothing(input_shape, num_classes):
    """A Functional model with its own fit."""
    return Smoothing(*_layers(input_shape, num_classes))
