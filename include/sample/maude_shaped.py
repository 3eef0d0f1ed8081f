"""Reports in the shape of MAUDE, any number of them, by a seed: for measuring, never for showing as data.

The shapes are written down here; they were measured on two real samples (FDA MAUDE, public domain): 5,000 reports
received on 31 December 2025, and all 535 on bone cement of 2017.

- Event types: malfunction 57.6 %, injury 41.8 %, death 0.6 %; sources: manufacturer 87 %, distributor 13 %.
- Product codes, makers and brands are skewed: the share of the r-th falls as r to the power -1.23, -1.44 and -0.96
  (slopes of log count on log rank over the first 100), out of 6,000, 4,000 and 30,000.
- Makers are spelled in several ways (25 spellings of 10 makers in 535 reports).
- One lot in six is a word for none (86 of 535).
- Volume grows by a tenth a year and peaks at quarter ends, where summary reports come in.
- Follow-ups: our assumption, one report in 25 repeats the key of an earlier one with other values (one of the same
  delivery stands in its place, so a delivery has a little fewer rows than asked for).
- Dirt: our assumption, one row in 500 has a date nobody can read, an unknown event type or no key.
"""

import io
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

CODES, MAKERS, BRANDS = 6_000, 4_000, 30_000
SLOPES = {"code": 1.23, "maker": 1.44, "brand": 0.96}
FOLLOW_UPS = 0.04
DIRT = 0.002
NULL_LOTS = ("", "NI", "UNK", "UNKNOWN", "N/A", "ASKU")
FORMS = ("", " INC.", " INC", ", INC.", " LLC", " GMBH", " - 9610921")
_FIRST_KEY = 10_000_000
_TEXT = "THE DEVICE WAS REPORTED TO HAVE A FAULT DURING USE. NO FURTHER INFORMATION WAS GIVEN."


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The reports of some days: ``rows`` of them, the first of which is number ``first`` of all."""

    start: date
    end: date
    first: int
    rows: int


def spans(rows: int, start: date, years: int, parts: int) -> tuple[Span, ...]:
    """Give the days and rows of each of ``parts`` deliveries, one after the other, that hold ``rows`` together."""
    days = np.linspace(0, years * 365, parts + 1).round().astype(int)
    weight = np.array([(1.1 ** (int(d) / 365)) * (int(e) - int(d)) for d, e in pairwise(days)])
    last = np.round(np.cumsum(weight) / weight.sum() * rows).astype(int)
    begin = np.concatenate([[0], last[:-1]])
    return tuple(
        Span(start=start + timedelta(days=int(d)), end=start + timedelta(days=int(e)), first=int(f), rows=int(n - f))
        for d, e, f, n in zip(days, days[1:], begin, last, strict=False)
    )


def reports(span: Span, seed: int) -> bytes:
    """Give the reports of a span as a CSV file with MAUDE's column names; same span and seed, same bytes."""
    rng = np.random.default_rng([seed, span.first])
    n = span.rows
    day = np.sort(_days(rng, n, (span.end - span.start).days))
    received = np.datetime64(span.start) + day
    number = span.first + np.arange(n)
    again = rng.random(n) < FOLLOW_UPS
    number[again] = (number[again] * rng.random(int(again.sum()))).astype(np.int64)  # any earlier one, recent or old
    number = np.where(np.isin(number, number[~again]) & again, span.first + np.arange(n), number)
    kept = np.sort(np.unique(number, return_index=True)[1])
    maker = _skewed(rng, n, MAKERS, SLOPES["maker"])
    code = _skewed(rng, n, CODES, SLOPES["code"])
    kind = rng.choice(np.array(["M", "IN", "D"]), n, p=[0.576, 0.418, 0.006])
    summary = (day % 91 > 85) & (rng.random(n) < 0.05)
    columns = {
        "mdr_report_key": (_FIRST_KEY + number).astype(str).astype(object),
        "report_number": np.char.add("3000", number.astype(str)),
        "date_received": np.char.replace(received.astype(str), "-", "").astype(object),
        "date_of_event": np.char.replace((received - rng.geometric(0.03, n)).astype(str), "-", ""),
        "event_type": kind.astype(object),
        "report_source_code": rng.choice(np.array(["M", "D"]), n, p=[0.87, 0.13]),
        "adverse_event_flag": np.where(kind == "M", "N", "Y"),
        "manufacturer_d_name": np.char.add(
            np.char.add("MAKER ", maker.astype(str)), rng.choice(np.array(FORMS), n, p=[0.4] + [0.1] * 6)
        ),
        "brand_name": np.char.add("BRAND ", _skewed(rng, n, BRANDS, SLOPES["brand"]).astype(str)),
        "device_report_product_code": np.array([code_name(k) for k in range(CODES)], dtype=object)[code],
        "model_number": np.char.add("M", (maker * 7 % 900).astype(str)),
        "lot_number": np.where(
            rng.random(n) < 86 / 535,
            rng.choice(np.array(NULL_LOTS), n),
            np.char.add("L", rng.integers(0, 10**6, n).astype(str)),
        ),
        "noe_summarized": np.where(summary, rng.integers(2, 40, n), 1).astype(str),
        "foi_text": np.full(n, _TEXT),
    }
    _soil(rng, columns)
    table = pa.table({name: pa.array(values[kept], type=pa.string()) for name, values in columns.items()})
    sink = io.BytesIO()
    csv.write_csv(table, sink)
    return sink.getvalue()


def _days(rng: np.random.Generator, n: int, days: int) -> NDArray[np.int64]:
    """Give the day of each report: more at quarter ends."""
    weight = np.where(np.arange(days) % 91 > 85, 2.0, 1.0)
    return rng.choice(days, n, p=weight / weight.sum())


def _skewed(rng: np.random.Generator, n: int, kinds: int, slope: float) -> NDArray[np.int64]:
    """Give numbers below ``kinds`` whose shares fall as rank to the power of minus ``slope``."""
    share = np.arange(1, kinds + 1, dtype=np.float64) ** -slope
    return np.searchsorted(np.cumsum(share) / share.sum(), rng.random(n)).astype(np.int64)


def code_name(number: int) -> str:
    """Give the product code of a rank, 0 for the most frequent."""
    return chr(65 + number // 676) + chr(65 + number // 26 % 26) + chr(65 + number % 26)


def _soil(rng: np.random.Generator, columns: dict[str, NDArray[np.object_]]) -> None:
    for column, word in (("date_received", "soon"), ("event_type", "ZZ"), ("mdr_report_key", "")):
        dirty = rng.random(len(columns[column])) < DIRT / 3
        columns[column][dirty] = word
