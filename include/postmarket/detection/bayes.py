"""The Bayes systems 1 to 3: a count against the predictive distribution that its reference values leave.

Poisson counts with a Jeffreys prior: with n reference values of sum s the next count is negative binomial with size
s + 1/2 and probability n/(n+1) (Riebler 2004, R surveillance::bayes); it alarms above the (1 - alpha) quantile.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from include.postmarket.detection.evaluation import check_counts, make_chart, reasons, refuse_exposure, require
from include.postmarket.detection.reference_values import check_system, reference_history, reference_values
from include.postmarket.detection.shapes import Chart, Counts, Reason

METHOD = "bayes"


@dataclass(frozen=True, slots=True, kw_only=True)
class BayesParams:
    """``system`` 1, 2 or 3 (`reference_values`), one-sided ``alpha`` and the periods of a year."""

    system: int = 2
    alpha: float = 0.05
    year_length: int = 52

    def __post_init__(self) -> None:
        check_system(self.system, self.year_length, METHOD)
        require(0 < self.alpha < 1, method=METHOD, wrong=f"alpha {self.alpha}", todo="give alpha between 0 and 1")


def required_history(params: BayesParams) -> int:
    """Give the periods needed before the first evaluated one."""
    return reference_history(params.system, params.year_length)


def detect(data: Counts, params: BayesParams) -> Chart:
    """Evaluate every observed period whose reference values were all observed.

    ``limit`` is the quantile, ``statistic`` the count over it (over 1 where it is 0), ``p_value`` the predictive tail.
    Raises `MethodInputError` for arrays that are not counts, and for exposure, which the method cannot use.
    """
    refuse_exposure(data, METHOD)
    counts, exposure = check_counts(data, METHOD)
    reference = reference_values(counts, params.system, params.year_length)
    first = np.arange(counts.shape[1]) < required_history(params)
    reason = reasons(counts, exposure, [(first, Reason.SHORT_HISTORY), (~reference.complete, Reason.GAP_IN_HISTORY)])
    size, chance = reference.total + 0.5, reference.number / (reference.number + 1)
    quantile = stats.nbinom.ppf(1 - params.alpha, size, chance)
    events = np.nan_to_num(counts)
    return make_chart(
        counts,
        reason,
        expected=size / reference.number,
        limit=quantile,
        statistic=events / np.maximum(quantile, 1.0),
        p_value=stats.nbinom.sf(events - 1, size, chance),
    )
