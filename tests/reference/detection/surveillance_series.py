"""Reads the weekly series and what R surveillance 1.20.3 said of them (surveillance_reference.R)."""

import gzip
from csv import DictReader
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from include.postmarket.detection.shapes import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One call of R: the series, the periods it evaluated (from 0), and what it said of them; nan where R has NA."""

    name: str
    params: dict[str, str]
    counts: FloatArray
    periods: IntArray
    limit: FloatArray
    alarm: BoolArray
    expected: FloatArray
    p_value: FloatArray


def answers(shared: Path, method: str) -> list[Answer]:
    """Give R's answers of one method, in the order of the file."""
    series = _series(shared)
    grouped: dict[tuple[str, str], list[dict[str, str]]] = {}
    with gzip.open(shared / "reference/surveillance_results.csv.gz", "rt") as file:
        for row in DictReader(file):
            if row["method"] == method:
                grouped.setdefault((row["series"], row["params"]), []).append(row)
    return [
        Answer(
            name=name,
            params=dict(part.split("=") for part in params.split(";")),
            counts=series[name],
            periods=np.array([int(row["t"]) - 1 for row in rows]),
            limit=_numbers(rows, "upperbound"),
            alarm=_numbers(rows, "alarm") == 1,
            expected=_numbers(rows, "expected"),
            p_value=_numbers(rows, "pvalue"),
        )
        for (name, params), rows in grouped.items()
    ]


def _numbers(rows: list[dict[str, str]], column: str) -> FloatArray:
    return np.array([float(row[column]) if row[column] != "NA" else np.nan for row in rows])


def _series(shared: Path) -> dict[str, FloatArray]:
    found: dict[str, list[float]] = {}
    with (shared / "data/timeseries/weekly_counts.csv").open() as file:
        for row in DictReader(file):
            found.setdefault(row["series"], []).append(float(row["observed"]))
    return {name: np.array([counts]) for name, counts in found.items()}
