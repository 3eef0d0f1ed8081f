"""Complaints of the company's own complaint system, as CSV. See docs/sources/complaints.md."""

from pathlib import Path

import pandas as pd

from include.postmarket.model.batch import Fetched, Label, Media
from include.postmarket.model.tables import COMPLAINTS
from include.postmarket.sources import cells, files, tabular
from include.postmarket.sources.records import Field, Layout

MEDIA = frozenset({Media.CSV})

_NEEDED = ("model", "imdrf_release", "problem_code")

LAYOUT = Layout(
    table=COMPLAINTS,
    fields=(
        Field(column="complaint_id", names=("complaint_id",), read=cells.record_key, needed=True),
        Field(column="received", names=("received",), read=cells.iso_date, needed=True),
        Field(column="event_date", names=("event_date",), read=cells.iso_date),
        *(Field(column=c, names=(c,), read=cells.worded, needed=True) for c in _NEEDED),
        *(Field(column=c, names=(c,), read=cells.worded) for c in ("serial", "lot", "health_impact_code")),
        # "NA" is a region and "NONE" may be a version: these are kept as they are
        *(Field(column=c, names=(c,), read=cells.text) for c in ("software_version", "region", "narrative")),
    ),
)


def fetch(path: Path, label: Label) -> Fetched:
    """Give the bytes of a complaint file, or of all files of a folder. Raises InputError when there are none."""
    return files.fetch(path, label, MEDIA)


def read(content: bytes, media: Media) -> pd.DataFrame:
    """Give complaints as the columns of `COMPLAINTS` and those `records.frame` adds.

    Raises InputError when the content is no complaint file.
    """
    return tabular.read(content, media, LAYOUT)
