"""What the checks say of a pull: each rule's standing, the rules each bad row broke, and whether the batch stops."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """What a broken rule does: the batch waits for a person, the row does, or it is only said."""

    STOP = "stop"
    QUARANTINE = "quarantine"
    WARN = "warn"


class Standing(StrEnum):
    """How a rule came out; a rule that raised is neither kept nor broken, and stops the batch."""

    KEPT = "kept"
    BROKEN = "broken"
    NOT_EVALUATED = "not evaluated"
    RAISED = "raised"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The numbers of the rules about a whole pull, as the plan sets them.

    ``quarantine_share``: above this share of bad rows the batch stops. Freshness is broken when the newest row lies
    more than ``stale_days`` before the end of the window; volume when the pull has less than ``volume_low`` or more
    than ``volume_high`` times the median rows per day of earlier pulls, of which there must be ``volume_history``;
    ``missing_above`` and ``drift`` see `usual.of_the_usual`.
    """

    quarantine_share: float
    stale_days: int = 14
    freshness: Severity = Severity.WARN
    volume_low: float = 0.25
    volume_high: float = 4.0
    volume_history: int = 3
    volume: Severity = Severity.WARN
    missing_above: float = 0.2
    drift: float = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Earlier pulls of a source that were let through, oldest first: rows per day, and profiles (`usual.profile`)."""

    per_day: tuple[float, ...] = ()
    profiles: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleResult:
    """One rule's result; ``rows`` are the rows that broke it (0 for a rule about the whole pull)."""

    rule: str
    severity: Severity
    standing: Standing
    rows: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """The result of one validation run.

    ``failed`` gives for each bad row, by its ``_row``, every quarantine rule it broke, in the order of the suite.
    ``stopped`` is empty, or says why the batch waits for a person. ``evidence`` is plain JSON without cell values.
    """

    rows: int
    rules: tuple[RuleResult, ...]
    failed: dict[int, tuple[str, ...]]
    stopped: str
    evidence: dict[str, Any]
