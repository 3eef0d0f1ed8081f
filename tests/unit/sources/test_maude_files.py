"""FDA's own MAUDE files: a folder of years, found by header, joined to the rows that openFDA gives."""

import json
import zipfile
from datetime import date
from pathlib import Path

import pytest

from include.postmarket.model.batch import Label, Media, Window
from include.postmarket.model.errors import InputError
from include.postmarket.model.tables import REPORTS
from include.postmarket.sources import maude_excerpt, reports
from include.postmarket.sources.manufacturers import load
from include.postmarket.sources.same_device import Devices
from include.postmarket.sources.shape import Asked

MARCH = Window(date(2024, 3, 1), date(2024, 4, 1))
ALL = Devices()
FILES = {
    "mdrfoi2024.txt": "MDR_REPORT_KEY|EVENT_KEY|REPORT_NUMBER|REPORT_SOURCE_CODE|DATE_RECEIVED|DATE_OF_EVENT|"
    "EVENT_TYPE|TYPE_OF_REPORT|SUMMARY_REPORT|NOE_SUMMARIZED\r\n"
    "11|77|1234567-2024-00001|M|03/05/2024|03/01/2024|IN|I|N|\r\n"
    "12||1234567-2024-00002|M|03/06/2024||M|I|Y|40\r\n"
    "13||1234567-2024-00003|M|04/01/2024||M|I|N|\r\n"
    "14||1234567-2024-00004|M|soon||M|I|N|\r\n",
    "foidev2024.txt": "MDR_REPORT_KEY|DEVICE_SEQUENCE_NO|DATE_RECEIVED|BRAND_NAME|GENERIC_NAME|MANUFACTURER_D_NAME|"
    "MODEL_NUMBER|LOT_NUMBER|DEVICE_REPORT_PRODUCT_CODE\r\n"
    " 11.0|2|03/05/2024|BETA|PUMP|OTHER|M2|L2|BBB\r\n"
    " 11.0|1|03/05/2024|ALPHA|PUMP|ACME INC.|M1|L1|AAA\r\n"
    " 12.0|1|03/06/2024|ALPHA|PUMP|ACME INC.|M1|NI|AAA\r\n"
    " 13.0|1|04/01/2024|ALPHA|PUMP|ACME INC.|M1|NI|AAA\r\n",
    "foitext2024.txt": "MDR_REPORT_KEY|MDR_TEXT_KEY|TEXT_TYPE_CODE|PATIENT_SEQUENCE_NUMBER|DATE_REPORT|FOI_TEXT\r\n"
    "11|1|D|1||K\xe4fer | wurde\r\nheiss\r\n13|2|D|1||of April\r\n",
    "patient2024.txt": "MDR_REPORT_KEY|PATIENT_SEQUENCE_NUMBER|DATE_RECEIVED|SEQUENCE_NUMBER_TREATMENT|"
    "SEQUENCE_NUMBER_OUTCOME\r\n11|1|03/05/2024||1. L; 2. R\r\n",
    "foidevproblem.txt": "11|2993\r\n11|1069\r\n13|1069\r\n",
    "deviceproblemcodes.txt": '1069,Break\r\n2993,"Adverse Event Without Identified Device or Use Problem"\r\n',
}


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        if name.startswith("foitext"):
            with zipfile.ZipFile(tmp_path / "foitext2024.zip", "w") as archive:
                archive.writestr(name, text.encode("latin-1"))
        else:
            (tmp_path / name).write_bytes(text.encode("latin-1"))
    return tmp_path


def test_rows_are_those_of_the_api(folder: Path) -> None:
    """The same report from the files and from openFDA is the same row, in all columns that both have."""
    fetched = maude_excerpt.fetch(folder, MARCH, ALL, Label.REAL)
    row = reports.read(fetched.content, fetched.media, load()).iloc[0]
    api = {
        "mdr_report_key": "11",
        "event_key": "77",
        "report_number": "1234567-2024-00001",
        "report_source_code": "Manufacturer report",
        "date_received": "20240305",
        "date_of_event": "20240301",
        "event_type": "Injury",
        "type_of_report": ["Initial submission"],
        "product_problems": ["Adverse Event Without Identified Device or Use Problem", "Break"],
        "patient": [{"patient_sequence_number": "1", "sequence_number_outcome": ["1. L", "2. R"]}],
        "mdr_text": [{"text": "K\xe4fer | wurde\nheiss"}],
        "device": [
            {
                "brand_name": "ALPHA",
                "generic_name": "PUMP",
                "manufacturer_d_name": "ACME INC.",
                "model_number": "M1",
                "lot_number": "L1",
                "device_report_product_code": "AAA",
            }
        ],
    }
    same = reports.read(json.dumps([api]).encode(), Media.OPENFDA_JSON, load()).iloc[0]

    columns = list(REPORTS.columns)
    assert row[columns].fillna("").astype(str).tolist() == same[columns].fillna("").astype(str).tolist()


def test_the_window_and_what_cannot_be_placed(folder: Path) -> None:
    """March's reports and the one without a readable day; April's lines are not in the excerpt at all."""
    fetched = maude_excerpt.fetch(folder, MARCH, ALL, Label.REAL)
    rows = reports.read(fetched.content, fetched.media, load())

    assert rows["report_key"].tolist() == ["11", "12", "14"]
    assert rows["events"].tolist() == [1, 40, 1]
    assert rows["_faults"].tolist() == ["", "", "received"]
    assert b"of April" not in fetched.content


def test_only_wanted_devices_are_taken(folder: Path) -> None:
    """A report of two devices is about the one that was asked for, and is shown with it."""
    beta = Devices(values={"device_report_product_code": ("BBB",)})
    fetched = maude_excerpt.fetch(folder, MARCH, beta, Label.REAL)

    rows = reports.read(fetched.content, fetched.media, load(), Asked(devices=beta))

    assert rows[["report_key", "brand", "lot"]].to_numpy().tolist() == [["11", "BETA", "L2"]]


def test_the_same_files_are_the_same_batch(folder: Path) -> None:
    """The excerpt has the same bytes each time; a file of another year that has nothing of March changes no row."""
    first = maude_excerpt.fetch(folder, MARCH, ALL, Label.REAL)

    assert first.content == maude_excerpt.fetch(folder, MARCH, ALL, Label.REAL).content


def test_a_master_row_of_the_wrong_length_waits(folder: Path) -> None:
    """A row that lost or won a cell may have every value in another column: the whole row is a fault."""
    header = FILES["mdrfoi2024.txt"].partition("\r\n")[0]
    (folder / "mdrfoi2024.txt").write_text(f"{header}\n21|1|A|M|03/05/2024||M|I|N\n22|1|A|M|03/05/2024||M|I|N||more\n")

    fetched = maude_excerpt.fetch(folder, MARCH, ALL, Label.REAL)

    assert reports.read(fetched.content, fetched.media, load())["_faults"].tolist() == ["shape", "shape"]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("strange.txt", b"a|b|c\n1|2|3\n", "none of MAUDE's: strange.txt"),
        ("shuffled.txt", b"BRAND_NAME|GENERIC_NAME|MDR_REPORT_KEY\n", "none of MAUDE's: shuffled.txt"),
        ("broken.zip", b"PK\x03\x04rubbish", "cannot be unpacked"),
    ],
)
def test_a_file_that_is_none_of_them_is_named(folder: Path, name: str, content: bytes, told: str) -> None:
    """Nothing in the folder is passed over in silence."""
    (folder / name).write_bytes(content)

    with pytest.raises(InputError, match=told):
        maude_excerpt.fetch(folder, MARCH, ALL, Label.REAL)


def test_no_master_file(folder: Path) -> None:
    """Without the master file no report has a date."""
    (folder / "mdrfoi2024.txt").unlink()

    with pytest.raises(InputError, match="no master file"):
        maude_excerpt.fetch(folder, MARCH, ALL, Label.REAL)


@pytest.mark.shared
def test_real_lines(shared: Path, tmp_path: Path) -> None:
    """FDA's own lines of five reports: device rows that are shorter than their header, texts, outcomes."""
    source = shared / "domain" / "openfda" / "maude"
    for name in ("foidev", "foitext", "patient"):
        (tmp_path / f"{name}.txt").write_bytes((source / f"{name}.txt").read_bytes())
    keys = ("1511541", "1511542", "1511543", "1511544", "538836")
    master = "".join(f"{key}|{key}-1|10/06/2009|M\n" for key in keys)
    (tmp_path / "mdrfoi.txt").write_text(f"MDR_REPORT_KEY|REPORT_NUMBER|DATE_RECEIVED|EVENT_TYPE\n{master}")
    window = Window(date(2009, 10, 1), date(2009, 11, 1))

    fetched = maude_excerpt.fetch(tmp_path, window, ALL, Label.REAL)
    rows = reports.read(fetched.content, fetched.media, load()).set_index("report_key")

    assert rows["brand"].notna().all()
    assert rows.loc["538836", "outcomes"] == "Life Threatening; Required Intervention"
    assert str(rows.loc["1511541", "narrative"]).startswith("DISCREPANT RESULTS")
    assert rows["_faults"].tolist() == [""] * 5
