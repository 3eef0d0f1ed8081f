"""Check a plan file with everything it points at."""

from pathlib import Path

from include.postmarket.detection import catalogue
from include.postmarket.model.finding import FaultyContentError, Finding, errors_of
from include.postmarket.plans.check import check_plan
from include.postmarket.plans.placing import placed
from include.postmarket.plans.plan_file import read_plan
from include.postmarket.plans.risk_file import load_risk_file
from include.postmarket.requirements.register import load_register


def check_file(file: Path) -> tuple[Finding, ...]:
    """Give the warnings of a plan file, each with its line.

    Raises FaultyContentError with every fault of the plan, its register or its risk file.
    """
    read = read_plan(file)
    register = load_register(file.parent / read.value.requirements_file)
    risk_file = load_risk_file(file.parent / read.value.risk_file)
    findings = placed(check_plan(read.value, register, risk_file, catalogue.parameters()), read.tree)
    if errors_of(findings):
        raise FaultyContentError(findings, where=str(file))
    return tuple(findings)
