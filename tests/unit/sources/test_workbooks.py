"""Excel workbooks as people keep them."""

import io
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest

from include.postmarket.model.batch import Label, Media
from include.postmarket.model.errors import InputError
from include.postmarket.sources import complaints, files

HEADER = ["complaint_id", "Received", "model", "imdrf_release", "problem_code", "narrative"]
ROW = [1001, datetime(2024, 3, 5, 14, 30), "X", 2024, "A0705", "it stopped"]  # noqa: DTZ001 - as Excel has it


def book(**sheets: list[list[Any]]) -> bytes:
    """Give a workbook of some sheets."""
    made = openpyxl.Workbook()
    del made["Sheet"]
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    sink = io.BytesIO()
    made.save(sink)
    return sink.getvalue()


def test_the_sheet_with_the_columns_is_read() -> None:
    """Other sheets and a title above the header are passed over; typed cells are what a CSV would hold."""
    content = book(
        Notes=[["nothing"]],
        Cases=[["Complaints 2024"], [], HEADER, ROW, [None] * 6, [1002.0, date(2024, 3, 6), *ROW[2:]]],
    )

    rows = complaints.read(content, Media.XLSX)

    assert rows["complaint_id"].tolist() == ["1001", "1002"]
    assert rows["imdrf_release"].tolist() == ["2024", "2024"]
    assert [f"{day:%Y-%m-%d}" for day in rows["received"]] == ["2024-03-05", "2024-03-06"]
    assert rows["_faults"].tolist() == ["", ""]


def test_a_cell_beyond_the_columns_is_a_fault() -> None:
    """A value under no name is not lost and not trusted."""
    row = complaints.read(book(A=[[*HEADER, None], [*ROW, "stray"]]), Media.XLSX).iloc[0]

    assert row["_faults"] == "shape"
    assert "stray" in row["_raw"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (book(A=[["a", "b"]], B=[]), "no sheet has the columns"),
        (book(A=[HEADER, ROW], B=[HEADER]), "several sheets"),
        (b"PK\x03\x04rubbish", "cannot be unpacked"),
        (b"no workbook", "no readable Excel workbook"),
        (book(A=[HEADER, ROW])[:1500], "cannot be unpacked"),
    ],
    ids=["another table", "two", "broken zip", "text", "cut short"],
)
def test_what_cannot_be_read_says_so(content: bytes, told: str) -> None:
    """A workbook without the columns, one that leaves a choice, and what is none are told apart."""
    with pytest.raises(InputError, match=told):
        complaints.read(content, Media.XLSX)


def test_a_workbook_is_a_file_of_this_source(tmp_path: Any) -> None:
    """A workbook is a zip inside, and is not taken for a folder of files; a folder of workbooks is one pull."""
    for name in ("a.xlsx", "b.xlsx"):
        (tmp_path / name).write_bytes(book(A=[HEADER, [name, *ROW[1:]]]))

    one = complaints.fetch(tmp_path / "a.xlsx", Label.REAL)
    both = complaints.fetch(tmp_path, Label.REAL)

    assert (one.media, len(files.members(one.content)), len(files.members(both.content))) == (Media.XLSX, 1, 2)
    assert complaints.read(both.content, both.media)["complaint_id"].tolist() == ["a.xlsx", "b.xlsx"]
