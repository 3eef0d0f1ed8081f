"""P1 is estimated from the field with the design's prediction as a prior that cannot hide the field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.postmarket.detection.intervals import JEFFREYS, RatePrior
from include.postmarket.risk.estimate import capped_prior, estimate_p1
from tests.unit.risk.worlds import item


def test_prior_keeps_the_predicted_rate_below_the_cap() -> None:
    """40,000 device days of prediction are worth 40,000 where the field has more."""
    expected = RatePrior(events=5e-5 * 40_000, exposure=40_000)

    assert expected == capped_prior(item(), 100_000.0)


def test_prior_is_capped_at_the_field_exposure() -> None:
    """Where the field has 1,000 device days the same prediction is worth 1,000, at the same rate."""
    prior = capped_prior(item(), 1_000.0)

    assert pytest.approx((5e-2, 1_000.0)) == (prior.events, prior.exposure)


@pytest.mark.parametrize("changes", [{"p1": 0.0}, {"prior_exposure": 0.0}])
def test_prediction_that_says_nothing_is_replaced_by_jeffreys(changes: dict[str, float]) -> None:
    """A predicted zero would stay zero whatever the field says."""
    assert capped_prior(item(**changes), 1_000.0) == JEFFREYS


def test_strong_prediction_cannot_hide_the_field() -> None:
    """A prediction worth a billion device days, 200 times too low: the mean is half the field's rate."""
    estimate = estimate_p1(item(p1=1e-6, prior_exposure=1e9), 20, 100_000.0)

    assert pytest.approx((0.1 + 20) / 200_000) == estimate.mean
    assert estimate.low > 1e-6


def test_under_reporting_shrinks_the_exposure() -> None:
    """Half of the events are reported: 12 in 100,000 says the same as 12 in 50,000."""
    assert estimate_p1(item(), 12, 50_000.0).mean == estimate_p1(item(), 12, 100_000.0, 2.0).mean


@given(
    events=st.integers(0, 500),
    exposure=st.floats(1, 1e9),
    p1=st.floats(1e-9, 1),
    prior_exposure=st.floats(1, 1e9),
    factor=st.floats(1, 20),
)
def test_estimate_lies_between_prediction_and_field(
    events: int, exposure: float, p1: float, prior_exposure: float, factor: float
) -> None:
    """The mean lies between the predicted and the observed rate, at least half way to the field."""
    estimate = estimate_p1(item(p1=p1, prior_exposure=prior_exposure), events, exposure, factor)
    field = events * factor / exposure

    assert min(p1, field) * (1 - 1e-9) <= estimate.mean <= max(p1, field) * (1 + 1e-9)
    assert abs(estimate.mean - field) <= abs(estimate.mean - p1) * (1 + 1e-6) + 1e-12 * max(p1, field)
    assert estimate.low <= estimate.upper <= estimate.high


@given(events=st.integers(0, 200), exposure=st.floats(10, 1e8))
def test_more_events_raise_every_number(events: int, exposure: float) -> None:
    """One event more in the same exposure raises mean and bound and the probability of being above any limit."""
    fewer, more = estimate_p1(item(), events, exposure), estimate_p1(item(), events + 1, exposure)

    assert (fewer.mean < more.mean, fewer.upper < more.upper) == (True, True)
    assert fewer.probability_above(1e-4) <= more.probability_above(1e-4)
