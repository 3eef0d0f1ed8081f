"""The reconstructed reports have the real counts and say that they are reconstructed."""

import json
import re
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from include.sample.reconstruct_reports import monthly_counts, reconstruct_reports, write_reports

#: Biomet France by month of 2017, FDA MAUDE through openFDA (DOMAIN.md 5.4), and all other makers.
BIOMET_FRANCE = [17, 10, 6, 14, 6, 23, 7, 12, 17, 48, 30, 33]
OTHERS = [22, 26, 26, 25, 22, 23, 14, 22, 18, 29, 31, 54]


@pytest.fixture(name="answer", scope="module")
def _answer(reports_file: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(reports_file.read_text(encoding="utf-8"))
    return loaded


def by_month(reports: list[dict[str, Any]]) -> list[int]:
    """Give the number of reports of each month of the year."""
    months = Counter(int(report["date_received"][4:6]) for report in reports)
    return [months[month] for month in range(1, 13)]


def test_counts_by_month(answer: dict[str, Any]) -> None:
    """The surge of the one maker is in October, as it was."""
    biomet = [r for r in answer["results"] if r["device"][0]["manufacturer_d_name"] == "BIOMET FRANCE S.A.R.L."]
    others = [r for r in answer["results"] if r not in biomet]

    expected = (BIOMET_FRANCE, OTHERS)

    assert expected == (by_month(biomet), by_month(others))


def test_table_is_the_counts_of_the_real_reports(shared: Path) -> None:
    """Every cell of the table is the count of the real reports, and none is missing."""
    real = pd.read_csv(shared / "data/device/maude_bone_cement_2017.csv", dtype=str, keep_default_na=False)
    month = real["date_received"].str[4:6].astype(int)
    expected = Counter(zip(month, real["manufacturer_d_name"], real["event_type"], real["device_name"], strict=True))

    actual = Counter({(c.month, c.manufacturer, c.event_type, c.device_name): c.reports for c in monthly_counts()})

    assert expected == actual


def test_reports_are_exactly_the_table(answer: dict[str, Any]) -> None:
    """No report more and none less than the table says, in every cell."""
    expected = {(c.month, c.manufacturer, c.event_type, c.device_name): c.reports for c in monthly_counts()}

    actual = Counter(
        (
            int(report["date_received"][4:6]),
            report["device"][0]["manufacturer_d_name"],
            report["event_type"],
            report["device"][0]["generic_name"],
        )
        for report in answer["results"]
    )

    assert expected == actual


def test_says_what_it_is(answer: dict[str, Any]) -> None:
    """The label and the words are at the top, where a reader looks first."""
    assert answer["meta"]["label"] == "reconstructed"
    assert "Reconstructed, not downloaded" in answer["meta"]["disclaimer"]
    assert len(answer["results"]) == answer["meta"]["results"]["total"]


def test_no_word_of_a_person(answer: dict[str, Any]) -> None:
    """Neither a narrative nor a patient is invented."""
    told = [report for report in answer["results"] if report["mdr_text"] or report["patient"]]

    assert not told


def test_numbers_have_the_shape_and_are_all_different(answer: dict[str, Any]) -> None:
    """Report numbers are NNNNNNN-YYYY-NNNNN (21 CFR 803.3(m)); keys and numbers are unique."""
    numbers = {report["report_number"] for report in answer["results"]}
    keys = {report["mdr_report_key"] for report in answer["results"]}

    assert all(re.fullmatch(r"\d{7}-2017-\d{5}", number) for number in numbers)
    expected = (535, 535)

    assert expected == (len(numbers), len(keys))


def test_received_on_working_days(answer: dict[str, Any]) -> None:
    """FDA receives from Monday to Friday."""
    days = {datetime.strptime(report["date_received"], "%Y%m%d").weekday() for report in answer["results"]}  # noqa: DTZ007

    expected = {0, 1, 2, 3, 4}

    assert expected == days


def test_same_seed_same_bytes(reports_file: Path, tmp_path: Path) -> None:
    """Written again, the file is the same to the byte; with another seed only the days differ."""
    again = write_reports(tmp_path / "again", seed=2017)
    other = reconstruct_reports(monthly_counts(), seed=1)["results"]

    assert reports_file.read_bytes() == again.read_bytes()
    assert by_month(other) == [a + b for a, b in zip(BIOMET_FRANCE, OTHERS, strict=True)]
