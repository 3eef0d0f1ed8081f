"""Writes an openFDA device/event answer that has the real monthly counts of bone cement reports of 2017.

Real are the counts by month, maker, event type and device name (the table beside this file). Reconstructed are the
single reports: their numbers, their day within the month, and product codes where FDA's classification gives one for
the device name. No narrative is invented, and nothing is said of a patient. The answer says so in its ``meta``.

    python -m include.sample.reconstruct_reports --out data/sample
"""

import argparse
import calendar
import csv
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

COUNTS = Path(__file__).with_name("maude_bone_cement_2017_counts.csv")
FILE_NAME = "maude_bone_cement_2017.json"

#: FDA product classification of the device names in the table; the others are not bone cement.
PRODUCT_CODES = {"Bone Cement": "LOD", "Bone Cement, Antibiotic": "MBB", "Cement, Bone, Vertebroplasty": "NDN"}

_FIRST_REGISTRATION = 9990001  # no establishment is registered there: the numbers have the shape and belong to nobody
_FIRST_KEY = 990000001


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyCount:
    """Reports of one month, maker, event type and device name."""

    year: int
    month: int
    manufacturer: str
    event_type: str
    device_name: str
    reports: int


def monthly_counts(path: Path = COUNTS) -> tuple[MonthlyCount, ...]:
    """Give the rows of the table of counts, in its order."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return tuple(
        MonthlyCount(
            year=int(row["month"][:4]),
            month=int(row["month"][5:]),
            manufacturer=row["manufacturer"],
            event_type=row["event_type"],
            device_name=row["device_name"],
            reports=int(row["reports"]),
        )
        for row in csv.DictReader(lines)
    )


def reconstruct_reports(counts: tuple[MonthlyCount, ...], seed: int) -> dict[str, Any]:
    """Give the openFDA answer: one report for each one counted, ordered by the day it was received."""
    generator = np.random.default_rng(seed)
    placed: list[tuple[date, MonthlyCount]] = []
    for count in counts:
        days = _working_days(count.year, count.month)
        placed += [(days[i], count) for i in generator.integers(len(days), size=count.reports)]
    placed.sort(key=lambda report: report[0])
    makers = sorted({count.manufacturer for count in counts})
    registrations = {maker: _FIRST_REGISTRATION + number for number, maker in enumerate(makers)}
    results = [
        _report(day, count, key=_FIRST_KEY + number, registration=registrations[count.manufacturer])
        for number, (day, count) in enumerate(placed)
    ]
    return {"meta": _meta(len(results), seed), "results": results}


def write_reports(out: Path, seed: int) -> Path:
    """Write the answer into the folder ``out`` and give its path; the same seed gives the same bytes."""
    out.mkdir(parents=True, exist_ok=True)
    path = out / FILE_NAME
    answer = reconstruct_reports(monthly_counts(), seed)
    path.write_text(json.dumps(answer, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")
    return path


def _working_days(year: int, month: int) -> list[date]:
    days = (date(year, month, day) for day in range(1, calendar.monthrange(year, month)[1] + 1))
    return [day for day in days if day.weekday() < 5]


def _report(day: date, count: MonthlyCount, *, key: int, registration: int) -> dict[str, Any]:
    return {
        "mdr_report_key": str(key),
        "report_number": f"{registration:07d}-{day.year}-{key - _FIRST_KEY + 1:05d}",
        "event_type": count.event_type,
        "date_received": day.strftime("%Y%m%d"),
        "date_of_event": "",
        "report_source_code": "Manufacturer report",
        "type_of_report": ["Initial submission"],
        "summary_report_flag": "N",
        "adverse_event_flag": "Y" if count.event_type in {"Death", "Injury"} else "N",
        "product_problem_flag": "Y" if count.event_type == "Malfunction" else "N",
        "device": [
            {
                "device_sequence_number": "1",
                "manufacturer_d_name": count.manufacturer,
                "brand_name": "",
                "generic_name": count.device_name,
                "device_report_product_code": PRODUCT_CODES.get(count.device_name, ""),
                "model_number": "",
                "lot_number": "",
                "openfda": {"device_name": count.device_name, "device_class": "2"},
            }
        ],
        "patient": [],
        "mdr_text": [],
    }


def _meta(total: int, seed: int) -> dict[str, Any]:
    return {
        "label": "reconstructed",
        "disclaimer": (
            "Reconstructed, not downloaded. The counts by month, maker, event type and device name are those of FDA "
            "MAUDE for bone cement in 2017 (openFDA, public domain). The single reports, their numbers and their "
            "days are not real."
        ),
        "generator": "include.sample.reconstruct_reports",
        "seed": seed,
        "results": {"skip": 0, "limit": total, "total": total},
    }


def main() -> None:
    """Write the file and say where."""
    parser = argparse.ArgumentParser(description="Write the reconstructed bone cement reports of 2017.")
    parser.add_argument("--out", type=Path, required=True, help="folder to write into")
    parser.add_argument("--seed", type=int, default=2017)
    chosen = parser.parse_args()
    path = write_reports(chosen.out, chosen.seed)
    parser.exit(message=f"wrote {path}\n")


if __name__ == "__main__":
    main()
