"""CSV to records: every row kept, faults of shape named, nothing read past a broken quote."""

import pytest

from include.postmarket.model.errors import InputError
from include.postmarket.sources import delimited
from include.postmarket.sources.files import Member


def _member(content: str) -> Member:
    return Member(name="x.csv", content=content.encode())


def test_rows_keep_their_cells() -> None:
    """Quoted commas, quotes and line breaks belong to the cell; names of columns are lower case and trimmed."""
    rows, encoding = delimited.read_records(_member('A, B\r\n"1,2","say ""so""\nthen"\r\n\r\n3,4\r\n'))

    expected = [{"a": "1,2", "b": 'say "so"\nthen'}, {"a": "3", "b": "4"}]
    assert expected == [r.cells for r in rows]
    assert ([r.row for r in rows], encoding) == ([1, 2], "utf-8")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found_in_the_header(delimiter: str) -> None:
    """Whatever splits the header into most columns is the delimiter."""
    rows, _ = delimited.read_records(_member(f"a{delimiter}b\n1{delimiter}2,5\n".replace(",5", "5")))

    expected = [{"a": "1", "b": "25"}]
    assert expected == [r.cells for r in rows]


@pytest.mark.parametrize("row", ["1", "1,2,3"])
def test_row_of_the_wrong_length_is_kept_with_a_fault(row: str) -> None:
    """It cannot be known which cell is missing or too much: the row is for quarantine, with all its cells."""
    rows, _ = delimited.read_records(_member(f"a,b\n{row}\n4,5\n"))

    assert [r.faults for r in rows] == [("shape",), ()]
    assert row.split(",") == list(rows[0].cells.values())


@pytest.mark.parametrize("content", ["", "\n\n", " \r\n"])
def test_empty_file(content: str) -> None:
    """No header is no file."""
    with pytest.raises(InputError, match="empty"):
        delimited.read_header(_member(content))


def test_header_alone_is_no_row() -> None:
    """A header without rows says that nothing happened."""
    rows, _ = delimited.read_records(_member("a,b\n"))

    assert rows == []


def test_column_that_stands_twice() -> None:
    """Two columns of one name cannot be told apart (MAUDE joins repeat DATE_RECEIVED)."""
    with pytest.raises(InputError, match="date_received"):
        delimited.read_header(_member("DATE_RECEIVED,a,Date_Received\n"))


@pytest.mark.parametrize(
    "content", ['a,b\n1,"never ends\n2,3\n', 'a,b\n1,"x"y\n2,3\n'], ids=["open quote", "text after"]
)
def test_broken_quote_stops_the_file(content: str) -> None:
    """Reading on would swallow the rows behind it: the file is refused and the row named."""
    with pytest.raises(InputError, match=r"row \d+ cannot be read"):
        delimited.read_records(_member(content))


def test_long_narrative_is_read_and_a_monster_refused() -> None:
    """A cell of a megabyte is a narrative; one beyond the limit is no cell."""
    rows, _ = delimited.read_records(_member(f"a,b\n1,{'x' * 1_000_000}\n"))

    assert len(rows[0].cells["b"]) == 1_000_000
    with pytest.raises(InputError, match="field larger than field limit"):
        delimited.read_records(_member(f"a,b\n1,{'x' * (delimited.LONGEST_CELL + 1)}\n"))
