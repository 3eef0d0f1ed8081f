"""The re-estimation of P1 gives the numbers of the project's reference vectors, and of the tables."""

import csv
from pathlib import Path

import pytest

from include.postmarket.detection.intervals import JEFFREYS, RatePrior
from include.postmarket.risk.estimate import RateEstimate, estimate_rate

SIX_DIGITS = 5e-6  # the vectors are printed with six significant digits


def inputs_of(row: dict[str, str]) -> dict[str, float]:
    """Give the inputs of a vector, written as x=3;T=10000."""
    return {name: float(value) for name, value in (part.split("=") for part in row["inputs"].split(";"))}


def estimated(values: dict[str, float]) -> RateEstimate:
    """Estimate with the prior of a vector; b0 = 0 is Jeffreys'."""
    prior = RatePrior(events=values["a0"], exposure=values["b0"])
    return estimate_rate(prior, int(values["x"]), values["T"])


def number_of(row: dict[str, str]) -> float | None:
    """Give our number for a vector; None for vectors of other methods."""
    values = inputs_of(row)
    match row["method"]:
        case "gamma_posterior_mean":
            return estimated(values).mean
        case "gamma_posterior_upper_95_one_sided" | "gamma_jeffreys_upper_95_one_sided":
            return estimated(values).upper
        case "gamma_posterior_prob_rate_gt":
            return estimated(values).probability_above(values["r"])
    return None


@pytest.mark.shared
def test_gamma_vectors(shared: Path) -> None:
    """All Gamma-Poisson rows of domain/rules/rate_test_vectors.csv hold: 9 posterior, 4 Jeffreys."""
    with (shared / "domain/rules/rate_test_vectors.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    checked = [(float(row["expected"]), number) for row in rows if (number := number_of(row)) is not None]

    assert len(checked) == 13
    for expected, number in checked:
        assert pytest.approx(expected, rel=SIX_DIGITS) == number


def test_posterior_against_chi_square_tables() -> None:
    """Prior (2, 20000) and 3 in 10000 give Gamma(5, 30000): chi-square quantiles with 10 degrees of freedom over 60000.

    In R: qgamma(c(.025, .975, .95), 5, 30000) and 1 - pgamma(1e-4, 5, 30000); the tables print 3.246973, 20.483177 and
    18.307038. Bound and tail are rows of the project's vectors too (3.05117e-4 and 0.815263).
    """
    estimate = estimate_rate(RatePrior(events=2, exposure=20000), 3, 10000)

    assert pytest.approx(5 / 30000, rel=1e-12) == estimate.mean
    assert pytest.approx((3.246973 / 60000, 20.483177 / 60000, 18.307038 / 60000), rel=1e-6) == (
        estimate.low,
        estimate.high,
        estimate.upper,
    )
    assert pytest.approx(0.815263, rel=SIX_DIGITS) == estimate.probability_above(1e-4)


def test_no_event_with_jeffreys_prior() -> None:
    """No event in T: the 95 % bound is half the chi-square quantile with one degree of freedom, 3.841459/2 over T."""
    assert pytest.approx(3.841459 / 2 / 1000, rel=1e-6) == estimate_rate(JEFFREYS, 0, 1000).upper
