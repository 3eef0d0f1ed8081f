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
        "received": Kind.DATE,  # date_received by FDA: what detection trends on
        "event_date": Kind.DATE,
        "event_type": Kind.TEXT,  # Death, Injury, Malfunction, Other, No answer provided
        "source_type": Kind.TEXT,  # Manufacturer report, Voluntary report, ...
        "manufacturer": Kind.TEXT,  # normalised by include/plans/manufacturers.yaml
        "manufacturer_raw": Kind.TEXT,
        "brand": Kind.TEXT,
        "generic_name": Kind.TEXT,
        "product_code": Kind.TEXT,  # FDA three-letter code
        "device_class": Kind.TEXT,
        "model": Kind.TEXT,
        "lot": Kind.TEXT,
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

TABLES: dict[Source, Table] = {t.source: t for t in (REPORTS, COMPLAINTS, EXPOSURE, PERFORMANCE)}
