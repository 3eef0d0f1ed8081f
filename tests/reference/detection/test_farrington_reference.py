"""Farrington against R: farrington() and farringtonFlexible() of surveillance 1.20.3 on real series."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from include.postmarket.detection.farrington import ORIGINAL, FarringtonParams, Threshold, detect
from include.postmarket.detection.shapes import Counts
from tests.reference.detection.surveillance_series import answers

CALLS = {
    "farrington_1996_function": ORIGINAL,
    "farrington_original": replace(ORIGINAL, threshold=Threshold.DELTA),
    "noufaily_delta": FarringtonParams(threshold=Threshold.DELTA),
    "noufaily_nbPlugin": FarringtonParams(threshold=Threshold.NB_PLUGIN),
    "noufaily_muan": FarringtonParams(threshold=Threshold.MUAN),
}


@pytest.mark.shared
@pytest.mark.parametrize("method", CALLS)
def test_bounds_and_alarms_are_those_of_r(shared: Path, method: str) -> None:
    """At least 99 % of bounds agree to 1e-4 and 99.5 % of alarms; what R leaves NA (few events) is not evaluated here.

    farrington() writes the bound 0 for few events, the others NA. salmNewport carries dates in R, which then looks for
    the same date of past years; here a year is 52 periods.
    """
    close, same = [], []
    for answer in answers(shared, method):
        if answer.name == "salmNewport":
            continue
        params = replace(CALLS[method], years=int(answer.params["b"]), alpha=float(answer.params["alpha"]))
        chart = detect(Counts(counts=answer.counts), params)
        evaluated = chart.evaluated[0, answer.periods]
        known = ~np.isnan(answer.limit) & ~((answer.limit == 0) & (method == "farrington_1996_function"))
        close.append(np.isclose(chart.limit[0, answer.periods], answer.limit, rtol=1e-4, atol=1e-12)[known])
        same.append(chart.alarm[0, answer.periods] == answer.alarm)

        assert np.array_equal(evaluated, known)

    assert np.concatenate(close).mean() >= 0.99
    assert np.concatenate(same).mean() >= 0.995


@pytest.mark.shared
@pytest.mark.parametrize("method", [name for name in CALLS if name != "farrington_1996_function"])
def test_expected_counts_and_p_values_are_those_of_r(shared: Path, method: str) -> None:
    """At least 99 % of expected counts agree to 1e-4, of p-values (far tails of the same fits) to 1e-3."""
    close, sure = [], []
    for answer in answers(shared, method):
        if answer.name == "salmNewport":
            continue
        params = replace(CALLS[method], years=int(answer.params["b"]), alpha=float(answer.params["alpha"]))
        chart = detect(Counts(counts=answer.counts), params)
        known = chart.evaluated[0, answer.periods] & ~np.isnan(answer.expected)
        expected, p_value = (values[0, answer.periods][known] for values in (chart.expected, chart.p_value))
        close.append(np.isclose(expected, answer.expected[known], rtol=1e-4, atol=1e-9))
        sure.append(np.isclose(p_value, answer.p_value[known], rtol=1e-3, atol=1e-9))

    assert np.concatenate(close).mean() >= 0.99
    assert np.concatenate(sure).mean() >= 0.99
