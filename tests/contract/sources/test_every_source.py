"""What every source has to keep, whatever it is of: a new one needs an example here and passes all of this."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from include.postmarket.model.batch import Label, Media, Source
from include.postmarket.model.errors import InputError
from include.postmarket.model.tables import TABLES, Kind
from include.postmarket.sources.register import SHAPES
from include.postmarket.sources.shape import Asked
from include.postmarket.sources.translation import Translation
from tests.conftest import ROOT

#: One sound record of each source, spelled as its files and endpoints spell it.
EXAMPLES: dict[Source, dict[str, Any]] = {
    Source.REPORTS: {
        "mdr_report_key": "1",
        "date_received": "20240305",
        "event_type": "M",
        "device": [{"manufacturer_d_name": "ACME INC."}],
    },
    Source.COMPLAINTS: {
        "complaint_id": "C-1",
        "received": "2024-03-05",
        "model": "X",
        "imdrf_release": "2024",
        "problem_code": "A0705",
    },
    Source.EXPOSURE: {
        "period": "2024-03-01",
        "model": "X",
        "software_version": "2.0",
        "region": "EU",
        "units_in_use": "10",
        "device_days": "310",
    },
    Source.PERFORMANCE: {
        "device": "d1",
        "measured": "2024-03-05",
        "model": "X",
        "battery_hours": "8",
        "flow_error_percent": "-1.5",
        "occlusion_alarms_per_100_h": "0.2",
        "motor_current_ma": "120",
    },
    Source.RECALLS: {"product_res_number": "Z-0001-2024", "event_date_posted": "2024-03-05"},
    Source.ENFORCEMENTS: {"recall_number": "Z-0001-2024", "report_date": "20240305", "classification": "Class II"},
    Source.CLASSIFICATIONS: {"product_code": "LOD", "device_name": "Bone Cement"},
    Source.CLEARANCES: {"k_number": "K240001", "decision_date": "2024-03-05"},
    Source.APPROVALS: {"pma_number": "P240001", "supplement_number": "S001", "decision_date": "2024-03-05"},
    Source.DEVICES: {
        "identifiers": [{"type": "Package", "id": "2"}, {"type": "Primary", "id": "00887517567062"}],
        "public_version_date": "2024-03-05",
    },
    Source.DRUG_REPORTS: {
        "safetyreportid": "1",
        "receivedate": "20240305",
        "patient": {
            "drug": [
                {"drugcharacterization": "2", "medicinalproduct": "ASPIRIN"},
                {"drugcharacterization": "1", "medicinalproduct": "INSULIN"},
            ],
            "reaction": [{"reactionmeddrapt": "Hypoglycaemia"}, {"reactionmeddrapt": ""}],
        },
    },
}
ASKED = Asked(listed=date(2024, 3, 31))


def media_of(source: Source) -> Media:
    """Give the media that an example is written in."""
    return Media.OPENFDA_JSON if SHAPES[source].endpoint else Media.JSON_ROWS


def read(source: Source, *records: Any, asked: Asked = ASKED) -> pd.DataFrame:
    """Read records of a source as they come over the network."""
    content = json.dumps({"results": list(records)}) if SHAPES[source].endpoint else json.dumps(records)
    return SHAPES[source].read(content.encode(), media_of(source), asked)


def test_every_source_has_an_example() -> None:
    """The contract holds for all sources, and each is the one its table is of."""
    assert set(EXAMPLES) == set(SHAPES) == set(Source)
    assert all(shape.table is TABLES[source] for source, shape in SHAPES.items())


@pytest.mark.parametrize("source", Source)
def test_a_sound_record_is_a_row_of_the_table(source: Source) -> None:
    """All columns in their order, the key and what is required filled, nothing unreadable."""
    table = TABLES[source]

    frame = read(source, EXAMPLES[source])

    assert list(frame.columns) == [*table.columns, "_row", "_raw", "_faults", "_notes"]
    assert frame["_faults"].tolist() == [""]
    assert frame[list({*table.key, *table.required, table.placed_by})].notna().all(axis=None)


@pytest.mark.parametrize("source", Source)
def test_no_record_is_left_out(source: Source) -> None:
    """What is no record at all is a row as well, with the fault ``shape``, as received in ``_raw``."""
    frame = read(source, EXAMPLES[source], "no object", EXAMPLES[source])

    assert frame["_faults"].str.contains("shape").tolist() == [False, True, False]
    assert "no object" in frame["_raw"].iloc[1]
    assert frame["_row"].tolist() == [1, 2, 3]


@pytest.mark.parametrize("source", Source)
def test_the_same_bytes_give_the_same_rows(source: Source) -> None:
    """Reading looks at nothing but the bytes and what is asked."""
    pd.testing.assert_frame_equal(read(source, EXAMPLES[source]), read(source, EXAMPLES[source]))


@pytest.mark.parametrize("source", Source)
@pytest.mark.parametrize("content", [b"{", b"<html><body>503</body></html>", b"\x1f\x8b\x08\x00rubbish"], ids=repr)
def test_broken_bytes_say_what_and_what_to_do(source: Source, content: bytes) -> None:
    """Half a JSON, an error page and rubbish are each refused, with what to do; no value of theirs is repeated."""
    with pytest.raises(InputError) as error:
        SHAPES[source].read(content, media_of(source), ASKED)

    assert error.value.todo
    assert "503" not in str(error.value)


@pytest.mark.parametrize("source", Source)
def test_another_table_is_refused_by_name(source: Source) -> None:
    """A file of something else is told with the columns that it lacks."""
    with pytest.raises(InputError, match=r"lacks \d+ column"):
        SHAPES[source].read(b"this,is,another\n1,2,3\n", Media.CSV, ASKED)


@pytest.mark.parametrize("source", Source)
def test_every_source_may_be_spelled_otherwise(source: Source) -> None:
    """A column under another name and a code of another system are read by what the place says."""
    column = next(c for c in TABLES[source].columns if TABLES[source].columns[c] is Kind.TEXT)
    header = {f.column: f.names[0] for f in SHAPES[source].layout.fields if f.needed}
    columns = {**header, column: "Their Name"}
    translation = Translation(columns={column: "Their Name"}, codes={column: {"theirs": "ours"}})
    text = ",".join(columns.values()) + "\n" + ",".join("theirs" if c == column else "" for c in columns) + "\n"

    frame = SHAPES[source].read(text.encode(), Media.CSV, replace(ASKED, translation=translation))

    assert frame[column].str.lower().tolist() == ["ours"]


@pytest.mark.parametrize("source", Source)
def test_a_folder_without_a_file_of_it_is_told(source: Source, tmp_path: Path) -> None:
    """Nothing to read is an error, never an empty pull."""
    (tmp_path / "readme.md").write_text("nothing")

    with pytest.raises(InputError, match="holds no file"):
        SHAPES[source].fetch(tmp_path, Label.REAL)


@pytest.mark.parametrize("source", Source)
def test_every_source_has_its_page(source: Source) -> None:
    """Its page says what it is, where it comes from, its units, and its lags and caveats."""
    page = (ROOT / "docs" / "sources" / f"{source}.md").read_text()

    assert [
        part for part in ("What it is.", "Where it comes from.", "Units", "Lags and caveats.") if part not in page
    ] == []
    assert (ROOT / "dags" / f"ingest_{source}.py").is_file()


def test_the_examples_are_read_for_what_they_say() -> None:
    """The primary identifier, the supplement, the suspect drug and the day of the list are where they belong."""
    rows = {source: read(source, record).iloc[0] for source, record in EXAMPLES.items()}

    assert rows[Source.DEVICES]["udi_di"] == "00887517567062"
    assert rows[Source.APPROVALS]["approval"] == "P240001/S001"
    assert (rows[Source.DRUG_REPORTS]["product"], rows[Source.DRUG_REPORTS]["reactions"]) == (
        "INSULIN",
        "Hypoglycaemia",
    )
    assert rows[Source.CLASSIFICATIONS]["listed"] == pd.Timestamp("2024-03-31")


@pytest.mark.shared
@pytest.mark.parametrize(
    ("source", "sample", "key"),
    [
        (Source.RECALLS, "device_recall", "firm"),
        (Source.CLASSIFICATIONS, "device_classification", "device_name"),
        (Source.CLEARANCES, "device_510k", "applicant"),
        (Source.DEVICES, "device_udi", "company"),
    ],
)
def test_real_answers_are_read(shared: Path, source: Source, sample: str, key: str) -> None:
    """A real answer of openFDA's has its key and its names, and nothing unreadable."""
    content = (shared / "domain" / "openfda" / "samples" / f"{sample}_response.json").read_bytes()

    row = SHAPES[source].read(content, Media.OPENFDA_JSON, ASKED).iloc[0]

    assert (row["_faults"], bool(row[key])) == ("", True)
    assert all(pd.notna(row[column]) for column in TABLES[source].key)
