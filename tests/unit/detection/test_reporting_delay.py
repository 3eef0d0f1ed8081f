"""Reporting delay: the estimated completeness, and what is done with it."""

import numpy as np
import pytest

from include.postmarket.detection.reporting_delay import Completeness, completeness, hold_back, nowcast
from include.postmarket.detection.shapes import Counts, FloatArray, MethodInputError

SHARES = np.array([0.4, 0.3, 0.2, 0.1])


@pytest.fixture(name="triangle")
def _triangle() -> FloatArray:
    """Exactly a hundred events in each of twelve periods, reported with known delays; the future is not known."""
    table = np.tile(100 * SHARES, (12, 1))
    table[np.arange(12)[:, None] + np.arange(4) > 11] = np.nan
    return table


def test_known_delays_are_recovered(triangle: FloatArray) -> None:
    """Of the newest period 40 % is known, of the one before 70 %, then 90 %, then all; the future is not looked at."""
    reported = completeness(triangle).reported

    assert reported[-4:] == pytest.approx([1.0, 0.9, 0.7, 0.4])
    assert reported[:8].tolist() == [1.0] * 8


def test_growing_series_do_not_bias_the_delay() -> None:
    """When each period has more events than the one before, naive shares would be too low; the hazards are not."""
    table = np.outer(1.3 ** np.arange(15), SHARES)
    table[np.arange(15)[:, None] + np.arange(4) > 14] = 0.0

    assert completeness(table).reported[-3:] == pytest.approx([0.9, 0.7, 0.4])


def test_exposure_is_cut_to_what_can_be_known() -> None:
    """Exposure shrinks with completeness, and a period known by less than half is held back as not observed."""
    known = Completeness(reported=np.array([1.0, 0.7, 0.4]))
    held = hold_back(Counts(counts=np.array([[10.0, 7.0, 4.0]]), exposure=np.array([[50.0, 50.0, 50.0]])), known)

    assert held.exposure is not None
    assert held.exposure[0].tolist() == pytest.approx([50.0, 35.0, 20.0])
    assert held.counts[0, :2].tolist() == [10.0, 7.0]
    assert np.isnan(held.counts[0, 2])


def test_nowcast_interval_covers() -> None:
    """Of 4,000 periods with 60 % reported about 95 % of final counts lie in the interval; complete ones are exact."""
    rng = np.random.default_rng(5)
    final = rng.poisson(20.0, 4000).astype(float)
    so_far = rng.binomial(final.astype(int), 0.6).astype(float)
    expected, lower, upper = nowcast(so_far, Completeness(reported=np.full(4000, 0.6)))
    whole, low, high = nowcast(np.array([7.0]), Completeness(reported=np.array([1.0])))

    assert abs(expected.mean() - 20.0) < 0.6
    assert np.mean((lower <= final) & (final <= upper)) > 0.93
    assert (whole[0], low[0], high[0]) == (7.0, 7.0, 7.0)


def test_unusable_triangles_are_refused(triangle: FloatArray) -> None:
    """A missing cell in the past, a negative one, or more delays than periods is refused."""
    for broken in (
        np.full((3, 4), 1.0),
        np.where(np.arange(12)[:, None] == 2, np.nan, triangle),
        -np.nan_to_num(triangle),
    ):
        with pytest.raises(MethodInputError, match="reporting_delay"):
            completeness(broken)


def test_shares_must_belong_to_the_periods() -> None:
    """Three shares for two periods are refused."""
    with pytest.raises(MethodInputError, match="periods"):
        hold_back(Counts(counts=np.ones((1, 2))), Completeness(reported=np.ones(3)))
