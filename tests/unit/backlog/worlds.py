"""A small plan, signal and chain that the tests of the backlog share: invented content of an invented pump."""

from datetime import date
from typing import Any

from include.postmarket.backlog.routing import Chain
from include.postmarket.backlog.text import Evidence
from include.postmarket.model.batch import Label, Source
from include.postmarket.model.period import Cadence, Period
from include.postmarket.model.plan import Indicator, Method, Plan, Product, TicketPolicy
from include.postmarket.model.requirement import Requirement, Verification
from include.postmarket.model.risk import Acceptability, Matrix, RiskFile, RiskItem
from include.postmarket.model.signal import Detection, Priority, Signal
from include.postmarket.model.stamp import Stamp

ITEM = RiskItem(
    id="RISK-7",
    hazard="Undelivered insulin",
    sequence_of_events="Line kinks, alarm stays silent, nurse Jane Roe does not notice",
    hazardous_situation="Pump shows running while nothing flows",
    harm="Hyperglycaemia",
    severity=4,
    p1=1e-4,
    p2=0.1,
    prior_exposure=1e5,
    exposure_unit="device_day",
    controls=("REQ-12",),
)
CHAIN = Chain(
    requirements=(
        Requirement(
            id="REQ-12",
            version="3",
            text="The pump shall alarm within 60 s of an occlusion at 1 ml/h.",
            issue="REQ-4",
            risks=("RISK-7",),
            tests=(
                Verification(id="TEST-88", title="Occlusion at low flow", last_result="pass", last_run="2026-01-15"),
            ),
        ),
        Requirement(id="REQ-99", version="1", text="The case shall be blue."),
    ),
    risk_file=RiskFile(
        id="RF-1",
        version="7",
        matrix=Matrix(
            id="M",
            per="device_day",
            severities=("negligible", "minor", "serious", "critical", "catastrophic"),
            bands=(0.0,),
            cells=((Acceptability.ACCEPTABLE,) * 5,),
        ),
        items=(ITEM,),
    ),
)
PLAN = Plan(
    id="pump",
    version="2.1.0",
    title="Plan of the pump",
    note="Example content, not a real product.",
    product=Product(
        name="Infuso PX-4400200199",
        family="Infuso",
        manufacturer="Infuso GmbH",
        models=("PX-4400200199", "PX-45"),
        udi_di=("04012345678901",),
        software_versions=("4.2.1",),
    ),
    owner="Post-market surveillance",
    cadence=Cadence.MONTH,
    false_discovery_rate=0.05,
    quarantine_limit=0.1,
    requirements_file="requirements.csv",
    risk_file="risks.yaml",
    ticket=TicketPolicy(project="PMS", issue_type="Bug", link_type="Relates", labels=("infuso",)),
    indicators=(
        Indicator(
            id="occlusion",
            title="Occlusion alarms that came late",
            source=Source.COMPLAINTS,
            method=Method(name="poisson_cusum", parameters={"ratio": 2, "arl": 200}),
            denominator="device_days",
            requirements=("REQ-12",),
            risks=("RISK-7",),
        ),
    ),
)
EVIDENCE = Evidence(
    labels=frozenset({Label.SIMULATED}), page="https://pms.example.org/postmarket/signals/SIG-0123456789-1"
)


def detection(**changes: Any) -> Detection:
    """Give an alarm: 12 reports observed, 4.08 expected, in March 2026."""
    values: dict[str, Any] = {
        "plan_id": "pump",
        "plan_version": "2.1.0",
        "indicator_id": "occlusion",
        "subgroup": "",
        "period": Period(date(2026, 3, 1)),
        "method": "poisson_cusum",
        "unit": "reports",
        "evaluated": True,
        "reason": "",
        "observed": 12.0,
        "expected": 4.08,
        "limit": 9.5,
        "exposure": 123456.0,
        "statistic": 5.1,
        "p_value": 0.000123,
        "adjusted_p": 0.0042,
        "alarm": True,
        "record_ids": ("C-1", "C-2"),
        "details": {},
    }
    return Detection(**(values | changes))


def signal(**changes: Any) -> Signal:
    """Give the signal that the alarm opened."""
    values: dict[str, Any] = {
        "fingerprint": "0123456789abcdef0123456789abcdef",
        "epoch": 1,
        "plan_id": "pump",
        "indicator_id": "occlusion",
        "title": "Occlusion alarms that came late",
        "subgroup": "",
        "priority": Priority.HIGH,
        "requirements": ("REQ-12",),
        "risks": ("RISK-7",),
        "opened_by": detection(),
        "stamp": Stamp(
            run_id="asset_triggered__2026-04-02T06:00:00.123456+00:00_uT9kQ2xZ",
            as_of=date(2026, 4, 2),
            snapshot="5f1d3a" * 10 + "abcd",
            plan="pump@2.1.0",
            plan_digest="61755501236175550123" * 3 + "0123",
            code="c0de" * 16,
        ),
    }
    return Signal(**(values | changes))
