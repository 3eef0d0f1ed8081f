"""Pair tables with planted signals, drawn as in the reference folder's make_planted_dev.py."""

from dataclasses import dataclass

import numpy as np

from include.postmarket.detection.contingency import count_table
from include.postmarket.detection.shapes import BoolArray, FloatArray, Pairs


@dataclass(frozen=True, slots=True)
class Planted:
    """Pairs, their true expected counts and which of them carry a raised rate, shape (P,)."""

    pairs: Pairs
    expected: FloatArray
    signal: BoolArray


def draw(seed: int, *, products: int = 150, events: int = 300, reports: int = 100_000, share: float = 0.02) -> Planted:
    """Draw counts around Zipf margins with Gamma(20, 20) background rates; a share of cells has rate 2, 3, 5 or 10."""
    r = np.random.default_rng(seed)
    margin_product = r.lognormal(0, 0.3, products) / np.arange(1, products + 1)
    margin_event = r.lognormal(0, 0.3, events) / np.arange(1, events + 1) ** 1.1
    expected = reports * np.outer(margin_product / margin_product.sum(), margin_event / margin_event.sum())
    signal = np.asarray(r.random(expected.shape) < share)
    rate = np.where(signal, r.choice([2.0, 3.0, 5.0, 10.0], expected.shape), r.gamma(20, 1 / 20, expected.shape))
    n = r.poisson(rate * expected)
    product, event = np.nonzero(n)
    return Planted(count_table(product, event, n[product, event]), expected[product, event], signal[product, event])
