"""A small fleet, measured every month, for the steps that evaluate measurements."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from include.postmarket.model.batch import Source, Window
from include.postmarket.model.period import Cadence, Period, periods
from include.postmarket.model.plan import Indicator, Method, Plan, Product, TicketPolicy
from include.postmarket.series.counts import Rows
from include.postmarket.steps.evaluation import Point

FIRST, LAST = Period(date(2024, 1, 1)), Period(date(2024, 8, 1))
SPANS = periods(FIRST, LAST)
METRICS = ("battery_hours", "motor_current_ma")


def measurements(devices: int = 40, seed: int = 1) -> pd.DataFrame:
    """Give ``devices`` a month of each of two versions, another sample every month, two readings each; no shift."""
    r = np.random.default_rng(seed)
    parts = []
    for number, span in enumerate(SPANS):
        names = [f"d{number}-{n}" for n in range(2 * devices)]
        parts += [_reading(names, pd.Timestamp(span.start.replace(day=day)), r) for day in (3, 17)]
    return pd.concat(parts, ignore_index=True)


def _reading(names: list[str], day: pd.Timestamp, r: np.random.Generator) -> pd.DataFrame:
    half = len(names) // 2
    return pd.DataFrame(
        {
            "device": names,
            "measured": day,
            "model": "M",
            "software_version": ["1.0"] * half + ["2.0"] * half,
            "lot": "L",
            "battery_hours": r.normal(10.0, 1.0, len(names)),
            "motor_current_ma": r.normal(80.0, 4.0, len(names)),
        }
    )


def rows(frame: pd.DataFrame, first: Period = FIRST) -> Rows:
    """Give rows that cover the months from ``first`` to the last."""
    return Rows(frame=frame, coverage=(Window(first.start, LAST.end),))


def indicator(method: str, **given: Any) -> Indicator:
    """Give an indicator of both metrics by software version."""
    fields: dict[str, Any] = {"metrics": METRICS, "subgroup_by": "software_version", "source": Source.PERFORMANCE}
    fields |= given
    parameters = fields.pop("parameters", {})
    return Indicator(id="FLEET", title="t", method=Method(name=method, parameters=parameters), **fields)


def point(watched: Indicator, seen: Rows, period: Period = LAST) -> Point:
    """Give the question what an indicator says of a month."""
    plan = Plan(
        id="P",
        version="1",
        title="t",
        note="n",
        product=Product(name="p", family="f", manufacturer="m"),
        owner="o",
        cadence=Cadence.MONTH,
        false_discovery_rate=0.05,
        quarantine_limit=0.1,
        requirements_file="r.csv",
        risk_file="r.yaml",
        ticket=TicketPolicy(project="P", issue_type="Bug", link_type="Relates"),
        indicators=(watched,),
    )
    return Point(plan=plan, indicator=watched, period=period, rows=seen)
