"""A run of the filer: plan, settle what is in doubt, send what is planned, look after what was filed lately.

One run after another, two at once, or one killed at any line: each ticket is filed once (`sending` says why), and each
stands in the report with its result.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from include.postmarket.backlog.completing import complete_tickets
from include.postmarket.backlog.desk import Desk, SiteFacts
from include.postmarket.backlog.refusals import SiteBusyError
from include.postmarket.backlog.report import FilingReport, Gap, Outcome, Result
from include.postmarket.backlog.sending import send_ticket, waiting
from include.postmarket.model.errors import UnavailableError
from include.postmarket.model.ticket import LedgerEntry, TicketPlan, TicketState

TROUBLES = 2  # tickets in a row that find no tracker (each look-up was tried several times) before the run gives up
LATER = timedelta(minutes=1)  # the shortest pause after trouble: what could be slept through was slept through

_OPEN = (TicketState.AMBIGUOUS, TicketState.SENDING, TicketState.PLANNED)


def file_tickets(desk: Desk, plans: Sequence[TicketPlan]) -> FilingReport:
    """Write the plans into the ledger, then bring every open row of the site as far as it goes.

    Waiting tickets are results, not errors: ``report.next_try`` says when to run again. Raises ConfigurationError when
    the account is refused (401, 403): rows then stay planned. A back-test must not call this.
    """
    site = desk.settings.site
    desk.ledger.plan(site, plans, desk.now())
    before = (*_already_filed(desk, plans), *_still_parked(desk))
    run = _Run(desk, SiteFacts(desk.tracker))
    for entry in desk.ledger.entries(site, _OPEN):
        run.take(entry.plan.dedupe_key)
    return FilingReport(outcomes=(*before, *run.outcomes), gaps=run.complete())


def release_tickets(desk: Desk, dedupe_keys: Iterable[str]) -> tuple[str, ...]:
    """Give parked tickets back to the filer, once a person has mended what parked them; give the keys released.

    A ticket that was ever sent is looked for again, and sent only after the settle time.
    """
    released = []
    for key in dedupe_keys:
        row = desk.ledger.entry(desk.settings.site, key)
        if row is not None and row.state is TicketState.PARKED:
            desk.ledger.release(desk.settings.site, key, desk.now())
            released.append(key)
    return tuple(released)


def _already_filed(desk: Desk, plans: Sequence[TicketPlan]) -> Iterable[Outcome]:
    for plan in plans:
        row = desk.ledger.entry(desk.settings.site, plan.dedupe_key)
        if row is not None and row.state is TicketState.FILED:
            yield Outcome(
                dedupe_key=plan.dedupe_key,
                signal_id=plan.signal_id,
                result=Result.ALREADY_FILED,
                issue_key=row.issue_key,
            )


def _still_parked(desk: Desk) -> Iterable[Outcome]:
    for row in desk.ledger.entries(desk.settings.site, (TicketState.PARKED,)):
        yield Outcome(
            dedupe_key=row.plan.dedupe_key, signal_id=row.plan.signal_id, result=Result.PARKED, reason=row.message
        )


@dataclass(slots=True)
class _Run:
    """One pass over the open rows; ``stopped`` says why no more is asked of the tracker."""

    desk: Desk
    facts: SiteFacts
    outcomes: list[Outcome] = field(default_factory=list)
    troubles: int = 0
    stopped: UnavailableError | None = None

    def take(self, dedupe_key: str) -> None:
        """Bring one row as far as it goes; what another dispatcher finished meanwhile is left alone."""
        entry = self.desk.ledger.entry(self.desk.settings.site, dedupe_key)
        if entry is None or entry.state not in _OPEN:
            return
        if self.stopped is not None:
            self._wait(entry, self.stopped)
            return
        try:
            self.outcomes.append(self._advance(entry))
            self.troubles = 0
        except UnavailableError as trouble:
            self._wait(entry, trouble)
            self.troubles += 1
            if isinstance(trouble, SiteBusyError) or self.troubles >= TROUBLES:
                self.stopped = trouble

    def complete(self) -> tuple[Gap, ...]:
        """Look after what was filed lately, unless the tracker is to be left alone."""
        if self.stopped is not None:
            return ()
        try:
            return complete_tickets(self.desk, self.facts)
        except UnavailableError as trouble:
            return (Gap(dedupe_key="", issue_key="", missing="links of tickets filed lately", reason=str(trouble)),)

    def _advance(self, entry: LedgerEntry) -> Outcome:
        if entry.state is not TicketState.SENDING:
            return send_ticket(self.desk, self.facts, entry)
        over = entry.since + self.desk.settings.sending_limit
        if self.desk.now() < over:
            return waiting(entry, "another dispatcher is at it", over)
        site, key = self.desk.settings.site, entry.plan.dedupe_key
        self.desk.ledger.ambiguous(site, key, "the process that sent it ended before the answer", self.desk.now())
        row = self.desk.ledger.entry(site, key)
        if row is None or row.state is not TicketState.AMBIGUOUS:
            return waiting(entry, "another dispatcher is at it", self.desk.now())
        return send_ticket(self.desk, self.facts, row)

    def _wait(self, entry: LedgerEntry, trouble: UnavailableError) -> None:
        pause = max(LATER, timedelta(seconds=trouble.retry_after or 0.0))
        self.outcomes.append(waiting(entry, str(trouble), self.desk.now() + pause))
