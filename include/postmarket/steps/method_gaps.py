"""Run a chart of gaps on a plain table: the times, or the units, between one event and the next, in their order."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from include.postmarket.detection.entries import OverGaps
from include.postmarket.detection.shapes import MethodInputError
from include.postmarket.steps import table_file
from include.postmarket.steps.method_parameters import build, refused

COLUMNS = ("series", "gap")
_BASELINE = "one of the gaps that the limits come from"


def gaps_table(method: OverGaps, given: dict[str, Any], source: Path) -> tuple[Any, tuple[str, ...]]:
    """Give one row a gap, in the order of the file; the first ones of a series make its limits.

    Raises InputError for a table that cannot be used and ConfigurationError for parameters out of range, or a series
    with fewer gaps than its baseline.
    """
    table, params = table_file.read(source, [COLUMNS]), build(method, given)
    names, gaps = table.names("series"), table.numbers("gap")
    numbers = {name: np.full(len(gaps), np.nan) for name in ("statistic", "centre", "lower", "upper")}
    alarm, place = np.zeros(len(gaps), dtype=np.bool_), np.zeros(len(gaps), dtype=np.int64)
    for code in range(len(names.names)):
        rows = np.flatnonzero(names.code == code)
        place[rows] = np.arange(len(rows))
        try:
            chart = method.detect(gaps[rows], params)
        except MethodInputError as error:
            raise refused(method, error) from None
        numbers["statistic"][rows], alarm[rows] = chart.statistic, chart.alarm
        for name in ("centre", "lower", "upper"):
            numbers[name][rows] = getattr(chart, name)
    evaluated = place >= params.baseline
    columns: dict[str, Any] = {"series": [names.names[code] for code in names.code], "gap": gaps} | numbers
    columns |= {"alarm": alarm & evaluated, "evaluated": evaluated}
    columns["reason"] = ["" if judged else _BASELINE for judged in evaluated]
    answer = pa.table({name: pa.array(values, from_pandas=True) for name, values in columns.items()})
    return answer, tuple(f"column {name} is not used" for name in table.unused)
