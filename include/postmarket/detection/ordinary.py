"""What a series does when nothing changes: its level, trend, season and spread, learnt from its own history.

Counts are negative binomial with mean m_t and variance phi m_t. `seasonal_model` learns both: a season after two years
and a trend after three, each only if a Wald test keeps it, and what looks like a past outbreak has little weight. From
there on exposure stays as it is in the newest period, and trend and season go on.
"""

from dataclasses import dataclass

import numpy as np

from include.postmarket.detection.evaluation import REASON_DTYPE, check_counts, usable
from include.postmarket.detection.phase_one import EVENTS_OF_AN_EMPTY_BASELINE
from include.postmarket.detection.seasonal_model import Past, course
from include.postmarket.detection.shapes import Counts, FloatArray, Reason, ReasonArray

#: Usable periods below which nothing is said: a spread needs some.
LEAST_PERIODS = 6
HARMONICS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordinary:
    """Series over T past periods and the F ahead.

    ``mean`` (S, T + F) is in events, ``dispersion`` (S,) the variance of a count over its mean, at least 1.
    ``exposure`` (S, T + F) is None for counts without one; ``reason`` (S,) says why a series could not be learnt, and
    its numbers are then nan.
    """

    mean: FloatArray
    dispersion: FloatArray
    exposure: FloatArray | None
    reason: ReasonArray


def learn(data: Counts, ahead: int, year_length: float) -> Ordinary:
    """Learn the series of ``data`` (S, T) and carry them on for ``ahead`` periods; ``year_length`` in periods.

    A series without any event is taken to have had half an event, as in a chart's phase I. Raises `MethodInputError`
    for arrays that are not counts.
    """
    counts, exposure = check_counts(data, "ordinary")
    full = _carried_on(counts, exposure, ahead)
    known = usable(counts, exposure)
    reason: ReasonArray = np.full(len(counts), Reason.NONE.value, dtype=REASON_DTYPE)
    reason[known.sum(axis=1) < LEAST_PERIODS] = Reason.SHORT_HISTORY.value
    reason[~(np.nan_to_num(full[:, -1]) > 0)] = Reason.NO_EXPOSURE.value
    mean, dispersion = np.full(full.shape, np.nan), np.full(len(counts), np.nan)
    events = np.where(known, counts, 0.0).sum(axis=1)
    silent = (reason == Reason.NONE.value) & (events == 0)
    at_risk = np.where(known, exposure, 0.0).sum(axis=1, keepdims=True)
    mean[silent] = (EVENTS_OF_AN_EMPTY_BASELINE / at_risk[silent]) * full[silent]
    dispersion[silent] = 1.0
    some = np.flatnonzero((reason == Reason.NONE.value) & (events > 0))
    if some.size:
        past = Past(counts=counts[some], exposure=np.nan_to_num(exposure[some]), observed=known[some])
        rate, dispersion[some], converged = course(past, counts.shape[1] + ahead, year_length, HARMONICS)
        mean[some] = rate * full[some]
        failed = some[~converged]
        reason[failed], mean[failed], dispersion[failed] = Reason.NO_CONVERGENCE.value, np.nan, np.nan
    return Ordinary(
        mean=np.where(np.isnan(full), np.nan, mean),
        dispersion=dispersion,
        exposure=None if data.exposure is None else full,
        reason=reason,
    )


def _carried_on(counts: FloatArray, exposure: FloatArray, ahead: int) -> FloatArray:
    """Give exposure over past and future (S, T + F): that of the newest observed period stays."""
    observed = ~np.isnan(counts)
    newest = np.where(observed.any(axis=1), counts.shape[1] - 1 - np.argmax(observed[:, ::-1], axis=1), 0)
    last = exposure[np.arange(len(counts)), newest]
    return np.concatenate([exposure, np.repeat(last[:, None], ahead, axis=1)], axis=1)
