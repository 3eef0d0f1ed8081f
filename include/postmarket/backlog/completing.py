"""What a filed ticket should have besides itself: the links to the requirement's issues and the link to our page.

Done again at every run for tickets filed lately, because a process may die between filing and linking and because a
requirement's issue may come back; both writes change nothing when repeated.
"""

from collections.abc import Iterator

from include.postmarket.backlog.desk import Desk, SiteFacts
from include.postmarket.backlog.ports import Declined
from include.postmarket.backlog.refusals import IssueBusyError
from include.postmarket.backlog.report import Gap
from include.postmarket.model.ticket import LedgerEntry, TicketState

FOLLOWS = "Relates"  # Jira's stock link type: a successor and the ticket before it


def complete_tickets(desk: Desk, facts: SiteFacts) -> tuple[Gap, ...]:
    """Give every filed ticket of late its links; give what could not be had, in the tracker's words.

    Raises UnavailableError and ConfigurationError as the tracker does; the next run goes on.
    """
    oldest = desk.now() - desk.settings.complete_within
    filed = desk.ledger.entries(desk.settings.site, (TicketState.FILED,))
    return tuple(gap for entry in filed if entry.since >= oldest for gap in _complete_one(desk, facts, entry))


def _complete_one(desk: Desk, facts: SiteFacts, entry: LedgerEntry) -> tuple[Gap, ...]:
    """Look after one ticket; one that has to wait does not keep the others waiting."""
    try:
        return tuple(_complete(desk, facts, entry))
    except IssueBusyError as trouble:
        return (_gap(entry, "links", str(trouble)),)


def _complete(desk: Desk, facts: SiteFacts, entry: LedgerEntry) -> Iterator[Gap]:
    try:
        linked = {link.other_key for link in desk.tracker.issue_links(entry.issue_id)}
    except Declined as reason:
        yield _gap(entry, "the ticket itself", str(reason))
        return
    for requirement in entry.plan.requirement_issues:
        if requirement not in linked:
            yield from _link(desk, facts, entry, (entry.plan.link_type, requirement))
    if entry.plan.follows and entry.plan.follows not in linked:
        yield from _link(desk, facts, entry, (FOLLOWS, entry.plan.follows))
    try:
        desk.tracker.remote_link(entry.issue_id, entry.plan.text.link_back, f"Signal {entry.plan.signal_id}")
    except Declined as reason:
        yield _gap(entry, "link to the signal page", str(reason))


def _link(desk: Desk, facts: SiteFacts, entry: LedgerEntry, wanted: tuple[str, str]) -> Iterator[Gap]:
    link_type, other = wanted
    relation = facts.relation(link_type)
    if relation is None:
        yield _gap(entry, f"link to {other}", f"the site has no link type {link_type!r}")
        return
    try:
        desk.tracker.link(entry.issue_id, relation, other)
    except Declined as reason:
        yield _gap(entry, f"link to {other}", str(reason))


def _gap(entry: LedgerEntry, missing: str, reason: str) -> Gap:
    return Gap(dedupe_key=entry.plan.dedupe_key, issue_key=entry.issue_key, missing=missing, reason=reason)
