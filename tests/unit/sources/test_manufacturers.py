"""Spellings of makers to names, by the rule file."""

from pathlib import Path

import pytest

from include.postmarket.model.errors import ConfigurationError
from include.postmarket.sources import manufacturers

#: Spellings in FDA MAUDE, bone cement, 2017, and the maker each means.
SPELLINGS = {
    "BIOMET FRANCE S.A.R.L.": "Biomet France",
    "Biomet France  SARL": "Biomet France",
    "BIOMET UK LTD.": "Biomet UK",
    "BIOMET ORTHOPEDICS": "Biomet Orthopedics",
    "ZIMMER, INC.": "Zimmer Biomet",
    "ZIMMER BIOMET, INC.": "Zimmer Biomet",
    "STRYKER ORTHOPAEDICS-MAHWAH": "Stryker",
    "DEPUY CMW - 9610921": "DePuy Synthes",
    "DEPUY ORTHOPAEDICS, INC. 1818910": "DePuy Synthes",
    "DEPUYT ORTHOPAEDICS, INC.": "DePuy Synthes",
    "DEPUY - SYNTHES": "DePuy Synthes",
    "SYNTHES SELZACH": "DePuy Synthes",
    "ENCORE MEDICAL L.P": "Encore Medical",
    "SMITH & NEPHEW, INC.": "Smith & Nephew",
    "DEXCOM, INC.": "DEXCOM",
    "NOBEL BIOCARE AB GÖTEBORG": "NOBEL BIOCARE AB GÖTEBORG",
    "3M COMPANY": "3M",
    "CO": "CO",
}


@pytest.mark.parametrize("raw", SPELLINGS)
def test_spelling_gives_the_maker(raw: str) -> None:
    """Known spellings give the maker, unknown ones their cleaned form, and a name is never cleaned away."""
    assert SPELLINGS[raw] == manufacturers.load().name(raw)


@pytest.mark.parametrize("raw", ["", ".", "NA", "UNK", "*"])
def test_no_maker(raw: str) -> None:
    """Null words name nobody."""
    assert manufacturers.load().name(raw) is None


@pytest.mark.parametrize(
    "content",
    [
        "manufacturers: {A: [a]}",
        "legal_forms: []\nmanufacturers: {A: [x], B: [x]}",
        "legal_forms: []\nmanufacturers: {}\nmore: 1",
        "legal_forms: [INC\n",
    ],
    ids=["key missing", "spelling under two makers", "unknown key", "no YAML"],
)
def test_wrong_rule_file(tmp_path: Path, content: str) -> None:
    """A rule file that cannot be used as it is says why."""
    path = tmp_path / "manufacturers.yaml"
    path.write_text(content)

    with pytest.raises(ConfigurationError, match=r"manufacturers\.yaml"):
        manufacturers.load(path)
