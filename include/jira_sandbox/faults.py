"""Faults that the stand-in was told to commit: which request, which fault, how often."""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from include.jira_sandbox.errors import RefusedError
from include.jira_sandbox.wire_json import read_object

PATTERN_LIMIT = 200
RULE_LIMIT = 1_000


class FaultKind(StrEnum):
    """What goes wrong. `before` means that nothing was done, `after` that the request was committed."""

    RATE_LIMIT = "rate_limit"
    ERROR_BEFORE = "error_before"
    ERROR_AFTER = "error_after"
    LOST_ANSWER = "lost_answer"
    RESET_BEFORE = "reset_before"
    SLOW = "slow"
    LATE_COMMIT = "late_commit"


REASONS = (
    "jira-quota-global-based",
    "jira-quota-tenant-based",
    "jira-burst-based",
    "jira-per-issue-on-write",
)


@dataclass(slots=True)
class FaultRule:
    """One rule: `pattern` is looked for in "METHOD /path", `times` counts down (None: for ever), `chance` is 0 to 1."""

    id: int
    pattern: re.Pattern[str]
    kind: FaultKind
    status: int
    reason: str
    retry_after: int
    seconds: float
    times: int | None
    chance: float
    dice: random.Random = field(repr=False)
    fired: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return the rule as the administrator sees it."""
        return {
            "id": self.id,
            "match": self.pattern.pattern,
            "fault": self.kind.value,
            "status": self.status,
            "reason": self.reason,
            "retry_after": self.retry_after,
            "seconds": self.seconds,
            "times": self.times,
            "probability": self.chance,
            "fired": self.fired,
        }


class FaultBook:
    """The rules in force, oldest first; used from the event loop only, so it needs no lock."""

    def __init__(self) -> None:
        self._rules: list[FaultRule] = []
        self._made = 0

    def add(self, body: Any) -> FaultRule:
        """Take a rule from a request body; raise RefusedError 400 for one that cannot be."""
        if len(self._rules) >= RULE_LIMIT:
            raise RefusedError(400, f"There are {RULE_LIMIT} rules already: remove some first.")
        rule = _read_rule(self._made + 1, read_object(body))
        self._made = rule.id
        self._rules.append(rule)
        return rule

    def rules(self) -> list[FaultRule]:
        """Return the rules that may still fire."""
        return list(self._rules)

    def remove(self, rule_id: int) -> bool:
        """Remove one rule and return whether it was there."""
        kept = [rule for rule in self._rules if rule.id != rule_id]
        was_there = len(kept) < len(self._rules)
        self._rules = kept
        return was_there

    def clear(self) -> None:
        """Remove every rule."""
        self._rules = []

    def draw(self, method: str, path: str) -> FaultRule | None:
        """Return the first rule that fires for a request, counted, or None."""
        for rule in self._rules:
            if rule.pattern.search(f"{method} {path}") and rule.dice.random() < rule.chance:
                rule.fired += 1
                if rule.times is not None:
                    rule.times -= 1
                    if rule.times == 0:
                        self.remove(rule.id)
                return rule
        return None


def _read_rule(rule_id: int, given: Mapping[str, Any]) -> FaultRule:
    known = {"match", "fault", "status", "reason", "retry_after", "seconds", "times", "probability", "seed"}
    unknown = sorted(set(given) - known)
    if unknown:
        raise RefusedError(400, f"A fault rule has no '{unknown[0][:80]}'; it may have {', '.join(sorted(known))}.")
    reason, fault = given.get("reason", REASONS[2]), given.get("fault")
    if reason not in REASONS:
        raise RefusedError(400, f"'reason' must be one of {', '.join(REASONS)}.")
    if fault not in [kind.value for kind in FaultKind]:
        raise RefusedError(400, f"'fault' must be one of {', '.join(FaultKind)}.")
    return FaultRule(
        id=rule_id,
        pattern=_read_pattern(given.get("match")),
        kind=FaultKind(fault),
        status=int(_read_number(given, "status", 503, 400, 599)),
        reason=reason,
        retry_after=int(_read_number(given, "retry_after", 1, 0, 86_400)),
        seconds=_read_number(given, "seconds", 1, 0, 3_600),
        times=int(_read_number(given, "times", 1, 1, 1_000_000)) if _is_counted(given) else None,
        chance=_read_number(given, "probability", 1, 0, 1),
        dice=random.Random(int(_read_number(given, "seed", 0, 0, 2**32))),  # noqa: S311 (repeatable on purpose)
    )


def _is_counted(given: Mapping[str, Any]) -> bool:
    """Return whether a rule ends by itself: one with a probability goes on unless it says how often."""
    return "times" in given or "probability" not in given


def _read_pattern(given: Any) -> re.Pattern[str]:
    if not isinstance(given, str) or len(given) > PATTERN_LIMIT:
        raise RefusedError(400, f"'match' must be a regular expression of at most {PATTERN_LIMIT} characters.")
    try:
        return re.compile(given)
    except (re.error, OverflowError, RecursionError) as error:
        raise RefusedError(400, "'match' is not a regular expression.") from error


def _read_number(given: Mapping[str, Any], name: str, default: float, least: float, most: float) -> float:
    value = given.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise RefusedError(400, f"'{name}' must be a number from {least} to {most}.")
    return value
