# sensors.py
import keras
import tensorflow as tf


def load():
    def example(number):
        x = tf.random.stateless_normal((64, 3), tf.stack([number, 1]))
        return x, tf.cast(tf.reduce_mean(x) > 0, tf.int64)

    def part(first, last):
        return tf.data.Dataset.range(first, last).map(example).batch(32)

    about = {"version": "2026-01", "task": "classes", "names": ["falling", "rising"], "train_examples": 3200}
    return part(0, 3200).shuffle(1000), part(3200, 3700), about


def build(input_shape, num_classes):
    return keras.Sequential(
        [
            keras.Input(input_shape),
            keras.layers.Conv1D(8, 5, activation="relu"),
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.Dense(num_classes, activation="softmax"),
        ]
    )
