"""Run any method on a plain table; here those over time: series, period, count and, where there is one, exposure.

Each series is evaluated over its own periods, from its first row to its last, as if it stood alone in the file. A
period between them without a row was not observed: it is given as such and never as a zero.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from include.postmarket.detection.entries import (
    Entry,
    OverDevices,
    OverGaps,
    OverGroups,
    OverPairs,
    OverSeries,
    OverTime,
)
from include.postmarket.detection.shapes import Chart, Counts, IntArray, MethodInputError, Reason
from include.postmarket.model.errors import ConfigurationError
from include.postmarket.steps import series_grid
from include.postmarket.steps.method_change import change_table
from include.postmarket.steps.method_devices import devices_table, groups_table
from include.postmarket.steps.method_gaps import gaps_table
from include.postmarket.steps.method_pairs import pairs_table
from include.postmarket.steps.method_parameters import build, find, parse, refused
from include.postmarket.steps.series_grid import Grid
from include.postmarket.steps.table_periods import YEAR_LENGTH, Calendar

_AT_A_TIME = 200_000  # cells a method sees at once: its reasons are texts, and memory is what they cost
_REASONS = [reason.value for reason in Reason]
_EXPECTED = {Reason.NONE.value, Reason.OUT_OF_RANGE.value}  # reasons that tell their reader nothing new


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked: a method by name on a file, its parameters as ``key=value``, the first period to evaluate."""

    name: str
    source: Path
    target: Path
    words: Sequence[str] = ()
    first: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was written: rows, how many of them were evaluated and in alarm, and what a person should know."""

    method: str
    rows: int
    evaluated: int
    alarms: int
    notes: tuple[str, ...]


def run(request: Request) -> Outcome:
    """Evaluate a table and write the answer, one row for each series and period, pair, device, or group and metric.

    Raises ConfigurationError for an unknown method or parameter and InputError for a table that cannot be used; then
    nothing is written.
    """
    method = find(request.name)
    given = parse(method, request.words)
    if request.target.resolve() == request.source.resolve():
        raise ConfigurationError("the output is the input", where=str(request.target), todo="give another --output")
    if request.first and isinstance(method, OverPairs | OverSeries | OverGaps):
        raise ConfigurationError(f"{method.name} judges the table as a whole", where="--from", todo="leave --from out")
    answer, notes = _answered(method, given, request)
    try:
        arrow_csv.write_csv(answer, request.target, arrow_csv.WriteOptions(quoting_style="needed"))
    except OSError as error:
        raise ConfigurationError(
            f"the answer cannot be written: {error.strerror or 'no file'}",
            where=str(request.target),
            todo="give another --output",
        ) from error
    notes = (*notes, *_why_not(answer))
    evaluated, alarms = (int(np.sum(answer.column(name).to_numpy())) for name in ("evaluated", "alarm"))
    return Outcome(method=method.name, rows=answer.num_rows, evaluated=evaluated, alarms=alarms, notes=notes)


def _answered(method: Entry, given: dict[str, Any], request: Request) -> tuple[Any, tuple[str, ...]]:
    match method:
        case OverPairs():
            return pairs_table(method, given, request.source)
        case OverSeries():
            return change_table(method, given, request.source)
        case OverGaps():
            return gaps_table(method, given, request.source)
        case OverDevices():
            return devices_table(method, given, request.source, request.first)
        case OverGroups():
            return groups_table(method, given, request.source, request.first)
        case OverTime():
            return _over_time(method, given, request)


def _why_not(answer: Any) -> list[str]:
    """Give the reasons of what was not evaluated, the most frequent first."""
    counted = answer.column("reason").value_counts().to_pylist()
    told = sorted(((c["counts"], c["values"]) for c in counted if c["values"] not in _EXPECTED), reverse=True)
    return [f"not evaluated: {n:,} × {reason}" for n, reason in told]


def _over_time(method: OverTime, given: dict[str, Any], request: Request) -> tuple[Any, tuple[str, ...]]:
    grid, calendar, unused = series_grid.read(request.source)
    notes = [f"column {name} is not used" for name in unused]
    year = YEAR_LENGTH.get(calendar.step)
    if year and "year_length" not in given and "year_length" in _fields(method):
        given = given | {"year_length": year}
        notes.append(f"periods are {calendar.step.value}: year_length={year}")
    params = build(method, given)
    first = calendar.start(request.first) if request.first else int(grid.origin.min())
    return _answer(grid, calendar, _evaluate(method, params, grid, first)), tuple(notes)


def _evaluate(method: OverTime, params: Any, grid: Grid, first: int) -> dict[str, Any]:
    """Give the columns of the charts of all series over all cells."""
    cells = len(grid.counts)
    found: dict[str, Any] = {name: np.full(cells, np.nan) for name in ("expected", "limit", "statistic", "p_value")}
    found |= {name: np.zeros(cells, dtype=np.bool_) for name in ("alarm", "evaluated")}
    reason = np.zeros(cells, dtype=np.int8)
    last = np.clip(grid.origin + grid.length - first, 1, grid.length)
    for members, length, newest in _batches(grid.length, last):
        place = grid.start[members][:, None] + np.arange(length)
        chart = _detect(method, _newest_only(params, newest, length), grid, place)
        for name, column in found.items():
            column[place] = getattr(chart, name)
        missed = ~chart.evaluated
        reason[place[missed]] = _reason_codes(chart.reason[missed].astype(object))
    early = grid.period < first
    for name, column in found.items():
        column[early] = False if name in {"alarm", "evaluated"} else np.nan
    reason[early] = _REASONS.index(Reason.OUT_OF_RANGE.value)
    found["reason"] = pa.DictionaryArray.from_arrays(pa.array(reason), pa.array(_REASONS)).cast(pa.string())
    return found


def _detect(method: OverTime, params: Any, grid: Grid, place: IntArray) -> Chart:
    exposure = None if grid.exposure is None else grid.exposure[place]
    try:
        return method.detect(Counts(counts=grid.counts[place], exposure=exposure), params)
    except MethodInputError as error:
        raise refused(method, error) from None


def _batches(length: IntArray, newest: IntArray) -> Iterator[tuple[IntArray, int, int]]:
    """Give series that can share a matrix: as long as one another, with as many newest periods to evaluate."""
    shapes, place = np.unique(np.stack([length, newest], axis=1), axis=0, return_inverse=True)
    by_shape = np.split(np.argsort(place, kind="stable"), np.cumsum(np.bincount(place))[:-1])
    for (long, new), members in zip(shapes.tolist(), by_shape, strict=True):
        at_once = max(1, _AT_A_TIME // long)
        for at in range(0, len(members), at_once):
            yield members[at : at + at_once], long, new


def _newest_only(params: Any, newest: int, length: int) -> Any:
    """Spare a method that fits a model the periods that nobody asked for."""
    fits_a_model = getattr(params, "last_periods", None) == 0
    return dataclasses.replace(params, last_periods=newest) if fits_a_model and newest < length else params


def _reason_codes(texts: Any) -> IntArray:
    codes = {text: number for number, text in enumerate(_REASONS)}
    return np.array([codes[text] for text in texts], dtype=np.int64)


def _fields(method: OverTime) -> set[str]:
    return {field.name for field in dataclasses.fields(method.parameters)}


def _answer(grid: Grid, calendar: Calendar, found: dict[str, Any]) -> Any:
    period, place = np.unique(grid.period, return_inverse=True)
    labels = pa.array([calendar.label(int(number)) for number in period])
    columns = {
        "series": pa.DictionaryArray.from_arrays(pa.array(grid.series), pa.array(grid.names)).cast(pa.string()),
        "period": pa.DictionaryArray.from_arrays(pa.array(place), labels).cast(pa.string()),
        "count": pa.array(grid.counts, from_pandas=True).cast(pa.int64()),
    }
    if grid.exposure is not None:
        columns["exposure"] = pa.array(grid.exposure, from_pandas=True)
    columns |= {name: pa.array(values, from_pandas=True) for name, values in found.items()}
    return pa.table(columns)
