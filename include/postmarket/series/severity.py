"""Severe events among all events of an indicator, by period and subgroup: the severity of MDR Article 88."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from include.postmarket.detection.shapes import Counts
from include.postmarket.model.period import Period
from include.postmarket.model.plan import Indicator
from include.postmarket.series.counts import CountSeries, count
from include.postmarket.series.rows import AnyRows, Rows

_NO_EXPOSURE = Rows(frame=pd.DataFrame(), coverage=())


def severe_among(rows: AnyRows, indicator: Indicator, periods: Sequence[Period]) -> CountSeries:
    """Give the severe events as counts and all events as exposure.

    ``severe`` and ``scope`` name different columns (the plan check sees to it), so that the severe are among all. A
    subgroup without a severe event has counts of zero where it was observed. Raises ConfigurationError when the
    indicator names a column its table does not have.
    """
    every = count(rows, _NO_EXPOSURE, replace(indicator, severe={}), periods)
    severe = count(rows, _NO_EXPOSURE, severe_only(indicator), periods)
    events = every.counts.counts
    found = np.where(np.isnan(events), np.nan, 0.0)
    for s, name in enumerate(every.names):
        if name in severe.names:
            found[s] = severe.counts.counts[severe.names.index(name)]
    return replace(every, counts=Counts(counts=found, exposure=events))


def severe_only(indicator: Indicator) -> Indicator:
    """Give the indicator of the severe events alone; one that names none is as it was."""
    return replace(indicator, severe={}, scope=indicator.scope | indicator.severe)
