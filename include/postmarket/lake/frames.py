"""Rows between pandas and Parquet: one schema a table, so that every batch of a source reads alike."""

import io
from collections.abc import Iterable
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from include.postmarket.model.tables import Kind, Table

_DTYPES: dict[Kind, Any] = {
    Kind.TEXT: "str",
    Kind.DATE: "datetime64[us]",
    Kind.NUMBER: "float64",
    Kind.WHOLE: "Int64",
}
_ARROW = {Kind.TEXT: pa.string(), Kind.DATE: pa.date32(), Kind.NUMBER: pa.float64(), Kind.WHOLE: pa.int64()}
_IBIS = {Kind.TEXT: "string", Kind.DATE: "date", Kind.NUMBER: "float64", Kind.WHOLE: "int64"}

#: What the lake keeps of every row besides its values: where it came from, as received, and what was wrong with it.
KEPT = {"_batch": Kind.TEXT, "_row": Kind.WHOLE, "_raw": Kind.TEXT, "_faults": Kind.TEXT, "_notes": Kind.TEXT}

#: Of an accepted row also whether a version of its key was accepted before (1) or it is the first (0).
AGAIN = {"_again": Kind.WHOLE}
#: Of a quarantined row also the rules it broke, of a superseded row why.
RULES = {"_rules": Kind.TEXT}
REASON = {"_reason": Kind.TEXT}


def conform(frame: pd.DataFrame, columns: dict[str, Kind]) -> pd.DataFrame:
    """Give the frame with exactly these columns in their order and dtypes; a column it lacks is missing throughout."""
    return pd.DataFrame(
        {
            name: frame[name].astype(_DTYPES[kind])
            if name in frame
            else pd.Series([None] * len(frame), index=frame.index, dtype="object").astype(_DTYPES[kind])
            for name, kind in columns.items()
        },
        index=frame.index,
    ).reset_index(drop=True)


def arrow_schema(columns: dict[str, Kind]) -> pa.Schema:
    """Give the Parquet schema of these columns."""
    return pa.schema([(name, _ARROW[kind]) for name, kind in columns.items()])


def to_parquet(frame: pd.DataFrame, columns: dict[str, Kind]) -> bytes:
    """Give the frame's columns as the bytes of a Parquet file; the same rows give the same bytes."""
    sink = io.BytesIO()
    table = pa.Table.from_pandas(conform(frame, columns), schema=arrow_schema(columns), preserve_index=False)
    pq.write_table(table.replace_schema_metadata(None), sink, compression="zstd")
    return sink.getvalue()


def from_parquet(contents: Iterable[bytes], columns: dict[str, Kind]) -> pd.DataFrame:
    """Give what `to_parquet` wrote, one file behind the other, with the same dtypes; no file gives no row."""
    schema = arrow_schema(columns)
    tables = [_with_all(pq.read_table(io.BytesIO(content)), schema) for content in contents]
    return conform(pa.concat_tables([schema.empty_table(), *tables]).to_pandas(date_as_object=False), columns)


def widened(rows: Any, columns: dict[str, Kind]) -> Any:
    """Give an ibis table with all of these columns: one that older files did not know is missing in all their rows."""
    absent = {name: ibis.null(_IBIS[kind]) for name, kind in columns.items() if name not in rows.columns}
    return rows.mutate(**absent) if absent else rows


def _with_all(table: pa.Table, schema: pa.Schema) -> pa.Table:
    for column in schema:
        if column.name not in table.column_names:
            table = table.append_column(column, pa.nulls(len(table), column.type))
    return table.select(schema.names).cast(schema)


def accepted_columns(table: Table) -> dict[str, Kind]:
    """Give the columns of an accepted row."""
    return table.columns | KEPT | AGAIN


def quarantined_columns(table: Table) -> dict[str, Kind]:
    """Give the columns of a quarantined row."""
    return table.columns | KEPT | RULES


def superseded_columns() -> dict[str, Kind]:
    """Give the columns of a superseded row: where it is in the landed bytes and why it was set aside."""
    return {"_batch": Kind.TEXT, "_row": Kind.WHOLE, "_raw": Kind.TEXT} | REASON
