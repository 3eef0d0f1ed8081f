"""Complaints of the company's own complaint system. See docs/sources/complaints.md."""

from include.postmarket.model.tables import COMPLAINTS
from include.postmarket.sources import cells, tabular
from include.postmarket.sources.records import Field, Layout

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

SHAPE = tabular.shape(LAYOUT)
fetch, read = SHAPE.fetch, SHAPE.read
