"""A small risk file, signal and evidence that the tests of risk share."""

from datetime import UTC, date, datetime
from typing import Any

from include.postmarket.model.batch import Label, Window
from include.postmarket.model.period import Period
from include.postmarket.model.requirement import Requirement
from include.postmarket.model.risk import Acceptability, Matrix, RiskFile, RiskItem
from include.postmarket.model.signal import Detection, Priority, Signal
from include.postmarket.model.stamp import Stamp
from include.postmarket.risk.evidence import Evidence
from include.postmarket.risk.update import Occasion

STAMP = Stamp(
    run_id="run-7", as_of=date(2026, 2, 1), snapshot="a" * 64, plan="P@2", plan_digest="b" * 64, code="c" * 64
)
OCCASION = Occasion(
    stamp=STAMP,
    detected_utc=datetime(2026, 2, 1, 6, 0, tzinfo=UTC),
    created_utc=datetime(2026, 2, 1, 6, 5, tzinfo=UTC),
)
REQUIREMENTS = (
    Requirement(id="REQ-1", version="4", text="The pump shall alarm."),
    Requirement(id="REQ-2", version="1", text="The battery shall last 8 h."),
)
YES, ASK, NO = Acceptability.ACCEPTABLE, Acceptability.INVESTIGATE, Acceptability.UNACCEPTABLE

#: domain/rules/risk_scales_example.json: five decade bands, rows by probability level 1 to 5, columns by severity.
MATRIX = Matrix(
    id="M-5x5",
    per="device_day",
    severities=("negligible", "minor", "serious", "critical", "catastrophic"),
    bands=(0.0, 1e-6, 1e-5, 1e-4, 1e-3),
    cells=(
        (YES, YES, YES, YES, ASK),
        (YES, YES, YES, ASK, NO),
        (YES, YES, ASK, NO, NO),
        (YES, ASK, NO, NO, NO),
        (ASK, NO, NO, NO, NO),
    ),
)


def item(**changes: Any) -> RiskItem:
    """Give a critical risk with P1 5e-5 and P2 0.1 per device day: P = 5e-6, level 2, investigate."""
    values: dict[str, Any] = {
        "id": "RISK-1",
        "hazard": "loss of therapy",
        "sequence_of_events": "contact fails",
        "hazardous_situation": "pump stops without alarm",
        "harm": "hypoglycaemia",
        "severity": 4,
        "p1": 5e-5,
        "p2": 0.1,
        "prior_exposure": 40_000.0,
        "exposure_unit": "device_day",
        "controls": ("REQ-1",),
    }
    return RiskItem(**(values | changes))


def risk_file(*items: RiskItem, matrix: Matrix = MATRIX) -> RiskFile:
    """Give version 3 of a risk file with these items."""
    return RiskFile(id="RF", version="3", matrix=matrix, items=items or (item(),))


def evidence(**changes: Any) -> Evidence:
    """Give 12 events in 100,000 device days of January 2026."""
    values: dict[str, Any] = {
        "events": 12,
        "exposure": 100_000.0,
        "unit": "device_days",
        "window": Window(date(2026, 1, 1), date(2026, 2, 1)),
        "record_keys": ("c-2", "c-1"),
        "query_sha256": "d" * 64,
        "dataset_sha256": "e" * 64,
        "label": Label.SIMULATED,
        "limitations": "Example content.",
    }
    return Evidence(**(values | changes))


def signal(requirements: tuple[str, ...] = ("REQ-1", "REQ-2")) -> Signal:
    """Give a signal that informs RISK-1."""
    detection = Detection(
        plan_id="P",
        plan_version="2",
        indicator_id="IND-1",
        subgroup="",
        period=Period(date(2026, 1, 1)),
        method="poisson_rate",
        unit="events",
        evaluated=True,
        reason="",
        observed=12.0,
        expected=5.0,
        limit=10.0,
        exposure=100_000.0,
        statistic=2.4,
        p_value=0.005,
        adjusted_p=0.01,
        alarm=True,
        record_ids=("c-1", "c-2"),
        details={},
    )
    return Signal(
        fingerprint=detection.fingerprint,
        epoch=1,
        plan_id="P",
        indicator_id="IND-1",
        title="Stops without alarm",
        subgroup="",
        priority=Priority.HIGH,
        requirements=requirements,
        risks=("RISK-1",),
        opened_by=detection,
        stamp=STAMP,
    )
