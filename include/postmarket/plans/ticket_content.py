"""What a plan must say of its tickets and of the check of their effect: priorities, routes, resolutions, waits."""

from collections.abc import Iterator

from include.postmarket.model.finding import Finding, Weight
from include.postmarket.model.plan import Plan
from include.postmarket.model.signal import Priority


def ticket_findings(plan: Plan) -> Iterator[Finding]:
    """Give every fault of the keys `ticket` and `effect`; ``key`` is the path within the plan."""
    yield from _priority_findings(plan)
    yield from _route_findings(plan)
    policy = plan.ticket
    both = {name.casefold() for name in policy.done} & {name.casefold() for name in policy.rejected}
    if both:
        yield _error(("ticket", "rejected"), f"{min(both)!r} cannot mean done and rejected at once")
    if policy.reopen_days < 1:
        yield _error(("ticket", "reopen_days"), f"must be at least 1 day, is {policy.reopen_days}")
    if plan.effect.months < 1:
        yield _error(("effect", "months"), f"must be at least 1 month, is {plan.effect.months}")
    if plan.effect.at_most <= 0:
        yield _error(("effect", "at_most"), f"is a multiple of what was expected, above 0, is {plan.effect.at_most:g}")
    if not 0 < plan.effect.confidence < 1:
        yield _error(("effect", "confidence"), f"must lie between 0 and 1, is {plan.effect.confidence:g}")


def _priority_findings(plan: Plan) -> Iterator[Finding]:
    known = [priority.value for priority in Priority]
    for name in plan.ticket.priorities:
        if name not in known:
            yield _error(("ticket", "priorities", name), f"is none of our priorities: {', '.join(known)}")


def _route_findings(plan: Plan) -> Iterator[Finding]:
    guarded = {name for indicator in plan.indicators for name in indicator.requirements}
    for position, route in enumerate(plan.ticket.routes):
        at = ("ticket", "routes", position)
        if not route.requirements and route.severity < 1:
            yield _error(at, "has no condition: name requirements or a severity, or change the ticket itself")
        if not (route.project or route.issue_type or route.components or route.labels):
            yield _error(at, "changes nothing: name project, issue_type, components or labels")
        for number, name in enumerate(route.requirements):
            if name not in guarded:
                wrong = f"no indicator guards {name!r}: the route would never be taken"
                yield _error((*at, "requirements", number), wrong)


def _error(key: tuple[str | int, ...], message: str) -> Finding:
    return Finding(weight=Weight.ERROR, message=message, key=key)
