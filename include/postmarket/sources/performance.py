"""Measurements of devices in use, as Parquet or CSV. See docs/sources/performance.md."""

from pathlib import Path

import pandas as pd

from include.postmarket.model.batch import Fetched, Label, Media
from include.postmarket.model.tables import PERFORMANCE
from include.postmarket.sources import cells, files, tabular
from include.postmarket.sources.records import Field, Layout

MEDIA = frozenset({Media.CSV, Media.PARQUET})

METRICS = ("battery_hours", "flow_error_percent", "occlusion_alarms_per_100_h", "motor_current_ma")

LAYOUT = Layout(
    table=PERFORMANCE,
    fields=(
        Field(column="device", names=("device",), read=cells.record_key, needed=True),
        Field(column="measured", names=("measured",), read=cells.iso_date, needed=True),
        Field(column="model", names=("model",), read=cells.worded, needed=True),
        Field(column="software_version", names=("software_version",), read=cells.text),
        Field(column="lot", names=("lot",), read=cells.worded),
        *(Field(column=c, names=(c,), read=cells.number, needed=True) for c in METRICS),
    ),
)


def fetch(path: Path, label: Label) -> Fetched:
    """Give the bytes of a measurement file, or of all files of a folder. Raises InputError when there are none."""
    return files.fetch(path, label, MEDIA)


def read(content: bytes, media: Media) -> pd.DataFrame:
    """Give measurements as the columns of `PERFORMANCE` and those `records.frame` adds.

    Raises InputError when the content is no measurement file.
    """
    return tabular.read(content, media, LAYOUT)
