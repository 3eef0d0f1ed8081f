"""The canonical tables of the lake: columns, keys and what a row is placed in time by.

Column kinds are ``text``, ``date``, ``number`` and ``whole``; a column named in ``required`` is never null in an
accepted row.
Columns named in ``inside`` never leave the lake (G4): narratives, serial numbers and the like.
"""

from dataclasses import dataclass
from enum import StrEnum

from include.postmarket.model.batch import Source


class Kind(StrEnum):
    """The type of a column."""

    TEXT = "text"
    DATE = "date"
    NUMBER = "number"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One canonical table; ``placed_by`` is the column that says which period a row belongs to."""

    source: Source
    columns: dict[str, Kind]
    key: tuple[str, ...]
    placed_by: str
    required: tuple[str, ...]
    inside: tuple[str, ...] = ()


REPORTS = Table(
    source=Source.REPORTS,
    columns={
        "report_key": Kind.TEXT,  # mdr_report_key, or report_number where a file has no key
        "report_number": Kind.TEXT,
        "event_key": Kind.TEXT,  # FDA's key of the event; reports of one event by several reporters may share it
        "received": Kind.DATE,  # date_received by FDA: what detection trends on
        "event_date": Kind.DATE,
        "manufacturer_received": Kind.DATE,  # the maker's awareness; a follow-up overwrites it
        "event_type": Kind.TEXT,  # Death, Injury, Malfunction, Other, No answer provided
        "report_type": Kind.TEXT,  # history of the report: Initial submission; Followup
        "source_type": Kind.TEXT,  # Manufacturer report, Voluntary report, ...
        "manufacturer": Kind.TEXT,  # normalised by include/plans/manufacturers.yaml
        "manufacturer_raw": Kind.TEXT,
        "brand": Kind.TEXT,
        "generic_name": Kind.TEXT,
        "product_code": Kind.TEXT,  # FDA three-letter code
        "device_class": Kind.TEXT,
        "model": Kind.TEXT,
        "catalog_number": Kind.TEXT,
        "lot": Kind.TEXT,
        "udi_di": Kind.TEXT,  # missing where its check digit is wrong
        "problems": Kind.TEXT,  # FDA device problems, joined by "; " (their names hold commas); missing is not "none"
        "outcomes": Kind.TEXT,  # of all patients, joined by "; "
        "patients": Kind.WHOLE,  # different patients that the report says something of
        "events": Kind.WHOLE,  # events a summary report stands for, else 1
        "narrative": Kind.TEXT,
    },
    key=("report_key",),
    placed_by="received",
    required=("report_key", "received", "event_type"),
    inside=("narrative", "lot"),
)

COMPLAINTS = Table(
    source=Source.COMPLAINTS,
    columns={
        "complaint_id": Kind.TEXT,
        "received": Kind.DATE,
        "event_date": Kind.DATE,
        "model": Kind.TEXT,
        "serial": Kind.TEXT,
        "lot": Kind.TEXT,
        "software_version": Kind.TEXT,
        "region": Kind.TEXT,
        "imdrf_release": Kind.TEXT,
        "problem_code": Kind.TEXT,  # IMDRF Annex A
        "health_impact_code": Kind.TEXT,  # IMDRF Annex F
        "narrative": Kind.TEXT,
    },
    key=("complaint_id",),
    placed_by="received",
    required=("complaint_id", "received", "model", "imdrf_release", "problem_code"),
    inside=("serial", "narrative"),
)

EXPOSURE = Table(
    source=Source.EXPOSURE,
    columns={
        "period": Kind.DATE,  # first day of the month the figures are for
        "model": Kind.TEXT,
        "software_version": Kind.TEXT,
        "region": Kind.TEXT,
        "units_in_use": Kind.NUMBER,
        "device_days": Kind.NUMBER,
    },
    key=("period", "model", "software_version", "region"),
    placed_by="period",
    required=("period", "model", "software_version", "region", "units_in_use", "device_days"),
)

PERFORMANCE = Table(
    source=Source.PERFORMANCE,
    columns={
        "device": Kind.TEXT,  # pseudonymous device key, never the serial number
        "measured": Kind.DATE,
        "model": Kind.TEXT,
        "software_version": Kind.TEXT,
        "lot": Kind.TEXT,
        "battery_hours": Kind.NUMBER,
        "flow_error_percent": Kind.NUMBER,
        "occlusion_alarms_per_100_h": Kind.NUMBER,
        "motor_current_ma": Kind.NUMBER,
    },
    key=("device", "measured"),
    placed_by="measured",
    required=(
        "device",
        "measured",
        "model",
        "battery_hours",
        "flow_error_percent",
        "occlusion_alarms_per_100_h",
        "motor_current_ma",
    ),
    inside=("device",),
)

RECALLS = Table(
    source=Source.RECALLS,
    columns={
        "recall_number": Kind.TEXT,  # Z-1234-2019: one product of a recall event
        "event_number": Kind.TEXT,
        "posted": Kind.DATE,
        "initiated": Kind.DATE,
        "terminated": Kind.DATE,
        "status": Kind.TEXT,
        "firm": Kind.TEXT,
        "product_code": Kind.TEXT,
        "product": Kind.TEXT,
        "reason": Kind.TEXT,
        "root_cause": Kind.TEXT,
    },
    key=("recall_number",),
    placed_by="posted",
    required=("recall_number", "posted"),
)

ENFORCEMENTS = Table(
    source=Source.ENFORCEMENTS,
    columns={
        "recall_number": Kind.TEXT,
        "event_number": Kind.TEXT,
        "reported": Kind.DATE,
        "initiated": Kind.DATE,
        "terminated": Kind.DATE,
        "classification": Kind.TEXT,  # Class I, Class II, Class III
        "status": Kind.TEXT,
        "firm": Kind.TEXT,
        "product": Kind.TEXT,
        "reason": Kind.TEXT,
    },
    key=("recall_number",),
    placed_by="reported",
    required=("recall_number", "reported"),
)

CLASSIFICATIONS = Table(
    source=Source.CLASSIFICATIONS,
    columns={
        "product_code": Kind.TEXT,
        "listed": Kind.DATE,  # the last day of the pull: the list itself is not dated
        "device_name": Kind.TEXT,
        "device_class": Kind.TEXT,
        "specialty": Kind.TEXT,
        "regulation_number": Kind.TEXT,
        "implant": Kind.TEXT,
        "life_sustaining": Kind.TEXT,
    },
    key=("product_code",),
    placed_by="listed",
    required=("product_code", "listed", "device_name"),
)

CLEARANCES = Table(
    source=Source.CLEARANCES,
    columns={
        "k_number": Kind.TEXT,
        "decided": Kind.DATE,
        "received": Kind.DATE,
        "applicant": Kind.TEXT,
        "device_name": Kind.TEXT,
        "product_code": Kind.TEXT,
        "decision": Kind.TEXT,
        "clearance_type": Kind.TEXT,
    },
    key=("k_number",),
    placed_by="decided",
    required=("k_number", "decided"),
)

APPROVALS = Table(
    source=Source.APPROVALS,
    columns={
        "approval": Kind.TEXT,  # number and supplement, P000001/S002; P000001 for the original
        "decided": Kind.DATE,
        "received": Kind.DATE,
        "applicant": Kind.TEXT,
        "trade_name": Kind.TEXT,
        "generic_name": Kind.TEXT,
        "product_code": Kind.TEXT,
        "decision": Kind.TEXT,
        "supplement_type": Kind.TEXT,
        "supplement_reason": Kind.TEXT,
    },
    key=("approval",),
    placed_by="decided",
    required=("approval", "decided"),
)

DEVICES = Table(
    source=Source.DEVICES,
    columns={
        "udi_di": Kind.TEXT,  # the primary device identifier
        "version_date": Kind.DATE,  # of this version of the record
        "published": Kind.DATE,
        "brand": Kind.TEXT,
        "company": Kind.TEXT,
        "model": Kind.TEXT,
        "catalog_number": Kind.TEXT,
        "product_code": Kind.TEXT,
        "distribution": Kind.TEXT,
        "mri_safety": Kind.TEXT,
    },
    key=("udi_di",),
    placed_by="version_date",
    required=("udi_di", "version_date"),
)

DRUG_REPORTS = Table(
    source=Source.DRUG_REPORTS,
    columns={
        "report_key": Kind.TEXT,  # safetyreportid
        "version": Kind.WHOLE,
        "received": Kind.DATE,  # first received by FDA
        "updated": Kind.DATE,  # last received by FDA
        "serious": Kind.TEXT,  # 1 serious, 2 not
        "death": Kind.TEXT,  # 1 where the patient died
        "product": Kind.TEXT,  # the first suspect
        "products": Kind.TEXT,  # all suspects, joined by "; "
        "reactions": Kind.TEXT,  # MedDRA preferred terms, joined by "; "
        "company_number": Kind.TEXT,
        "country": Kind.TEXT,  # where the event occurred
    },
    key=("report_key",),
    placed_by="received",
    required=("report_key", "received"),
)

TABLES: dict[Source, Table] = {
    table.source: table
    for table in (
        REPORTS,
        COMPLAINTS,
        EXPOSURE,
        PERFORMANCE,
        RECALLS,
        ENFORCEMENTS,
        CLASSIFICATIONS,
        CLEARANCES,
        APPROVALS,
        DEVICES,
        DRUG_REPORTS,
    )
}
