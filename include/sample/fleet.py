"""The simulated fleet: how many pumps of which model, software and region are in use, and the day the data end."""

import calendar
from dataclasses import dataclass
from datetime import date

import numpy as np

MODELS = {"EP-100": 0.6, "EP-200": 0.4}  # share of the fleet
REGIONS = {"EMEA": 0.45, "AMER": 0.40, "APAC": 0.15}
USE = 0.9  # share of days that a pump in use really infuses

_FIRST_UNITS, _MONTHLY_UNITS = 4_300, 18
_RELEASE_OF_3_2 = 13  # months before the last one: a year of history before a fault can start
_JITTER = 0.01


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> "Month":
        """Give the month of ``2017-12``. Raises ValueError for anything else."""
        day = date.fromisoformat(f"{text}-01")
        return cls(day.year, day.month)

    def plus(self, months: int) -> "Month":
        """Give the month so many months later, or earlier when negative."""
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Month(year, month + 1)

    @property
    def first(self) -> date:
        """The first day."""
        return date(self.year, self.month, 1)

    @property
    def days(self) -> int:
        """How many days the month has."""
        return calendar.monthrange(self.year, self.month)[1]

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """The pumps of one month, model, software version and region."""

    month: Month
    model: str
    software_version: str
    region: str
    units_in_use: int
    device_days: int


def months_until(end: Month, months: int) -> tuple[Month, ...]:
    """Give the ``months`` months that end with ``end``, oldest first."""
    return tuple(end.plus(-back) for back in range(months - 1, -1, -1))


def software_shares(months_before_end: int) -> dict[str, float]:
    """Give the share of each version in the fleet: 3.0 fades, 3.2 is rolled out to half the fleet within a year."""
    newest = min(0.5, 0.05 * max(0, _RELEASE_OF_3_2 + 1 - months_before_end))
    oldest = min(0.35, 0.08 + 0.02 * months_before_end)
    shares = {"3.0": oldest, "3.1": 1 - oldest - newest, "3.2": newest}
    return {version: share for version, share in shares.items() if share > 0}


def fleet(end: Month, months: int, generator: np.random.Generator) -> tuple[Cell, ...]:
    """Give the fleet by month, model, software version and region; versions not yet released have no cell."""
    cells: list[Cell] = []
    for position, month in enumerate(months_until(end, months)):
        units = _FIRST_UNITS + _MONTHLY_UNITS * position
        for model, of_model in MODELS.items():
            for version, of_version in software_shares(months - 1 - position).items():
                for region, of_region in REGIONS.items():
                    share = of_model * of_version * of_region * (1 + _JITTER * float(generator.uniform(-1, 1)))
                    in_use = round(units * share)
                    cells.append(
                        Cell(
                            month=month,
                            model=model,
                            software_version=version,
                            region=region,
                            units_in_use=in_use,
                            device_days=round(in_use * month.days * USE),
                        )
                    )
    return tuple(cells)
