"""The Keras peer of W1 and W2, on TensorFlow: `mixed_bfloat16`, `fit`, its own input pipeline.

Images are decoded once and kept by tf.data, and augmented in batches by Keras' layers: three warps
after each other where the other contenders have one, for Keras has none that composes them.
"""

import time
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from benchmarks.peer_photos import Spread


class _Ends(keras.callbacks.Callback):  # type: ignore[misc]
    """When each step of each epoch ended."""

    def __init__(self) -> None:
        super().__init__()
        self.ends: list[list[float]] = []

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        self.ends.append([])

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002
        self.ends[-1].append(time.monotonic())


def _images(folder: Path, size: int, batch: int, spread: Spread | None) -> Any:
    images = keras.utils.image_dataset_from_directory(
        folder, image_size=(size, size), batch_size=None, shuffle=False
    ).cache()
    if spread is None:
        return images.batch(batch).prefetch(tf.data.AUTOTUNE)
    how = {"fill_mode": "nearest", "dtype": "float32"}
    warp = keras.Sequential(
        [
            keras.layers.RandomFlip(dtype="float32"),
            keras.layers.RandomRotation(spread.rotation / 360, **how),
            keras.layers.RandomTranslation(spread.shift, spread.shift, **how),
            keras.layers.RandomZoom(spread.zoom, **how),
        ]
    )
    images = images.shuffle(10_000).batch(batch, drop_remainder=True)
    return images.map(
        lambda pixels, label: (warp(pixels, training=True), label), tf.data.AUTOTUNE
    ).prefetch(tf.data.AUTOTUNE)


class Training:
    """A ResNet of keras.applications; `trained` begins the names of the layers that learn."""

    def __init__(self, layers: int, classes: int, size: int, *, trained: str = "") -> None:
        keras.utils.set_random_seed(0)
        keras.mixed_precision.set_global_policy("mixed_bfloat16")
        make = {50: keras.applications.ResNet50, 101: keras.applications.ResNet101}[layers]
        body = make(include_top=False, weights=None, pooling="avg", input_shape=(size, size, 3))
        for layer in body.layers:
            layer.trainable = layer.name.startswith(trained)
        inputs = keras.Input((size, size, 3))
        rows = body(keras.layers.Rescaling(1 / 58.0, offset=-2.0)(inputs))
        outputs = keras.layers.Dense(classes, dtype="float32")(rows)
        self.size = size
        self.network = keras.Model(inputs, outputs)
        self.network.compile(
            keras.optimizers.SGD(0.1, momentum=0.9) if trained else keras.optimizers.AdamW(1e-3),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
        )

    def fit(
        self, folder: Path, batch: int, epochs: int, spread: Spread, *, validates: bool
    ) -> list[list[float]]:
        """When each step of each epoch ended; folder has `train` and `validation`."""
        ends = _Ends()
        self.network.fit(
            _images(folder / "train", self.size, batch, spread),
            validation_data=(
                _images(folder / "validation", self.size, batch, None) if validates else None
            ),
            epochs=epochs,
            callbacks=[ends],
            verbose=0,
        )
        return ends.ends
