"""Checks a plan against everything it points at: register, risk file, tables and the catalogue of methods."""

from collections.abc import Mapping
from typing import Any

from include.postmarket.model.finding import Finding
from include.postmarket.model.plan import Plan
from include.postmarket.model.requirement import Requirement
from include.postmarket.model.risk import RiskFile
from include.postmarket.plans.content import content_findings
from include.postmarket.plans.links import link_findings
from include.postmarket.plans.method_fit import method_findings, shape_findings


def check_plan(
    plan: Plan, register: tuple[Requirement, ...], risk_file: RiskFile, catalogue: Mapping[str, type[Any]]
) -> tuple[Finding, ...]:
    """Give every fault and warning of a plan together with what it points at; empty when all fits.

    ``catalogue`` maps the name of each method to its parameter dataclass (`detection.catalogue.parameters`). ``key`` of
    a finding is the path within the plan; `plans.placing.placed` turns it into file and line.
    """
    found = [*content_findings(plan)]
    for position, indicator in enumerate(plan.indicators):
        found += method_findings(indicator.method, catalogue, ("indicators", position, "method"))
        found += shape_findings(indicator, ("indicators", position))
    found += link_findings(plan, register, risk_file)
    return tuple(found)
