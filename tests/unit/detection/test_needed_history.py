"""The history a method says it needs is the history it needs, for every method over time of the catalogue."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from include.postmarket.detection import catalogue
from include.postmarket.detection.shapes import Counts, FloatArray, Reason

#: Parameters a method cannot do without, then the variants that need another history than the defaults.
REQUIRED: dict[str, dict[str, Any]] = {
    "poisson_rate": {"rate": 3.0},
    "maxsprt": {"rate": 3.0, "horizon": 300.0},
    "trend_report": {"rate": 3.0},
    "severity_trend": {"severe_share": 0.1},
}
VARIANTS: dict[str, list[dict[str, Any]]] = {
    "ears": [{"variant": "C1"}, {"variant": "C3"}, {"baseline": 12}],
    "rki": [{"system": 1}, {"system": 3}, {"year_length": 14}],
    "bayes": [{"system": 1}, {"system": 3}],
    "rate_change": [{"window": 3}, {"min_history": 1}],
    "cusum": [{"rate": 3.0}, {"baseline": 1}],
    "ewma": [{"rate": 3.0}, {"baseline": 30}],
    "cusum_standardised": [{"rate": 3.0}, {"transformation": "rossi"}],
    "shewhart": [{"variant": v} for v in ("u-laney", "individuals")] + [{"variant": "p"}, {"rate": 3.0}],
    "farrington": [{"years": 1, "skip": 3, "levels": 1}, {"year_length": 12, "levels": 2, "half_window": 1, "skip": 3}],
    "seasonal_excess": [{"year_length": 12.0}, {"min_history": 20}, {"harmonics": 0, "year_length": 12.0}],
    "trend_report": [{"rate": 3.0, "window": 1}],
}
CASES = [(name, given) for name in catalogue.OVER_TIME for given in [REQUIRED.get(name, {}), *VARIANTS.get(name, [])]]
every_case = pytest.mark.parametrize(
    ("name", "given"), CASES, ids=[f"{n} {' '.join(f'{k}={v}' for k, v in g.items())}".strip() for n, g in CASES]
)


def answer(name: str, given: dict[str, Any], periods: int, missing: int = -1) -> tuple[bool, str]:
    """Give whether the newest of some periods is evaluated, and why not; one period may be missing."""
    method = catalogue.over_time(name)
    counts: FloatArray = np.resize([3.0, 4.0, 2.0, 5.0, 3.0], (1, periods))
    if missing >= 0:
        counts[0, missing] = np.nan
    exposure = np.full(counts.shape, 10.0) if given.get("variant") == "p" or "severe_share" in given else None
    with np.errstate(divide="raise", invalid="raise", over="raise"):
        chart = method.detect(Counts(counts=counts, exposure=exposure), method.parameters(**given))
    return bool(chart.evaluated[0, -1]), str(chart.reason[0, -1])


def needed(name: str, given: dict[str, Any]) -> int:
    """Give the history that the method says it needs."""
    method = catalogue.over_time(name)
    return method.required_history(method.parameters(**given))


@every_case
def test_exactly_the_needed_history_is_enough(name: str, given: dict[str, Any]) -> None:
    """With just that many periods before it, the next one is evaluated."""
    assert (True, "") == answer(name, given, needed(name, given) + 1)


@every_case
def test_one_period_less_is_not_evaluated_and_says_so(name: str, given: dict[str, Any]) -> None:
    """One period short: not evaluated, and the reason is the history; a method that needs none evaluates the first."""
    periods = needed(name, given)
    if periods:
        assert (False, Reason.SHORT_HISTORY.value) == answer(name, given, periods)
    else:
        assert (True, "") == answer(name, given, 1)


@every_case
def test_a_period_that_was_not_observed_is_no_history(name: str, given: dict[str, Any]) -> None:
    """With the needed periods but the first of them missing, nothing is made up: evaluated only where a gap is allowed.

    What is not evaluated says that history is short or has a gap.
    """
    periods = needed(name, given)
    evaluated, reason = answer(name, given, periods + 1, missing=0) if periods else (True, "")

    assert evaluated == (reason == "")
    assert reason in {"", Reason.SHORT_HISTORY.value, Reason.GAP_IN_HISTORY.value}


def test_every_required_parameter_is_given_here() -> None:
    """A new method with a required parameter has to be placed in this file."""
    required = {
        name: {f.name for f in dataclasses.fields(m.parameters) if f.default is dataclasses.MISSING}
        for name, m in catalogue.OVER_TIME.items()
    }

    assert {n: set(g) for n, g in REQUIRED.items()} == {n: names for n, names in required.items() if names}
