"""What the field says of a fix, and of which ticket it was asked."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Effect(StrEnum):
    """What the field says of a fix."""

    EFFECTIVE = "effective"
    NOT_EFFECTIVE = "not effective"
    NOT_EVALUATED = "could not be evaluated"


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectResult:
    """The answer with its numbers: events and expectation over the months, their ratio and its bounds (None: none)."""

    effect: Effect
    reason: str
    since: date  # first day of the first month that counts
    months: int
    observed: float | None
    expected: float | None
    ratio: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptEffect:
    """An answer on record. It proposes: the signal is moved by a person's signature, never by this (G5)."""

    site: str
    dedupe_key: str
    signal_id: str
    at: datetime
    result: EffectResult
