"""A thousand tickets in one run, against a Jira on a virtual clock that refuses what is beyond its published limits."""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests

from include.postmarket.backlog.client import JiraClient
from include.postmarket.backlog.desk import Desk
from include.postmarket.backlog.filing import file_tickets
from include.postmarket.backlog.memory import MemoryLedger
from include.postmarket.backlog.pacing import Pace, Places, places_of
from include.postmarket.backlog.report import Result
from include.postmarket.backlog.settings import FilingSettings, JiraSettings, Secret
from include.postmarket.backlog.transport import Transport
from tests.faults.backlog.fake_tracker import Clock
from tests.faults.backlog.stage import small_plan
from tests.unit.backlog.test_transport import told

#: The published limits, whole: (requests, seconds). Jira is quick here, so only we ourselves can be slow enough.
BURST = {"GET": (100, 1), "POST": (100, 1), "PUT": (50, 1)}
PER_ISSUE = ((20, 2), (100, 30))
LATENCY = 0.001
SCREEN = [
    {"fieldId": name, "required": False, "schema": {"type": "string"}}
    for name in ("summary", "description", "labels", "priority", "issuelinks")
]


@dataclass
class QuickJira(requests.Session):
    """A Jira that answers within a millisecond and counts; it files, links and keeps nothing else."""

    clock: Clock
    sent: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    refused: list[str] = field(default_factory=list)
    made: int = 0

    def request(self, method: str | bytes, url: str | bytes, **options: Any) -> requests.Response:  # type: ignore[override]
        """Count, refuse what comes too fast, answer the rest."""
        self.clock.sleep(LATENCY)
        name, path = str(method), str(url).partition("example.org")[2]
        places = places_of(name, path, options.get("json"))
        limits = [(places.endpoint, *BURST[name]), *((one, *limit) for one in places.written for limit in PER_ISSUE)]
        for place, count, span in limits:
            since = self.clock.now() - timedelta(seconds=span)
            if sum(moment > since for moment in self.sent[place][-count:]) >= count:
                self.refused.append(place)
                return told(429, {}, Retry_After="1", RateLimit_Reason="jira-burst-based")
        for place in (places.endpoint, *places.written):
            self.sent[place].append(self.clock.now())
        return self._answer(name, path, options.get("json") or {})

    def _answer(self, method: str, path: str, body: dict[str, Any]) -> requests.Response:
        if path.endswith("/issuetypes"):
            return told(200, {"issueTypes": [{"id": "1", "name": "Bug"}], "total": 1})
        if "/issuetypes/" in path:
            return told(200, {"fields": SCREEN, "total": len(SCREEN)})
        if path.endswith("/issueLinkType"):
            return told(200, {"issueLinkTypes": [{"name": "Relates", "inward": "relates to", "outward": "relates to"}]})
        if path.endswith("/search/jql"):
            return told(200, {"issues": [], "isLast": True})
        if method == "POST" and path.endswith("/issue"):
            assert len(json.dumps(body)) > 100
            self.made += 1
            return told(201, {"id": str(self.made), "key": f"PMS-{self.made}"})
        return told(200, {"id": "1", "fields": {"issuelinks": []}})


def test_a_thousand_tickets_in_one_run_provoke_no_refusal() -> None:
    """Linked to ten requirements, filed, linked again and given their remote links: no 429, and all in one run."""
    clock = Clock()
    jira = QuickJira(clock)
    settings = JiraSettings(base_url="https://example.org", user="pms", token=Secret("hush"))
    client = JiraClient(Transport(settings=settings, sleep=clock.sleep, now=clock.now, session=jira))
    desk = Desk(
        settings=FilingSettings(site="s"), tracker=client, ledger=MemoryLedger(), now=clock.now, sleep=clock.sleep
    )
    started = clock.now()
    report = file_tickets(desk, [small_plan(number, (f"REQ-{number % 10}",)) for number in range(1000)])

    assert len(report.of(Result.FILED)) == 1000
    assert jira.refused == []
    assert clock.now() - started < timedelta(minutes=5)  # virtual time: two links to each of ten issues, 80 in 30 s


def test_the_limits_are_what_is_kept() -> None:
    """Without pacing the same Jira refuses: the test above can fail."""
    clock = Clock()
    jira = QuickJira(clock)
    answers = [
        jira.request("POST", "https://example.org/rest/api/3/issue", json={"fields": "x" * 100}) for _ in range(101)
    ]

    assert [answer.status_code for answer in answers] == [201] * 100 + [429]


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("GET", "/rest/api/3/issue/PMS-1", None, ("GET /rest/api/3/issue/*", ())),
        ("POST", "/rest/api/3/issue/10001/comment", {}, ("POST /rest/api/3/issue/*/comment", ("10001",))),
        ("POST", "/rest/api/3/issue/bulkfetch", {}, ("POST /rest/api/3/issue/bulkfetch", ())),
        ("POST", "/rest/api/3/search/jql", {}, ("POST /rest/api/3/search/jql", ())),
        (
            "POST",
            "/rest/api/3/issueLink",
            {"inwardIssue": {"id": "1"}, "outwardIssue": {"key": "REQ-1"}},
            ("POST /rest/api/3/issueLink", ("1", "REQ-1")),
        ),
        (
            "POST",
            "/rest/api/3/issue",
            {"update": {"issuelinks": [{"add": {"outwardIssue": {"key": "REQ-1"}}}]}},
            ("POST /rest/api/3/issue", ("REQ-1",)),
        ),
    ],
)
def test_a_request_counts_where_jira_counts_it(
    method: str, path: str, body: dict[str, Any] | None, expected: tuple[str, tuple[str, ...]]
) -> None:
    """By endpoint and method, and for each issue that is written to: both ends of a link are."""
    places = places_of(method, path, body)

    assert expected == (places.endpoint, places.written)


def test_an_endpoint_that_was_too_fast_gets_half() -> None:
    """After a burst refusal 40 requests a second go where 80 went; other endpoints keep their pace."""
    clock, pace = Clock(), Pace()
    slow, other = Places("POST /a", 100, ()), Places("POST /b", 100, ())
    pace.slow("POST /a")
    for _ in range(41):
        pace.wait(slow, clock.now, clock.sleep)
    after = clock.now()
    for _ in range(80):
        pace.wait(other, clock.now, clock.sleep)

    assert after == clock.now() == Clock().now() + timedelta(seconds=1)
