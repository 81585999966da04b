"""One trial, from the task to its outcome. Runs in a worker process only."""

from __future__ import annotations

import math
import traceback
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.core.errors import BenchError
from bench.core.formatting import count, size
from bench.execute.choice import choose_engine
from bench.execute.failures import device_text, sentence, with_hint
from bench.execute.messages import EpochEnded, FinalWeights, TrialEnded, TrialTask
from bench.execute.system.memory import peak_rss_bytes
from bench.execute.system.stability import StabilityWatch, doubt_text, doubts
from bench.execute.worker.callbacks import make_callback
from bench.execute.worker.compilation import compile_model, steps_per_epoch
from bench.execute.worker.engines import ENGINES, Course, Engine, Made
from bench.execute.worker.evaluation import NotFiniteError, evaluate
from bench.execute.worker.kit import Kit
from bench.execute.worker.own import ModelError
from bench.execute.worker.phases import PhaseClock
from bench.execute.worker.reference import Reference, begin_as, check_orders, read
from bench.execute.worker.runtimes import DeviceMissingError, current
from bench.execute.worker.saving import save_model
from bench.execute.worker.setup import Seat, build_model, load_data, memory_limit_bytes, start_anew
from bench.execute.worker.speed import measure_speed
from bench.execute.worker.stopping import Patience, Plateau
from bench.execute.worker.weights import Ladder, parameter_count, weights_digest
from bench.record.records import Doubt, EpochRecord, Outcome, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    from numpy.typing import NDArray

    from bench.execute.worker.data import TrainingData
    from bench.execute.worker.evaluation import Evaluation
    from bench.record.treatment import CompileRecord

    Send = Callable[[object], None]


class DivergedError(Exception):
    """A training whose loss is no number any more."""


@dataclass(frozen=True, slots=True)
class Steps:
    """What a trial does beside its epochs; an audit plants its faults here."""

    load_data: Callable[[TrialTask], TrainingData] = load_data
    build_model: Callable[[TrialTask, TrainingData], keras.Model] = build_model
    evaluate: Callable[[keras.Model, TrainingData, TrialTask, CompileRecord], Evaluation] = evaluate


def train_trial(task: TrialTask, send: Send, steps: Steps | None = None, kit: Kit | None = None) -> None:
    """Train one trial and send how it ended; every epoch is sent as it ends.

    Args:
        task: complete.
        send: takes `EpochEnded` any number of times, then one `TrialEnded`.
        steps: others than the usual ones.
        kit: what earlier trials of this worker have left for this one; whatever can be used again is.
    """
    clock = PhaseClock(task.decided_at)
    trial = _Trial(task, send, clock, steps or Steps(), kit or Kit())
    try:
        trial.run()
        status, reason = Status.OK, ""
    except DeviceMissingError as error:
        status, reason = Status.SKIPPED, str(error)
    except (DivergedError, NotFiniteError) as error:
        status, reason = Status.DIVERGED, str(error)
    except (ModelError, BenchError) as error:
        status, reason = Status.FAILED, with_hint(error)
    except MemoryError as error:
        traceback.print_exc()
        limit = f" of {size(task.cell.memory_limit_bytes)}" if task.cell.memory_limit_bytes else ""
        status, reason = (
            Status.FAILED,
            f"The trial reached its memory limit{limit}: {error or 'no more could be allocated'}.",
        )
    except Exception as error:  # noqa: BLE001  whatever a builder or Keras raises is this trial's own failure
        traceback.print_exc()
        sizes = f"{trial.sizes()} " if current().ran_out_of_memory(error) else ""
        status, reason = Status.FAILED, f"{sizes}{sentence(error)}"
    send(TrialEnded(task.trial_id, status, reason, trial.outcome(), trial.contention, trial.doubts))


class _Trial:
    """The steps of a trial, and what is known of it so far."""

    def __init__(self, task: TrialTask, send: Send, clock: PhaseClock, steps: Steps, kit: Kit) -> None:
        self.task, self.send, self.clock, self.steps, self.kit = task, send, clock, steps, kit
        self.known = Outcome()
        self.epochs: list[EpochRecord] = []
        self.contention = ""
        self.doubts: tuple[Doubt, ...] = ()
        self.watch: StabilityWatch
        self.diverged = False
        self.compiled: CompileRecord
        self.data: TrainingData | None = None
        self.ladder: Ladder | None = None
        self.inherited_bytes = kit.inherited_bytes
        stopping, plateau = task.cell.settings.early_stopping, task.cell.settings.reduce_on_plateau
        self.patience = Patience(stopping) if stopping else None
        self.plateau = Plateau(plateau) if plateau else None
        self.reference: Reference | None = None
        self.model: keras.Model | None = None
        self.best_weights: list[NDArray[Any]] | None = None
        self.best_epoch: EpochRecord | None = None

    def outcome(self) -> Outcome:
        return replace(
            self.known,
            phases=self.clock.read(),
            epochs=tuple(self.epochs),
            peak_rss_bytes=self.known.peak_rss_bytes or peak_rss_bytes(),
            ladder=tuple(self.ladder.rungs) if self.ladder else (),
        )

    def run(self) -> None:
        task = self.task
        seat = self.kit.take_seat(task)
        start_anew(task)
        placement = seat.placement
        self.known = replace(
            self.known, threads=placement.threads, device=placement.device, determinism=seat.determinism
        )
        with self.clock.phase("load"):
            self.data = data = self.kit.find_data(task) or self.steps.load_data(task)
            self.kit.keep_data(task, data)
            self.reference = read(Path(task.reference)) if task.reference else None
            self.known = replace(
                self.known,
                data_sha256=task.data_sha256,
                inputs=data.inputs,
                several_inputs=data.several_inputs,
                train_images=data.train_size,
                test_images=data.test_size,
            )
        with placement.scope():
            model = self._train(data, seat)
            self._evaluate(model, data)
            self._note_memory(seat)
            if task.measure:
                self._measure(model, data)
            if task.model_file:
                self.known = replace(self.known, model=save_model(model, Path(task.model_file)))
        if task.keep_weights:
            self.send(FinalWeights(task.trial_id, tuple(model.get_weights())))

    def sizes(self) -> str:
        """What a trial that ran out of the device's memory had asked of it."""
        parameters = self.known.parameter_count
        weights = f"a model of {count(parameters)} parameters" if parameters else "the model"
        held = f", {size(self.data.train.nbytes)} of training data" if self.data else ""
        batch = count(self.task.cell.settings.batch_size)
        device = device_text(self.task.cell.device, self.known.device)
        return (
            f"{device} ran out of memory for {weights}{held} and batches of {batch}; "
            "a smaller batch_size or model needs less."
        )

    def _train(self, data: TrainingData, seat: Seat) -> keras.Model:
        """Train by the engine that the cell declares or the survey favours, or else by `fit`."""
        task = self.task
        steps = task.cell.settings.epochs * steps_per_epoch(task, data)
        streamed, exact = data.feed is not None, task.cell.deterministic
        choice = choose_engine(task.cell, task.survey, steps, exact=exact, streamed=streamed)
        engine, reason = ENGINES[choice.name], choice.reason
        made = self._make(data, engine)
        if obstacle := engine.obstacle(made.model, self.compiled, data, memory_limit_bytes(task, seat)):
            engine, reason = ENGINES["fit"], f"{engine.name} cannot train this model: {obstacle}"
            made = self._make(data, engine)
        self.known = replace(self.known, engine=engine.name, engine_reason=reason)
        try:
            self._follow(made, engine)
        except Exception as error:
            self.kit.forget(engine.name)
            if engine.name == "fit" or self.epochs:
                raise
            traceback.print_exc()
            reason = f"{engine.name} failed before its first epoch: {sentence(error)}"
            self.known = replace(self.known, engine="fit", engine_reason=reason)
            made = self._make(data, ENGINES["fit"])
            self._follow(made, ENGINES["fit"])
        return made.model

    def _make(self, data: TrainingData, engine: Engine) -> Made:
        """A compiled model with fresh weights: that of an earlier trial with its program, where the two are alike."""
        with self.clock.phase("build"):
            model = self.steps.build_model(self.task, data)
            if self.reference is not None:
                begin_as(self.reference, model, self.task)
                check_orders(self.reference, model, data, self.task.cell.settings.epochs)
            self.known = replace(self.known, parameter_count=parameter_count(model))
            self.compiled = compile_model(model, self.task, data, engine)
            self.known = replace(self.known, compiled=self.compiled)
            made = self.kit.settle(engine, model, self.task, self.compiled, data)
        self.known = replace(self.known, program_of=made.trial_id if made.trial_id != self.task.trial_id else "")
        if self.task.ladder or self.task.cell.deterministic:
            self.ladder = Ladder(made.model)
            self.ladder.climb("initialised")
        return made

    def _follow(self, made: Made, engine: Engine) -> None:
        settings, ladder, model = self.task.cell.settings, self.ladder, made.model
        self.model = model
        self.watch = StabilityWatch()
        course = Course(
            epochs=settings.epochs,
            batch_size=settings.batch_size,
            on_epoch=self._epoch_ended,
            on_begin=self.watch.begin,
            orders=None if self.reference is None else self.reference.orders,
            on_first_step=None if ladder is None else lambda: ladder.climb("step 1"),
            callbacks=tuple(make_callback(reference) for reference in settings.callbacks),
        )
        prepared = engine.train(made, course)
        self.clock.add("warmup", prepared.warmup_time_s)
        self.clock.add("compile", prepared.compile_time_s)
        if prepared.own_steps:
            clauses = (self.known.engine_reason, f"{engine.name} ran Keras's own steps: {prepared.own_steps}")
            self.known = replace(self.known, engine_reason="; ".join(filter(None, clauses)))
        times_s = [epoch.train_time_s for epoch in self.epochs]
        self.clock.add("train", sum(times_s))
        stability = self.watch.stop(sum(times_s), times_s)
        self.contention, self.doubts = doubt_text(stability, sum(times_s)), doubts(stability)
        self.known = replace(self.known, stability=stability)
        if not self.epochs:
            raise ModelError(
                f"The fit() of {type(model).__name__} called none of the callbacks that it was given, so no epoch is "
                "on record. Pass **kwargs on to super().fit(...)."
            )
        if self.best_weights is not None:
            model.set_weights(self.best_weights)
        last = self.epochs[-1]
        if self.diverged:
            raise DivergedError(f"The loss was not a finite number in epoch {last.epoch} of {settings.epochs}.")
        self.known = replace(
            self.known,
            validation_accuracy=(self.best_epoch or last).validation_accuracy,
            validation_loss=(self.best_epoch or last).validation_loss,
            weights_digest=weights_digest(model),
        )

    def _epoch_ended(self, record: EpochRecord) -> bool:
        self.watch.lap()
        # a training step of somebody's own may report no loss at all
        finite = record.loss is None or math.isfinite(record.loss)
        self.diverged = not finite
        # a fit() of somebody's own may train in stages, each of which counts from 1
        record = replace(
            record,
            epoch=len(self.epochs) + 1,
            loss=record.loss if finite else None,
            # what is held out may overflow an epoch before the training does; no record holds such a number
            validation_loss=_finite(record.validation_loss),
        )
        self.epochs.append(record)
        if self.ladder:
            self.ladder.climb(f"epoch {record.epoch}")
        self.send(EpochEnded(self.task.trial_id, record))
        return finite and not self._rules_end(record)

    def _rules_end(self, record: EpochRecord) -> bool:
        """Follow the rules on the validation figures; whether they end the training."""
        model, rule = self.model, self.task.cell.settings.early_stopping
        if self.plateau and model is not None and record.learning_rate is not None:
            rate = self.plateau.next_rate(record, record.learning_rate)
            if rate != record.learning_rate:
                model.optimizer.learning_rate = rate
        if self.patience is None or rule is None:
            return False
        exhausted = self.patience.exhausted(record)
        if rule.restore_best and self.patience.improved and model is not None:
            self.best_weights, self.best_epoch = model.get_weights(), record
        return exhausted

    def _evaluate(self, model: keras.Model, data: TrainingData) -> None:
        with self.clock.phase("evaluate"):
            evaluation = self.steps.evaluate(model, data, self.task, self.compiled)
        self.known = replace(
            self.known,
            accuracy=evaluation.accuracy,
            test_errors=evaluation.errors,
            loss=_finite(evaluation.loss),
            metrics=evaluation.metrics,
            compiled=replace(self.compiled, outputs=evaluation.outputs),
            predictions=data.target.pack(evaluation.predicted),
        )

    def _note_memory(self, seat: Seat) -> None:
        """Before anything is measured: what measuring takes is not the trial's."""
        peak = peak_rss_bytes()
        self.known = replace(
            self.known,
            peak_rss_bytes=peak,
            own_memory_bytes=None if peak is None else max(0, peak - self.inherited_bytes),
            device_peak_bytes=seat.placement.peak_bytes(),
        )

    def _measure(self, model: keras.Model, data: TrainingData) -> None:
        """Measure what prediction and arithmetic take, or take it over from an earlier trial of the cell."""
        known = self.task.speed
        if known is not None:
            self.known = replace(self.known, speed=replace(known, yardstick=self.task.yardstick))
            return
        batch_size = min(self.task.cell.settings.batch_size, data.train_size)
        with self.clock.phase("measure"):
            try:
                speed = measure_speed(model, data.scaled(data.test.x), batch_size=batch_size)
            except Exception:  # noqa: BLE001  a figure that cannot be had is missing, and the trial is complete
                traceback.print_exc()
                return
        self.known = replace(self.known, speed=replace(speed, yardstick=self.task.yardstick))


def _finite(value: float | None) -> float | None:
    """A figure that a record can hold; None for one that is not a finite number."""
    return value if value is not None and math.isfinite(value) else None
