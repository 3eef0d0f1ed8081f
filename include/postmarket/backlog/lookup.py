"""The three look-ups for a ticket whose create answer was lost (JIRA.md section 3).

The search index lags by minutes, so label search alone files twice. Two look-ups do not need it: the links of the
requirement's issue, and the keys above the last one seen before the first attempt, keys being sequential.
"""

from collections.abc import Iterable, Sequence

from include.postmarket.backlog.ports import Declined, SeenIssue, Tracker
from include.postmarket.model.ticket import LedgerEntry

PAGE = 100  # keys that one bulk fetch takes


class Inconclusive(Exception):  # noqa: N818 - a result that callers branch on
    """More keys came since the first attempt than may be looked at: nobody can say that the ticket is not there."""


def label(dedupe_key: str) -> str:
    """Give the label that carries a ticket's identity."""
    return f"pms-{dedupe_key}"


def by_label(tracker: Tracker, dedupe_key: str) -> tuple[SeenIssue, ...]:
    """Give the issues that the search index shows for a ticket, lowest id first; a recent one may be missing."""
    return _ordered(tracker.find_by_label(label(dedupe_key)))


def everywhere(tracker: Tracker, entry: LedgerEntry, newest: str, pages: int) -> tuple[SeenIssue, ...]:
    """Give the issues of a ticket that any of the three look-ups finds, lowest id first.

    ``newest`` is the highest key known of the project, ``pages`` how many pages of 100 keys may be read. Raises
    Inconclusive when nothing was found and the keys did not end within those pages.
    """
    found = list(by_label(tracker, entry.plan.dedupe_key))
    found.extend(_by_links(tracker, entry))
    return _ordered(found) or _by_keys(tracker, entry, newest, pages)


def _by_links(tracker: Tracker, entry: LedgerEntry) -> list[SeenIssue]:
    keys: dict[str, None] = {}
    for requirement in entry.plan.requirement_issues:
        try:
            links = tracker.issue_links(requirement)
        except Declined:  # the requirement's issue is gone: nothing can hang on it
            continue
        keys.update((link.other_key, None) for link in links if _may_be_ours(link.other_key, entry))
    linked = list(keys)
    pages = (linked[start : start + PAGE] for start in range(0, len(linked), PAGE))
    return [issue for page in pages for issue in _carrying(tracker.bulk_fetch(page), entry)]


def _by_keys(tracker: Tracker, entry: LedgerEntry, newest: str, pages: int) -> tuple[SeenIssue, ...]:
    project, last = split_key(entry.last_key_seen)
    top = split_key(newest)[1]
    for first in range(last + 1, last + 1 + pages * PAGE, PAGE):
        seen = tracker.bulk_fetch([f"{project}-{number}" for number in range(first, first + PAGE)])
        found = _carrying(seen, entry)
        if found:
            return _ordered(found)
        if not seen and first > top:
            return ()
    raise Inconclusive(
        f"more than {pages * PAGE} keys follow {entry.last_key_seen}: look for label {label(entry.plan.dedupe_key)} "
        "by hand or raise scan_pages, then release the ticket"
    )


def split_key(key: str) -> tuple[str, int]:
    """Give project and number of an issue key."""
    project, _, number = key.rpartition("-")
    return project, int(number)


def _may_be_ours(key: str, entry: LedgerEntry) -> bool:
    """Leave out what was there before the first attempt; an issue moved to another project may be ours."""
    project, number = split_key(key)
    own, last = split_key(entry.last_key_seen)
    return project != own or number > last


def _carrying(issues: Sequence[SeenIssue], entry: LedgerEntry) -> list[SeenIssue]:
    key = entry.plan.dedupe_key
    return [issue for issue in issues if issue.marker == key or label(key) in issue.labels]


def _ordered(issues: Iterable[SeenIssue]) -> tuple[SeenIssue, ...]:
    return tuple(sorted({issue.id: issue for issue in issues}.values(), key=lambda issue: int(issue.id)))
