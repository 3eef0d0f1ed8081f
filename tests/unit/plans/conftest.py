"""One small, faultless plan with its risk file and register, for tests to spoil."""

import dataclasses
from datetime import date

import pytest

from include.postmarket.model.batch import Source
from include.postmarket.model.period import Cadence
from include.postmarket.model.plan import Indicator, Method, Plan, Product, TicketPolicy
from include.postmarket.model.requirement import Requirement
from include.postmarket.model.risk import Acceptability, Matrix, RiskFile, RiskItem

PLAN_YAML = """\
id: pump
version: "1.0"
title: Plan of a pump
note: Example content. Not a real product.
owner: PMS manager
product:
  name: Pump
  family: Pumps
  manufacturer: Maker
  software_versions: ["3.1"]
cadence: month
baseline_start: "2016-01-01"
false_discovery_rate: 0.05
quarantine_limit: 0.1
requirements_file: requirements.csv
risk_file: risk_file.yaml
ticket:
  project: PMS
  issue_type: Bug
  link_type: Relates
indicators:
  - id: POWER
    title: Power complaints
    source: complaints
    scope:
      problem_code: [A0705]
    denominator: device_days
    subgroup_by: software_version
    method:
      name: rate_change
      parameters: {alpha: 0.01}
    requirements: [R-1]
    risks: [H-1]
"""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RateParams:
    """A method's parameters as the catalogue maps them, with a range."""

    rate: float = 1.0
    window: int = 1
    alpha: float = 0.01

    def __post_init__(self) -> None:
        if not 0 < self.alpha < 1:
            raise ValueError(f"rate_change: alpha {self.alpha} must lie between 0 and 1")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class StatedParams:
    """A method with a parameter that has no default."""

    rate: float
    alpha: float = 0.01


CATALOGUE: dict[str, type] = {"rate_change": RateParams, "poisson_rate": StatedParams}


@pytest.fixture(name="plan")
def _plan() -> Plan:
    return Plan(
        id="pump",
        version="1.0",
        title="Plan of a pump",
        note="Example content. Not a real product.",
        product=Product(name="Pump", family="Pumps", manufacturer="Maker", software_versions=("3.1",)),
        owner="PMS manager",
        cadence=Cadence.MONTH,
        baseline_start=date(2016, 1, 1),
        false_discovery_rate=0.05,
        quarantine_limit=0.1,
        requirements_file="requirements.csv",
        risk_file="risk_file.yaml",
        ticket=TicketPolicy(project="PMS", issue_type="Bug", link_type="Relates"),
        indicators=(
            Indicator(
                id="POWER",
                title="Power complaints",
                source=Source.COMPLAINTS,
                scope={"problem_code": ("A0705",)},
                denominator="device_days",
                subgroup_by="software_version",
                method=Method(name="rate_change", parameters={"alpha": 0.01}),
                requirements=("R-1",),
                risks=("H-1",),
            ),
        ),
    )


@pytest.fixture(name="register")
def _register() -> tuple[Requirement, ...]:
    return (Requirement(id="R-1", version="1", text="The pump shall run 8 h on battery.", risks=("H-1",)),)


@pytest.fixture(name="risk_file")
def _risk_file() -> RiskFile:
    return RiskFile(
        id="risks",
        version="1",
        matrix=Matrix(
            id="m",
            per="device_day",
            severities=("minor", "serious"),
            bands=(0, 1e-3),
            cells=(
                (Acceptability.ACCEPTABLE, Acceptability.INVESTIGATE),
                (Acceptability.INVESTIGATE, Acceptability.UNACCEPTABLE),
            ),
        ),
        items=(
            RiskItem(
                id="H-1",
                hazard="Loss of power",
                sequence_of_events="Battery fails",
                hazardous_situation="Infusion stops",
                harm="Injury",
                severity=2,
                p1=1e-4,
                p2=1e-3,
                prior_exposure=1000,
                exposure_unit="device_day",
                controls=("R-1",),
            ),
        ),
    )
