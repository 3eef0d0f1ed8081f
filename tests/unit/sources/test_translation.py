"""A company's own spelling of our tables: columns, codes, constants, dates, decimals."""

from dataclasses import replace

import pandas as pd
import pytest

from include.postmarket.model.batch import Media
from include.postmarket.model.errors import ConfigurationError, InputError
from include.postmarket.sources import complaints, exposure
from include.postmarket.sources.shape import Asked
from include.postmarket.sources.translation import Translation

COMPLAINTS = "Nr;Eingang;Produkt;Fehler;Text\n7;05.03.2024;X;BATT;Akku leer\n8;31.02.2024;X;LEAK;\n"
GERMAN = Translation(
    columns={
        "complaint_id": "Nr",
        "received": "EINGANG",
        "model": "Produkt",
        "problem_code": "Fehler",
        "narrative": "Text",
    },
    codes={"problem_code": {"BATT": "A0705"}},
    constants={"imdrf_release": "2024"},
    date_format="%d.%m.%Y",
)


def read(text: str, translation: Translation) -> pd.DataFrame:
    """Read complaints that are spelled otherwise."""
    return complaints.read(text.encode(), Media.CSV, Asked(translation=translation))


def test_columns_codes_constants_and_dates() -> None:
    """Names in any case, codes that are mapped, codes that are not, and a day that does not exist."""
    rows = read(COMPLAINTS, GERMAN)

    assert rows["complaint_id"].tolist() == ["7", "8"]
    assert rows["problem_code"].tolist() == ["A0705", "LEAK"]
    assert rows["imdrf_release"].tolist() == ["2024", "2024"]
    assert rows["received"].iloc[0] == pd.Timestamp("2024-03-05")
    assert rows["_faults"].tolist() == ["", "received"]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1.234,5", 1234.5),
        ("1234,5", 1234.5),
        ("1.234", 1234.0),
        ("-3,0", -3.0),
        ("12", 12.0),
        ("1,234.5", None),
        ("1.23", None),
        ("zwei", None),
    ],
)
def test_decimal_comma(cell: str, value: float | None) -> None:
    """A figure with a decimal comma is that figure; one with a point that groups nothing is a fault, never another."""
    header = "period,model,software_version,region,units_in_use,device_days\n"
    content = header + f'2024-03-01,X,1,EU,"{cell}",3\n'

    row = exposure.read(content.encode(), Media.CSV, Asked(translation=Translation(decimal_comma=True))).iloc[0]

    assert (None if pd.isna(row["units_in_use"]) else row["units_in_use"]) == value
    assert row["_faults"] == ("" if value is not None else "units_in_use")


@pytest.mark.parametrize(
    "translation",
    [
        Translation(columns={"recieved": "x"}),
        Translation(codes={"code": {"a": "b"}}),
        Translation(constants={"received": "soon"}),
    ],
    ids=["column", "code", "constant"],
)
def test_what_the_table_does_not_have_is_refused(translation: Translation) -> None:
    """A typing error in a spelling is told with what is known, and nothing is read."""
    with pytest.raises(ConfigurationError) as error:
        read(COMPLAINTS, translation)

    assert error.value.todo


def test_a_column_of_theirs_that_is_not_there_is_named_as_theirs() -> None:
    """The error speaks of the column that the file lacks, as the file would call it."""
    with pytest.raises(InputError, match=r"lacks 1 column.*eingangsdatum"):
        read(COMPLAINTS, replace(GERMAN, columns={**GERMAN.columns, "received": "Eingangsdatum"}))
