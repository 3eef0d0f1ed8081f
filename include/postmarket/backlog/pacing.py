"""Keeping below Jira's published burst limits, so that no 429 is our own doing (JIRA.md section 3).

Per endpoint and method: 100 GETs or POSTs, 50 PUTs or DELETEs a second. Per issue: 20 writes in 2 s, 100 in 30 s; a
link is counted as a write on both of its ends. We take four fifths of each, because the site has other users.
"""

import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

_SHARE = 0.8
_SLOWEST = 1 / 16
_BURST = {"GET": 100, "POST": 100, "PUT": 50, "DELETE": 50}
_PER_ISSUE = ((20, timedelta(seconds=2)), (100, timedelta(seconds=30)))
_ISSUE = re.compile(r"/issue/(?!bulkfetch|createmeta)(?P<issue>[^/?]+)")
_KEPT = max(count for count, _ in _PER_ISSUE)


@dataclass(slots=True)
class Pace:
    """When what was sent; ``slowed`` are the endpoints that Jira found too fast, with the share that they get."""

    sent: dict[str, deque[datetime]] = field(default_factory=dict)
    slowed: dict[str, float] = field(default_factory=dict)

    def wait(self, places: "Places", now: Callable[[], datetime], sleep: Callable[[float], None]) -> None:
        """Sleep until one more request keeps every limit, and count it."""
        limits = [
            (places.endpoint, int(places.burst * _SHARE * self.slowed.get(places.endpoint, 1.0)), timedelta(seconds=1)),
            *((issue, int(count * _SHARE), span) for issue in places.written for count, span in _PER_ISSUE),
        ]
        at = now()
        free = max(self._free(name, max(count, 1), span, at) for name, count, span in limits)
        if free > at:
            sleep((free - at).total_seconds())
        for name in (places.endpoint, *places.written):
            self.sent.setdefault(name, deque(maxlen=_KEPT)).append(max(free, at))

    def slow(self, endpoint: str) -> None:
        """Give an endpoint half of what it had: Jira said that it was too fast."""
        self.slowed[endpoint] = max(self.slowed.get(endpoint, 1.0) / 2, _SLOWEST)

    def _free(self, name: str, count: int, span: timedelta, at: datetime) -> datetime:
        """Give the moment from which one more of ``count`` in ``span`` may go."""
        sent = self.sent.get(name, ())
        return max(at, sent[-count] + span) if len(sent) >= count else at


@dataclass(frozen=True, slots=True)
class Places:
    """Where a request counts: its endpoint, the limit there a second, and the issues that it writes to."""

    endpoint: str
    burst: int
    written: tuple[str, ...]


def places_of(method: str, path: str, body: Mapping[str, Any] | None) -> Places:
    """Give where a request counts; searches and other POSTs that only read write to no issue."""
    issue = _ISSUE.search(path)
    written = [*([issue["issue"]] if issue and method != "GET" else []), *_linked(body or {})]
    return Places(f"{method} {_ISSUE.sub('/issue/*', path)}", _BURST.get(method, 50), tuple(dict.fromkeys(written)))


def _linked(body: Mapping[str, Any]) -> Iterator[str]:
    """Give the issues at the ends of the links that a body makes."""
    links = [body, *(one["add"] for one in (body.get("update") or {}).get("issuelinks", []) if "add" in one)]
    for link in links:
        for end in ("inwardIssue", "outwardIssue"):
            reference = link.get(end) or {}
            yield from (str(reference[name]) for name in ("id", "key") if name in reference)
