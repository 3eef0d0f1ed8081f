"""Measurements of devices in use. See docs/sources/performance.md."""

from include.postmarket.model.tables import PERFORMANCE
from include.postmarket.sources import cells, tabular
from include.postmarket.sources.records import Field, Layout

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

SHAPE = tabular.shape(LAYOUT)
fetch, read = SHAPE.fetch, SHAPE.read
