"""Single cells: what is read, what is refused, and that nothing is guessed."""

from datetime import date

import pytest

from include.postmarket.sources import cells


@pytest.mark.parametrize(
    "cell",
    [
        "20240301",
        "20240301.0",
        "2024-03-01",
        "2024-3-1",
        " 2024-03-01T23:59:59Z ",
        "2024/03/01",
        "2024/03/01 00:00:00.000",
        "03/01/2024",
        "3/1/2024",
        "01-MAR-24",
        "1-Mar-2024",
    ],
)
def test_fda_date_reads_every_shape_of_maude(cell: str) -> None:
    """All shapes seen in MAUDE and openFDA files give the same day; slashes are month first there."""
    expected = date(2024, 3, 1)

    assert expected == cells.fda_date(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "*",
        "NI",
        "2024-02-30",
        "20241301",
        "99/99/2024",
        "2024",
        "0001-01-01",
        "1899-12-31",
        "45352",
        "soon",
        "٢٠٢٤",
    ],
)
def test_what_is_no_day_is_none(cell: str) -> None:
    """Impossible days, null words, years before 1900 and spreadsheet serial numbers are not read as days."""
    assert cells.fda_date(cell) is None
    assert cells.iso_date(cell) is None


@pytest.mark.parametrize("cell", ["03/04/2024", "3/4/24", "01-MAR-24", "2024/03/04"])
def test_iso_date_does_not_guess(cell: str) -> None:
    """A company's own file may mean April or March by 03/04: it is not read."""
    assert cells.iso_date(cell) is None


def test_two_digit_years_turn_at_1970() -> None:
    """DD-MMM-69 lies in the future of MAUDE's files and is read as such, DD-MMM-91 in its past."""
    expected = (date(2069, 1, 1), date(1991, 1, 1))

    assert expected == (cells.fda_date("01-JAN-69"), cells.fda_date("01-JAN-91"))


@pytest.mark.parametrize(("cell", "value"), [("1", 1.0), ("-0.5", -0.5), (" 1e3 ", 1000.0), (".5", 0.5), ("7.", 7.0)])
def test_number_reads_plain_decimals(cell: str, value: float) -> None:
    """A plain decimal with or without an exponent is read."""
    assert value == cells.number(cell)


@pytest.mark.parametrize("cell", ["", "1,5", "1,500", "nan", "inf", "1e999", "1_000", "0x10", "5 h", "=1+1", "١"])
def test_number_does_not_guess(cell: str) -> None:
    """Decimal commas, thousands, nan, infinity, units and formulas are not numbers."""
    assert cells.number(cell) is None


@pytest.mark.parametrize(("cell", "value"), [("3", 3), ("3.0", 3), ("3.5", None), ("1e20", None), ("", None)])
def test_whole(cell: str, value: int | None) -> None:
    """Only numbers without a fraction, that a 64-bit integer holds safely, are whole."""
    assert value == cells.whole(cell)


@pytest.mark.parametrize(
    ("cell", "key"),
    [(" 1511541.0", "1511541"), ("MW5012345", "MW5012345"), ("12.50", "12.50"), ("*", None), ("", None)],
)
def test_record_key(cell: str, key: str | None) -> None:
    """MAUDE's padded decimal keys are the keys they mean; a null word is no key."""
    assert key == cells.record_key(cell)


@pytest.mark.parametrize("cell", ["", " ", ".", "*", "NI", "unk", "Unknown", "n/a", "NA", "None", "ASKU"])
def test_null_words(cell: str) -> None:
    """The usual words for "no value" give none."""
    assert cells.worded(cell) is None


def test_text_keeps_null_words() -> None:
    """Where a null word may be a value (region NA is North America) only the empty cell is none."""
    expected = ("NA", None)

    assert expected == (cells.text(" NA "), cells.text("  "))
