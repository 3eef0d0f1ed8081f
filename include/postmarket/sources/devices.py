"""Device identifiers and what they stand for, GUDID (openFDA device/udi). See docs/sources/devices.md."""

from collections.abc import Mapping
from typing import Any

from include.postmarket.model.tables import DEVICES
from include.postmarket.sources import cells, json_text, public_lists
from include.postmarket.sources.openfda_endpoint import Endpoint
from include.postmarket.sources.records import Field, Layout

LAYOUT = Layout(
    table=DEVICES,
    fields=(
        Field(column="udi_di", names=("udi_di",), read=cells.record_key, needed=True),
        Field(column="version_date", names=("public_version_date", "publish_date"), read=cells.fda_date, needed=True),
        Field(column="published", names=("publish_date",), read=cells.fda_date),
        Field(column="brand", names=("brand_name",), read=cells.text),
        Field(column="company", names=("company_name",), read=cells.text),
        Field(column="model", names=("version_or_model_number",), read=cells.worded),
        Field(column="catalog_number", names=("catalog_number",), read=cells.worded),
        Field(column="product_code", names=("product_codes.code",), read=cells.worded),
        Field(column="distribution", names=("commercial_distribution_status",), read=cells.text),
        Field(column="mri_safety", names=("mri_safety",), read=cells.text),
    ),
)


def record_cells(record: Mapping[str, Any]) -> dict[str, str]:
    """Give the record's cells and ``udi_di``: its primary identifier, not that of a package or an older one."""
    listed = record.get("identifiers")
    identifiers = [i for i in listed if isinstance(i, dict)] if isinstance(listed, list) else []
    primary = next((i for i in identifiers if json_text.cell(i.get("type")) == "Primary"), {})
    return json_text.flat(record) | {"udi_di": json_text.cell(primary.get("id"))}


SHAPE = public_lists.shape(Endpoint(path="device/udi", dated_by="public_version_date"), LAYOUT, record_cells)
