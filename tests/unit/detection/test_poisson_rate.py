"""A count against a stated rate: the tail, its limit and what cannot be evaluated."""

import numpy as np
import pytest
from scipy import stats

from include.postmarket.detection.poisson_rate import PoissonRateParams, detect, required_history
from include.postmarket.detection.shapes import Counts, MethodInputError, Reason


def test_limit_and_tail_agree() -> None:
    """Over a grid of counts the alarm, the limit and p <= alpha say the same."""
    counts = np.arange(40.0)[None, :]
    for rate in (0.01, 0.7, 4.0, 12.5):
        chart = detect(Counts(counts=counts), PoissonRateParams(rate=rate))

        assert np.array_equal(chart.alarm, chart.p_value <= 0.01)
        assert np.array_equal(chart.alarm, counts > chart.limit)


def test_needs_no_history() -> None:
    """The rate is stated, so the first period is evaluated."""
    params = PoissonRateParams(rate=2.0)

    assert required_history(params) == 0
    assert detect(Counts(counts=np.array([[1.0]])), params).evaluated[0, 0]


def test_expected_is_rate_times_exposure() -> None:
    """Expected is on the scale of the counts."""
    chart = detect(
        Counts(counts=np.array([[3.0, 3.0]]), exposure=np.array([[100.0, 400.0]])), PoissonRateParams(rate=0.01)
    )

    assert chart.expected[0].tolist() == [1.0, 4.0]
    assert chart.statistic[0].tolist() == [3.0, 0.75]


def test_what_was_not_observed_is_not_quiet() -> None:
    """A missing count and a missing exposure give nan everywhere, no alarm, and their reason."""
    chart = detect(
        Counts(counts=np.array([[np.nan, 5.0, 5.0]]), exposure=np.array([[1.0, 0.0, np.nan]])),
        PoissonRateParams(rate=0.1),
    )

    assert [Reason.NOT_OBSERVED.value, Reason.NO_EXPOSURE.value, Reason.NO_EXPOSURE.value] == chart.reason[0].tolist()
    assert not chart.alarm.any()
    assert np.isnan(chart.p_value).all()


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), float("inf")])
def test_rate_must_be_positive(rate: float) -> None:
    """A rate that is no rate is refused."""
    with pytest.raises(MethodInputError, match="poisson_rate"):
        PoissonRateParams(rate=rate)


def test_a_stated_dispersion_is_that_of_the_tail() -> None:
    """Mean 6 and variance 15: the tail is that of scipy's negative binomial, and limit and p say the same."""
    counts = np.arange(60.0)[None, :]
    chart = detect(Counts(counts=counts), PoissonRateParams(rate=6.0, dispersion=2.5))
    expected = stats.nbinom.sf(counts - 1, 6.0 / 1.5, 1 / 2.5)

    assert chart.p_value == pytest.approx(expected, rel=1e-9)
    assert np.array_equal(chart.alarm, chart.p_value <= 0.01)


def test_dispersion_below_one_is_refused() -> None:
    """Counts that spread less than Poisson's are no reason to alarm more often."""
    with pytest.raises(MethodInputError, match="dispersion"):
        PoissonRateParams(rate=1.0, dispersion=0.9)
