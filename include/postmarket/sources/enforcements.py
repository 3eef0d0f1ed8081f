"""Enforcement reports (openFDA device/enforcement): the class of a recall. See docs/sources/enforcements.md."""

from include.postmarket.model.tables import ENFORCEMENTS
from include.postmarket.sources import cells, public_lists
from include.postmarket.sources.openfda_endpoint import Endpoint
from include.postmarket.sources.records import Field, Layout

LAYOUT = Layout(
    table=ENFORCEMENTS,
    fields=(
        Field(column="recall_number", names=("recall_number",), read=cells.record_key, needed=True),
        Field(column="event_number", names=("event_id",), read=cells.record_key),
        Field(column="reported", names=("report_date",), read=cells.fda_date, needed=True),
        Field(column="initiated", names=("recall_initiation_date",), read=cells.fda_date),
        Field(column="terminated", names=("termination_date",), read=cells.fda_date),
        Field(column="classification", names=("classification",), read=cells.text),
        Field(column="status", names=("status",), read=cells.text),
        Field(column="firm", names=("recalling_firm",), read=cells.text),
        Field(column="product", names=("product_description",), read=cells.text),
        Field(column="reason", names=("reason_for_recall",), read=cells.text),
    ),
)

SHAPE = public_lists.shape(Endpoint(path="device/enforcement", dated_by="report_date", day="%Y%m%d"), LAYOUT)
