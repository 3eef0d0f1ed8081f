"""Drift of a metric by subgroup."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from include.postmarket.detection.drift import (
    DriftParameters,
    Measured,
    compare_distributions,
    detect,
    measured,
    stability_index,
)
from include.postmarket.detection.shapes import MethodInputError, Reason


def _sample(seed: int, means: tuple[float, ...], units: int = 150) -> Measured:
    r = np.random.default_rng(seed)
    group = np.repeat(np.arange(len(means)), units)
    return measured(r.normal(np.array(means)[group], 1.0), group)


def test_shifted_subgroup_alarms_alone() -> None:
    """One of three subgroups one standard deviation lower alarms, with its shift in the unit of the metric."""
    found = detect(_sample(1, (0.0, 5.0, 9.0)), _sample(2, (0.0, 4.0, 9.0)), DriftParameters())

    assert found.alarm.tolist() == [False, True, False]
    assert found.median_shift[1] == pytest.approx(-1.0, abs=0.3)
    assert found.stability_index[1] > 0.25 > found.stability_index[0]


def test_change_of_spread_counts_as_drift() -> None:
    """The same median with twice the spread alarms: sensors that turn noisy are news."""
    r = np.random.default_rng(3)
    group = np.zeros(200, dtype=int)
    found = detect(measured(r.normal(size=200), group), measured(r.normal(0, 2, 200), group), DriftParameters())

    assert found.alarm.tolist() == [True]


def test_false_alarms_keep_to_the_share_without_drift() -> None:
    """Over 200 samples of four quiet subgroups at most 20 (0.999 quantile at 5 %) raise any alarm."""
    params = DriftParameters(minimum_index=0.0)
    means = (0.0, 1.0, 2.0, 3.0)
    alarms = sum(
        detect(_sample(2 * s, means, 50), _sample(2 * s + 1, means, 50), params).alarm.any() for s in range(200)
    )

    assert alarms <= 20


def test_significant_but_small_changes_do_not_alarm() -> None:
    """With 20,000 devices a shift of a twentieth of a standard deviation is certain and of no interest."""
    found = detect(_sample(4, (0.0,), 20_000), _sample(5, (0.06,), 20_000), DriftParameters())

    assert found.adjusted_p_value[0] < 0.001
    assert not found.alarm[0]


def test_index_by_hand() -> None:
    """Deciles of 1..100 make ten bins of ten; a sample all above 50 has five empty bins and five of twenty."""
    baseline = np.arange(1.0, 101.0)
    current = np.repeat(np.arange(51.0, 101.0), 2)
    p, q = np.full(10, 10.5) / 105, np.repeat([0.5, 20.5], 5) / 105

    assert stability_index(baseline, baseline) == pytest.approx(0.0)
    assert stability_index(baseline, current) == pytest.approx(((q - p) * np.log(q / p)).sum())


@pytest.mark.parametrize(("first", "second"), [(20, 20), (20, 45), (70, 60), (400, 300)])
def test_distance_and_p_value_are_those_of_scipy(first: int, second: int) -> None:
    """Distances equal those of ks_2samp(method="exact"), p-values are its or up to twice them, 2 % apart below."""
    r = np.random.default_rng(first + second)
    for shift in (0.0, 0.2, 0.5):
        a, b = r.normal(size=first), r.normal(shift, 1.0, size=second)
        distance, p_value = compare_distributions(a, b)
        exact = ks_2samp(a, b, method="exact")

        assert distance == pytest.approx(exact.statistic, abs=1e-12)
        assert exact.pvalue <= p_value * 1.02
        assert p_value <= 2 * exact.pvalue


@pytest.mark.parametrize(("units", "evaluated"), [(19, False), (20, True)])
def test_small_subgroups_are_not_evaluated(units: int, evaluated: bool) -> None:
    """One device too few in either sample is not evaluated, and says so."""
    for baseline, current in ((units, 50), (50, units)):
        found = detect(_sample(1, (0.0,), baseline), _sample(2, (3.0,), current), DriftParameters())

        assert found.evaluated.tolist() == [evaluated]
        assert found.alarm.tolist() == [evaluated]
        assert found.reason.tolist() == ["" if evaluated else Reason.TOO_FEW_UNITS]


def test_subgroup_that_is_new_or_gone_is_listed() -> None:
    """A subgroup of one sample only has a row, not evaluated, instead of vanishing."""
    found = detect(
        measured(np.zeros(30), np.zeros(30, dtype=int)), measured(np.ones(30), np.full(30, 7)), DriftParameters()
    )

    assert found.group.tolist() == [0, 7]
    assert not found.evaluated.any()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=20, max_size=80), st.lists(st.integers(0, 3), min_size=20, max_size=80))
def test_few_distinct_values_are_compared_without_warning(before: list[int], now: list[int]) -> None:
    """Metrics with ties, even constant ones, give finite numbers and no numpy warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = detect(
            measured(before, np.zeros(len(before), dtype=int)),
            measured(now, np.zeros(len(now), dtype=int)),
            DriftParameters(),
        )

    assert np.isfinite([found.stability_index, found.p_value, found.distance]).all()


def test_devices_that_were_not_measured_are_left_out() -> None:
    """Nan is not a value of the metric."""
    assert measured([1.0, np.nan, 3.0], [0, 0, 1]).value.tolist() == [1.0, 3.0]


@pytest.mark.parametrize(
    ("value", "group", "message"),
    [([1.0], [0, 1], "parallel"), ([np.inf], [0], "infinite"), ([1.0], [-1], "whole numbers"), ([1.0], [0.5], "whole")],
)
def test_unusable_measurements_are_refused(value: list[float], group: list[float], message: str) -> None:
    """Arrays that do not fit, infinite values and bad codes are errors of the caller."""
    with pytest.raises(MethodInputError, match=message):
        measured(value, group)
