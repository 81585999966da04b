"""What plain Keras scores, the product scores, or it refuses with a sentence: no result that is silently wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from differential import loaders
from differential.cases import AGREEING, REFUSED, Agrees, Refused
from differential.product import Trained, refusal, train

PLAIN = Path(__file__).with_name("plain.py")
TIMEOUT_S = 900


@dataclass(frozen=True, slots=True)
class Scores:
    """By case.

    Attributes:
        plain: accuracy and digest of the weights, for every seed.
        product: what became of the trials.
    """

    plain: dict[str, list[tuple[float, str]]]
    product: dict[str, Trained]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A user's folder, with a cache of its own."""
    folder = tmp_path_factory.mktemp("differential")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BENCH_CACHE", str(folder / "cache"))
        yield folder


@pytest.fixture(scope="module")
def scores(folder):
    """Every case, trained by both at the same time."""
    command = [sys.executable, PLAIN]
    with (
        (folder / "plain.log").open("w") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as plain,
    ):
        try:
            product = {}
            for seeds in sorted({case.seeds for case in AGREEING}):
                cases = [case for case in AGREEING if case.seeds == seeds]
                product |= train(folder, f"seeds-{seeds}", cases, seeds)
            printed, _ = plain.communicate(timeout=TIMEOUT_S)
        finally:
            plain.kill()
    assert 0 == plain.returncode, (folder / "plain.log").read_text()[-2000:]
    return Scores(json.loads(printed), product)


def chance(case):
    """Accuracy of always naming the most frequent class, and the number of test examples."""
    _, (_, labels) = getattr(loaders, case.data)()
    return np.bincount(labels).max() / len(labels), len(labels)


def spread(plain, product, examples):
    """How far apart two mean accuracies may be: two examples, or three standard errors over the seeds."""
    pooled = np.sqrt((np.var(plain, ddof=1) + np.var(product, ddof=1)) / 2)
    return max(2 / examples, 3 * pooled / np.sqrt(len(plain)))


@pytest.mark.parametrize("case", AGREEING, ids=lambda case: case.name)
def test_the_product_scores_what_plain_keras_scores(case, scores):
    """The same model, data, settings and seeds give the same accuracies, far from chance, by the expected engine."""
    trained = scores.product[case.name]
    accuracies, digests = zip(*scores.plain[case.name], strict=True)
    assert ("OK",) * case.seeds == trained.statuses, trained.reasons
    guessed, examples = chance(case)
    assert np.mean(accuracies) > guessed + (1 - guessed) / 2
    if case.expected.engine:
        assert {case.expected.engine} == set(trained.engines)
    if case.expected.exactly:
        assert list(accuracies) == pytest.approx(trained.accuracies, abs=1e-9)
        assert digests == trained.digests
    else:
        allowed = spread(accuracies, trained.accuracies, examples)
        assert np.mean(accuracies) == pytest.approx(np.mean(trained.accuracies), abs=allowed)


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_the_product_refuses_with_a_sentence(case, folder):
    """What it cannot train as it is meant fails with the reason, and no hint ruins the data."""
    sentence = refusal(folder, case).lower()
    assert sentence, "it was trained"
    assert [] == [fragment for fragment in case.expected.fragments if fragment.lower() not in sentence], sentence
    assert [] == [word for word in case.expected.never if word in sentence], sentence


def test_a_learning_rate_that_the_builder_compiles_counts(scores):
    """Two learning rates of one compiled builder score differently, in every seed."""
    high, low = (scores.product[name].accuracies for name in ("compiled-lr-high", "compiled-lr-low"))
    assert (np.subtract(high, low) > 0.05).all()


def test_the_cases_are_as_many_as_promised():
    """At least 25 models and data sets, each of one name, agreeing or refused."""
    names = [case.name for case in (*AGREEING, *REFUSED)]
    assert len(names) >= 25
    assert len(names) == len(set(names))
    assert all(isinstance(case.expected, Agrees) for case in AGREEING)
    assert all(isinstance(case.expected, Refused) for case in REFUSED)
