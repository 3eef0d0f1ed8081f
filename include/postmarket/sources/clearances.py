"""Premarket notifications, 510(k), that FDA decided (openFDA device/510k). See docs/sources/clearances.md."""

from include.postmarket.model.tables import CLEARANCES
from include.postmarket.sources import cells, public_lists
from include.postmarket.sources.openfda_endpoint import Endpoint
from include.postmarket.sources.records import Field, Layout

LAYOUT = Layout(
    table=CLEARANCES,
    fields=(
        Field(column="k_number", names=("k_number",), read=cells.record_key, needed=True),
        Field(column="decided", names=("decision_date",), read=cells.fda_date, needed=True),
        Field(column="received", names=("date_received",), read=cells.fda_date),
        Field(column="applicant", names=("applicant",), read=cells.text),
        Field(column="device_name", names=("device_name",), read=cells.text),
        Field(column="product_code", names=("product_code",), read=cells.worded),
        Field(column="decision", names=("decision_description", "decision_code"), read=cells.text),
        Field(column="clearance_type", names=("clearance_type",), read=cells.text),
    ),
)

SHAPE = public_lists.shape(Endpoint(path="device/510k", dated_by="decision_date"), LAYOUT)
