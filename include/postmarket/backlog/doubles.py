"""The sweep for doubles: tickets of one signal that exist twice in spite of everything, never resolved silently.

The one with the lowest id stays; each other one is linked to it as a duplicate and told so in a comment. Closing it is
left to people. A ticket that a person cloned carries the label but not the marker property: it is named and left alone.
"""

import re
from collections import defaultdict
from dataclasses import dataclass

from include.postmarket.backlog.comments import say_once
from include.postmarket.backlog.desk import Desk, SiteFacts
from include.postmarket.backlog.lookup import PAGE
from include.postmarket.backlog.ports import Declined, End, Relation, SeenIssue

_LABEL = re.compile(r"pms-([0-9a-f]{32})")
DUPLICATE = "Duplicate"  # Jira's stock link type: outward "duplicates", inward "is duplicated by"


@dataclass(frozen=True, slots=True, kw_only=True)
class Double:
    """A signal with more than one ticket: ``kept`` stays, ``others`` are doubles, ``clones`` were made by people."""

    dedupe_key: str
    kept: str
    others: tuple[str, ...]
    clones: tuple[str, ...]
    troubles: tuple[str, ...]  # what could not be linked or said, in the tracker's words


def sweep_doubles(desk: Desk) -> tuple[Double, ...]:
    """Look at every ticket of ours that the index shows; link, tell and give those that exist more than once.

    Raises UnavailableError and ConfigurationError as the tracker does; done again it changes nothing.
    """
    tickets: dict[str, list[SeenIssue]] = defaultdict(list)
    for issue in desk.tracker.find_by_label("pms"):
        for key in {found[1] for label in issue.labels if (found := _LABEL.fullmatch(label))}:
            tickets[key].append(issue)
    several = {key: sorted(found, key=lambda issue: int(issue.id)) for key, found in tickets.items() if len(found) > 1}
    if not several:
        return ()
    several = {key: _read_again(desk, found) for key, found in several.items()}
    relation = SiteFacts(desk.tracker).relation(DUPLICATE) or Relation(name=DUPLICATE, end=End.SOURCE)
    return tuple(_resolve(desk, relation, key, found) for key, found in several.items())


def _read_again(desk: Desk, found: list[SeenIssue]) -> list[SeenIssue]:
    """Read issues directly: the search of Data Center does not show the marker that tells ours from clones."""
    seen = {issue.id: issue for issue in desk.tracker.bulk_fetch([issue.key for issue in found][:PAGE])}
    return [seen.get(issue.id, issue) for issue in found]


def _resolve(desk: Desk, relation: Relation, key: str, found: list[SeenIssue]) -> Double:
    ours = [issue for issue in found if issue.marker == key]
    clones = [issue for issue in found if issue.marker != key]
    if not ours:  # labels by hand only: the oldest is as good as filed, the others are not ours to touch
        ours, clones = clones[:1], clones[1:]
    kept, others = ours[0], ours[1:]
    return Double(
        dedupe_key=key,
        kept=kept.key,
        others=tuple(issue.key for issue in others),
        clones=tuple(issue.key for issue in clones),
        troubles=tuple(trouble for issue in others for trouble in _tell(desk, relation, issue, kept)),
    )


def _tell(desk: Desk, relation: Relation, double: SeenIssue, kept: SeenIssue) -> tuple[str, ...]:
    lines = (f"This ticket was filed twice for one signal: {kept.key} is the one that stays.",)
    try:
        if all(link.other_key != kept.key for link in desk.tracker.issue_links(double.id)):
            desk.tracker.link(double.id, relation, kept.key)
        result, told = say_once(desk, double.id, f"double of {kept.id}", lines)
    except Declined as reason:
        return (f"{double.key}: {reason}",)
    return () if result in {"written", "found"} else (f"{double.key}: {told}",)
