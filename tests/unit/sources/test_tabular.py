"""Complaints, exposure and measurements: tables that need reading, not understanding."""

import io
from datetime import UTC, date, datetime

import pandas as pd
import pytest

from include.postmarket.model.batch import Media
from include.postmarket.model.errors import InputError
from include.postmarket.model.tables import TABLES
from include.postmarket.sources import complaints, exposure, performance

COMPLAINT = (
    "complaint_id,received,event_date,model,serial,lot,software_version,region,imdrf_release,problem_code,"
    "health_impact_code,narrative\n"
)
MEASURED = {
    "device": ["d1", "d2"],
    "measured": [date(2024, 3, 1), None],
    "model": ["X", "X"],
    "software_version": ["2.0", None],
    "lot": ["L1", "L1"],
    "battery_hours": [7.5, float("nan")],
    "flow_error_percent": [-1.0, 2.0],
    "occlusion_alarms_per_100_h": [0.5, 0.25],
    "motor_current_ma": [120, 130],
}


def test_complaint_is_read_as_it_stands() -> None:
    """NA is a region and no null word; NI is no lot; an ISO moment gives its day."""
    content = COMPLAINT + "C-1,2024-03-02T10:00:00Z,2024-03-01,X,S1,NI,2.0,NA,2024,A0705,F26,it stopped\n"

    row = complaints.read(content.encode(), Media.CSV).iloc[0]

    expected = ("C-1", pd.Timestamp("2024-03-02"), "NA", "A0705", "")
    assert expected == tuple(row[["complaint_id", "received", "region", "problem_code", "_faults"]])
    assert pd.isna(row["lot"])


@pytest.mark.parametrize("day", ["03/04/2024", "2024-02-30", "yesterday"])
def test_unreadable_day_is_a_fault(day: str) -> None:
    """A day that is none, or that could be two, is left to quarantine."""
    row = complaints.read((COMPLAINT + f"C-1,{day},,X,,,,,2024,A07,,\n").encode(), Media.CSV).iloc[0]

    assert row["_faults"] == "received"


def test_exposure_figures_are_numbers() -> None:
    """A decimal comma in a figure is a fault of the row, never another number."""
    header = "period,model,software_version,region,units_in_use,device_days\n"

    frame = exposure.read((header + '2024-03-01,X,2.0,EU,10,300\n2024-03-01,X,2.0,US,"1,5",30\n').encode(), Media.CSV)

    assert frame["_faults"].tolist() == ["", "units_in_use"]
    assert frame["device_days"].tolist() == [300.0, 30.0]


def test_parquet_and_csv_give_the_same_rows() -> None:
    """Both kinds of file are read by the same rules; what a Parquet file leaves out is missing."""
    table, parquet = pd.DataFrame(MEASURED), io.BytesIO()
    table.to_parquet(parquet)

    from_parquet = performance.read(parquet.getvalue(), Media.PARQUET)
    from_csv = performance.read(table.to_csv(index=False).encode(), Media.CSV)

    columns = list(TABLES[performance.LAYOUT.table.source].columns)
    pd.testing.assert_frame_equal(from_csv[columns], from_parquet[columns])
    assert from_parquet[["measured", "battery_hours"]].isna().sum().tolist() == [1, 1]
    assert from_parquet["_faults"].tolist() == ["", ""]


def test_parquet_moments_are_days() -> None:
    """A column of moments gives their days."""
    parquet = io.BytesIO()
    moments = [datetime(2024, 3, 1, 23, tzinfo=UTC), datetime(2024, 3, 2, tzinfo=UTC)]
    pd.DataFrame(MEASURED | {"measured": moments}).to_parquet(parquet)

    frame = performance.read(parquet.getvalue(), Media.PARQUET)

    expected = [pd.Timestamp("2024-03-01"), pd.Timestamp("2024-03-02")]
    assert expected == frame["measured"].tolist()


@pytest.mark.parametrize("content", [b"", b"PAR1 and then nothing", b"a,b\n1,2\n"])
def test_no_parquet(content: bytes) -> None:
    """What is no Parquet file is refused."""
    with pytest.raises(InputError, match="Parquet"):
        performance.read(content, Media.PARQUET)


def test_missing_columns_are_named() -> None:
    """A complaint file without codes is refused, not read as complaints without codes."""
    with pytest.raises(InputError, match="imdrf_release, problem_code"):
        complaints.read(b"complaint_id,received,model\nC-1,2024-03-01,X\n", Media.CSV)
