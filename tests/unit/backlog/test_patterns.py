"""What is taken for personal data, and what is not."""

import csv
from pathlib import Path

import pytest

from include.postmarket.backlog.patterns import personal_data

HITS = [
    ("mail jane.doe@example.org about it", "e-mail address"),
    ("call 617-555-0123", "phone number"),
    ("call (617) 555 0123 now", "phone number"),
    ("+49 30 901820 is the ward", "phone number"),
    ("Tel. 030 901820", "phone or fax number"),
    ("fax no. 0221/471-0", "phone or fax number"),
    ("SSN 078-05-1120", "social security number"),
    ("MRN: 00482213", "medical record number"),
    ("patient id 4471A", "medical record number"),
    ("Medicare number 1EG4-TE5-MK73", "account, plan or licence number"),
    ("SN 88121", "serial number"),
    ("serial number is PX44Z19", "serial number"),
    ("S/N: A-7781", "serial number"),
    ("(01)04012345678901(21)XK99", "serial number in a UDI"),
    ("DOB 1951", "date of birth"),
    ("born on 3 May 1951", "date of birth"),
    ("seen 03/14/2026", "written date"),
    ("seen 14.3.2026", "written date"),
    ("a 67-year-old male", "age of a person"),
    ("67 y/o, diabetic", "age of a person"),
    ("Mrs. Roe reported", "name of a person"),
    ("nurse Jane Roe reported", "name of a person"),
    ("patient name: Roe", "name of a person"),
    ("12 Harbour View Road", "street address"),
    ("see https://example.org/photo", "web address"),
    ("from 192.168.10.4", "IP address"),
    ("unit 4711008155", "long number"),
    ("unit PX44Z1981", "serial-like code"),
]
CLEAN = [
    "Occlusion alarms that came late",
    "The pump shall alarm within 60 s at 1 ml/h (IEC 60601-2-24:2012, 201.12.4.4.104)",
    "lot 20260314A77, UDI-DI 04012345678901, model PX44Z1981",
    "(01)04012345678901(10)20260314",
    "software 4.2.1.9, firmware version 10.2.3",
    "the serial interface failed 12 times; serial connection lost",
    "devices up to 5 years old, for patients over 18 years",
    "12 reports observed, 4.08 expected, limit 9.5 (2026-03)",
    "last result: pass, 2026-01-15",
    "snapshot 6175550123617555012361755501236175550123617555012361755501236175",
    "SIG-6175550123-1 of run 2026-04-02T06:00:00.123456+00:00",
    "1,234,567,890 device days; p = 0.000123456789",
    "K123456, P160007, product codes QBJ and FRN, IMDRF A070501",
    "ISO 14971:2019 clause 10.4, 21 CFR 820.30(g), MDR 2017/745 Annex III 1.1(b)",
    "patient harm, nurse call function, chart recorder output",
    "Type 2 diabetes; 2 of 3 sensors; 100-200 mg/dl",
    "Dr. is not expected here",
    "Patient Device Interaction Problem",  # IMDRF A21, and its like
    "Patient Data Problem",
    "Patient Sample Problem",
]


@pytest.mark.requirement("G4")
@pytest.mark.parametrize(("text", "kind"), HITS, ids=[text for text, _ in HITS])
def test_an_identifier_is_found(text: str, kind: str) -> None:
    """Each kind of identifier is found and named."""
    assert kind in personal_data(text)


@pytest.mark.parametrize("text", CLEAN)
def test_the_words_of_the_trade_are_no_identifiers(text: str) -> None:
    """Lots, UDI-DIs, models, versions, hashes, dates, clauses and numbers pass."""
    assert personal_data(text) == ()


@pytest.mark.shared
def test_no_imdrf_term_is_taken_for_a_person(shared: Path) -> None:
    """Every code, term and definition of Annex A (2024) may stand in a ticket."""
    with (shared / "domain" / "imdrf" / "imdrf_annex_a_2024.csv").open(newline="") as file:
        cells = [cell for line in csv.reader(file) for cell in line]

    assert [cell for cell in cells if personal_data(cell)] == []


@pytest.mark.requirement("G4")
@pytest.mark.parametrize("word", ["lot", "model", "UDI-DI", "version"])
def test_a_product_word_does_not_shield_a_person(word: str) -> None:
    """Writing "lot" before a phone number or an address does not let it pass."""
    assert personal_data(f"{word} 617-555-0123") == ("phone number",)
    assert "e-mail address" in personal_data(f"{word} jane.doe@example.org")


def test_the_plans_own_words_pass_as_whole_words_only() -> None:
    """A product's name passes; a longer code that holds it does not, nor does anything shorter than three."""
    assert personal_data("Infuso PX4400200199", ["PX4400200199"]) == ()
    assert personal_data("PX4400200199887", ["PX4400200199"]) == ("serial-like code",)
    assert personal_data("SN 88121", ["SN"]) == ("serial number",)
