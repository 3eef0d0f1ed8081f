"""Lists that FDA keeps: recalls, classifications, clearances, approvals, identifiers, drug reports.

Each is one endpoint of openFDA, or its bulk file: a layout over the dotted names of its records. See
docs/sources/public-lists.md.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from include.postmarket.model.batch import Media
from include.postmarket.sources import json_text, openfda_records, tabular
from include.postmarket.sources.files import Member
from include.postmarket.sources.gather import gather
from include.postmarket.sources.openfda_endpoint import Endpoint
from include.postmarket.sources.records import Layout, Record, require
from include.postmarket.sources.shape import AS_IT_IS, Asked, Shape
from include.postmarket.sources.translation import translated

#: Gives the cells of one record that the layout names.
Cells = Callable[[Mapping[str, Any]], dict[str, str]]

MEDIA = frozenset({Media.OPENFDA_JSON, Media.CSV})


def shape(endpoint: Endpoint, layout: Layout, cells: Cells = json_text.flat) -> Shape:
    """Give the source that reads an endpoint by a layout."""

    def read(content: bytes, media: Media, asked: Asked = AS_IT_IS) -> pd.DataFrame:
        dated = layout
        if "listed" in layout.table.columns and asked.listed:
            dated = dataclasses.replace(layout, fixed={**layout.fixed, "listed": asked.listed})
        if media is not Media.OPENFDA_JSON:
            return tabular.read(content, media, dated, asked)
        spelled = translated(dated, asked.translation, layout.table.source.value)
        return gather(content, spelled, lambda member: (_records(member, spelled, cells), "utf-8"))

    return Shape(layout=layout, media=MEDIA, read=read, endpoint=endpoint)


def _records(member: Member, layout: Layout, cells: Cells) -> list[Record]:
    found = openfda_records.results(member)
    rows = [
        Record(row=number, cells=cells(record), raw=record)
        if isinstance(record, dict)
        else Record(row=number, cells={}, faults=("shape",), raw=record)
        for number, record in enumerate(found, start=1)
    ]
    if rows:
        require({name for row in rows for name in row.cells}, layout, member.name)
    return rows
