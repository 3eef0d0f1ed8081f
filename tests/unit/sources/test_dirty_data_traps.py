"""The 31 traps of openFDA and MAUDE, one test each, named by the trap.

What happens, and where it is known from, is told in docs/sources/reports.md. Traps that also need the network, the lake
or the pages have their further tests there; here it is shown what the reader makes of them.
"""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from include.postmarket.checks.reports import REPORT_NUMBER
from include.postmarket.model.batch import Label, Media, Source, Window
from include.postmarket.model.tables import REPORTS, TABLES
from include.postmarket.sources import maude_excerpt, reports
from include.postmarket.sources.manufacturers import load
from include.postmarket.sources.same_device import Devices
from include.postmarket.sources.shape import AS_IT_IS, Asked

HEADER = "mdr_report_key,report_number,date_received,date_of_event,event_type,manufacturer_d_name,lot_number"
MASTER = "MDR_REPORT_KEY|EVENT_KEY|REPORT_NUMBER|DATE_RECEIVED|DATE_OF_EVENT|EVENT_TYPE|TYPE_OF_REPORT"
DEVICE = "MDR_REPORT_KEY|DEVICE_SEQUENCE_NO|DATE_RECEIVED|BRAND_NAME|GENERIC_NAME|MANUFACTURER_D_NAME|LOT_NUMBER"
TEXT = "MDR_REPORT_KEY|MDR_TEXT_KEY|TEXT_TYPE_CODE|PATIENT_SEQUENCE_NUMBER|DATE_REPORT|FOI_TEXT"
MARCH = Window(date(2024, 3, 1), date(2024, 4, 1))


def report(**changed: Any) -> dict[str, Any]:
    """Give a sound report as openFDA has it, with some fields changed."""
    sound: dict[str, Any] = {
        "mdr_report_key": "1",
        "report_number": "1234567-2024-00001",
        "date_received": "20240305",
        "event_type": "Injury",
        "device": [{"manufacturer_d_name": "ACME INC.", "brand_name": "Alpha", "device_report_product_code": "AAA"}],
    }
    return sound | changed


def read(*found: dict[str, Any], asked: Asked = AS_IT_IS) -> pd.DataFrame:
    """Read reports as an answer of openFDA."""
    return reports.read(json.dumps({"results": found}).encode(), Media.OPENFDA_JSON, load(), asked)


def read_csv(*rows: str) -> pd.DataFrame:
    """Read rows of a CSV file."""
    return reports.read("\n".join([HEADER, *rows]).encode(), Media.CSV, load())


def read_maude(folder: Path, **texts: str) -> pd.DataFrame:
    """Read a folder of MAUDE's own files, for March 2024."""
    for name, text in texts.items():
        (folder / f"{name}.txt").write_bytes(text.encode("latin-1"))
    fetched = maude_excerpt.fetch(folder, MARCH, Devices(), Label.REAL)
    return reports.read(fetched.content, fetched.media, load())


def patient(**changed: Any) -> dict[str, Any]:
    """Give a patient as openFDA has one."""
    return {"patient_sequence_number": "1", "sequence_number_outcome": ["Death"], "patient_age": "60 YR"} | changed


def test_zero_hits_404() -> None:
    """The body of HTTP 404 is an answer without reports; the wire is tested in tests/contract/sources."""
    content = b'{"error": {"code": "NOT_FOUND", "message": "No matches found!"}}'

    assert reports.read(content, Media.OPENFDA_JSON, load()).empty


@pytest.mark.parametrize("shape", [lambda v: v, lambda v: [v]], ids=["string", "list"])
def test_list_or_string(shape: Any) -> None:
    """What is documented as a string may come as a list, and the other way round: the row is the same."""
    row = read(
        report(
            event_type=shape("Injury"),
            type_of_report=shape("Initial submission"),
            product_problems=shape("Break"),
            patient=[patient(sequence_number_outcome=shape("Death"))],
        )
    ).iloc[0]

    expected = ("Injury", "Initial submission", "Break", "Death")
    assert expected == tuple(row[["event_type", "report_type", "problems", "outcomes"]])


def test_empty_list_item() -> None:
    """Empty items of a list are nothing, not a value."""
    row = read(report(product_problems=["", "Break", ""], type_of_report=["", "Followup"])).iloc[0]

    assert ("Break", "Followup") == tuple(row[["problems", "report_type"]])


@pytest.mark.parametrize(
    "outcome",
    [
        "1. L; 2. R",
        ["1. L", "2. R"],
        "1, Life Threatening, 2, Required Intervention",
        ["Life Threatening", "Required Intervention"],
    ],
    ids=str,
)
def test_outcome_prefix(outcome: Any) -> None:
    """Numbered codes, numbered words and plain words are the same outcomes."""
    row = read(report(patient=[patient(sequence_number_outcome=outcome)])).iloc[0]

    assert row["outcomes"] == "Life Threatening; Required Intervention"


def test_dup_patients() -> None:
    """A patient that is repeated is one patient."""
    row = read(report(patient=[patient(), patient(), patient(patient_sequence_number="2")])).iloc[0]

    assert (row["patients"], row["outcomes"]) == (2, "Death")


def test_placeholder_patient() -> None:
    """An entry with a number and problem codes only is no patient."""
    placeholder = {"patient_sequence_number": "1", "patient_problems": ["Pain"], "sequence_number_outcome": [""]}

    row = read(report(patient=[placeholder])).iloc[0]

    assert row["patients"] == 0
    assert pd.isna(row["outcomes"])


def test_text_seq_zero() -> None:
    """Texts belong to the report, whatever patient they number: none is lost by a join."""
    texts = [{"text": "first", "patient_sequence_number": "0"}, {"text": "second", "patient_sequence_number": "7"}]

    row = read(report(mdr_text=texts, patient=[patient()])).iloc[0]

    assert row["narrative"] == "first\n\nsecond"


@pytest.mark.parametrize("changed", [{}, {"product_problems": []}, {"product_problems": [""]}], ids=str)
def test_missing_product_problems(changed: dict[str, Any]) -> None:
    """Absent problems are missing, and never the word for "no problem"."""
    assert pd.isna(read(report(**changed)).iloc[0]["problems"])


def test_text_missing_on_change() -> None:
    """A changed report without its text keeps the text that was accepted; one with a new text has the new one."""
    accepted = read(report(mdr_text=[{"text": "told before"}]), report(mdr_report_key="2", mdr_text=[{"text": "old"}]))
    changed = read(report(event_type="Death"), report(mdr_report_key="2", mdr_text=[{"text": "new"}]))

    kept = reports.keep_earlier_text(changed, accepted)

    assert kept["narrative"].tolist() == ["told before", "new"]
    assert kept["event_type"].tolist() == ["Death", "Injury"]


def test_text_missing_on_change_in_files(tmp_path: Path) -> None:
    """A change file replaces the master row; the text of the year's file stays when the change has none."""
    row = read_maude(
        tmp_path,
        mdrfoi=f"{MASTER}\n11|1|1234567-2024-00001|03/05/2024||M|I\n",
        mdrfoiChange=f"{MASTER}\n11|1|1234567-2024-00001|03/05/2024||IN|I,F\n",
        foitext=f"{TEXT}\n11|1|D|1||it stopped\n",
    ).iloc[0]

    assert tuple(row[["event_type", "report_type", "narrative"]]) == (
        "Injury",
        "Initial submission; Followup",
        "it stopped",
    )


def test_pipe_in_text(tmp_path: Path) -> None:
    """Bars and newlines of a text stay in it, and the row behind it is read."""
    frame = read_maude(
        tmp_path,
        mdrfoi=f"{MASTER}\r\n11|1|A|03/05/2024||M|I\r\n12|1|B|03/06/2024||M|I\r\n",
        foitext=f"{TEXT}\r\n11|1|D|1||A | B\r\nsecond line|more\r\n12|2|D|1||next\r\n",
    )

    assert frame["narrative"].tolist() == ["A | B\nsecond line|more", "next"]


def test_padded_decimal_keys(tmp_path: Path) -> None:
    """`` 11.0`` of a device file is report 11."""
    row = read_maude(
        tmp_path,
        mdrfoi=f"{MASTER}\n11|1|A|03/05/2024||M|I\n",
        foidev=f"{DEVICE}\n 11.0|1|03/05/2024|ALPHA|PUMP|ACME INC.|L1\n",
    ).iloc[0]

    assert tuple(row[["report_key", "brand", "lot"]]) == ("11", "ALPHA", "L1")


def test_truncated_names(tmp_path: Path) -> None:
    """Columns are found by name in any order, under the names of other years and cut-off ones."""
    header = "mdr_report_key|DEVICE_EVALUATED_BY_MANUFACTUR|GENERIC_NAME|BRAND_NAME|LOT_NUMBER|UDI-DI"
    row = read_maude(
        tmp_path,
        mdrfoi=f"{MASTER}\n11|1|A|03/05/2024||M|I\n",
        foidev=f"{header}\n11|Y|PUMP|ALPHA|L1|00887517567062\n",
    ).iloc[0]

    assert tuple(row[["brand", "generic_name", "lot", "udi_di"]]) == ("ALPHA", "PUMP", "L1", "00887517567062")


@pytest.mark.parametrize("cell", ["05-MAR-24", "2024/03/05 00:00:00.000", "03/05/2024", "20240305", "2024/03/05"])
def test_date_variety(cell: str) -> None:
    """Every shape of a date is the same day, and * is none."""
    row = read_csv(f"1,A,{cell},*,M,ACME,L").iloc[0]

    assert row["received"] == pd.Timestamp("2024-03-05")
    assert pd.isna(row["event_date"])
    assert row["_faults"] == ""


@pytest.mark.parametrize("cell", ["19000101", "20240230", "18991231"])
def test_impossible_dates(cell: str) -> None:
    """A day that cannot be is missing, named as a fault, and kept as received; the checks quarantine it."""
    row = read_csv(f"1,A,20240305,{cell},M,ACME,L").iloc[0]

    assert pd.isna(row["event_date"])
    assert row["_faults"] == "event_date"
    assert cell in row["_raw"]


def test_several_dates() -> None:
    """When it happened, when the maker knew and when FDA received it are three columns; a row is placed by the last."""
    row = read(report(date_of_event="20240301", date_manufacturer_received="20240303", date_report="20240302")).iloc[0]

    found = [f"{day:%d}" for day in row[["event_date", "manufacturer_received", "received"]]]
    assert found == ["01", "03", "05"]
    assert REPORTS.placed_by == "received"


@pytest.mark.parametrize(("flag", "events"), [("Y", 40), ("N", 1), ("", 1)])
def test_summary_reports(flag: str, events: int) -> None:
    """A summary report stands for the events it names, any other for one."""
    assert read(report(summary_report_flag=flag, noe_summarized="40")).iloc[0]["events"] == events


def test_followups() -> None:
    """A follow-up has the key of its report, tells its history, and differs from the version before."""
    rows = read(
        report(type_of_report=["Initial submission"]), report(type_of_report=["Initial submission", "Followup"])
    )

    assert rows["report_key"].tolist() == ["1", "1"]
    assert rows["report_type"].tolist() == ["Initial submission", "Initial submission; Followup"]


def test_multi_source_dupes() -> None:
    """Reports of one event by two reporters are two rows that share the event's key."""
    rows = read(report(event_key="77"), report(mdr_report_key="2", event_key="77", report_number="MW5012345"))

    assert (rows["report_key"].nunique(), rows["event_key"].unique().tolist()) == (2, ["77"])


@pytest.mark.parametrize(
    ("number", "known"),
    [
        ("1234567-2024-00001", True),
        ("3001234567-2024-00001", True),
        ("1234567890-2024-0001", True),
        ("MW5012345", True),
        ("unknown-1", False),
    ],
)
def test_report_number_shape(number: str, known: bool) -> None:
    """Maker, establishment, user facility and voluntary reporter each have their shape; another one is worth a look."""
    assert (re.match(REPORT_NUMBER, number) is not None) is known


def test_manufacturer_fields() -> None:
    """The maker is the device's, not the contact's or the one of the report's own, which is often empty."""
    row = read(report(manufacturer_name="", manufacturer_g1_name="SITE 7", manufacturer_contact_l_name="DOE")).iloc[0]

    assert (row["manufacturer"], row["manufacturer_raw"]) == ("ACME", "ACME INC.")


def test_manufacturer_variants() -> None:
    """Registration numbers and legal forms do not make another maker; the spelling as reported is kept."""
    rows = read_csv("1,A,20240305,,M,DEPUY CMW - 9610921,L", '2,B,20240305,,M,"DEPUY CMW, INC.",L')

    assert rows["manufacturer"].unique().tolist() == ["DePuy Synthes"]
    assert rows["manufacturer_raw"].nunique() == 2


@pytest.mark.parametrize("lot", ["NI", "UNK", "UNKNOWN", "NA", "N/A", "*", "NONE", "ASKU", ""])
def test_null_words(lot: str) -> None:
    """The words for "we do not know" are no lot."""
    assert pd.isna(read_csv(f"1,A,20240305,,M,ACME,{lot}").iloc[0]["lot"])


def test_flag_conflict() -> None:
    """Flags that deny the event type are noted, and the event type stands."""
    row = read(report(adverse_event_flag="N")).iloc[0]

    assert (row["event_type"], row["_notes"]) == ("Injury", "flags")


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("IN", "Injury"),
        ("IL", "Injury"),
        ("IJ", "Injury"),
        ("D", "Death"),
        ("M", "Malfunction"),
        ("O", "Other"),
        ("*", "No answer provided"),
    ],
)
def test_event_type_codes(code: str, name: str) -> None:
    """Three codes are injuries, and * is an answer that was not given."""
    assert read_csv(f"1,A,20240305,,{code},ACME,L").iloc[0]["event_type"] == name


def test_country_conflict() -> None:
    """No country of a report is a column: a plan cannot take it for a region."""
    assert not any("country" in column or "region" in column for column in REPORTS.columns)


def test_dropped_fields() -> None:
    """Fields of the old baseline reports are not expected, and in a file they change nothing."""
    with_them = report(device=[{**report()["device"][0], "baseline_brand_name": "OLD", "baseline_510_k__flag": "Y"}])
    columns = list(REPORTS.columns)

    assert read(with_them)[columns].equals(read(report())[columns])


@pytest.mark.parametrize(
    ("identifier", "kept", "notes"),
    [
        ("00887517567062", "00887517567062", ""),
        ("00887517567063", None, "udi"),
        ("", None, ""),
        ("UNKNOWN", None, ""),
        ("+A123BJ5C6D7E", "+A123BJ5C6D7E", ""),
    ],
)
def test_udi_unvalidated(identifier: str, kept: str | None, notes: str) -> None:
    """A GS1 identifier whose check digit is wrong is not one, and noted; brand and model stand."""
    row = read(report(device=[{**report()["device"][0], "udi_di": identifier}])).iloc[0]

    assert (None if pd.isna(row["udi_di"]) else row["udi_di"], row["_notes"]) == (kept, notes)
    assert row["brand"] == "Alpha"


def test_nested_and() -> None:
    """Brand A on one device and code B on another is no device of brand A and code B; the asked device is the row's."""
    alpha = {"brand_name": "Alpha", "device_report_product_code": "AAA", "manufacturer_d_name": "ACME"}
    beta = {"brand_name": "Beta", "device_report_product_code": "BBB", "manufacturer_d_name": "OTHER"}
    both = report(device=[alpha, beta])
    asked = Asked(devices=Devices(values={"brand_name": ("alpha",), "device_report_product_code": ("BBB",)}))
    second = Asked(devices=Devices(values={"device_report_product_code": ("BBB",)}))

    assert read(both, asked=asked).empty
    assert read(both, asked=second)["brand"].tolist() == ["Beta"]
    assert asked.devices.search == "device.brand_name.exact:(alpha) AND device.device_report_product_code:(BBB)"


@pytest.mark.parametrize("block", [{}, None, []], ids=str)
def test_openfda_block(block: Any) -> None:
    """The block that openFDA joins may be empty or absent: the row is read, without its class."""
    row = read(report(device=[{**report()["device"][0], "openfda": block}])).iloc[0]

    assert row["brand"] == "Alpha"
    assert pd.isna(row["device_class"])


def test_redaction() -> None:
    """What was blacked out leaves no word behind that would make texts alike; as received it is kept."""
    row = read(report(mdr_text=[{"text": "the (B)(4) pump of (b)(6) stopped"}])).iloc[0]

    assert row["narrative"] == "the pump of stopped"
    assert "(B)(4)" in row["_raw"]


def test_no_rates() -> None:
    """Reports know no exposure: no column of theirs can be a denominator, and their page says so."""
    page = (Path(__file__).parents[3] / "docs" / "sources" / "reports.md").read_text()
    exposures = {c for c, kind in TABLES[Source.EXPOSURE].columns.items() if kind == "number"}

    assert not exposures & set(REPORTS.columns)
    assert "Reports are no rates" in page
