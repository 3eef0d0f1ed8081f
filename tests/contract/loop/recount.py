"""Counts made from the raw files with the standard library's csv alone, to hold against what the product says."""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

#: Spellings in the real files of 2017 and the name they are counted under (read off the file by hand).
MAKERS = {
    "BIOMET FRANCE S.A.R.L.": "Biomet France",
    "ZIMMER, INC.": "Zimmer Biomet",
    "ZIMMER BIOMET, INC.": "Zimmer Biomet",
    "ZIMMER SURGICAL, INC.": "Zimmer Biomet",
    "BIOMET ORTHOPEDICS": "Biomet Orthopedics",
    "STRYKER ORTHOPAEDICS-MAHWAH": "Stryker",
    "STRYKER ORTHOBIOLOGICS-MALVERN": "Stryker",
    "STRYKER": "Stryker",
    "STRYKER INSTRUMENTS-KALAMAZOO": "Stryker",
}
BONE_CEMENT = ("Bone Cement", "Bone Cement, Antibiotic", "Cement, Bone, Vertebroplasty")


def raw(file: Path) -> list[dict[str, str]]:
    """Give the rows of a CSV file by lower-case column names."""
    with file.open(encoding="utf-8", newline="") as lines:
        return [{k.lower(): v for k, v in row.items()} for row in csv.DictReader(lines)]


def bone_cement_by_month(rows: list[dict[str, str]], maker: str) -> Counter[str]:
    """Give the number of bone cement reports a month of one maker."""
    return Counter(
        f"{row['date_received'][:4]}-{row['date_received'][4:6]}"
        for row in rows
        if row["device_name"] in BONE_CEMENT and MAKERS.get(row["manufacturer_d_name"]) == maker
    )


def clean_complaints(file: Path) -> Iterator[dict[str, str]]:
    """Give the complaints that are no planted dirt; of the same row written twice one, of conflicting ones none."""
    rows = [row for row in raw(file) if not row["complaint_id"].startswith("SIM-D")]
    by_id: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        by_id.setdefault(row["complaint_id"], []).append(row)
    for same in by_id.values():
        if all(row == same[0] for row in same):
            yield same[0]


def device_days(file: Path, month: str, **scope: str) -> int:
    """Give the device-days of a month, of one model or software version where asked."""
    return sum(
        int(row["device_days"])
        for row in raw(file)
        if row["period"].startswith(month) and all(row[name] == value for name, value in scope.items())
    )
