"""A real surge: reports on Biomet France bone cement by month of 2017 (MAUDE via openFDA; report counts, no rate)."""

import numpy as np

from include.postmarket.detection import cusum, ewma, rate_change
from include.postmarket.detection.shapes import Counts

MONTHLY = Counts(counts=np.array([[17, 10, 6, 14, 6, 23, 7, 12, 17, 48, 30, 33.0]]))
SEPTEMBER, OCTOBER = 8, 9


def test_rate_change_alarms_in_october_and_not_before() -> None:
    """The month against all months before it: quiet through September, alarm in October (48 after at most 23)."""
    chart = rate_change.detect(MONTHLY, rate_change.RateChangeParams())

    assert chart.evaluated[0, SEPTEMBER]
    assert np.flatnonzero(chart.alarm[0]).tolist() == [OCTOBER, 10, 11]


def test_cusum_alarms_in_october() -> None:
    """With the first six months as phase I the CUSUM alarms in October and not before."""
    chart = cusum.detect(MONTHLY, cusum.CusumParams(baseline=6))

    assert int(np.argmax(chart.alarm[0])) == OCTOBER


def test_ewma_alarms_in_october() -> None:
    """The EWMA with the same phase I alarms in October as well."""
    chart = ewma.detect(MONTHLY, ewma.EwmaParams(baseline=6))

    assert int(np.argmax(chart.alarm[0])) == OCTOBER
