"""The Robert Koch Institute's systems 1 to 3: a count against the upper limit of the mean of its reference values.

Above a mean of 20 the limit is mean + 2 standard deviations; up to 20 the upper 95 % limit of a Poisson mean (Crow and
Gardner, Biometrika 1959;46:441-453) at the mean rounded down, as in R surveillance::rki.
"""

from dataclasses import dataclass

import numpy as np

from include.postmarket.detection.evaluation import check_counts, make_chart, reasons, refuse_exposure
from include.postmarket.detection.reference_values import check_system, reference_history, reference_values
from include.postmarket.detection.shapes import Chart, Counts, Reason

METHOD = "rki"
NORMAL_ABOVE = 20
CROW_GARDNER = np.array(  # upper 95 % limits of the mean at 0..19 events
    [
        *(3.285, 5.323, 6.686, 8.102, 9.598, 11.177, 12.817, 13.765, 14.921, 16.768),
        *(17.633, 19.05, 20.335, 21.364, 22.945, 23.762, 25.4, 26.306, 27.735, 28.966),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RkiParams:
    """``system`` 1, 2 or 3 (`reference_values`) and the periods of a year."""

    system: int = 2
    year_length: int = 52

    def __post_init__(self) -> None:
        check_system(self.system, self.year_length, METHOD)


def required_history(params: RkiParams) -> int:
    """Give the periods needed before the first evaluated one."""
    return reference_history(params.system, params.year_length)


def detect(data: Counts, params: RkiParams) -> Chart:
    """Evaluate every observed period whose reference values were all observed.

    ``statistic`` is the count over its limit, above 1 in alarm. There is no p-value.
    Raises `MethodInputError` for arrays that are not counts, and for exposure, which the method cannot use.
    """
    refuse_exposure(data, METHOD)
    counts, exposure = check_counts(data, METHOD)
    reference = reference_values(counts, params.system, params.year_length)
    first = np.arange(counts.shape[1]) < required_history(params)
    reason = reasons(counts, exposure, [(first, Reason.SHORT_HISTORY), (~reference.complete, Reason.GAP_IN_HISTORY)])
    mean = reference.total / reference.number
    variance = (reference.squares - reference.number * mean**2) / (reference.number - 1)
    tabled = CROW_GARDNER[np.clip(mean, 0, NORMAL_ABOVE - 1).astype(np.int64)]
    limit = np.where(mean >= NORMAL_ABOVE, mean + 2 * np.sqrt(np.maximum(variance, 0.0)), tabled)
    return make_chart(counts, reason, expected=mean, limit=limit, statistic=np.nan_to_num(counts) / limit)
