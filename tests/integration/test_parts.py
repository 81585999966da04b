"""Parts of the harness that need TensorFlow, each in a worker process: arithmetic, devices, obstacles."""

from __future__ import annotations

import pytest

from bench.execute.harness.servers import warm_servers
from bench.execute.harness.starting import RuntimeSignature
from bench.record.records import RateSource


@pytest.fixture(scope="module")
def call():
    """Calls a function of `probes` in a fresh worker."""
    with warm_servers([RuntimeSignature()], keep=True) as servers:
        yield lambda name, payload: servers.main.call(f"probes:{name}", payload, timeout_s=120)


def products(call, name, parameters, input_shape=(28, 28, 1), batch_size=32):
    """The products of a training step, and the operations they are."""
    found = call("products", (name, parameters, input_shape, batch_size))
    return dict(found), sum(2 * m * k * n * times for (m, k, n), times in found)


def test_a_dense_layer_is_three_products_and_the_first_is_two(call):
    """Forward, gradient by weights, gradient by inputs; nobody asks for the gradient by images."""
    shapes, flops = products(call, "mlp", {"hidden": [128]})
    assert {
        (32, 784, 128): 1,
        (784, 32, 128): 1,
        (32, 128, 10): 1,
        (128, 32, 10): 1,
        (32, 10, 128): 1,
    } == shapes
    assert 32 * 2 * (2 * 784 * 128 + 3 * 128 * 10) == flops


def test_softmax_regression_is_two_products(call):
    """4 operations per image and weight."""
    assert 32 * 4 * 784 * 10 == products(call, "softmax", {})[1]


def test_a_convolution_is_the_product_of_its_patches(call):
    """LeNet-5 as its paper draws it: multiplications of every layer by hand, twice for the first and thrice else."""
    first = 28 * 28 * 25 * 6
    others = 10 * 10 * 25 * 6 * 16 + 400 * 120 + 120 * 84 + 84 * 10
    assert 32 * 2 * (2 * first + 3 * others) == products(call, "lenet5", {})[1]


def test_dropout_and_normalisation_add_no_product(call):
    """Elementwise work is not counted."""
    plain = products(call, "mlp", {"hidden": [64, 32]})
    assert plain == products(call, "mlp", {"hidden": [64, 32], "dropout": 0.5, "batch_norm": True})


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_yardstick_says_what_gave_it(call, dtype):
    """A rate that is neither zero nor beyond any processor, whose product it was, and what can bend it."""
    found = call("rate", (dtype, 1, {"OPENBLAS_CORETYPE": "Haswell", "SOMETHING_ELSE": "1"}))
    assert 1e8 < found.flops_per_s < 1e13
    assert (dtype, 1, "Haswell") == (found.dtype, found.threads, found.variables["OPENBLAS_CORETYPE"])
    assert "SOMETHING_ELSE" not in found.variables
    assert found.shape[0] in {256, 512, 1024}
    # BLAS has no half precision
    assert found.source in (set(RateSource) if dtype == "float32" else {RateSource.TENSORFLOW, RateSource.XLA})
    assert found.stability.others_share is not None


@pytest.mark.parametrize("source", ["numpy", "tensorflow", "xla"])
def test_a_product_is_really_made(call, source):
    """Four times the length are 64 times the arithmetic: what only hands a product on would take equally long."""
    small, large = call("product_times", (source, (256, 1024)))
    assert large > 8 * small


@pytest.mark.parametrize("engine", ["fit", "epoch"])
def test_a_training_is_where_it_was_placed(call, engine):
    """On the second of two logical devices every variable is there, and the weights are those of the first."""
    (first, first_digest), (second, second_digest) = call("logical_devices", engine)
    assert (["device:CPU:0"], ["device:CPU:1"]) == (first, second)
    assert first_digest == second_digest


def test_images_that_the_device_cannot_hold_are_left_to_fit(call):
    """8 GB of images, held three times: too much for 16 GiB, with both sizes in the reason."""
    found = call("too_large", 16 * 2**30)
    assert "" == found["fit"]
    assert "its data would take 23.0 GiB of the device's 16.0 GiB" == found["epoch"] == found["epoch-xla"]
    assert {""} == set(call("too_large", 64 * 2**30).values())
