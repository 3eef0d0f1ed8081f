"""Exact rate formulas against domain/rules/rate_test_vectors.csv (DOMAIN.md 3.2), printed there to six digits."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from include.postmarket.detection.intervals import (
    RatePosterior,
    RatePrior,
    poisson_interval,
    rate_posterior,
    zero_event_upper_bound,
)
from include.postmarket.detection.poisson_rate import upper_tail
from include.postmarket.detection.rate_change import increase_tail
from include.postmarket.detection.shapes import FloatArray

SIX_DIGITS = 5e-6


def posterior(given: dict[str, float]) -> RatePosterior:
    """Give the posterior of a Gamma vector."""
    return rate_posterior(given["x"], given["T"], RatePrior(events=given["a0"], exposure=given["b0"]))


def conditional_tail(given: dict[str, float]) -> FloatArray:
    """Give the two-window tail of a vector."""
    share = given["T1"] / (given["T0"] + given["T1"])
    return increase_tail(np.array(given["x1"]), np.array(given["x0"]), np.array(share))


FORMULAS: dict[str, Callable[[dict[str, float]], FloatArray]] = {
    "zero_event_upper_95_one_sided": lambda given: zero_event_upper_bound(given["T"]),
    "poisson_exact_low_95_two_sided": lambda given: poisson_interval(given["x"], given["T"])[0],
    "poisson_exact_high_95_two_sided": lambda given: poisson_interval(given["x"], given["T"])[1],
    "poisson_upper_tail_p": lambda given: upper_tail(np.array(given["x"]), np.array(given["expected"])),
    "two_window_conditional_binomial_p": conditional_tail,
    "gamma_posterior_mean": lambda given: posterior(given).mean,
    "gamma_jeffreys_upper_95_one_sided": lambda given: posterior(given).upper_bound(),
    "gamma_posterior_upper_95_one_sided": lambda given: posterior(given).upper_bound(),
    "gamma_posterior_prob_rate_gt": lambda given: posterior(given).probability_above(given["r"]),
}


@pytest.mark.shared
def test_every_rate_vector_holds(shared: Path) -> None:
    """All vectors of rates (the ratio vectors belong to the pair methods) are met to the printed digits."""
    with (shared / "domain/rules/rate_test_vectors.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if not row["method"].startswith(("prr", "ror"))]
    given = [{k: float(v) for k, v in (part.split("=") for part in row["inputs"].split(";"))} for row in rows]
    found = [float(FORMULAS[row["method"]](each)) for row, each in zip(rows, given, strict=True)]

    assert len(rows) == 30
    assert found == pytest.approx([float(row["expected"]) for row in rows], rel=SIX_DIGITS)
