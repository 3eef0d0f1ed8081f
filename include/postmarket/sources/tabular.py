"""Files that are a table already, CSV or Parquet, to the columns of a canonical table."""

import io
from datetime import date, datetime
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from include.postmarket.model.batch import Media
from include.postmarket.model.errors import InputError
from include.postmarket.sources.delimited import read_header, read_records
from include.postmarket.sources.files import Member
from include.postmarket.sources.gather import ReadMember, gather
from include.postmarket.sources.records import Layout, Record, require


def read(content: bytes, media: Media, layout: Layout) -> pd.DataFrame:
    """Give the rows of CSV or Parquet content by a layout, as `gather` does.

    Raises InputError when the content is no table with the layout's columns.
    """
    return gather(content, layout, _parquet(layout) if media is Media.PARQUET else _csv(layout))


def _csv(layout: Layout) -> ReadMember:
    def read_member(member: Member) -> tuple[list[Record], str]:
        require(read_header(member), layout, member.name)
        return read_records(member)

    return read_member


def _parquet(layout: Layout) -> ReadMember:
    def read_member(member: Member) -> tuple[list[Record], str]:
        try:
            table = pq.read_table(io.BytesIO(member.content))
        except (pa.ArrowException, OSError) as error:
            raise InputError(
                f"no readable Parquet: {str(error)[:200]}",
                where=member.name or "Parquet",
                todo="write the file again; it may have been cut short",
            ) from error
        names = [name.strip().lower() for name in table.column_names]
        require(names, layout, member.name)
        rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
        return [
            Record(row=number, cells={n: _spell(v) for n, v in zip(names, row, strict=True)})
            for number, row in enumerate(rows, start=1)
        ], "utf-8"

    return read_member


def _spell(value: Any) -> str:
    """Give a typed value as the text a CSV would hold, so that both kinds of file are read by the same rules."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return repr(value) if isinstance(value, float) else str(value)
