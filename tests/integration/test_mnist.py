"""The real thing: all 60,000 images of MNIST."""

from __future__ import annotations

import pytest

import bench


@pytest.mark.soak
def test_the_default_suite_on_real_mnist():
    """One epoch of both models on all 60,000 images, judged on all 10,000, gets where such an epoch gets."""
    run = bench.run("mnist-mlp", seeds=1, settings={"epochs": 1}, progress=False)
    trials = run.trials().set_index("architecture")
    assert () == run.result.run.notices
    assert {60_000} == set(trials["train_images"])
    assert {10_000} == set(trials["test_images"])
    assert 0.917 == pytest.approx(trials.loc["model-1", "accuracy"], abs=0.01)
    assert 0.955 == pytest.approx(trials.loc["model-2", "accuracy"], abs=0.015)
    assert {7_850, 101_770} == set(trials["parameter_count"])
