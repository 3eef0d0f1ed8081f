"""Reports of one event linked into a case, by rules that can be read, with the reason kept.

A rule names columns that have to be equal and filled, and how many days may lie between two reports. Reports that may
well be two events stay two: two reports of one sender are never linked by likeness alone.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from include.postmarket.model.batch import Source
from include.postmarket.model.period import Period
from include.postmarket.model.plan import Indicator
from include.postmarket.model.tables import TABLES
from include.postmarket.series.counts import record_key
from include.postmarket.series.rows import AnyRows, Rows
from include.postmarket.series.scope import in_scope, period_numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Reports with the same text in all ``columns``, each received within ``days`` of the one before, are one event.

    Of a sender, named by the column ``sender``, the first report is linked to the first of another sender, the second
    to the second, and so on; without a column all are linked.
    """

    reason: str
    columns: tuple[str, ...]
    days: int
    sender: str = ""


#: The rules of each source; a follow-up under the key of its report is a newer version of it and no rule's business.
LINKS: dict[Source, tuple[Link, ...]] = {
    Source.REPORTS: (
        Link(reason="follow-up under the same report number", columns=("report_number",), days=3650),
        Link(
            reason="same device and day of event, told by another sender",
            columns=("event_date", "manufacturer", "product_code", "model", "lot"),
            days=90,
            sender="source_type",
        ),
    ),
    Source.COMPLAINTS: (
        Link(
            reason="same device, problem and day of event",
            columns=("serial", "event_date", "problem_code"),
            days=90,
        ),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """Cases as rows: the first report of each, standing for the most events that one of its reports stands for.

    ``members`` gives the keys of all reports of a case by the key of its first, ``reasons`` why each later one was
    linked, by its key.
    """

    rows: Rows
    members: Mapping[str, tuple[str, ...]]
    reasons: Mapping[str, str]

    def records(self, firsts: Sequence[str]) -> tuple[str, ...]:
        """Give the keys of all reports of the cases that begin with these, sorted."""
        return tuple(sorted(key for first in firsts for key in self.members[first]))

    def told(self, firsts: Sequence[str]) -> str:
        """Say how many reports the cases are, and why."""
        keys = self.records(firsts)
        why = Counter(self.reasons[key] for key in keys if key in self.reasons)
        parts = ", ".join(f"{n} {reason}" for reason, n in sorted(why.items()))
        return f"{len(firsts)} cases of {len(keys)} reports{f': {parts}' if parts else ''}"


def link_cases(rows: AnyRows, indicator: Indicator, periods: Sequence[Period]) -> Cases:
    """Give the cases of the reports in an indicator's scope over periods that follow one another.

    A case is placed where its first report is.
    """
    table, by = TABLES[indicator.source], indicator.subgroup_by
    links = LINKS[indicator.source]
    weight = ["events"] if "events" in table.columns else []
    named = [c for link in links for c in (*link.columns, link.sender) if c]
    columns = [*table.key, table.placed_by, *indicator.scope, *([by] if by else []), *named, *weight]
    frame = rows.received(table, columns, periods)
    frame = frame[in_scope(frame, indicator.scope)].sort_values([table.placed_by, *table.key], ignore_index=True)
    frame = frame.assign(_key=record_key(frame, table.key))
    case, reasons = _linked(frame, links, table.placed_by)
    grouped = frame.assign(_case=case).groupby("_case", sort=False)
    first = grouped.head(1).set_index("_case")
    if weight:
        first = first.assign(events=grouped["events"].max())
    keys = grouped["_key"].agg(tuple)
    return Cases(
        rows=Rows(frame=first.drop(columns="_key").reset_index(drop=True), coverage=rows.coverage),
        members={members[0]: members for members in keys},
        reasons={str(frame["_key"].iloc[n]): reason for n, reason in reasons.items()},
    )


def firsts_of(cases: Cases, indicator: Indicator, period: Period, name: str) -> tuple[str, ...]:
    """Give the keys of the first reports of the cases that a series counts in a period."""
    table, frame = TABLES[indicator.source], cases.rows.frame
    inside = frame[period_numbers(frame[table.placed_by], (period,)) == 0]
    if name and indicator.subgroup_by is not None:
        inside = inside[inside[indicator.subgroup_by].astype("str") == name.removeprefix(f"{indicator.subgroup_by}=")]
    return tuple(record_key(inside, table.key))


def _linked(frame: pd.DataFrame, links: Sequence[Link], placed_by: str) -> tuple[np.ndarray, dict[int, str]]:
    """Give the number of each row's case, and why a row belongs to an earlier one, by its place."""
    pairs: list[tuple[int, int]] = []
    reasons: dict[int, str] = {}
    for link in links:
        for earlier, later in _pairs(frame, link, placed_by):
            pairs.append((earlier, later))
            reasons.setdefault(later, link.reason)
    one, other = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    graph = coo_matrix((np.ones(len(one)), (one, other)), shape=(len(frame), len(frame)))
    return connected_components(graph, directed=False)[1], reasons


def _pairs(frame: pd.DataFrame, link: Link, placed_by: str) -> list[tuple[int, int]]:
    """Give each row that a rule links with the one before it."""
    columns = list(link.columns)
    filled = frame.dropna(subset=columns)
    if link.sender:
        filled = filled.dropna(subset=[link.sender])
        columns = [*columns, "_turn"]
        filled = filled.assign(_turn=filled.groupby([*link.columns, link.sender]).cumcount())
    alike = filled.groupby(columns, sort=False).ngroup().to_numpy()
    order = np.argsort(alike, kind="stable")  # rows are in order of time already
    place, day = filled.index.to_numpy()[order], filled[placed_by].to_numpy()[order]
    near = (np.diff(alike[order]) == 0) & (np.diff(day) <= np.timedelta64(link.days, "D"))
    return [(int(a), int(b)) for a, b in zip(place[:-1][near], place[1:][near], strict=True)]
