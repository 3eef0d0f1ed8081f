"""Snapshots: the exact batches a run saw, and their rows as they were known then."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa

from include.postmarket.lake.batches import part_key
from include.postmarket.lake.frames import accepted_columns, arrow_schema, widened
from include.postmarket.lake.index import BatchIndex, Lake
from include.postmarket.model.batch import Media, Outcome, Snapshot, Source, Window
from include.postmarket.model.errors import IntegrityError
from include.postmarket.model.tables import TABLES, Kind


def take(index: BatchIndex, as_of: date, until: datetime | None = None) -> Snapshot:
    """Give the snapshot of all published batches that could be known before ``as_of``, oldest first by source.

    With ``until`` it is the one that would have been taken at that moment: of batches that were published by then.
    Stopped batches hold no accepted row and are left out. So are batches whose window begins on or after ``as_of``:
    catching up with April leaves the snapshot of March as it was.
    """
    return Snapshot(
        as_of=as_of,
        batches=tuple(
            o.landing.batch
            for source in Source
            for o in index.outcomes(source, until)
            if not o.stopped and o.landing.window.start < as_of
        ),
    )


def read(lake: Lake, snapshot: Snapshot, source: Source) -> Any:
    """Give the rows of a source in a snapshot as an ibis table on DuckDB, in order of time and key; see `rows`."""
    table = TABLES[source]
    return rows(lake, snapshot, source).order_by(list(dict.fromkeys([table.placed_by, *table.key])))


def rows(lake: Lake, snapshot: Snapshot, source: Source) -> Any:
    """Give the rows of a source in a snapshot as an ibis table on DuckDB, in no order; nothing is read yet.

    They are the newest version of each key, placed before ``as_of``. Columns are those of the canonical table with
    ``_batch``, ``_row``, ``_raw``, ``_faults`` and ``_notes``; every call opens its own DuckDB.
    Raises IntegrityError when a batch of the snapshot is unknown, gone, or holds other than its accepted rows.
    """
    table = TABLES[source]
    newest = _newest(versions(lake, snapshot, source), list(table.key))
    return newest.filter(newest[table.placed_by] < snapshot.as_of).drop("_again", "_order")


def versions(lake: Lake, snapshot: Snapshot, source: Source) -> Any:
    """Give every version of every row of a source in a snapshot as an ibis table, in no order.

    ``_order`` counts the snapshot's batches of the source from 0, oldest first; ``_again`` is 1 where a version was
    accepted before. Raises what `rows` raises.
    """
    outcomes = _outcomes(lake.index, snapshot, source)
    connection = ibis.duckdb.connect()
    if not any(o.accepted for o in outcomes):
        columns = accepted_columns(TABLES[source]) | {"_order": Kind.WHOLE}
        return connection.create_table(source.value, pa.Table.from_batches([], arrow_schema(columns)))
    files = _files(lake, [o for o in outcomes if o.accepted], source)
    held = widened(connection.read_parquet(files, union_by_name=True), accepted_columns(TABLES[source]))
    _refuse_other_rows(held, outcomes)
    order = connection.create_table(
        "published",
        pd.DataFrame({"_batch": [o.landing.batch for o in outcomes], "_order": range(len(outcomes))}),
        temp=True,
    )
    return held.join(order, "_batch")


def _newest(held: Any, key: list[str]) -> Any:
    """Give the newest version of each key.

    Only keys that were accepted again are compared with themselves: they are few, and the rest streams through.
    """
    # a batch from before this was written down may hold anything again
    again = held.filter(held["_again"].fill_null(1) != 0).select(*key).distinct()
    once, often = held.anti_join(again, key), held.semi_join(again, key)
    latest = ibis.window(group_by=key, order_by=ibis.desc("_order"))
    ranked = often.mutate(_rank=ibis.row_number().over(latest))
    return once.union(ranked.filter(ranked["_rank"] == 0).drop("_rank"), distinct=False)


def coverage(index: BatchIndex, snapshot: Snapshot, source: Source) -> tuple[Window, ...]:
    """Give the days that the snapshot's pulls of a source cover before ``as_of``, as windows apart from one another.

    A month outside of them was never pulled: it is not observed, which is something else than zero. Single rows from
    the quarantine desk cover nothing; a stopped batch that was let through covers the days it was pulled for.
    """
    return merged(
        Window(o.landing.window.start, min(o.landing.window.end, snapshot.as_of))
        for o in _outcomes(index, snapshot, source)
        if o.landing.media is not Media.DESK_ROWS
    )


def volumes(index: BatchIndex, source: Source) -> tuple[float, ...]:
    """Give the rows per day of each earlier pull that was let through, oldest first: what volume is judged by."""
    return tuple(
        o.pulled / (o.landing.window.end - o.landing.window.start).days
        for o in index.outcomes(source)
        if not o.stopped and o.landing.media is not Media.DESK_ROWS
    )


def merged(windows: Iterable[Window]) -> tuple[Window, ...]:
    """Give windows that touch or overlap as one, in order of time; empty windows fall out."""
    found: list[Window] = []
    for window in sorted((w for w in windows if w.start < w.end), key=lambda w: w.start):
        if found and window.start <= found[-1].end:
            found[-1] = Window(found[-1].start, max(found[-1].end, window.end))
        else:
            found.append(window)
    return tuple(found)


def _outcomes(index: BatchIndex, snapshot: Snapshot, source: Source) -> tuple[Outcome, ...]:
    found = []
    for batch in snapshot.batches:
        outcome = index.outcome(batch)
        if outcome is None:
            raise IntegrityError(
                f"batch {batch} of the snapshot is not in the index",
                where="snapshot",
                todo="use the index that the snapshot was taken from",
            )
        if outcome.landing.source is source:
            found.append(outcome)
    return tuple(found)


def _files(lake: Lake, outcomes: Sequence[Outcome], source: Source) -> list[str]:
    keys = [part_key("tables", source, o.landing.batch) for o in outcomes]
    gone = [key for key in keys if not lake.store.has(key)]
    if gone:
        raise IntegrityError(
            f"{len(gone)} published batch(es) are gone, the first is {gone[0]}",
            where="lake",
            todo="restore the lake from its backup",
        )
    return [lake.store.uri(key) for key in keys]


def _refuse_other_rows(rows: Any, outcomes: Sequence[Outcome]) -> None:
    counted = rows.group_by("_batch").agg(n=rows.count()).execute()
    held = dict(zip(counted["_batch"], counted["n"], strict=True))
    for outcome in outcomes:
        batch = outcome.landing.batch
        if held.get(batch, 0) != outcome.accepted:
            raise IntegrityError(
                f"batch {batch} holds {held.get(batch, 0)} rows, {outcome.accepted} were accepted",
                where="lake",
                todo="restore the lake from its backup and find out who changed it",
            )
