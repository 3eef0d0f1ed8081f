"""Whether plan, requirement register and risk file point at each other consistently."""

from collections.abc import Collection, Iterator
from difflib import get_close_matches

from include.postmarket.model.finding import Finding, Weight
from include.postmarket.model.plan import Indicator, Plan
from include.postmarket.model.requirement import Requirement
from include.postmarket.model.risk import RiskFile, RiskItem

#: From this severity on a risk has to be watched: serious injury and worse on the five-step scale.
SEVERE = 4

Key = tuple[str | int, ...]


def link_findings(plan: Plan, register: tuple[Requirement, ...], risk_file: RiskFile) -> Iterator[Finding]:
    """Give every link that points nowhere or is not answered, and every severe risk that nobody watches."""
    requirements = {requirement.id: requirement for requirement in register}
    risks = {item.id: item for item in risk_file.items}
    for position, indicator in enumerate(plan.indicators):
        at: Key = ("indicators", position)
        yield from _dangling(indicator.requirements, requirements, (*at, "requirements"), "requirement")
        yield from _dangling(indicator.risks, risks, (*at, "risks"), "risk")
        yield from _unrelated(indicator, risks, at)
    yield from _unanswered(requirements, risks)
    yield from _unwatched(plan, risk_file)


def _dangling(named: tuple[str, ...], known: Collection[str], at: Key, what: str) -> Iterator[Finding]:
    for position, name in enumerate(named):
        if name not in known:
            nearest = get_close_matches(name, known, n=1)
            advice = f"; did you mean {nearest[0]!r}?" if nearest else ""
            yield Finding(weight=Weight.ERROR, message=f"{what} {name!r} does not exist{advice}", key=(*at, position))


def _unrelated(indicator: Indicator, risks: dict[str, RiskItem], at: Key) -> Iterator[Finding]:
    for position, name in enumerate(indicator.risks):
        item = risks.get(name)
        if item is not None and not set(item.controls) & set(indicator.requirements):
            wrong = (
                f"none of the indicator's requirements controls risk {name!r}: add one of {', '.join(item.controls)}"
            )
            yield Finding(weight=Weight.WARNING, message=wrong, key=(*at, "risks", position))


def _unanswered(requirements: dict[str, Requirement], risks: dict[str, RiskItem]) -> Iterator[Finding]:
    for item in risks.values():
        for control in item.controls:
            if control not in requirements:
                wrong = f"risk {item.id!r} is controlled by requirement {control!r}, which does not exist"
                yield Finding(weight=Weight.ERROR, message=wrong, key=("risk_file",))
            elif item.id not in requirements[control].risks:
                wrong = f"risk {item.id!r} is controlled by {control!r}, but {control!r} does not name {item.id!r}"
                yield Finding(weight=Weight.ERROR, message=wrong, key=("requirements_file",))
    for requirement in requirements.values():
        for name in requirement.risks:
            if name not in risks:
                wrong = f"requirement {requirement.id!r} names risk {name!r}, which does not exist"
                yield Finding(weight=Weight.ERROR, message=wrong, key=("requirements_file",))
            elif requirement.id not in risks[name].controls:
                wrong = f"requirement {requirement.id!r} names risk {name!r}, which does not name it as a control"
                yield Finding(weight=Weight.ERROR, message=wrong, key=("risk_file",))


def _unwatched(plan: Plan, risk_file: RiskFile) -> Iterator[Finding]:
    watched = {name for indicator in plan.indicators for name in indicator.risks}
    for item in risk_file.items:
        if item.severity >= SEVERE and item.id not in watched:
            wrong = f"risk {item.id!r} of severity {item.severity} is watched by no indicator"
            yield Finding(weight=Weight.WARNING, message=wrong, key=("indicators",))
