"""Measurements by device and group: medians of a period, kept where one metric is missing, for shifts of groups."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from include.postmarket.detection.shapes import FloatArray, IntArray
from include.postmarket.model.errors import ConfigurationError
from include.postmarket.model.period import Period
from include.postmarket.model.plan import Indicator
from include.postmarket.model.tables import TABLES
from include.postmarket.series.rows import AnyRows
from include.postmarket.series.scope import in_scope, period_numbers, refuse_unknown_columns


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceMonths:
    """One row a period, device and group, R rows in this order.

    ``values[r, m]`` is the median of metric m, nan where the device was not measured; ``period[r]`` points into
    ``periods``; ``group[r]`` into ``groups``, -1 for a device whose group is not known. Device keys stay inside (G4).
    """

    metrics: tuple[str, ...]
    periods: tuple[Period, ...]
    groups: tuple[str, ...]
    device: tuple[str, ...]
    period: IntArray
    group: IntArray
    values: FloatArray

    def of_period(self, number: int) -> IntArray:
        """Give the rows of one period."""
        return np.flatnonzero(self.period == number)

    def first_of_device(self, first: int, last: int) -> IntArray:
        """Give the first row of every device and group in the periods from ``first`` to ``last``, both included.

        A device counts once: its months are no independent devices. Its first month is the one longest ago, so that
        a slow drift is seen.
        """
        inside = np.flatnonzero((self.period >= first) & (self.period <= last))
        seen: set[tuple[str, int]] = set()
        chosen = []
        for row in inside.tolist():
            key = (self.device[row], int(self.group[row]))
            if key not in seen:
                seen.add(key)
                chosen.append(row)
        return np.array(chosen, dtype=np.int64)


def device_months(rows: AnyRows, indicator: Indicator, periods: Sequence[Period]) -> DeviceMonths:
    """Give the metrics of the rows in an indicator's scope by period, device and value of ``subgroup_by``.

    Raises ConfigurationError when the indicator names no metric, or a column its table does not have.
    """
    refuse_unknown_columns(indicator)
    if not indicator.metrics:
        raise ConfigurationError(
            "no metrics to compare devices by", where=f"indicator {indicator.id}", todo="name them in the plan"
        )
    table = TABLES[indicator.source]
    metrics = list(indicator.metrics)
    frame = rows.frame[in_scope(rows.frame, indicator.scope)]
    known = "" if indicator.subgroup_by is None else frame[indicator.subgroup_by]
    frame = frame.assign(_period=period_numbers(frame[table.placed_by], periods), _group=known)
    frame = frame[frame["_period"] >= 0]
    medians = frame.groupby(["_period", "device", "_group"], sort=True, dropna=False)[metrics].median().reset_index()
    named = medians["_group"].astype("str").where(medians["_group"].notna()) if indicator.subgroup_by else None
    groups = () if named is None else tuple(sorted(named.dropna().unique()))
    place = {name: number for number, name in enumerate(groups)}
    codes = [-1] * len(medians) if named is None else [place.get(name, -1) for name in named]
    return DeviceMonths(
        metrics=tuple(metrics),
        periods=tuple(periods),
        groups=groups,
        device=tuple(medians["device"].astype("str")),
        period=medians["_period"].to_numpy(dtype=np.int64),
        group=np.array(codes, dtype=np.int64),
        values=medians[metrics].to_numpy(dtype=np.float64, na_value=np.nan).reshape(-1, len(metrics)),
    )
