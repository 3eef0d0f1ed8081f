"""Recalls of devices (openFDA device/recall), one row a recalled product. See docs/sources/recalls.md."""

from include.postmarket.model.tables import RECALLS
from include.postmarket.sources import cells, public_lists
from include.postmarket.sources.openfda_endpoint import Endpoint
from include.postmarket.sources.records import Field, Layout

LAYOUT = Layout(
    table=RECALLS,
    fields=(
        Field(column="recall_number", names=("product_res_number", "cfres_id"), read=cells.record_key, needed=True),
        Field(column="event_number", names=("res_event_number",), read=cells.record_key),
        Field(column="posted", names=("event_date_posted", "event_date_created"), read=cells.fda_date, needed=True),
        Field(column="initiated", names=("event_date_initiated",), read=cells.fda_date),
        Field(column="terminated", names=("event_date_terminated",), read=cells.fda_date),
        Field(column="status", names=("recall_status",), read=cells.text),
        Field(column="firm", names=("recalling_firm",), read=cells.text),
        Field(column="product_code", names=("product_code",), read=cells.worded),
        Field(column="product", names=("product_description",), read=cells.text),
        Field(column="reason", names=("reason_for_recall",), read=cells.text),
        Field(column="root_cause", names=("root_cause_description",), read=cells.text),
    ),
)

SHAPE = public_lists.shape(Endpoint(path="device/recall", dated_by="event_date_posted"), LAYOUT)
