"""Exposure: units in use and device-days by month, model, software version and region. See docs/sources/exposure.md."""

from include.postmarket.model.tables import EXPOSURE
from include.postmarket.sources import cells, tabular
from include.postmarket.sources.records import Field, Layout

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

SHAPE = tabular.shape(LAYOUT)
fetch, read = SHAPE.fetch, SHAPE.read
