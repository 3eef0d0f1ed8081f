"""Later numbers told to filed tickets as comments, each event once: looked for by its trailer before it is written.

Comments have no claim in the ledger: two filers at the same moment could both write one, which is why the acting DAG
runs one at a time. A comment whose answer was lost is found by its trailer at the next run.
"""

from dataclasses import dataclass
from enum import StrEnum

from include.postmarket.backlog.desk import Desk
from include.postmarket.backlog.outbound import comment_leaks, explain
from include.postmarket.backlog.ports import Created, Declined, RateLimited, Refused
from include.postmarket.backlog.refusals import DOORS, closed_door
from include.postmarket.model.canonical import digest
from include.postmarket.model.errors import UnavailableError
from include.postmarket.model.ticket import AfterComment, CommentPlan, LedgerEntry, TicketState


class CommentResult(StrEnum):
    """How one comment stands at the end of a run."""

    WRITTEN = "written"
    FOUND = "found"  # an earlier run wrote it and did not hear the answer
    WAITING = "waiting"
    BLOCKED = "blocked"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentOutcome:
    """One comment: where it stands and why."""

    event: str
    result: CommentResult
    reason: str = ""


def trailer(event: str) -> str:
    """Give the last line of an event's comment, by which it is found again."""
    return f"pms-event:{digest(event)[:32]}"


def write_comments(desk: Desk) -> tuple[CommentOutcome, ...]:
    """Write every open comment of the site whose ticket is filed; give where each one stands.

    Raises ConfigurationError on 401 and 403.
    """
    outcomes = []
    for plan in desk.ledger.open_comments(desk.settings.site):
        result, reason = _take(desk, plan)
        outcomes.append(CommentOutcome(event=plan.event, result=result, reason=reason))
    return tuple(outcomes)


def say_once(desk: Desk, issue: str, event: str, lines: tuple[str, ...]) -> tuple[CommentResult, str]:
    """Write lines and trailer to an issue unless they are there; give the result with the comment's id or the reason.

    Raises ConfigurationError on 401 and 403, Declined and UnavailableError as reading comments does.
    """
    mark = trailer(event)
    for comment in desk.tracker.comments(issue):
        if mark in comment.text.split():
            return CommentResult.FOUND, comment.id
    answer = desk.tracker.add_comment(issue, (*lines, mark))
    if isinstance(answer, Created):
        return CommentResult.WRITTEN, answer.id
    if isinstance(answer, Refused):
        if answer.status in DOORS:
            raise closed_door(answer.status, answer.message, f"comment on issue {issue}")
        return CommentResult.REFUSED, f"HTTP {answer.status}: {answer.message}"
    if isinstance(answer, RateLimited):
        return CommentResult.WAITING, f"rate limit {answer.reason}"
    return CommentResult.WAITING, answer.message


def _take(desk: Desk, plan: CommentPlan) -> tuple[CommentResult, str]:
    row = desk.ledger.entry(desk.settings.site, plan.dedupe_key)
    if row is None or row.state is not TicketState.FILED:
        return CommentResult.WAITING, "its ticket is not filed yet"
    leaks = comment_leaks(plan, desk.settings.product_words)
    if leaks:
        return CommentResult.BLOCKED, explain(leaks)
    try:
        return _write(desk, plan, row)
    except Declined as reason:
        return CommentResult.REFUSED, str(reason)
    except UnavailableError as trouble:
        return CommentResult.WAITING, str(trouble)


def _write(desk: Desk, plan: CommentPlan, row: LedgerEntry) -> tuple[CommentResult, str]:
    result, told = say_once(desk, row.issue_id, plan.event, plan.lines)
    if result in {CommentResult.WRITTEN, CommentResult.FOUND}:
        if (
            plan.then is AfterComment.REOPEN
        ):  # before the row is done: a crash here reopens an open ticket, which is nothing
            desk.tracker.reopen(row.issue_id)
        desk.ledger.comment_done(desk.settings.site, plan.event, told, desk.now())
        return result, ""
    return result, told
