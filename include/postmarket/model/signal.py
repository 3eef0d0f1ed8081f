"""Detections and the signals they become."""

from dataclasses import dataclass
from enum import StrEnum

from include.postmarket.model.canonical import digest
from include.postmarket.model.period import Period
from include.postmarket.model.stamp import Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """What one method says of one point: evaluated or not (and why), observed, expected, limit, alarm.

    ``observed``, ``expected`` and ``limit`` are in ``unit``; ``p_value`` is as the method gave it and ``adjusted_p``
    after the plan's
    control of false discoveries over its family. ``record_ids`` are the keys of the rows behind ``observed``.
    """

    plan_id: str
    plan_version: str
    indicator_id: str
    subgroup: str  # "" for all, else "column=value"
    period: Period
    method: str
    unit: str
    evaluated: bool
    reason: str
    observed: float | None
    expected: float | None
    limit: float | None
    exposure: float | None
    statistic: float | None
    p_value: float | None
    adjusted_p: float | None
    alarm: bool
    record_ids: tuple[str, ...]
    details: dict[str, str]

    @property
    def key(self) -> str:
        """The identity of the point, whatever it says: plan, indicator, subgroup, period and method."""
        return digest([self.plan_id, self.indicator_id, self.subgroup, self.period, self.method])[:32]

    @property
    def fingerprint(self) -> str:
        """The identity of the signal this would become; never depends on wording, counts, versions or period."""
        return digest([self.plan_id, self.indicator_id, self.subgroup])[:32]


class SignalState(StrEnum):
    """The lifecycle of a signal; the rules between states are in `signals.lifecycle`."""

    DETECTED = "detected"
    VALIDATED = "validated"
    NOT_VALIDATED = "not_validated"
    PRIORITISED = "prioritised"
    ASSESSED = "assessed"
    ACTION_DECIDED = "action_decided"
    MONITORED = "monitored"
    CLOSED_CONFIRMED = "closed_confirmed"
    CLOSED_REFUTED = "closed_refuted"
    REOPENED = "reopened"


class Priority(StrEnum):
    """How soon a person has to look."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """An alarm that has become a thing to be handled, as it was when it was opened."""

    fingerprint: str
    epoch: int
    plan_id: str
    indicator_id: str
    title: str
    subgroup: str
    priority: Priority
    requirements: tuple[str, ...]
    risks: tuple[str, ...]
    opened_by: Detection
    stamp: Stamp

    @property
    def id(self) -> str:
        """The name people use: short, stable, one per fingerprint and epoch."""
        return f"SIG-{self.fingerprint[:10]}-{self.epoch}"
