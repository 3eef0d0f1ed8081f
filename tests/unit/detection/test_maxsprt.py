"""MaxSPRT: its level, its end, and what it refuses."""

import numpy as np
import pytest

from include.postmarket.detection.maxsprt import MaxSprtParams, binomial_critical_value, detect, llr, required_history
from include.postmarket.detection.shapes import Counts, MethodInputError, Reason


def test_level_is_held_over_all_looks() -> None:
    """Of 4,000 null surveillances with 50 looks about 5 % or fewer ever alarm (within 4 standard errors)."""
    counts = np.random.default_rng(6).poisson(0.4, (4000, 50)).astype(float)
    chart = detect(Counts(counts=counts), MaxSprtParams(rate=0.4, horizon=20.0, least_events=1))
    share = chart.alarm.any(axis=1).mean()

    assert 0.02 < share < 0.05 + 4 * np.sqrt(0.05 * 0.95 / 4000)


def test_ends_at_its_horizon() -> None:
    """Past the planned expected events the test is over and says so; it does not go on with a worn level."""
    chart = detect(Counts(counts=np.full((1, 12), 9.0)), MaxSprtParams(rate=1.0, horizon=10.0))

    assert chart.evaluated[0].tolist() == [True] * 10 + [False] * 2
    assert chart.reason[0, 10] == Reason.PAST_HORIZON.value
    assert not chart.alarm[0, 10:].any()


def test_least_events() -> None:
    """Three events are never a signal when four are asked for, four at once are."""
    params = MaxSprtParams(rate=0.01, horizon=1.0, alpha=0.01)
    three, four = (detect(Counts(counts=np.array([[events]])), params).alarm[0, 0] for events in (3.0, 4.0))

    assert not three
    assert four


def test_no_events_have_no_ratio() -> None:
    """No event and fewer than expected give 0, never nan."""
    assert llr(np.array([0.0, 1.0, 3.0]), np.array([1.0, 2.0, 3.0])).tolist() == [0.0, 0.0, 0.0]


def test_needs_no_history() -> None:
    """The rate is stated."""
    assert required_history(MaxSprtParams(rate=1.0, horizon=10.0)) == 0


def test_certainty_is_not_rare() -> None:
    """Two events can never be rarer than 1 in 100 when each has chance one half: refused, not nan."""
    with pytest.raises(MethodInputError, match="alpha"):
        binomial_critical_value(2, 1.0, 0.01)


@pytest.mark.parametrize(
    "bad", [{"rate": 0.0}, {"horizon": 0.0}, {"alpha": 0.6}, {"least_events": 0}, {"horizon": 0.1, "alpha": 0.001}]
)
def test_unusable_plans_are_refused(bad: dict[str, float]) -> None:
    """A plan that can never signal, or makes no test, is refused when it is written."""
    with pytest.raises(MethodInputError, match="maxsprt"):
        MaxSprtParams(**({"rate": 1.0, "horizon": 10.0} | bad))  # type: ignore[arg-type]
