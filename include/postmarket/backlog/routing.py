"""Where a signal's ticket goes (pure): the plan's ticket, changed by the first route whose conditions all hold."""

from dataclasses import dataclass

from include.postmarket.model.plan import TicketPolicy, TicketRoute
from include.postmarket.model.requirement import Requirement
from include.postmarket.model.risk import RiskFile
from include.postmarket.model.signal import Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The register and the risk file that a ticket's chain is read from."""

    requirements: tuple[Requirement, ...]
    risk_file: RiskFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a ticket goes and what it is sorted by there."""

    project: str
    issue_type: str
    components: tuple[str, ...]
    labels: tuple[str, ...]


def routed(signal: Signal, policy: TicketPolicy, chain: Chain) -> Place:
    """Give the place of a signal's ticket; a route adds its labels to the plan's, and replaces what else it names."""
    route = next((route for route in policy.routes if _fits(route, signal, chain)), TicketRoute())
    return Place(
        project=route.project or policy.project,
        issue_type=route.issue_type or policy.issue_type,
        components=route.components or policy.components,
        labels=tuple(dict.fromkeys((*policy.labels, *route.labels))),
    )


def _fits(route: TicketRoute, signal: Signal, chain: Chain) -> bool:
    named = not route.requirements or not set(route.requirements).isdisjoint(signal.requirements)
    return named and _severity(signal, chain.risk_file) >= route.severity


def _severity(signal: Signal, risk_file: RiskFile) -> int:
    """Give the highest severity among the risks that a signal informs, 0 when it informs none of the risk file."""
    return max((item.severity for item in risk_file.items if item.id in signal.risks), default=0)
