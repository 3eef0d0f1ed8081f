"""Doctor: ask the site's Jira whether it is ready for what the plans want. Only reads."""

from collections.abc import Iterator
from datetime import date

from include.postmarket.backlog.doctor import REOPEN_RIGHT, TICKET_RIGHTS, Check, Needs, Wanted, examine
from include.postmarket.backlog.text import priority_names
from include.postmarket.model.plan import Plan, Recurrence, TicketRoute
from include.postmarket.steps.filing import Site, client_of
from include.postmarket.steps.house import House


def doctor(house: House, site: Site, today: date) -> tuple[Check, ...]:
    """Give every check of connection, token, permissions, create screens, link types and requirements' issues."""
    return examine(client_of(site), site.jira, needs_of(house), today)


def needs_of(house: House) -> Needs:
    """Give what the plans of the site want of its Jira."""
    dossiers = house.dossiers.values()
    places = dict.fromkeys(wanted for dossier in dossiers for wanted in _places(dossier.plan))
    issues = dict.fromkeys(r.issue for dossier in dossiers for r in dossier.requirements if r.issue)
    return Needs(places=tuple(places), requirement_issues=tuple(issues))


def _places(plan: Plan) -> Iterator[Wanted]:
    policy = plan.ticket
    rights = (*TICKET_RIGHTS, REOPEN_RIGHT) if policy.recurrence is Recurrence.REOPEN else TICKET_RIGHTS
    for route in (TicketRoute(), *policy.routes):
        yield Wanted(
            plan=plan.id,
            project=route.project or policy.project,
            issue_type=route.issue_type or policy.issue_type,
            link_type=policy.link_type,
            components=route.components or policy.components,
            fields=tuple(policy.fields),
            priorities=priority_names(policy),
            rights=rights,
        )
