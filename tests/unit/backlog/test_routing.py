"""Where tickets go: the plan's place, and the first route whose conditions all hold."""

from dataclasses import replace

from include.postmarket.backlog.routing import routed
from include.postmarket.backlog.text import UNTRACEABLE, plan_ticket
from include.postmarket.model.plan import TicketRoute
from tests.unit.backlog.worlds import CHAIN, EVIDENCE, PLAN, signal

SAFE = TicketRoute(severity=4, project="SAFE", issue_type="Complaint", labels=("board",))
POWER = TicketRoute(requirements=("REQ-12",), components=("Line",))


def test_the_first_route_that_fits_is_taken() -> None:
    """A route replaces what it names, adds its labels, and leaves the rest to the plan."""
    policy = replace(PLAN.ticket, routes=(SAFE, POWER), components=("Pump",))
    place = routed(signal(), policy, CHAIN)

    assert (place.project, place.issue_type, place.components) == ("SAFE", "Complaint", ("Pump",))
    assert place.labels == ("infuso", "board")


def test_every_condition_of_a_route_has_to_hold() -> None:
    """A milder risk, another requirement: the next route, or the plan itself."""
    milder = replace(SAFE, severity=5)
    other = replace(POWER, requirements=("REQ-99",))

    assert routed(signal(), replace(PLAN.ticket, routes=(milder, POWER)), CHAIN).components == ("Line",)
    assert routed(signal(), replace(PLAN.ticket, routes=(milder, other)), CHAIN).project == "PMS"
    assert routed(signal(risks=()), replace(PLAN.ticket, routes=(SAFE,)), CHAIN).project == "PMS"


def test_an_untraceable_signal_gets_a_ticket_in_the_queue() -> None:
    """A signal whose requirement the register does not know carries the label of the queue, and says so."""
    ticket = plan_ticket(signal(requirements=("REQ-0",)), PLAN, CHAIN, EVIDENCE)

    assert UNTRACEABLE in ticket.labels
    assert UNTRACEABLE not in plan_ticket(signal(), PLAN, CHAIN, EVIDENCE).labels
    assert "REQ-0: not in the requirement register" in dict(ticket.text.sections)["Requirement, risk and test"]


def test_priorities_and_fields_come_from_the_plan() -> None:
    """The site's own names of priorities, components and further fields stand in the ticket."""
    policy = replace(PLAN.ticket, priorities={"high": "Blocker"}, fields={"customfield_1": "Infusion"})
    ticket = plan_ticket(signal(), replace(PLAN, ticket=policy), CHAIN, EVIDENCE)

    assert (ticket.priority, ticket.fields) == ("Blocker", {"customfield_1": "Infusion"})
