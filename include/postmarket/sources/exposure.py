"""Exposure: units in use and device-days by month, model, software version and region. See docs/sources/exposure.md."""

from pathlib import Path

import pandas as pd

from include.postmarket.model.batch import Fetched, Label, Media
from include.postmarket.model.tables import EXPOSURE
from include.postmarket.sources import cells, files, tabular
from include.postmarket.sources.records import Field, Layout

MEDIA = frozenset({Media.CSV})

LAYOUT = Layout(
    table=EXPOSURE,
    fields=(
        Field(column="period", names=("period",), read=cells.iso_date, needed=True),
        *(
            Field(column=c, names=(c,), read=cells.text, needed=True)  # as complaints spell them: they are joined
            for c in ("model", "software_version", "region")
        ),
        *(Field(column=c, names=(c,), read=cells.number, needed=True) for c in ("units_in_use", "device_days")),
    ),
)


def fetch(path: Path, label: Label) -> Fetched:
    """Give the bytes of an exposure file, or of all files of a folder. Raises InputError when there are none."""
    return files.fetch(path, label, MEDIA)


def read(content: bytes, media: Media) -> pd.DataFrame:
    """Give exposure as the columns of `EXPOSURE` and those `records.frame` adds.

    Raises InputError when the content is no exposure file.
    """
    return tabular.read(content, media, LAYOUT)
