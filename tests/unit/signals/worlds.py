"""A small plan, risk file and detections that the tests of signals share."""

from datetime import date
from typing import Any

from include.postmarket.model.batch import Source
from include.postmarket.model.period import Cadence, Period
from include.postmarket.model.plan import Indicator, Method, Plan, Product, TicketPolicy
from include.postmarket.model.risk import Acceptability, Matrix, RiskFile, RiskItem
from include.postmarket.model.signal import Detection, SignalState
from include.postmarket.model.stamp import Stamp
from include.postmarket.signals.reconciliation import KnownSignal, Reconciliation

STAMP = Stamp(
    run_id="run-1", as_of=date(2026, 1, 31), snapshot="s" * 64, plan="P@1", plan_digest="d" * 64, code="c" * 64
)


def month(number: int) -> Period:
    """Give a month of 2025, or of 2026 from 13 on."""
    return Period(date(2025 + (number - 1) // 12, (number - 1) % 12 + 1, 1))


def indicator(
    name: str = "IND-1", *, source: Source = Source.COMPLAINTS, risks: tuple[str, ...] = ("R4",)
) -> Indicator:
    """Give an indicator that guards one requirement and informs the given risks."""
    return Indicator(
        id=name,
        title=f"Alarms of {name}",
        source=source,
        method=Method(name="ewma"),
        subgroup_by="model",
        requirements=("REQ-1",),
        risks=risks,
    )


def plan(*indicators: Indicator) -> Plan:
    """Give a plan with these indicators; IND-1 on complaints where none is named."""
    return Plan(
        id="P",
        version="1",
        title="Pump",
        note="Example content, not a real product",
        product=Product(name="Pump", family="Pump", manufacturer="Example"),
        owner="PMS engineer",
        cadence=Cadence.MONTH,
        false_discovery_rate=0.1,
        quarantine_limit=0.05,
        requirements_file="requirements.csv",
        risk_file="risk.yaml",
        ticket=TicketPolicy(project="PMS", issue_type="Bug", link_type="Relates"),
        indicators=indicators or (indicator(),),
    )


def risk_file() -> RiskFile:
    """Give a risk file with one item for each severity 1 to 5, named R1 to R5."""
    ok = Acceptability.ACCEPTABLE
    return RiskFile(
        id="RF",
        version="3",
        matrix=Matrix(
            id="M",
            per="device_day",
            severities=("negligible", "minor", "serious", "critical", "catastrophic"),
            bands=(0.0, 1e-4),
            cells=((ok,) * 5, (ok,) * 5),
        ),
        items=tuple(
            RiskItem(
                id=f"R{severity}",
                hazard="electrical energy",
                sequence_of_events="contact fails",
                hazardous_situation="no therapy",
                harm="harm",
                severity=severity,
                p1=1e-4,
                p2=0.1,
                prior_exposure=1e4,
                exposure_unit="device_day",
                controls=("REQ-1",),
            )
            for severity in range(1, 6)
        ),
    )


def detection(period: int = 1, subgroup: str = "", **changes: Any) -> Detection:
    """Give a detection of IND-1 in a month: 10 seen, 5 expected, limit 8, alarm; ``changes`` replace fields."""
    values: dict[str, Any] = {
        "plan_id": "P",
        "plan_version": "1",
        "indicator_id": "IND-1",
        "subgroup": subgroup,
        "period": month(period),
        "method": "ewma",
        "unit": "events",
        "evaluated": True,
        "reason": "",
        "observed": 10.0,
        "expected": 5.0,
        "limit": 8.0,
        "exposure": None,
        "statistic": 2.0,
        "p_value": None,
        "adjusted_p": None,
        "alarm": True,
        "record_ids": (),
        "details": {},
    }
    return Detection(**(values | changes))


def written(book: tuple[KnownSignal, ...], found: Reconciliation) -> tuple[KnownSignal, ...]:
    """Give the book as the records hold it once a reconciliation is written into it."""
    started = (*found.opened, *(reopening.signal for reopening in found.reopened))
    over = {reopening.previous_id for reopening in found.reopened}
    rows = (*book, *(KnownSignal(signal=signal, state=SignalState.DETECTED) for signal in started))
    added = (*found.persisted, *found.attached)
    return tuple(
        KnownSignal(
            signal=row.signal,
            state=_closed(row.state) if row.signal.id in over else row.state,
            alarms=row.alarms + tuple(s.detection for s in added if s.signal_id == row.signal.id),
        )
        for row in rows
    )


def _closed(state: SignalState) -> SignalState:
    return state if state is SignalState.NOT_VALIDATED else SignalState.REOPENED
