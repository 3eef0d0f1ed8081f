"""Thresholds that keep within a budget of false alarms."""

import numpy as np
import pytest
from scipy import stats

from include.postmarket.detection import catalogue
from include.postmarket.detection.futures import Futures, draw
from include.postmarket.detection.power import Detector
from include.postmarket.detection.tuning import threshold_of, tune
from tests.unit.detection.worlds import constant


def futures(mean: float = 50.0, replicates: int = 2000) -> Futures:
    """Give a year of one Poisson series."""
    return draw(constant(np.array([mean]), 1, 13), replicates, 13, seed=6)


def detector(name: str, **params: float) -> Detector:
    """Give a method with nothing behind it."""
    method = catalogue.over_time(name)
    return Detector(method=method, params=method.parameters(**params))


def test_the_level_of_an_exact_test_is_the_budget_over_the_year() -> None:
    """Half a false alarm in twelve months of a Poisson count: the limit is the one whose tail is nearest below."""
    threshold = threshold_of("poisson_rate", None)

    assert threshold is not None
    tuned = tune(detector("poisson_rate", rate=50.0), futures(), threshold, (0.5, 12))
    limit = float(stats.poisson.ppf(1 - tuned.value, 50.0))
    tail = float(stats.poisson.sf(limit, 50.0))

    assert tuned.within
    assert tuned.alarms.together <= 0.5
    assert 12 * tail == pytest.approx(0.5, abs=0.15)
    assert 12 * stats.poisson.sf(limit - 1, 50.0) > 0.5  # one event less would cost more than the budget


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("cusum", {"rate": 50.0, "ratio": 1.3}),
        ("cusum", {"rate": 50.0, "ratio": 1.3, "h": 10.0}),
        ("ewma", {"rate": 50.0}),
        ("shewhart", {"rate": 50.0}),
        ("trend_report", {"rate": 50.0, "window": 1}),
    ],
)
def test_every_threshold_is_as_loose_as_the_budget_allows(name: str, params: dict[str, float]) -> None:
    """One false alarm a year is kept within, and used up to a quarter."""
    made = detector(name, **params)
    threshold = threshold_of(name, made.params)

    assert threshold is not None
    tuned = tune(made, futures(replicates=400), threshold, (1.0, 12))

    assert tuned.within
    assert 0.75 < tuned.alarms.together <= 1.0


def test_a_budget_that_cannot_be_met_says_so() -> None:
    """A series at three times its stated rate stands in alarm, whatever the level."""
    threshold = threshold_of("poisson_rate", None)

    assert threshold is not None
    tuned = tune(detector("poisson_rate", rate=15.0), futures(replicates=200), threshold, (0.01, 12))

    assert not tuned.within


def test_a_method_without_a_threshold_has_none_to_tune() -> None:
    """The systems of the Robert Koch Institute have fixed limits."""
    assert threshold_of("rki", None) is None
