"""Cohorts that measure otherwise than the rest."""

import numpy as np
import pytest

from include.postmarket.detection.cohort_shift import CohortShiftParameters, detect, probability_higher
from include.postmarket.detection.drift import Measured, measured
from include.postmarket.detection.shapes import Reason


def _cohorts(seed: int, means: tuple[float, ...], units: int = 80) -> Measured:
    r = np.random.default_rng(seed)
    group = np.repeat(np.arange(len(means)), units)
    return measured(r.normal(np.array(means)[group], 1.0), group)


def test_new_software_version_that_measures_lower_alarms() -> None:
    """The one version a standard deviation below the four others alarms, with P(higher) near Phi(-1 / sqrt 2) = .24."""
    found = detect(_cohorts(1, (0.0, 0.0, 0.0, 0.0, -1.0)), CohortShiftParameters())

    assert found.alarm[4]
    assert found.alarm.sum() == 1
    assert found.higher[4] == pytest.approx(0.24, abs=0.07)
    assert found.median_shift[4] == pytest.approx(-1.0, abs=0.35)


def test_false_alarms_keep_to_the_share_without_a_shift() -> None:
    """Over 200 sets of five equal cohorts at most 20 (0.999 quantile at 5 %) raise any alarm."""
    params = CohortShiftParameters(minimum_shift=0.0)
    alarms = sum(detect(_cohorts(s, (0.0,) * 5, 40), params).alarm.any() for s in range(200))

    assert alarms <= 20


def test_row_order_changes_nothing() -> None:
    """Shuffled devices give the same numbers."""
    data = _cohorts(2, (0.0, 0.5, 0.0))
    order = np.random.default_rng(3).permutation(len(data.value))

    straight = detect(data, CohortShiftParameters())
    shuffled = detect(Measured(data.value[order], data.group[order]), CohortShiftParameters())
    assert np.array_equal(straight.p_value, shuffled.p_value)
    assert np.allclose(straight.higher, shuffled.higher)


def test_single_cohort_has_nothing_to_compare_with() -> None:
    """With one version in the field nothing is compared, and the reason says so."""
    found = detect(_cohorts(4, (0.0,)), CohortShiftParameters())

    assert found.reason.tolist() == [Reason.ONE_CATEGORY]
    assert not found.evaluated.any()


@pytest.mark.parametrize(("units", "evaluated"), [(19, False), (20, True)])
def test_small_cohorts_are_not_evaluated(units: int, evaluated: bool) -> None:
    """A cohort with one device too few says so; as the rest of two cohorts it also bars the other."""
    found = detect(measured(np.arange(units + 50.0), np.repeat([0, 1], [units, 50])), CohortShiftParameters())

    assert found.evaluated.tolist() == [evaluated, evaluated]
    assert found.reason.tolist() == ["" if evaluated else Reason.TOO_FEW_UNITS] * 2


def test_probability_higher_counts_ties_half() -> None:
    """Of the four pairs of (1, 2) and (0, 2) one is higher by two, one tied, one lower: (1 + 1 + 0 + 0.5) / 4."""
    assert probability_higher(np.array([1.0, 2.0]), np.array([0.0, 2.0])) == pytest.approx(2.5 / 4)
