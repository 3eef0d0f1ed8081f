"""Adverse-event reports: openFDA answers, and CSV files with openFDA's or MAUDE's column names.

The shape is recognised by content, never by a file's name. See docs/sources/reports.md.
"""

import dataclasses
import re

import pandas as pd

from include.postmarket.model.batch import Media, Source
from include.postmarket.model.tables import REPORTS
from include.postmarket.sources import (
    cells,
    delimited,
    files,
    manufacturers,
    maude_records,
    openfda_records,
    report_parts,
)
from include.postmarket.sources.gather import gather
from include.postmarket.sources.manufacturers import Manufacturers
from include.postmarket.sources.openfda_endpoint import DEVICE_EVENT
from include.postmarket.sources.records import Field, Layout, Record, frame, require
from include.postmarket.sources.shape import AS_IT_IS, Asked, Shape
from include.postmarket.sources.translation import translated

MEDIA = frozenset({Media.OPENFDA_JSON, Media.CSV})

#: MAUDE's event_type codes (openFDA, maude enums); IN, IL and IJ are all injuries.
EVENT_TYPES = {
    "D": "Death",
    "IN": "Injury",
    "IL": "Injury",
    "IJ": "Injury",
    "M": "Malfunction",
    "O": "Other",
    "*": "No answer provided",
}

#: MAUDE's report_source_code (openFDA, maude enums).
SOURCE_TYPES = {
    "P": "Voluntary report",
    "U": "User Facility report",
    "D": "Distributor report",
    "M": "Manufacturer report",
}

#: MAUDE's type_of_report codes (openFDA, maude enums).
REPORT_TYPES = {
    "I": "Initial submission",
    "F": "Followup",
    "X": "Extra copy received",
    "O": "Other information submitted",
}

#: FDA product classification: codes of device names, for files that name the class and not the code.
CLASSIFICATION = {"Bone Cement": "LOD", "Bone Cement, Antibiotic": "MBB", "Cement, Bone, Vertebroplasty": "NDN"}

_LONGEST_CODE = 4
_BLANK = b"\xef\xbb\xbf \t\r\n"
_EVENT_NAMES = {name.upper(): name for name in EVENT_TYPES.values()}


def read(content: bytes, media: Media, makers: Manufacturers, asked: Asked = AS_IT_IS) -> pd.DataFrame:
    """Give reports as the columns of `REPORTS` and those `records.frame` adds.

    Raises InputError when the content is no report file: all files of a folder that are not are named at once.
    """
    layout = translated(_layout(makers), asked.translation, Source.REPORTS.value)

    if media is Media.MAUDE:
        return frame([_noted(r) for r in maude_records.read(files.members(content), asked.devices)], layout)

    def read_member(member: files.Member) -> tuple[list[Record], str]:
        if media is Media.OPENFDA_JSON or member.content.lstrip(_BLANK)[:1] in {b"{", b"["}:
            return [_noted(r) for r in openfda_records.read(member, asked.devices)], "utf-8"
        require(delimited.read_header(member), layout, member.name)
        rows, encoding = delimited.read_records(member)
        return [_noted(r) for r in rows if asked.devices.chosen([r.cells]) is not None], encoding

    return gather(content, layout, read_member)


def keep_earlier_text(rows: pd.DataFrame, accepted: pd.DataFrame) -> pd.DataFrame:
    """Give the rows with the narrative of the accepted version where a changed report comes without one.

    FDA's change files leave the text out; that a text is missing there does not mean that it was withdrawn.
    """
    earlier = accepted.dropna(subset=["report_key", "narrative"]).drop_duplicates("report_key", keep="last")
    known = rows["report_key"].map(earlier.set_index("report_key")["narrative"])
    return rows.assign(narrative=rows["narrative"].fillna(known.astype(rows["narrative"].dtype)))


def event_type(cell: str) -> str | None:
    """Give the event type's name for a code or a name; what is neither is kept as it is, for the checks to refuse."""
    word = cell.strip().upper()
    return EVENT_TYPES.get(word) or _EVENT_NAMES.get(word) or cells.text(cell)


def source_type(cell: str) -> str | None:
    """Give the source type's name for a code; a name is kept."""
    return SOURCE_TYPES.get(cell.strip().upper()) or cells.worded(cell)


def report_type(cell: str) -> str | None:
    """Give the history of a report, ``Initial submission; Followup``, for names or for MAUDE's codes ``I,F``."""
    words = [word.strip() for word in re.split(r"[;,]", cell) if word.strip()]
    return "; ".join(dict.fromkeys(REPORT_TYPES.get(word.upper(), word) for word in words)) or None


def _outcomes(cell: str) -> str | None:
    return "; ".join(report_parts.outcomes(cell)) or None


def product_code(cell: str) -> str | None:
    """Give a product code, or the code of a classification name; None for names that are not in `CLASSIFICATION`."""
    found = cell.strip()
    return CLASSIFICATION.get(found) or (cells.worded(cell) if len(found) <= _LONGEST_CODE else None)


def flags_contradict(row: dict[str, str]) -> bool:
    """Give whether the adverse-event flag denies what the event type says.

    An injury or death without an adverse event, or a malfunction with one (7 of 535 bone cement reports of 2017): worth
    a look, no reason to refuse.
    """
    kind = event_type(row.get("event_type", ""))
    adverse = row.get("adverse_event_flag", "").strip().upper()
    return (kind in {"Death", "Injury"} and adverse == "N") or (kind == "Malfunction" and adverse == "Y")


def _layout(makers: Manufacturers) -> Layout:
    return Layout(
        table=REPORTS,
        fields=(
            Field(column="report_key", names=("mdr_report_key", "report_number"), read=cells.record_key, needed=True),
            Field(column="report_number", names=("report_number",), read=cells.worded),
            Field(column="event_key", names=("event_key",), read=cells.record_key),
            Field(column="received", names=("date_received",), read=cells.fda_date, needed=True),
            Field(column="event_date", names=("date_of_event",), read=cells.fda_date),
            Field(column="manufacturer_received", names=("date_manufacturer_received",), read=cells.fda_date),
            Field(column="event_type", names=("event_type",), read=event_type, needed=True),
            Field(column="report_type", names=("type_of_report",), read=report_type),
            Field(column="source_type", names=("report_source_code",), read=source_type),
            Field(column="manufacturer", names=("manufacturer_d_name",), read=makers.name, needed=True),
            Field(column="manufacturer_raw", names=("manufacturer_d_name",), read=cells.text),
            Field(column="brand", names=("brand_name",), read=cells.worded),
            Field(column="generic_name", names=("generic_name", "device_name"), read=cells.worded),
            Field(column="product_code", names=("device_report_product_code", "device_name"), read=product_code),
            Field(column="device_class", names=("device_class",), read=cells.worded),
            Field(column="model", names=("model_number",), read=cells.worded),
            Field(column="catalog_number", names=("catalog_number",), read=cells.worded),
            Field(column="lot", names=("lot_number",), read=cells.worded),
            Field(column="udi_di", names=("udi_di", "udi-di"), read=cells.device_identifier),
            Field(column="problems", names=("product_problems", "product_problem"), read=cells.worded),
            Field(column="outcomes", names=("outcomes", "sequence_number_outcome"), read=_outcomes),
            Field(column="patients", names=("patients",), read=cells.whole),
            Field(column="events", names=("noe_summarized",), read=cells.whole),
            Field(column="narrative", names=("foi_text",), read=cells.narrative),
        ),
        fixed={"events": 1},
    )


def _noted(record: Record) -> Record:
    identifier = record.cells.get("udi_di") or record.cells.get("udi-di") or ""
    wrong = not cells.is_null_word(identifier) and cells.device_identifier(identifier) is None
    notes = [word for word, found in (("flags", flags_contradict(record.cells)), ("udi", wrong)) if found]
    return dataclasses.replace(record, notes=tuple(notes)) if notes else record


def _read(content: bytes, media: Media, asked: Asked = AS_IT_IS) -> pd.DataFrame:
    return read(content, media, manufacturers.load(), asked)


SHAPE = Shape(
    layout=_layout(Manufacturers(names={}, legal_forms=frozenset())), media=MEDIA, read=_read, endpoint=DEVICE_EVENT
)
fetch = SHAPE.fetch
