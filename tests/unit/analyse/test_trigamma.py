"""The inverse of the trigamma function."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from bench.analyse.trigamma import trigamma_inverse


@pytest.mark.parametrize("y", [1e-5, 1e-3, 0.1, 0.5, 1.0, 3.0, 50.0, 1e4, 1e8])
def test_it_undoes_the_function(y):
    """From the smallest degrees of freedom to the largest."""
    assert float(trigamma_inverse(np.array(special.polygamma(1, y)))) == pytest.approx(y, rel=1e-6)


@pytest.mark.parametrize("value", [1e-8, 1e-3, 0.3, 1.0, 50.0, 1e9])
def test_the_function_undoes_it(value):
    """Of small and large values too."""
    assert value == pytest.approx(float(special.polygamma(1, trigamma_inverse(np.array(value)))), rel=1e-3)
