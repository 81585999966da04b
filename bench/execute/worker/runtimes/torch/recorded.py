"""Steps that are replayed: recorded twice, proven on real batches, and run without Keras from then on."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from keras.src.backend.common import global_state  # it is not public, but holds Keras's own generator
from keras.src.random.seed_generator import GLOBAL_SEED_GENERATOR

from bench.execute.failures import sentence
from bench.execute.worker.runtimes.torch.program import Program, same_bits
from bench.execute.worker.runtimes.torch.recording import NotRecordedError, own_code, record

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras


class ReplayedStep:
    """A step of Keras, replayed for batches of the sizes that it is proven for, else run as it is.

    Args:
        model: compiled, with all its variables.
        step: of Keras, which takes a batch.

    Attributes:
        obstacle: why no step is replayed, as a clause; empty where nothing is known against it.
        replayed: how many steps were.
    """

    def __init__(self, model: keras.Model, step: Callable[[Any], object]) -> None:
        self._model, self._step = model, step
        self._programs: dict[int, Program] = {}
        self._is_seen = False
        self.obstacle = ""
        self.replayed = 0

    def prove(self, size: int, first: Any, second: Any) -> None:  # noqa: ANN401  nested tensors
        """Record the step for batches of a size, such as these two; no variable of the model changes."""
        if self.obstacle:
            return
        try:
            self._programs[size] = proven(self._model, self._step, first, second)
        except NotRecordedError as error:
            self.obstacle = str(error)
        except Exception as error:  # noqa: BLE001  what Keras can run and a recording cannot is run by Keras
            self.obstacle = f"recording a step failed: {sentence(error)}"
        if self.obstacle:
            self._programs.clear()

    def __call__(self, size: int, batch: Any) -> None:  # noqa: ANN401  nested tensors
        """Run the step."""
        program = self._programs.get(size)
        if program is not None:
            program(batch)
            self.replayed += 1
        elif self._is_seen:
            self._step(batch)
        else:
            # what is not Keras's may count how often it is called, so no further call may find out about it
            with own_code() as own:
                self._step(batch)
            self._is_seen = True
            self.obstacle = next(iter(own), "")


def proven(model: keras.Model, step: Callable[[Any], object], first: Any, second: Any) -> Program:  # noqa: ANN401
    """The program of a step, for batches of the shape of these.

    Keras's own step trains both batches. The operations that it runs have to be the same for both, and the program has
    to end with the same bits on the second. Afterwards all variables and random numbers are as they were.

    Raises:
        NotRecordedError: why the step has to be Keras's own.
    """
    variables = _variables(model)
    begun = _State(variables)
    try:
        program = record(model, step, first, variables)
        begun.restore()
        step(first)
        between = _State(variables)
        if program.differs(record(model, step, second, variables)):
            raise NotRecordedError("two steps ran different operations")
        between.restore()
        step(second)
        wanted = _State(variables)
        between.restore()
        program(second)
        if not wanted.is_now():
            raise NotRecordedError("replayed, a step ended with other values")
    finally:
        begun.restore()
        model.zero_grad()
    return program


class _State:
    """What a step may change: values of variables, and random numbers."""

    def __init__(self, variables: list[torch.Tensor]) -> None:
        self._variables = variables
        self._values = [variable.detach().clone() for variable in variables]
        self._torch = torch.get_rng_state()
        self._cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else []
        self._python, self._numpy = random.getstate(), np.random.get_state()  # noqa: NPY002  layers may draw from it

    def restore(self) -> None:
        """Go back."""
        with torch.no_grad():
            for variable, value in zip(self._variables, self._values, strict=True):
                variable.copy_(value)
        torch.set_rng_state(self._torch)
        if self._cuda:
            torch.cuda.set_rng_state_all(self._cuda)
        random.setstate(self._python)
        np.random.set_state(self._numpy)  # noqa: NPY002

    def is_now(self) -> bool:
        """Whether everything that PyTorch holds is as it was, bit for bit."""
        generators = [torch.get_rng_state(), *(torch.cuda.get_rng_state_all() if self._cuda else [])]
        pairs = [*zip(self._values, self._variables, strict=True)]
        pairs += zip([self._torch, *self._cuda], generators, strict=True)
        return all(same_bits(*pair) for pair in pairs)


def _variables(model: keras.Model) -> list[torch.Tensor]:
    """Every tensor that a step of Keras may change, each once."""
    held = [*model.variables, *model.metrics_variables]
    held += [] if model.optimizer is None else model.optimizer.variables
    drawn = global_state.get_global_attribute(GLOBAL_SEED_GENERATOR)
    held += [] if drawn is None else [drawn.state]
    return list({id(variable.value): variable.value for variable in held}.values())
