"""The power of a method over time on a plain table, without a site: every series by itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from include.postmarket.detection import power
from include.postmarket.detection.entries import OverTime
from include.postmarket.detection.futures import draw, separate
from include.postmarket.detection.power import WITHIN, Detector
from include.postmarket.detection.shapes import Counts, MethodInputError
from include.postmarket.model.errors import ConfigurationError
from include.postmarket.model.power import SeriesPower
from include.postmarket.steps import series_grid
from include.postmarket.steps.method_parameters import build, find, parse, refused
from include.postmarket.steps.power_counts import series_power
from include.postmarket.steps.series_grid import Grid
from include.postmarket.steps.table_periods import YEAR_LENGTH

SEED = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerRequest:
    """What is asked: a method by name on a file, its parameters as ``key=value``, and the periods of a year.

    ``year`` 0 takes it from the calendar of the file. Alarms on fewer than ``minimum_events`` are held back.
    """

    name: str
    source: Path
    words: Sequence[str] = ()
    minimum_events: int = 0
    year: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePower:
    """The power of every series of a file, and how many futures were drawn for each."""

    method: str
    year: int
    replicates: int
    series: tuple[SeriesPower, ...]


def run(request: PowerRequest) -> TablePower:
    """Give the power of a method on every series of a table ``series,period,count[,exposure]``.

    Raises ConfigurationError for an unknown method or parameter, for a method for pairs and where nobody knows how
    many periods a year has, InputError for a table that cannot be used.
    """
    method = find(request.name)
    if not isinstance(method, OverTime):
        wrong = f"{method.name} is no method for counts over time"
        raise ConfigurationError(wrong, where="power", todo="name it in a plan and use `plan power`")
    given = parse(method, request.words)
    grid, calendar, _ = series_grid.read(request.source)
    year = request.year or YEAR_LENGTH.get(calendar.step, 0)
    if year < 1:
        raise ConfigurationError(
            "the periods are plain numbers: nobody knows how many make a year", where="power", todo="give --year"
        )
    if "year_length" not in given and hasattr(method.parameters, "year_length"):
        given |= {"year_length": year}
    detector = Detector(method=method, params=build(method, given), minimum_events=request.minimum_events)
    try:
        found = dict(
            pair for length in np.unique(grid.length) for pair in _of_length(grid, int(length), detector, year)
        )
    except MethodInputError as error:
        raise refused(method, error) from None
    return TablePower(
        method=method.name,
        year=year,
        replicates=detector.replicates,
        series=tuple(found[s] for s in range(len(grid.names))),
    )


def _of_length(grid: Grid, length: int, detector: Detector, year: int) -> Iterator[tuple[int, SeriesPower]]:
    """Give the power of the series that are ``length`` periods long, with their numbers."""
    members = np.flatnonzero(grid.length == length)
    place = grid.start[members][:, None] + np.arange(length)
    exposure = None if grid.exposure is None else grid.exposure[place]
    world = separate(Counts(counts=grid.counts[place], exposure=exposure), max(year, *WITHIN), float(year))
    futures = draw(world, detector.replicates, max(WITHIN), SEED)
    found = power.unchanged(detector, futures)
    answers = (found, power.false_alarms(found, year), power.smallest_rises(detector, futures, found))
    for at, number in enumerate(members.tolist()):
        yield number, series_power(grid.names[number], at, futures, answers)
