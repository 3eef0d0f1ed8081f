"""Adverse-event reports: openFDA answers, and CSV files with openFDA's or MAUDE's column names.

The shape is recognised by content, never by a file's name. See docs/sources/reports.md.
"""

import dataclasses
from pathlib import Path

import pandas as pd

from include.postmarket.model.batch import Fetched, Label, Media
from include.postmarket.model.tables import REPORTS
from include.postmarket.sources import cells, delimited, files, openfda_records
from include.postmarket.sources.gather import gather
from include.postmarket.sources.manufacturers import Manufacturers
from include.postmarket.sources.records import Field, Layout, Record, require

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

#: FDA product classification: codes of device names, for files that name the class and not the code.
CLASSIFICATION = {"Bone Cement": "LOD", "Bone Cement, Antibiotic": "MBB", "Cement, Bone, Vertebroplasty": "NDN"}

_LONGEST_CODE = 4
_BLANK = b"\xef\xbb\xbf \t\r\n"
_EVENT_NAMES = {name.upper(): name for name in EVENT_TYPES.values()}


def fetch(path: Path, label: Label) -> Fetched:
    """Give the bytes of a report file, or of all report files of a folder.

    Raises InputError when nothing of the kind is there or it cannot be read.
    """
    return files.fetch(path, label, MEDIA)


def read(content: bytes, media: Media, makers: Manufacturers) -> pd.DataFrame:
    """Give reports as the columns of `REPORTS` and those `records.frame` adds.

    Raises InputError when the content is no report file: all files of a folder that are not are named at once.
    """
    layout = _layout(makers)

    def read_member(member: files.Member) -> tuple[list[Record], str]:
        if media is Media.OPENFDA_JSON or member.content.lstrip(_BLANK)[:1] in {b"{", b"["}:
            return [_noted(r) for r in openfda_records.read(member)], "utf-8"
        require(delimited.read_header(member), layout, member.name)
        rows, encoding = delimited.read_records(member)
        return [_noted(r) for r in rows], encoding

    return gather(content, layout, read_member)


def event_type(cell: str) -> str | None:
    """Give the event type's name for a code or a name; what is neither is kept as it is, for the checks to refuse."""
    word = cell.strip().upper()
    return EVENT_TYPES.get(word) or _EVENT_NAMES.get(word) or cells.text(cell)


def source_type(cell: str) -> str | None:
    """Give the source type's name for a code; a name is kept."""
    return SOURCE_TYPES.get(cell.strip().upper()) or cells.worded(cell)


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
            Field(column="received", names=("date_received",), read=cells.fda_date, needed=True),
            Field(column="event_date", names=("date_of_event",), read=cells.fda_date),
            Field(column="event_type", names=("event_type",), read=event_type, needed=True),
            Field(column="source_type", names=("report_source_code",), read=source_type),
            Field(column="manufacturer", names=("manufacturer_d_name",), read=makers.name, needed=True),
            Field(column="manufacturer_raw", names=("manufacturer_d_name",), read=cells.text),
            Field(column="brand", names=("brand_name",), read=cells.worded),
            Field(column="generic_name", names=("generic_name", "device_name"), read=cells.worded),
            Field(column="product_code", names=("device_report_product_code", "device_name"), read=product_code),
            Field(column="device_class", names=("device_class",), read=cells.worded),
            Field(column="model", names=("model_number",), read=cells.worded),
            Field(column="lot", names=("lot_number",), read=cells.worded),
            Field(column="events", names=("noe_summarized",), read=cells.whole),
            Field(column="narrative", names=("foi_text",), read=cells.text),
        ),
        fixed={"events": 1},
    )


def _noted(record: Record) -> Record:
    return dataclasses.replace(record, notes=("flags",)) if flags_contradict(record.cells) else record
