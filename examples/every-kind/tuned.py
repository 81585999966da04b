# tuned.py
import keras


def build(hp, input_shape, num_classes):
    model = keras.Sequential([keras.Input(input_shape), keras.layers.Flatten()])
    for _ in range(hp.Int("layers", 1, 3)):
        model.add(keras.layers.Dense(hp.Int("units", 16, 128), activation=hp.Choice("activation", ["relu", "tanh"])))
    model.add(keras.layers.Dense(num_classes, activation="softmax"))
    return model
