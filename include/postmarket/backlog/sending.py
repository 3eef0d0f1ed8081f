"""One ticket through the filing protocol (JIRA.md, section 5): look first, claim, send exactly one POST, conclude.

Why no ticket is filed twice, whatever is lost and whoever else is at work:

- the row is claimed (committed as `sending`) before the request, and only its claimant sends;
- a row that was ever tried is sent again only after all three look-ups were empty, and they must have begun when the
  settle time had passed since the row's last change, so that whatever an earlier request did was visible by then;
- the claim must be the very next attempt after the one that was looked for: if another dispatcher tried in between,
  the row goes back to `ambiguous` and everything starts again;
- a claim that has grown older than the sending limit (a stalled process) is not used: someone may have taken over.

What is left: a process that stalls between that last look at the clock and the socket for longer than sending limit and
settle time together, with another dispatcher at work meanwhile. Jira has no idempotency key that could close this gap;
`doubles` finds what falls through it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from include.postmarket.backlog.desk import Desk, SiteFacts
from include.postmarket.backlog.drafting import Drafted, draft_issue
from include.postmarket.backlog.lookup import Inconclusive, by_label, everywhere
from include.postmarket.backlog.outbound import explain, ticket_leaks
from include.postmarket.backlog.ports import Created, Declined, RateLimited, Refused, SeenIssue, Unknown
from include.postmarket.backlog.refusals import DOORS, PER_ISSUE, SiteBusyError, closed_door
from include.postmarket.backlog.report import Outcome, Result
from include.postmarket.model.ticket import LedgerEntry, TicketState

SHORT_WAITS = 3  # rate limits slept through for one ticket before the run leaves it to the next one


@dataclass(frozen=True, slots=True)
class _Told:
    """What the tracker answered to a create, and what was left out of it."""

    answer: Created | Refused | Unknown
    notes: tuple[str, ...]


def send_ticket(desk: Desk, facts: SiteFacts, entry: LedgerEntry) -> Outcome:
    """Bring one planned or ambiguous row as far as it can be brought now.

    Raises SiteBusyError when the whole site has to be left alone, UnavailableError when a look-up could not be made,
    and ConfigurationError on 401 and 403. Whatever is raised, the row is left where the next run goes on.
    """
    try:
        looked_at = desk.now()  # before the look: what appeared while it went on may have been missed
        found = _look(desk, facts, entry)
        if found:
            return adopt(desk, entry, found)
        settled = entry.since + desk.settings.settle
        if entry.attempt and looked_at < settled:
            return waiting(entry, entry.message or "tried before: it may still appear in the tracker", settled)
        leaks = ticket_leaks(entry.plan, desk.settings.product_words)
        if leaks:
            return _park(desk, entry, explain(leaks))
        drafted = draft_issue(entry.plan, facts)
        last_key = entry.last_key_seen or facts.last_key(entry.plan.project)
    except (Declined, Inconclusive) as reason:
        return _park(desk, entry, str(reason))
    return _send(desk, facts, replace(entry, last_key_seen=last_key), drafted)


def adopt(desk: Desk, entry: LedgerEntry, found: tuple[SeenIssue, ...]) -> Outcome:
    """Write down the issue that is already there, the one with the lowest id when there are more."""
    first, others = found[0], found[1:]
    desk.ledger.filed(desk.settings.site, entry.plan.dedupe_key, first.id, first.key, desk.now())
    notes = tuple(f"{issue.key} carries the same label: run the sweep for doubles" for issue in others)
    return _outcome(entry, Result.ADOPTED, issue_key=first.key, notes=notes)


def waiting(entry: LedgerEntry, reason: str, until: datetime) -> Outcome:
    """Say that a ticket waits, why, and from when on trying again makes sense."""
    return _outcome(entry, Result.WAITING, reason=reason, until=until)


def _look(desk: Desk, facts: SiteFacts, entry: LedgerEntry) -> tuple[SeenIssue, ...]:
    if not entry.attempt:
        return by_label(desk.tracker, entry.plan.dedupe_key)
    return everywhere(desk.tracker, entry, facts.last_key(entry.plan.project), desk.settings.scan_pages)


def _send(desk: Desk, facts: SiteFacts, entry: LedgerEntry, drafted: Drafted) -> Outcome:
    before, waits_left = entry, SHORT_WAITS
    while True:
        claimed = _claim(desk, before)
        if isinstance(claimed, Outcome):
            return claimed
        answer = desk.tracker.create_issue(drafted.draft)
        if not isinstance(answer, RateLimited):
            return _conclude(desk, facts, claimed, _Told(answer, drafted.notes))
        _put_back(desk, claimed, f"rate limit {answer.reason}: not created")
        if answer.reason == PER_ISSUE:
            until = desk.now() + timedelta(seconds=answer.retry_after)
            return waiting(entry, f"rate limit {answer.reason}: not created", until)
        if not waits_left or answer.retry_after > desk.settings.patience.total_seconds():
            raise _too_busy(desk, entry, answer)
        desk.sleep(answer.retry_after)
        before, waits_left = claimed, waits_left - 1


def _claim(desk: Desk, before: LedgerEntry) -> LedgerEntry | Outcome:
    key, site = before.plan.dedupe_key, desk.settings.site
    if before.state is TicketState.AMBIGUOUS:
        desk.ledger.release(site, key, desk.now())
    claimed = desk.ledger.claim(site, key, before.last_key_seen, desk.now())
    if claimed is None:
        return waiting(before, "another dispatcher is at it", desk.now() + desk.settings.sending_limit)
    if claimed.attempt != before.attempt + 1:
        return _doubt(desk, claimed, "not sent: another dispatcher tried in between")
    if desk.now() - claimed.since >= desk.settings.sending_limit:
        return _doubt(desk, claimed, "not sent: this dispatcher stalled after its claim")
    return claimed


def _conclude(desk: Desk, facts: SiteFacts, claimed: LedgerEntry, told: _Told) -> Outcome:
    answer = told.answer
    if isinstance(answer, Created):
        desk.ledger.filed(desk.settings.site, claimed.plan.dedupe_key, answer.id, answer.key, desk.now())
        return _outcome(claimed, Result.FILED, issue_key=answer.key, notes=told.notes)
    if isinstance(answer, Refused):
        if answer.status in DOORS:
            _put_back(desk, claimed, answer.message)
            raise closed_door(answer.status, answer.message, f"create in {claimed.plan.project}")
        return _park(desk, claimed, f"HTTP {answer.status}: {answer.message}")
    in_doubt = _doubt(desk, claimed, answer.message)
    try:
        found = _look(desk, facts, claimed)
    except (Declined, Inconclusive):  # the row is in doubt and stays so: the next run looks again, and says why
        return in_doubt
    return adopt(desk, claimed, found) if found else in_doubt


def _park(desk: Desk, entry: LedgerEntry, message: str) -> Outcome:
    desk.ledger.parked(desk.settings.site, entry.plan.dedupe_key, message, desk.now())
    return _outcome(entry, Result.PARKED, reason=message)


def _doubt(desk: Desk, claimed: LedgerEntry, message: str) -> Outcome:
    now = desk.now()
    desk.ledger.ambiguous(desk.settings.site, claimed.plan.dedupe_key, message, now)
    return waiting(claimed, message, now + desk.settings.settle)


def _too_busy(desk: Desk, entry: LedgerEntry, answer: RateLimited) -> SiteBusyError:
    return SiteBusyError(
        f"rate limit {answer.reason}: not created",
        where=f"{desk.settings.site}, {entry.plan.signal_id}",
        todo="try again after the wait",
        retry_after=answer.retry_after,
    )


def _put_back(desk: Desk, claimed: LedgerEntry, message: str) -> None:
    """Give a claimed row back that was certainly not created; a crash in between leaves it ambiguous, which is safe."""
    key, site = claimed.plan.dedupe_key, desk.settings.site
    desk.ledger.ambiguous(site, key, message, desk.now())
    desk.ledger.release(site, key, desk.now())


def _outcome(
    entry: LedgerEntry,
    result: Result,
    *,
    issue_key: str = "",
    reason: str = "",
    until: datetime | None = None,
    notes: tuple[str, ...] = (),
) -> Outcome:
    return Outcome(
        dedupe_key=entry.plan.dedupe_key,
        signal_id=entry.plan.signal_id,
        result=result,
        issue_key=issue_key,
        reason=reason,
        until=until,
        notes=notes,
    )
