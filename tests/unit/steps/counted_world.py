"""Four years of complaints of two models with their device-days, for the steps that look at counts."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from include.postmarket.model.batch import Source, Window
from include.postmarket.model.period import Cadence, Period, periods
from include.postmarket.model.plan import Indicator, Method, Plan, Product, TicketPolicy
from include.postmarket.series.counts import Rows
from include.postmarket.steps.evaluation import Point

FIRST, LAST = Period(date(2021, 1, 1)), Period(date(2023, 12, 1))
SPANS = periods(FIRST, LAST)
DEVICE_DAYS = 50_000.0


def complaints(rate: float = 2e-4, seed: int = 3) -> Rows:
    """Give complaints of models A and B, Poisson with ``rate`` per device-day each."""
    generator = np.random.default_rng(seed)
    received = [
        (pd.Timestamp(span.start.replace(day=1 + number % 28)), model)
        for span in SPANS
        for model in ("A", "B")
        for number in range(generator.poisson(rate * DEVICE_DAYS))
    ]
    frame = pd.DataFrame(received, columns=["received", "model"])
    return _rows(frame.assign(complaint_id=[f"C-{n}" for n in range(len(frame))], problem_code="A07"))


def exposure() -> Rows:
    """Give as many device-days of both models in every month."""
    made = [(pd.Timestamp(span.start), model, DEVICE_DAYS) for span in SPANS for model in ("A", "B")]
    frame = pd.DataFrame(made, columns=["period", "model", "device_days"])
    return _rows(frame.assign(software_version="1", region="EU", units_in_use=1000.0))


def indicator(method: str, parameters: dict[str, Any], **given: Any) -> Indicator:
    """Give an indicator of complaints per device-day by model, that informs RISK-1."""
    fields: dict[str, Any] = {"denominator": "device_days", "subgroup_by": "model", "risks": ("RISK-1",)}
    return Indicator(
        id="I",
        title="t",
        source=Source.COMPLAINTS,
        method=Method(name=method, parameters=parameters),
        **fields | given,
    )


def point(watched: Indicator, seen: Rows, **given: Any) -> Point:
    """Give the question what an indicator says of the last month; ``given`` changes the plan."""
    fields: dict[str, Any] = {"false_discovery_rate": 0.05, "indicators": (watched,)}
    plan = Plan(
        id="P",
        version="1",
        title="t",
        note="n",
        product=Product(name="p", family="f", manufacturer="m"),
        owner="o",
        cadence=Cadence.MONTH,
        quarantine_limit=0.1,
        requirements_file="r.csv",
        risk_file="r.yaml",
        ticket=TicketPolicy(project="P", issue_type="Bug", link_type="Relates"),
        **fields | given,
    )
    return Point(plan=plan, indicator=watched, period=LAST, rows=seen)


def _rows(frame: pd.DataFrame) -> Rows:
    return Rows(frame=frame, coverage=(Window(FIRST.start, LAST.end),))
