"""Batches: immutable Parquet a pull, written before it is published and never after."""

import pandas as pd

from include.postmarket.lake.accept import Known, Settled
from include.postmarket.lake.frames import (
    accepted_columns,
    from_parquet,
    quarantined_columns,
    superseded_columns,
    to_parquet,
)
from include.postmarket.lake.index import Lake
from include.postmarket.model.batch import Landing, Outcome, Source
from include.postmarket.model.errors import IntegrityError
from include.postmarket.model.tables import TABLES


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
    """Give all quarantined rows of published batches, oldest first, with ``_batch``, ``_row``, ``_raw`` and ``_rules``.

    The frame holds columns that never leave the lake (`Table.inside`, ``_raw``): whoever shows it leaves them out.
    """
    batches = [o.landing.batch for o in lake.index.outcomes(source) if o.quarantined]
    return from_parquet(
        (lake.store.get(part_key("quarantine", source, batch)) for batch in batches),
        quarantined_columns(TABLES[source]),
    )


def known(lake: Lake, source: Source) -> Known:
    """Give what the lake holds of a source now: the newest accepted version of each key, and what is in quarantine."""
    table = TABLES[source]
    batches = [o.landing.batch for o in lake.index.outcomes(source) if o.accepted]
    rows = from_parquet(
        (lake.store.get(part_key("tables", source, batch)) for batch in batches), accepted_columns(table)
    )
    return Known(
        accepted=rows.drop_duplicates(list(table.key), keep="last", ignore_index=True),
        quarantined=frozenset(quarantined(lake, source)["_raw"]),
    )
