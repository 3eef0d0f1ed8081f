"""Files that are a table already (CSV, Excel, Parquet, rows as JSON) to the columns of a canonical table."""

import io
from datetime import date, datetime
from typing import Any
from urllib.parse import unquote

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from include.postmarket.model.batch import Media
from include.postmarket.model.errors import InputError
from include.postmarket.sources import json_rows, workbooks
from include.postmarket.sources.delimited import read_header, read_records
from include.postmarket.sources.files import Member
from include.postmarket.sources.gather import gather
from include.postmarket.sources.records import Layout, Record, require
from include.postmarket.sources.shape import AS_IT_IS, Asked, Shape
from include.postmarket.sources.translation import translated

#: How Hive, Spark and pandas name the folder of rows without a value.
_HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"

#: The kinds of files and answers that hold a table.
MEDIA = frozenset({Media.CSV, Media.XLSX, Media.PARQUET, Media.JSON_ROWS})


def shape(layout: Layout) -> Shape:
    """Give the source that is a table already."""

    def read_table(content: bytes, media: Media, asked: Asked = AS_IT_IS) -> pd.DataFrame:
        return read(content, media, layout, asked)

    return Shape(layout=layout, media=MEDIA, read=read_table)


def read(content: bytes, media: Media, layout: Layout, asked: Asked) -> pd.DataFrame:
    """Give the rows of CSV, Excel, Parquet or JSON content by a layout, as `gather` does.

    Raises InputError when the content is no table with the layout's columns, ConfigurationError when the place is
    spelled with columns that the table does not have.
    """
    layout = translated(layout, asked.translation, layout.table.source.value)

    def read_member(member: Member) -> tuple[list[Record], str]:
        match media:
            case Media.PARQUET:
                return _parquet(member, layout), "utf-8"
            case Media.XLSX:
                return workbooks.read(member, layout), "utf-8"
            case Media.JSON_ROWS:
                return _json(member, layout, asked.rows), "utf-8"
            case _:
                require(read_header(member), layout, member.name)
                return read_records(member)

    return gather(content, layout, read_member)


def _json(member: Member, layout: Layout, at: str) -> list[Record]:
    rows = json_rows.read(member, at) if member.content.strip() else []
    if rows:
        require(json_rows.columns(rows), layout, member.name)
    return rows


def _parquet(member: Member, layout: Layout) -> list[Record]:
    try:
        table = pq.read_table(io.BytesIO(member.content))
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"no readable Parquet: {str(error)[:200]}",
            where=member.name or "Parquet",
            todo="write the file again; it may have been cut short",
        ) from error
    parts = _partition(member.name)
    names = [name.strip().lower() for name in table.column_names]
    require([*names, *parts], layout, member.name)
    rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
    return [
        Record(row=number, cells=parts | {n: _spell(v) for n, v in zip(names, row, strict=True)})
        for number, row in enumerate(rows, start=1)
    ]


def _partition(name: str) -> dict[str, str]:
    """Give the columns that folders of a partitioned table hold: ``region=EMEA/2024.parquet`` is region EMEA."""
    folders = [folder.partition("=") for folder in name.split("/")[:-1]]
    return {
        key.strip().lower(): "" if value == _HIVE_NULL else unquote(value) for key, found, value in folders if found
    }


def _spell(value: Any) -> str:
    """Give a typed value as the text a CSV would hold, so that both kinds of file are read by the same rules."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return repr(value) if isinstance(value, float) else str(value)
