"""Adverse-event reports of drugs, FAERS (openFDA drug/event). See docs/sources/drug_reports.md."""

from collections.abc import Mapping
from typing import Any

from include.postmarket.model.tables import DRUG_REPORTS
from include.postmarket.sources import cells, json_text, public_lists
from include.postmarket.sources.openfda_endpoint import Endpoint
from include.postmarket.sources.records import Field, Layout

#: drugcharacterization (ICH E2B): 1 is suspect, 2 concomitant, 3 interacting.
_SUSPECT = "1"

LAYOUT = Layout(
    table=DRUG_REPORTS,
    fields=(
        Field(column="report_key", names=("safetyreportid",), read=cells.record_key, needed=True),
        Field(column="version", names=("safetyreportversion",), read=cells.whole),
        Field(column="received", names=("receivedate",), read=cells.fda_date, needed=True),
        Field(column="updated", names=("receiptdate",), read=cells.fda_date),
        Field(column="serious", names=("serious",), read=cells.text),
        Field(column="death", names=("seriousnessdeath",), read=cells.text),
        *(Field(column=c, names=(c,), read=cells.text) for c in ("product", "products", "reactions")),
        Field(column="company_number", names=("companynumb",), read=cells.worded),
        Field(column="country", names=("occurcountry",), read=cells.text),
    ),
)


def record_cells(record: Mapping[str, Any]) -> dict[str, str]:
    """Give the record's own cells, its suspect products and its reactions."""
    patient = record.get("patient")
    found = {name: json_text.cell(value) for name, value in record.items() if name != "patient"}
    drugs = _objects(patient.get("drug")) if isinstance(patient, dict) else []
    reactions = _objects(patient.get("reaction")) if isinstance(patient, dict) else []
    suspects = [d.get("medicinalproduct") for d in drugs if json_text.cell(d.get("drugcharacterization")) == _SUSPECT]
    return found | {
        "product": json_text.cell(suspects),
        "products": json_text.joined(suspects),
        "reactions": json_text.joined([r.get("reactionmeddrapt") for r in reactions]),
    }


def _objects(value: Any) -> list[dict[str, Any]]:
    listed = value if isinstance(value, list) else [value]
    return [item for item in listed if isinstance(item, dict)]


SHAPE = public_lists.shape(Endpoint(path="drug/event", dated_by="receivedate", day="%Y%m%d"), LAYOUT, record_cells)
