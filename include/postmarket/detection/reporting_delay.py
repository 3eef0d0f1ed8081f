"""Reporting delay: how much of a recent period has been heard of yet, and what that means for its count.

Right truncation: of events that happened ``d`` periods ago only those with a delay up to d are known. The distribution
of the delay is estimated by reverse-time hazards (Lawless, Can J Stat 1994;22:15-31; Brookmeyer and Gail): g_d is the
share of delay d among the delays up to d, over periods old enough to show d, and F(d) the product of 1 - g_j over j >
d.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from include.postmarket.detection.evaluation import require
from include.postmarket.detection.shapes import Counts, FloatArray

METHOD = "reporting_delay"


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """``reported`` (T,) is the share of each period's events that is known now, of those known in the longest delay."""

    reported: FloatArray


def completeness(triangle: FloatArray) -> Completeness:
    """Estimate from ``triangle`` (T, D + 1): events of period t reported with a delay of d periods, up to now = T - 1.

    Cells beyond now (t + d > T - 1) are not looked at. A delay that was never at risk counts as complete.
    Raises `MethodInputError` for negative or missing cells up to now, or fewer periods than delays.
    """
    table = np.asarray(triangle, dtype=np.float64)
    require(table.ndim == 2, method=METHOD, wrong="no table", todo="give periods x delays")
    periods, delays = table.shape
    require(
        periods > delays,
        method=METHOD,
        wrong=f"{periods} periods, {delays} delays",
        todo="give more periods than delays",
    )
    known = np.arange(periods)[:, None] + np.arange(delays) <= periods - 1
    cells = np.where(known, table, 0.0)
    require(
        bool(np.all(np.isfinite(cells) & (cells >= 0))),
        method=METHOD,
        wrong="a cell up to now is negative or missing",
        todo="count reports by period of event and delay",
    )
    up_to = np.cumsum(cells, axis=1)
    at_risk = np.array([up_to[: periods - d, d].sum() for d in range(delays)])
    with_delay = np.array([cells[: periods - d, d].sum() for d in range(delays)])
    hazard = np.where(at_risk > 0, with_delay / np.where(at_risk > 0, at_risk, 1.0), 0.0)
    later = np.append(np.cumprod((1 - hazard)[:0:-1])[::-1], 1.0)
    age = np.minimum(np.arange(periods)[::-1], delays - 1)
    return Completeness(reported=later[age])


def hold_back(data: Counts, known: Completeness, least: float = 0.5) -> Counts:
    """Give the counts with exposure cut to its reported share: recent periods are judged by what can be known.

    A period of which less than ``least`` is reported counts as not observed: held back, not quiet.
    Raises `MethodInputError` if the shares are not of these periods.
    """
    require(
        data.counts.shape[1:] == known.reported.shape,
        method=METHOD,
        wrong=f"{known.reported.size} shares for {data.counts.shape[1]} periods",
        todo="estimate the completeness of the same periods",
    )
    exposure = np.ones(data.counts.shape) if data.exposure is None else data.exposure
    return Counts(counts=np.where(known.reported >= least, data.counts, np.nan), exposure=exposure * known.reported)


def nowcast(counts: FloatArray, known: Completeness, level: float = 0.95) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Give the expected final counts with their interval: (expected, lower, upper), each of the shape of ``counts``.

    The events still to come are negative binomial with size count + 1/2 and the reported share as probability
    (Jeffreys).
    """
    require(0 < level < 1, method=METHOD, wrong=f"level {level}", todo="give a level between 0 and 1")
    share = np.clip(known.reported, 1e-6, 1.0)
    size = counts + 0.5
    expected = counts + size * (1 - share) / share
    open_ = np.broadcast_to(share < 1, counts.shape)
    chance = np.where(open_, share, 0.5)
    lower, upper = (stats.nbinom.ppf(tail, size, chance) for tail in ((1 - level) / 2, (1 + level) / 2))
    return expected, counts + np.where(open_, lower, 0.0), counts + np.where(open_, upper, 0.0)
