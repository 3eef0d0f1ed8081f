"""The date of a change: where it is plain, where it is not, and what cannot be dated."""

import numpy as np
import pytest

from include.postmarket.detection.change_point import ChangePointParameters, locate
from include.postmarket.detection.shapes import Counts, MethodInputError

# Coal mining disasters per year 1851-1962 (Jarrett 1979), the textbook series
COAL = (
    "4 5 4 1 0 4 3 4 0 6 3 3 4 0 2 6 3 3 5 4 5 3 1 4 4 1 5 5 3 4 2 5 2 2 3 4 2 1 3 2 2 1 1 1 1 3 0 0 1 0 1 1 0 0 3 1 "
    "0 3 2 2 0 1 1 1 0 1 0 1 0 0 0 2 1 0 0 0 1 1 0 2 3 3 1 1 2 1 1 1 1 2 4 2 0 0 0 1 4 0 0 0 1 0 0 0 0 0 1 0 0 1 0 1"
)

ASKED = ChangePointParameters()


def test_coal_mining_disasters() -> None:
    """The change is dated to about 1890 (Raftery and Akman 1986: 1889-1892) with rates near 3.1 and 0.9 a year."""
    change = locate(Counts(counts=np.array([[float(count) for count in COAL.split()]])), ASKED)

    assert 1889 <= 1851 + change.period[0] <= 1892
    assert 1851 + change.earliest[0] >= 1884
    assert 1851 + change.latest[0] <= 1898
    assert change.rate_before[0] == pytest.approx(3.1, abs=0.15)
    assert change.rate_after[0] == pytest.approx(0.9, abs=0.1)


def test_plain_change_has_a_narrow_interval() -> None:
    """Ten times the rate from period 30 on is dated exactly."""
    counts = np.append(np.tile([2.0, 3.0], 15), np.tile([24.0, 26.0], 10))[None, :]
    change = locate(Counts(counts=counts), ASKED)

    assert (change.period[0], change.earliest[0], change.latest[0]) == (30, 30, 30)


def test_interval_covers_the_true_date() -> None:
    """Of 400 simulated changes at least 91 % lie in the 95 % interval, with twice the Poisson variance too."""
    rng = np.random.default_rng(4)
    mean = np.where(np.arange(60) < 35, 6.0, 10.0)
    for counts in (rng.poisson(mean, (400, 60)), rng.negative_binomial(mean, 0.5, (400, 60))):
        change = locate(Counts(counts=counts.astype(float)), ASKED)

        assert np.mean((change.earliest <= 35) & (change.latest >= 35)) > 0.91


def test_exposure_that_grows_is_no_change() -> None:
    """Counts that double with their exposure leave the date open: the interval spans most of the series."""
    exposure = np.append(np.full(30, 100.0), np.full(30, 200.0))[None, :]
    change = locate(Counts(counts=exposure / 20, exposure=exposure), ASKED)

    assert change.latest[0] - change.earliest[0] > 40


def test_gaps_and_silence() -> None:
    """Periods not observed add nothing; a silent series gives numbers and no warning."""
    counts = np.append(np.full(20, 1.0), np.full(20, 9.0))[None, :]
    counts[0, 5:8] = np.nan

    assert locate(Counts(counts=counts), ASKED).period[0] == 20
    assert np.isfinite(locate(Counts(counts=np.zeros((1, 10))), ASKED).probability).all()


def test_too_short_a_series_is_refused() -> None:
    """One observed period has no before and after."""
    with pytest.raises(MethodInputError, match="change_point"):
        locate(Counts(counts=np.array([[3.0, np.nan]])), ASKED)
