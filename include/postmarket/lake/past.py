"""A source's whole past, read once and cut as of any day: the same rows as `snapshots.read`, without reading again."""

from dataclasses import dataclass

import pandas as pd

from include.postmarket.lake import snapshots
from include.postmarket.lake.index import Lake
from include.postmarket.model.batch import Snapshot, Source
from include.postmarket.model.tables import TABLES


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Every version of every row, the newest version of a key last, and otherwise in order of time and key."""

    source: Source
    versions: pd.DataFrame

    def rows(self, snapshot: Snapshot) -> pd.DataFrame:
        """Give what `snapshots.read` gives for a snapshot whose batches are among those that were read."""
        table = TABLES[self.source]
        known = self.versions[self.versions["_batch"].isin(snapshot.batches)]
        newest = known.drop_duplicates(list(table.key), keep="last")
        placed = newest[newest[table.placed_by] < pd.Timestamp(snapshot.as_of)]
        order = list(dict.fromkeys([table.placed_by, *table.key]))
        return placed.drop(columns=["_order", "_again"]).sort_values(order, ignore_index=True)


def recall(lake: Lake, snapshot: Snapshot, source: Source) -> Past:
    """Read all versions of a source's rows in a snapshot. Raises what `snapshots.read` raises."""
    found = snapshots.versions(lake, snapshot, source).execute()
    return Past(source=source, versions=found.sort_values("_order", ignore_index=True))
