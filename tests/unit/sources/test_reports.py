"""Reports in their three shapes, and the traps of real files."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from include.postmarket.model.batch import Label, Media
from include.postmarket.model.errors import InputError
from include.postmarket.sources import manufacturers, reports

HEADER = "mdr_report_key,report_number,date_received,date_of_event,event_type,manufacturer_d_name,lot_number"


def _csv(*rows: str, header: str = HEADER) -> pd.DataFrame:
    return reports.read("\n".join((header, *rows)).encode(), Media.CSV, manufacturers.load())


def _json(content: Any) -> pd.DataFrame:
    return reports.read(json.dumps(content).encode(), Media.OPENFDA_JSON, manufacturers.load())


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("D", "Death"),
        ("IN", "Injury"),
        ("IL", "Injury"),
        ("ij", "Injury"),
        ("M", "Malfunction"),
        ("O", "Other"),
        ("*", "No answer provided"),
        ("No answer provided", "No answer provided"),
        ("malfunction", "Malfunction"),
        ("ZZ", "ZZ"),
    ],
)
def test_event_type(code: str, name: str) -> None:
    """Codes and names give the names; what is neither is kept for the checks to refuse."""
    assert name == reports.event_type(code)


def test_unreadable_cells_are_named_and_kept() -> None:
    """A date that is none is missing, its column is a fault of the row, and the text is in the raw row."""
    row = _csv("1,1-2024-1,31/12/2024,2024-02-30,M,ACME,NI").iloc[0]

    assert row[["received", "event_date", "lot"]].isna().all()
    assert row["_faults"] == "received,event_date"
    assert json.loads(row["_raw"])["date_received"] == "31/12/2024"


def test_null_word_as_a_date_is_no_fault() -> None:
    """MAUDE writes * for a date it does not have."""
    row = _csv("1,1-2024-1,12/31/2024,*,M,ACME,A1").iloc[0]

    assert row["_faults"] == ""
    assert pd.isna(row["event_date"])


def test_key_falls_back_to_the_report_number() -> None:
    """Files without mdr_report_key are keyed by report_number."""
    row = _csv("1-2024-1,20240101,M,ACME", header="report_number,date_received,event_type,manufacturer_d_name").iloc[0]

    assert row["report_key"] == "1-2024-1"


@pytest.mark.parametrize(
    ("event", "flag", "notes"),
    [("IN", "N", "flags"), ("D", "N", "flags"), ("M", "Y", "flags"), ("M", "N", ""), ("IN", "Y", "")],
)
def test_flags_that_contradict_are_noted(event: str, flag: str, notes: str) -> None:
    """An injury without an adverse event is worth a look, and no reason to refuse the report."""
    header = "mdr_report_key,date_received,event_type,manufacturer_d_name,adverse_event_flag"

    row = _csv(f"1,20240101,{event},ACME,{flag}", header=header).iloc[0]

    assert notes == row["_notes"]


def test_latin_1_is_read_and_noted() -> None:
    """Bytes that are no UTF-8 are read as Windows wrote them, and every row says so."""
    content = f"{HEADER}\n1,1,20240101,,M,GÖTEBORG AB,\n".encode("latin-1")

    row = reports.read(content, Media.CSV, manufacturers.load()).iloc[0]

    expected = ("GÖTEBORG", "cp1252")
    assert expected == (row["manufacturer"], row["_notes"])


def test_missing_columns_are_all_named() -> None:
    """The error names every missing column and what was found instead."""
    with pytest.raises(InputError) as error:
        _csv("1,2", header="report_key,product")

    for name in ("mdr_report_key or report_number", "date_received", "event_type", "manufacturer_d_name", "product"):
        assert name in error.value.what


def test_zero_rows() -> None:
    """A header without rows gives an empty frame with all columns and dtypes."""
    frame = _csv()

    assert len(frame) == 0
    assert frame["received"].dtype == "datetime64[us]"


@pytest.mark.parametrize("content", [b"", b"  \n", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("media", [Media.CSV, Media.OPENFDA_JSON])
def test_empty_file(content: bytes, media: Media) -> None:
    """An empty file is an error, whatever it was meant to be."""
    with pytest.raises(InputError, match="empty"):
        reports.read(content, media, manufacturers.load())


def test_openfda_record_with_everything_flipped() -> None:
    """Lists where strings are documented, strings where lists are, one device as an object, a number as a key."""
    row = _json(
        [
            {
                "mdr_report_key": 42,
                "report_number": ["", "1-2024-1"],
                "date_received": "20240105",
                "event_type": ["Injury"],
                "report_source_code": "Manufacturer report",
                "summary_report_flag": "Y",
                "noe_summarized": "17",
                "device": {
                    "manufacturer_d_name": ["ACME, INC."],
                    "lot_number": "UNK",
                    "openfda": {"device_class": "2"},
                },
                "mdr_text": {"text": "ONE"},
            }
        ]
    ).iloc[0]

    expected = ("42", "1-2024-1", "Injury", "ACME", 17, "ONE", "2", "")
    actual = row[
        ["report_key", "report_number", "event_type", "manufacturer", "events", "narrative", "device_class", "_faults"]
    ]
    assert expected == tuple(actual)
    assert pd.isna(row["lot"])


@pytest.mark.parametrize("extra", [{}, {"noe_summarized": "17"}, {"summary_report_flag": "Y", "noe_summarized": ""}])
def test_report_stands_for_one_event_unless_it_is_a_summary(extra: dict[str, str]) -> None:
    """Only a summary report with a number stands for more."""
    row = _json({"results": [{"mdr_report_key": "1", "date_received": "20240105", "event_type": "M"} | extra]}).iloc[0]

    assert row["events"] == 1


def test_pages_behind_one_another_are_one_pull() -> None:
    """The answers of one search follow one another; an answer NOT_FOUND holds none; records that are no object wait."""
    first = '{"meta": {}, "results": [{"mdr_report_key": "1", "date_received": "20240101", "event_type": "M"}]}'
    last = '{"error": {"code": "NOT_FOUND", "message": "No matches found!"}}'

    frame = reports.read(f"{first}\n[7]\n{last}\n".encode(), Media.OPENFDA_JSON, manufacturers.load())

    assert frame["_faults"].tolist() == ["", "shape"]
    assert frame["_row"].tolist() == [1, 2]


@pytest.mark.parametrize(
    "content",
    ['{"results": [', '{"results": {}}', '"text"', "[NaN]", '{"error": {"code": "SERVER_ERROR"}}', "[" * 100_000],
    ids=["cut", "results no list", "string", "nan", "another error", "deep"],
)
def test_json_that_is_no_answer(content: str) -> None:
    """Anything else is refused with a reason, however it is broken."""
    with pytest.raises(InputError):
        reports.read(content.encode(), Media.OPENFDA_JSON, manufacturers.load())


def test_hostile_text_is_only_text() -> None:
    """Formulas, markup, NUL and lone surrogates are kept as text; NUL is a fault, because no database takes it."""
    frame = _json(
        [
            {"mdr_report_key": "=cmd()", "date_received": "20240101", "event_type": "<script>alert(1)</script>"},
            {"mdr_report_key": "a\x00b", "date_received": "20240101", "event_type": "M"},
            {"mdr_report_key": "c", "date_received": "20240101", "event_type": "M", "mdr_text": [{"text": "\ud800"}]},
        ]
    )

    assert frame["_faults"].tolist() == ["", "nul", ""]
    assert frame["report_key"].tolist() == ["=cmd()", "a\x00b", "c"]
    assert frame["narrative"].iloc[2] == "?"


def test_folder_names_every_file_that_is_no_report(tmp_path: Path) -> None:
    """A folder with another table in it is refused as a whole, and the error says which file that is."""
    (tmp_path / "2024.csv").write_text(f"{HEADER}\n1,1,20240101,,M,ACME,\n")
    (tmp_path / "sales.csv").write_text("month,volume\n2024-01,3\n")
    fetched = reports.fetch(tmp_path, Label.REAL)

    with pytest.raises(InputError, match=r"sales\.csv"):
        reports.read(fetched.content, fetched.media, manufacturers.load())


def test_folder_rows_are_numbered_through(tmp_path: Path) -> None:
    """Row numbers are unique over the files of a folder, in the order of their names."""
    for name, key in (("b.csv", 2), ("a.csv", 1)):
        (tmp_path / name).write_text(f"{HEADER}\n{key},1,20240101,,M,ACME,\n")
    fetched = reports.fetch(tmp_path, Label.REAL)

    frame = reports.read(fetched.content, fetched.media, manufacturers.load())

    expected = [("1", 1), ("2", 2)]
    assert expected == list(zip(frame["report_key"], frame["_row"], strict=True))


@pytest.mark.shared
def test_bone_cement_2017(shared: Path) -> None:
    """535 reports, none unreadable; Biomet France has 223, per month as known; 7 contradict their flags (DATA.md)."""
    fetched = reports.fetch(shared / "data" / "device" / "maude_bone_cement_2017.csv", Label.REAL)

    frame = reports.read(fetched.content, fetched.media, manufacturers.load())
    biomet = frame[frame["manufacturer"] == "Biomet France"]

    expected = [17, 10, 6, 14, 6, 23, 7, 12, 17, 48, 30, 33]
    assert expected == biomet.groupby(biomet["received"].dt.month).size().tolist()
    assert (len(frame), len(biomet), (frame["_faults"] != "").sum(), (frame["_notes"] != "").sum()) == (535, 223, 0, 7)
    assert frame["manufacturer_raw"].nunique() == 26


@pytest.mark.shared
def test_real_openfda_answer(shared: Path) -> None:
    """A real answer of the API is read with its key, dates, device and the texts of its report."""
    fetched = reports.fetch(shared / "domain" / "openfda" / "samples" / "device_event_2549344.json", Label.REAL)

    row = reports.read(fetched.content, fetched.media, manufacturers.load()).iloc[0]

    expected = ("2549344", pd.Timestamp("2012-04-26"), pd.Timestamp("2012-04-02"), "Malfunction", "NIQ", "1050441")
    actual = row[["report_key", "received", "event_date", "event_type", "product_code", "lot"]]
    assert expected == tuple(actual)
    assert row["narrative"].startswith("IT WAS REPORTED")
