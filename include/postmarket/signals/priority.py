"""How soon a person has to look: severity of the linked risks, strength of the alarm, and whether it is new.

Points, added up: severity 4 for the highest level of the scale, 2 for the next, 1 for the third, 0 below; no linked
risk item 2, because a hazard that the risk file does not know may be unanticipated (it then halves the EU reporting
time, MDCG 2023-3 Q12); strength 1 from twice the distance to the limit; novelty 1 for a problem seen for the first time
or come back after its closing was confirmed, 0 after it was refuted. High from 4 points, medium from 2.
"""

from dataclasses import dataclass
from enum import StrEnum

from include.postmarket.model.errors import ConfigurationError
from include.postmarket.model.plan import Indicator
from include.postmarket.model.risk import RiskFile
from include.postmarket.model.signal import Detection, Priority
from include.postmarket.signals.strength import excess, ratio

STRONG = 2.0
HIGH_FROM = 4
MEDIUM_FROM = 2
POINTS_BELOW_TOP = (4, 2, 1)
POINTS_UNKNOWN_SEVERITY = 2


class Novelty(StrEnum):
    """What is known of this key; the value is what a reader sees."""

    NEW = "seen for the first time"
    CAME_BACK = "came back after its closing was confirmed"
    WAS_REFUTED = "was refuted or not validated before"


@dataclass(frozen=True, slots=True, kw_only=True)
class Urgency:
    """A priority and the text that says why."""

    priority: Priority
    reason: str


def prioritise(detection: Detection, indicator: Indicator, risk_file: RiskFile, novelty: Novelty) -> Urgency:
    """Give the priority of an alarm and its reason.

    Raises ConfigurationError when the indicator names a risk item that the risk file does not have.
    """
    severity_points, severity_text = _severity(indicator, risk_file)
    strength_points, strength_text = _strength(detection)
    points = severity_points + strength_points + (novelty is not Novelty.WAS_REFUTED)
    return Urgency(priority=_priority(points), reason=f"{severity_text}; {strength_text}; {novelty.value}")


def _priority(points: int) -> Priority:
    if points >= HIGH_FROM:
        return Priority.HIGH
    return Priority.MEDIUM if points >= MEDIUM_FROM else Priority.LOW


def _severity(indicator: Indicator, risk_file: RiskFile) -> tuple[int, str]:
    known = {item.id: item for item in risk_file.items}
    missing = sorted(set(indicator.risks) - set(known))
    if missing:
        raise ConfigurationError(
            f"indicator {indicator.id} names {', '.join(missing)}, which the risk file does not have",
            where=f"risk file {risk_file.id}@{risk_file.version}",
            todo="add the item to the risk file or mend the plan",
        )
    if not indicator.risks:
        return POINTS_UNKNOWN_SEVERITY, "no risk item is linked, the hazard may be unanticipated"
    worst = max((known[risk] for risk in sorted(indicator.risks)), key=lambda item: item.severity)
    top = len(risk_file.matrix.severities)
    below = top - worst.severity
    points = POINTS_BELOW_TOP[below] if below < len(POINTS_BELOW_TOP) else 0
    return points, f"severity {worst.severity} of {top} ({risk_file.matrix.severities[worst.severity - 1]}, {worst.id})"


def _strength(detection: Detection) -> tuple[int, str]:
    distance, times = excess(detection), ratio(detection)
    text = "strength unknown" if times is None else f"{times:.3g} times the expected"
    if distance is None:
        return 0, text
    return int(distance >= STRONG), f"{text}, {distance:.3g} times the way to the limit"
