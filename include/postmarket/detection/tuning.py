"""The threshold of a method at which it raises as many false alarms as a budget allows, by simulation.

Bisection on the logarithm of the method's threshold, on the same futures throughout. The loosest threshold within the
budget is the one that sees most. It is rounded to two digits to the strict side.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

from include.postmarket.detection import power
from include.postmarket.detection.futures import Futures
from include.postmarket.detection.power import Detector, FalseAlarms

STEPS = 12  # of the bisection: a threshold within a factor of 1.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """The parameter that is a method's action limit, and the loosest and the strictest value that is tried."""

    parameter: str
    loosest: float
    strictest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuned:
    """A threshold ``value`` and the false alarms that it has; ``within`` says whether they meet the budget."""

    threshold: Threshold
    value: float
    alarms: FalseAlarms
    within: bool


_LEVEL = Threshold(parameter="alpha", loosest=0.05, strictest=1e-9)
_WIDTH = Threshold(parameter="width", loosest=0.5, strictest=12.0)
_THRESHOLDS: dict[str, Threshold] = {
    **dict.fromkeys(("poisson_rate", "rate_change", "seasonal_excess", "farrington"), _LEVEL),
    "trend_report": replace(_LEVEL, loosest=0.4),  # of a whole observation period, for two tests
    **dict.fromkeys(("ears", "bayes"), _LEVEL),
    **dict.fromkeys(("ewma", "shewhart"), _WIDTH),
    "maxsprt": replace(_LEVEL, strictest=1e-4),
    "cusum": Threshold(parameter="run_length", loosest=2.0, strictest=100_000.0),
    "cusum_standardised": Threshold(parameter="h", loosest=0.1, strictest=100.0),
}


def threshold_of(name: str, params: Any) -> Threshold | None:
    """Give the threshold of a method over time, None where it has none that can be moved (rki)."""
    if name == "cusum" and params.h > 0:  # a stated h overrides the run length
        return Threshold(parameter="h", loosest=0.1, strictest=10_000.0)
    return _THRESHOLDS.get(name)


def tune(detector: Detector, futures: Futures, threshold: Threshold, budget: tuple[float, int]) -> Tuned:
    """Find the loosest threshold whose false alarms of all series together keep within ``budget``.

    The budget is (false alarms a year, periods of a year). Where even the strictest value exceeds it, that is given.
    Raises `MethodInputError` where the method cannot be run on such series.
    """
    allowed, year = budget

    def alarms(value: float) -> FalseAlarms:
        params = replace(detector.params, **{threshold.parameter: value})
        return power.false_alarms(power.unchanged(replace(detector, params=params), futures), year)

    loose, strict = math.log(threshold.loosest), math.log(threshold.strictest)
    for _ in range(STEPS):
        middle = (loose + strict) / 2
        if alarms(math.exp(middle)).together <= allowed:
            strict = middle
        else:
            loose = middle
    value = _rounded(math.exp(strict), threshold)
    found = alarms(value)
    return Tuned(threshold=threshold, value=value, alarms=found, within=found.together <= allowed)


def _rounded(value: float, threshold: Threshold) -> float:
    """Give the value in two digits, on the strict side and not beyond the strictest."""
    unit = 10.0 ** (math.floor(math.log10(value)) - 1)
    if threshold.strictest < threshold.loosest:
        return max(float(f"{math.floor(value / unit + 1e-9) * unit:.1e}"), threshold.strictest)
    return min(float(f"{math.ceil(value / unit - 1e-9) * unit:.1e}"), threshold.strictest)
