"""What the tracker's words mean (pure): status category and resolution become a phase by the plan's lists.

``statusCategory`` is Jira's only fixed vocabulary; names of statuses and resolutions are the site's (JIRA.md section 4:
"anything resolved counted as fixed, also Won't Fix"). What the plan does not name is unclear, never done (G8).
"""

from include.postmarket.backlog.lookup import label
from include.postmarket.backlog.ports import SeenTicket
from include.postmarket.model.plan import TicketPolicy
from include.postmarket.model.ticket import LedgerEntry, TicketPhase, TicketStanding


def phase_of(category: str, resolution: str, policy: TicketPolicy | None) -> TicketPhase:
    """Give the phase of a ticket; without a plan (it is gone from the site) a named resolution is unclear."""
    if category != "done":
        return TicketPhase.OPEN
    if not resolution:  # many workflows close without one: the category is all they say
        return TicketPhase.DONE
    named = resolution.casefold()
    if policy is not None and named in {name.casefold() for name in policy.rejected}:
        return TicketPhase.REJECTED
    if policy is not None and named in {name.casefold() for name in policy.done}:
        return TicketPhase.DONE
    return TicketPhase.UNCLEAR


def standing_of(seen: SeenTicket | None, entry: LedgerEntry, policy: TicketPolicy | None) -> TicketStanding:
    """Give where a filed ticket stands, from what was read of it; None says that it is not there."""
    if seen is None:
        return TicketStanding(
            key=entry.issue_key,
            status="",
            category="",
            resolution="",
            fix_versions=(),
            labelled=False,
            phase=TicketPhase.GONE,
        )
    return TicketStanding(
        key=seen.key,
        status=seen.status,
        category=seen.category,
        resolution=seen.resolution,
        fix_versions=tuple(sorted(seen.fix_versions)),
        labelled=label(entry.plan.dedupe_key) in seen.labels,
        phase=phase_of(seen.category, seen.resolution, policy),
    )


def told(standing: TicketStanding, before: TicketStanding | None) -> str:
    """Say for people what has changed since the last reading; the first one says where the ticket stands."""
    if standing.phase is TicketPhase.GONE:
        return f"{standing.key} is not there any more: deleted, or the account may not see it"
    now = _words(standing)
    said = [now if before is None else f"{_words(before)} -> {now}"] if before is None or now != _words(before) else []
    if before is not None and before.key != standing.key:
        said.append(f"moved from {before.key}")
    if standing.fix_versions != (before.fix_versions if before else ()):
        said.append(f"fix version {', '.join(standing.fix_versions) or 'taken away'}")
    if not standing.labelled and (before is None or before.labelled):
        said.append("its label was taken away: a search does not find it any more")
    return f"{standing.key}: {'; '.join(said) or 'as before'}"


def _words(standing: TicketStanding) -> str:
    resolution = f" ({standing.resolution})" if standing.resolution else ""
    return f"{standing.status or 'no status'}{resolution}"
