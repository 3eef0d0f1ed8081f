"""What is known to have happened (a recall, a safety notice) against the alarms that were raised: found, or missed.

An alarm is *raised* in the first month of a spell: the point before it, where there is one, was evaluated and quiet, or
was not evaluated. An event is found by the first alarm about its indicator and subgroup that was raised within the
reach before or after its day. An event that names no indicator or no subgroup is found by an alarm of any.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from include.postmarket.model.signal import Detection

#: Days in a month, on average over the Gregorian calendar's 400 years.
MONTH_DAYS = 365.2425 / 12


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEvent:
    """An event of the world with its day; ``indicator`` and ``subgroup`` are empty where it is about all of them."""

    day: date
    label: str
    indicator: str = ""
    subgroup: str = ""

    def concerns(self, detection: Detection) -> bool:
        """Say whether a detection is about this event's indicator and subgroup."""
        return self.indicator in {"", detection.indicator_id} and self.subgroup in {"", detection.subgroup}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A detection, the first day on which its run could have been made, and the signal that an alarm belongs to."""

    day: date
    detection: Detection
    signal_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Of one event: the alarm that found it, or why it was missed.

    ``lead_days`` is how long the alarm was raised before the event's day, negative for after it; None when missed.
    """

    event: KnownEvent
    found: Said | None
    lead_days: int | None
    why: str


def judge_events(events: Iterable[KnownEvent], said: Sequence[Said], reach_months: int) -> tuple[Verdict, ...]:
    """Give a verdict for each event, in their order; ``said`` is in order of time."""
    reach = timedelta(days=round(reach_months * MONTH_DAYS))
    raised = raised_in(said)
    return tuple(_judge(event, said, raised, reach) for event in events)


def raised_in(said: Iterable[Said]) -> tuple[Said, ...]:
    """Give the alarms that begin a spell, in their order: those whose fingerprint's last point was no alarm."""
    ringing: set[str] = set()
    found = []
    for point in said:
        mark = point.detection.fingerprint
        if point.detection.alarm and mark not in ringing:
            found.append(point)
        (ringing.add if point.detection.alarm else ringing.discard)(mark)
    return tuple(found)


def _judge(event: KnownEvent, said: Sequence[Said], raised: Sequence[Said], reach: timedelta) -> Verdict:
    for alarm in raised:
        if event.concerns(alarm.detection) and abs(event.day - alarm.day) <= reach:
            return Verdict(event=event, found=alarm, lead_days=(event.day - alarm.day).days, why="")
    near = [s for s in said if event.concerns(s.detection) and abs(event.day - s.day) <= reach]
    return Verdict(event=event, found=None, lead_days=None, why=_why_missed(near))


def _why_missed(near: Sequence[Said]) -> str:
    """Say why nothing was raised: no series, not evaluated, in alarm since long before, or quiet."""
    if not near:
        return "no series of it in the months replayed around this day"
    evaluated = [s for s in near if s.detection.evaluated]
    reasons = Counter(s.detection.reason for s in near if not s.detection.evaluated)
    unseen = ", ".join(f"{n} × {reason}" for reason, n in reasons.most_common())
    if not evaluated:
        return f"not evaluated: {unseen}"
    if any(s.detection.alarm for s in evaluated):
        return "in alarm since longer before than the reach: no alarm was raised around this day"
    return f"quiet in all {len(evaluated)} points evaluated" + (f"; not evaluated: {unseen}" if unseen else "")
