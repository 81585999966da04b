"""What a training does where its validation figure no longer improves."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bench.declare.values import Value

Monitor = Literal["validation_loss", "validation_accuracy"]


class EarlyStopping(Value):
    """End a training whose validation figure has not improved for a while.

    It means what the callback of the same name means in Keras: an epoch improves on the best one when its figure is
    better by more than `min_delta`, and the training ends with the `patience`-th epoch in a row that does not. The last
    weights are kept, or with `restore_best` those of the best epoch.
    """

    monitor: Monitor = Field("validation_loss", description="the figure that has to improve")
    patience: int = Field(0, ge=0, description="epochs in a row without an improvement")
    min_delta: float = Field(0.0, ge=0, description="a smaller change does not count as an improvement")
    restore_best: bool = Field(default=False, description="keep the weights of the best epoch, not of the last")


class ReduceOnPlateau(Value):
    """Lower the learning rate when a validation figure has not improved for a while.

    It means what Keras's callback `ReduceLROnPlateau` means, with its defaults.
    """

    monitor: Monitor = Field("validation_loss", description="the figure that has to improve")
    factor: float = Field(0.1, gt=0, lt=1, description="what the learning rate is multiplied by")
    patience: int = Field(10, ge=0, description="epochs in a row without an improvement")
    min_delta: float = Field(1e-4, ge=0, description="a smaller change does not count as an improvement")
    cooldown: int = Field(0, ge=0, description="epochs after a reduction that do not count")
    min_rate: float = Field(0.0, ge=0, description="the learning rate does not fall below it")
