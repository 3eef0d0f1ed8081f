"""Batches: immutable Parquet a pull, written before it is published and never after."""

import ibis
import pandas as pd
import pyarrow as pa

from include.postmarket.lake.accept import Known, Settled
from include.postmarket.lake.frames import (
    accepted_columns,
    arrow_schema,
    conform,
    from_parquet,
    quarantined_columns,
    superseded_columns,
    to_parquet,
    widened,
)
from include.postmarket.lake.index import Lake
from include.postmarket.model.batch import Landing, Outcome, Source
from include.postmarket.model.errors import IntegrityError
from include.postmarket.model.tables import TABLES, Kind


def write(lake: Lake, landing: Landing, settled: Settled) -> None:
    """Write the rows of a batch; nobody sees them before its outcome is published.

    What a killed run left is replaced. Raises IntegrityError when the batch is published: it never changes again.
    """
    if lake.index.outcome(landing.batch) is not None:
        raise IntegrityError(
            f"batch {landing.batch} is published and cannot be written again",
            where="lake",
            todo="take its outcome from the index: the same bytes for the same days are one batch",
        )
    table = TABLES[landing.source]
    parts = {
        "tables": to_parquet(settled.accepted, accepted_columns(table)),
        "quarantine": to_parquet(settled.quarantined, quarantined_columns(table)),
        "superseded": to_parquet(settled.superseded, superseded_columns()),
    }
    for folder, content in parts.items():
        lake.store.put(part_key(folder, landing.source, landing.batch), content)


def outcome_of(landing: Landing, settled: Settled, stopped: str, evidence: str) -> Outcome:
    """Give the outcome to publish; ``stopped`` says why a person must look, ``evidence`` is the hash of the results."""
    return Outcome(
        landing=landing,
        pulled=settled.pulled,
        accepted=len(settled.accepted),
        quarantined=len(settled.quarantined),
        superseded=len(settled.superseded),
        rules=settled.rules,
        stopped=stopped,
        evidence=evidence,
    )


def part_key(folder: str, source: Source, batch: str) -> str:
    """Give the key of a part of a batch: ``tables``, ``quarantine`` or ``superseded``."""
    return f"{folder}/{source.value}/{batch}.parquet"


def quarantined(lake: Lake, source: Source) -> pd.DataFrame:
    """Give the rows of published batches that wait in quarantine, oldest first, with ``_batch``, ``_row``, ``_raw``.

    Rows that a person has decided about wait no longer. ``_rules`` says why a row waits. The frame holds columns that
    never leave the lake (`Table.inside`, ``_raw``): whoever shows it leaves them out.
    """
    parts = [waiting(lake, o) for o in lake.index.outcomes(source) if o.quarantined]
    columns = quarantined_columns(TABLES[source])
    return conform(pd.concat([from_parquet((), columns), *parts], ignore_index=True), columns)


def waiting(lake: Lake, outcome: Outcome) -> pd.DataFrame:
    """Give the rows of one batch that wait in quarantine, in order of ``_row``."""
    source, batch = outcome.landing.source, outcome.landing.batch
    columns = quarantined_columns(TABLES[source])
    if not outcome.quarantined:
        return from_parquet((), columns)
    rows = from_parquet([lake.store.get(part_key("quarantine", source, batch))], columns)
    decided = {row for d in lake.index.decisions(source) if d.batch == batch for row in d.rows}
    return rows[~rows["_row"].isin(decided)].sort_values("_row", ignore_index=True)


def known(lake: Lake, source: Source, rows: pd.DataFrame, apart: str = "") -> Known:
    """Give what the lake holds about the rows of a pull, and nothing else: memory does not grow with the lake.

    Of their keys the newest accepted versions, of their texts as received those that are or were in quarantine, in
    batches other than ``apart``.
    """
    table = TABLES[source]
    published = lake.index.outcomes(source)
    order = {o.landing.batch: number for number, o in enumerate(published)}
    outcomes = [o for o in published if o.landing.batch != apart]
    columns = {c: table.columns[c] for c in table.key}
    accepted = [part_key("tables", source, o.landing.batch) for o in outcomes if o.accepted]
    held = [part_key("quarantine", source, o.landing.batch) for o in outcomes if o.quarantined]
    versions = _alike(lake, accepted, rows, columns, table.columns | {"_batch": Kind.TEXT})
    newest = versions.assign(_order=versions["_batch"].map(order)).sort_values("_order", kind="stable")
    texts = _alike(lake, held, rows, {"_raw": Kind.TEXT}, {"_raw": Kind.TEXT})
    return Known(
        accepted=conform(newest, table.columns | {"_batch": Kind.TEXT}).drop_duplicates(
            list(table.key), keep="last", ignore_index=True
        ),
        quarantined=frozenset(texts["_raw"]),
        order=order,
    )


def _alike(
    lake: Lake, keys: list[str], rows: pd.DataFrame, by: dict[str, Kind], wanted: dict[str, Kind]
) -> pd.DataFrame:
    """Give the wanted columns of the rows in files of the lake that are like one of ``rows`` in the columns ``by``."""
    if not keys or rows.empty:
        return pd.DataFrame(columns=list(wanted), dtype="object")
    connection = ibis.duckdb.connect()
    try:
        looked_for = pa.Table.from_pandas(
            conform(rows, by).dropna().drop_duplicates(), schema=arrow_schema(by), preserve_index=False
        )
        sought = connection.create_table("sought", looked_for, temp=True)
        held = connection.read_parquet([lake.store.uri(key) for key in keys], union_by_name=True)
        found = widened(held, wanted).semi_join(sought, list(by)).select(*wanted).to_pyarrow()
    finally:
        connection.disconnect()
    frame: pd.DataFrame = found.to_pandas(date_as_object=False)
    return frame
