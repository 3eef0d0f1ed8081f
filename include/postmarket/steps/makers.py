"""Manufacturers that no rule knows: for a person to add to include/plans/manufacturers.yaml, or to leave."""

from dataclasses import dataclass
from datetime import date

from include.postmarket.lake import snapshots
from include.postmarket.model.batch import Source
from include.postmarket.sources import manufacturers
from include.postmarket.steps.house import House


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownMaker:
    """A cleaned name that stands in no rule, its spellings as reported, and how many reports carry it."""

    name: str
    spellings: tuple[str, ...]
    reports: int


def unknown_makers(house: House, as_of: date) -> tuple[UnknownMaker, ...]:
    """Give the makers of accepted reports that the rules do not name, those with most reports first."""
    rows = snapshots.rows(house.lake, snapshots.take(house.batches, as_of), Source.REPORTS)
    named = rows.filter(rows["manufacturer"].notnull()).group_by("manufacturer", "manufacturer_raw")
    found = named.agg(reports=lambda reports: reports.count()).execute()
    known = set(manufacturers.load().names.values())
    makers = [
        UnknownMaker(
            name=str(name),
            spellings=tuple(sorted({str(raw) for raw in group["manufacturer_raw"]})),
            reports=int(group["reports"].sum()),
        )
        for name, group in found[~found["manufacturer"].isin(known)].groupby("manufacturer")
    ]
    return tuple(sorted(makers, key=lambda maker: (-maker.reports, maker.name)))
