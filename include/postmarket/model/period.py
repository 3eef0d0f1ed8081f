"""Periods: the calendar months or ISO weeks that series are counted in and partitions are keyed by."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from include.postmarket.model.errors import ConfigurationError

#: The one format of a partition key: a mismatch between DAGs never fires and never errors, so nobody spells it twice.
KEY_FORMAT = "%Y-%m-%d"


class Cadence(StrEnum):
    """How long a period is."""

    MONTH = "month"
    WEEK = "week"


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """One period by its first day; ``end`` is exclusive."""

    start: date
    cadence: Cadence = Cadence.MONTH

    @classmethod
    def containing(cls, day: date, cadence: Cadence = Cadence.MONTH) -> "Period":
        """Give the period that a day falls into."""
        if cadence is Cadence.MONTH:
            return cls(day.replace(day=1), cadence)
        return cls(day - timedelta(days=day.weekday()), cadence)

    @classmethod
    def from_key(cls, key: str, cadence: Cadence = Cadence.MONTH) -> "Period":
        """Give the period of a partition key.

        Raises ConfigurationError when the key is not a date or not the first day of a period.
        """
        try:
            day = datetime.strptime(key, KEY_FORMAT).date()  # noqa: DTZ007 - a calendar day, not a moment
        except ValueError:
            day = None
        if day is None or cls.containing(day, cadence).start != day:
            raise ConfigurationError(
                f"{key!r} is not the first day of a {cadence.value}",
                where="partition key",
                todo=f"give the first day of the {cadence.value} as YYYY-MM-DD",
            )
        return cls(day, cadence)

    @property
    def key(self) -> str:
        """The partition key of this period."""
        return self.start.strftime(KEY_FORMAT)

    @property
    def end(self) -> date:
        """The first day after this period."""
        return self.next().start

    def next(self) -> "Period":
        """Give the period after this one."""
        return Period.containing(self.start + timedelta(days=32 if self.cadence is Cadence.MONTH else 7), self.cadence)

    def previous(self) -> "Period":
        """Give the period before this one."""
        return Period.containing(self.start - timedelta(days=1), self.cadence)

    def __str__(self) -> str:
        if self.cadence is Cadence.MONTH:
            return f"{self.start:%Y-%m}"
        return f"{self.start:%G-W%V}"


def periods(first: Period, last: Period) -> tuple[Period, ...]:
    """Give all periods from first to last, both included; empty when last lies before first."""
    found: list[Period] = []
    while first <= last:
        found.append(first)
        first = first.next()
    return tuple(found)
