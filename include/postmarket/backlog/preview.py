"""What a run of the filer would send, exactly, without sending it: the dry run. Jira is only read."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from include.postmarket.backlog.client import JiraClient
from include.postmarket.backlog.comments import trailer
from include.postmarket.backlog.desk import Desk, SiteFacts
from include.postmarket.backlog.drafting import draft_issue
from include.postmarket.backlog.lookup import by_label
from include.postmarket.backlog.outbound import comment_leaks, explain, ticket_leaks
from include.postmarket.backlog.ports import Declined
from include.postmarket.model.ticket import CommentPlan, LedgerEntry, TicketState

_OPEN = (TicketState.PLANNED, TicketState.SENDING, TicketState.AMBIGUOUS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """One thing that would happen: in words, and the body that would be sent (None: nothing would)."""

    signal_id: str
    what: str
    body: Any
    notes: tuple[str, ...] = ()


def preview_tickets(desk: Desk, client: JiraClient) -> Iterator[Preview]:
    """Give what would become of each open ticket of the ledger; errors as the tracker's reads raise them."""
    facts = SiteFacts(client)
    for entry in desk.ledger.entries(desk.settings.site, _OPEN):
        yield _ticket(desk, client, facts, entry)


def preview_comments(desk: Desk, client: JiraClient) -> Iterator[Preview]:
    """Give the comments that would be written to tickets that are filed."""
    for plan in desk.ledger.open_comments(desk.settings.site):
        row = desk.ledger.entry(desk.settings.site, plan.dedupe_key)
        if row is not None and row.state is TicketState.FILED:
            yield _comment(desk, client, plan, row)


def _ticket(desk: Desk, client: JiraClient, facts: SiteFacts, entry: LedgerEntry) -> Preview:
    plan = entry.plan
    leaks = ticket_leaks(plan, desk.settings.product_words)
    if leaks:
        return Preview(signal_id=plan.signal_id, what=f"parked: {explain(leaks)}", body=None)
    try:
        found = by_label(client, plan.dedupe_key)
        if found:
            return Preview(signal_id=plan.signal_id, what=f"adopted: {found[0].key} is there already", body=None)
        drafted = draft_issue(plan, facts)
    except Declined as reason:
        return Preview(signal_id=plan.signal_id, what=f"parked: {reason}", body=None)
    first = "created" if not entry.attempt else f"looked for, as it was tried {entry.attempt} times, else created"
    body = client.create_body(drafted.draft)
    return Preview(signal_id=plan.signal_id, what=f"{first} in {plan.project}", body=body, notes=drafted.notes)


def _comment(desk: Desk, client: JiraClient, plan: CommentPlan, row: LedgerEntry) -> Preview:
    leaks = comment_leaks(plan, desk.settings.product_words)
    if leaks:
        return Preview(signal_id=plan.signal_id, what=f"comment blocked: {explain(leaks)}", body=None)
    body = {"body": client.dialect.comment((*plan.lines, trailer(plan.event)))}
    then = "" if plan.then == "nothing" else f", then {plan.then.value}"
    return Preview(signal_id=plan.signal_id, what=f"comment on {row.issue_key} unless it is there{then}", body=body)
