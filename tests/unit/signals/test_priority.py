"""The priority of a signal follows from severity, strength and novelty, and says so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.postmarket.model.errors import ConfigurationError
from include.postmarket.model.signal import Priority
from include.postmarket.signals.priority import Novelty, prioritise
from tests.unit.signals.worlds import detection, indicator, risk_file

WEAK = detection(observed=9.0)
STRONG = detection(observed=11.0)  # 6 beyond the expectation of 5, the limit is 3 beyond: exactly twice the way
RANK = [Priority.LOW, Priority.MEDIUM, Priority.HIGH]


@pytest.mark.parametrize(
    ("risk", "weak", "strong"),
    [
        ("R5", Priority.HIGH, Priority.HIGH),
        ("R4", Priority.MEDIUM, Priority.HIGH),
        ("R3", Priority.MEDIUM, Priority.MEDIUM),
        ("R2", Priority.LOW, Priority.MEDIUM),
        ("R1", Priority.LOW, Priority.MEDIUM),
    ],
)
def test_new_signal_by_severity_and_strength(risk: str, weak: Priority, strong: Priority) -> None:
    """For a problem seen for the first time the severity of the harm decides, strength moves it up."""
    watched = indicator(risks=(risk,))
    found = [prioritise(alarm, watched, risk_file(), Novelty.NEW).priority for alarm in (WEAK, STRONG)]

    assert [weak, strong] == found


def test_worst_of_several_risks_counts() -> None:
    """An indicator that informs a minor and a catastrophic harm is handled for the catastrophic one."""
    urgency = prioritise(WEAK, indicator(risks=("R2", "R5", "R1")), risk_file(), Novelty.NEW)

    assert urgency.priority == Priority.HIGH
    assert "severity 5 of 5 (catastrophic, R5)" in urgency.reason


def test_no_linked_risk_is_not_low() -> None:
    """A hazard that the risk file does not know may be unanticipated: it is not put last."""
    urgency = prioritise(WEAK, indicator(risks=()), risk_file(), Novelty.NEW)

    assert urgency.priority == Priority.MEDIUM
    assert "the hazard may be unanticipated" in urgency.reason


def test_refuted_before_weighs_less_than_new_and_come_back() -> None:
    """What was refuted is less new; what came back after a confirmed close is as urgent as something new."""
    watched = indicator(risks=("R4",))
    found = {novelty: prioritise(STRONG, watched, risk_file(), novelty).priority for novelty in Novelty}

    expected = {
        Novelty.NEW: Priority.HIGH,
        Novelty.CAME_BACK: Priority.HIGH,
        Novelty.WAS_REFUTED: Priority.MEDIUM,
    }
    assert expected == found


def test_reason_names_all_three() -> None:
    """Whoever reads the priority reads why: severity, strength, novelty."""
    urgency = prioritise(STRONG, indicator(), risk_file(), Novelty.CAME_BACK)

    expected = (
        "severity 4 of 5 (critical, R4); 2.2 times the expected, 2 times the way to the limit; "
        "came back after its closing was confirmed"
    )
    assert expected == urgency.reason


def test_unknown_strength_says_so() -> None:
    """A method without expected value still gives a priority, from severity and novelty."""
    urgency = prioritise(detection(expected=None, limit=None), indicator(), risk_file(), Novelty.NEW)

    assert urgency.priority == Priority.MEDIUM
    assert "strength unknown" in urgency.reason


def test_risk_that_is_not_in_the_file_is_refused() -> None:
    """A plan that names an unknown risk item is wrong; no priority is guessed."""
    with pytest.raises(ConfigurationError, match="names R9, which the risk file does not have"):
        prioritise(WEAK, indicator(risks=("R4", "R9")), risk_file(), Novelty.NEW)


@given(st.integers(1, 4), st.floats(5, 100), st.floats(0, 100), st.sampled_from(Novelty))
def test_more_severe_or_stronger_is_never_less_urgent(
    severity: int, observed: float, more: float, novelty: Novelty
) -> None:
    """Raising severity by a level or the observed count never lowers the priority."""

    def rank(risk: int, count: float) -> int:
        alarm = detection(observed=count)
        return RANK.index(prioritise(alarm, indicator(risks=(f"R{risk}",)), risk_file(), novelty).priority)

    assert rank(severity, observed) <= rank(severity + 1, observed)
    assert rank(severity, observed) <= rank(severity, observed + more)
