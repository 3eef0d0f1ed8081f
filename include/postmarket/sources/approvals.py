"""Premarket approvals and their supplements (openFDA device/pma). See docs/sources/approvals.md."""

from collections.abc import Mapping
from typing import Any

from include.postmarket.model.tables import APPROVALS
from include.postmarket.sources import cells, json_text, public_lists
from include.postmarket.sources.openfda_endpoint import Endpoint
from include.postmarket.sources.records import Field, Layout

LAYOUT = Layout(
    table=APPROVALS,
    fields=(
        Field(column="approval", names=("approval",), read=cells.record_key, needed=True),
        Field(column="decided", names=("decision_date",), read=cells.fda_date, needed=True),
        Field(column="received", names=("date_received",), read=cells.fda_date),
        *(Field(column=c, names=(c,), read=cells.text) for c in ("applicant", "trade_name", "generic_name")),
        Field(column="product_code", names=("product_code",), read=cells.worded),
        Field(column="decision", names=("decision_code",), read=cells.text),
        *(Field(column=c, names=(c,), read=cells.text) for c in ("supplement_type", "supplement_reason")),
    ),
)


def record_cells(record: Mapping[str, Any]) -> dict[str, str]:
    """Give the record's cells and ``approval``: its number, with the supplement where it is one."""
    found = json_text.flat(record)
    parts = (found.get("pma_number", ""), found.get("supplement_number", ""))
    return found | {"approval": "/".join(filter(None, parts)) if parts[0] else ""}


SHAPE = public_lists.shape(Endpoint(path="device/pma", dated_by="decision_date"), LAYOUT, record_cells)
