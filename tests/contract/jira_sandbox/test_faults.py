"""Every fault the stand-in can be told to commit, as a client on a real socket sees it."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.contract.jira_sandbox.conftest import Running

FIELDS = {"project": {"key": "PMS"}, "issuetype": {"name": "Bug"}, "summary": "A summary"}
CREATE = "^POST /rest/api/3/issue$"


@pytest.fixture(autouse=True)
def _calm(sandbox: Running) -> Iterator[None]:
    """Leave no rule and no lag to the next test."""
    yield
    sandbox.request("DELETE", "/sandbox/faults")
    sandbox.request("PUT", "/sandbox/search-lag", json={"seconds": 0})


def post(sandbox: Running, label: str, **options: Any) -> requests.Response:
    """Send one create."""
    return sandbox.request("POST", "/rest/api/3/issue", json={"fields": {**FIELDS, "labels": [label]}}, **options)


@pytest.mark.parametrize(
    "reason",
    ["jira-quota-global-based", "jira-quota-tenant-based", "jira-burst-based", "jira-per-issue-on-write"],
)
def test_rate_limit(sandbox: Running, reason: str) -> None:
    """A 429 says why and until when, creates nothing, and fires as often as told."""
    label = f"limit-{reason}"
    sandbox.order_fault(CREATE, "rate_limit", reason=reason, retry_after=1800, times=2)
    first, second, third = (post(sandbox, label) for _ in range(3))

    assert [first.status_code, second.status_code, third.status_code] == [429, 429, 201]
    assert first.headers["Retry-After"] == "1800"
    assert first.headers["RateLimit-Reason"] == reason
    assert first.headers["X-RateLimit-Remaining"] == "0"
    assert first.headers["X-RateLimit-Reset"].endswith("Z")
    assert first.headers["X-RateLimit-Limit"].isdigit()
    assert len(sandbox.search(f"labels = {label}")) == 1


@pytest.mark.parametrize("status", [500, 502, 503])
@pytest.mark.parametrize(("fault", "made"), [("error_before", 0), ("error_after", 1)])
def test_server_errors(sandbox: Running, status: int, fault: str, made: int) -> None:
    """An error before the commit leaves nothing, one after it leaves the issue; the answers look the same."""
    label = f"{fault}-{status}"
    sandbox.order_fault(CREATE, fault, status=status)

    assert post(sandbox, label).status_code == status
    assert len(sandbox.search(f"labels = {label}")) == made


@pytest.mark.parametrize(("fault", "made"), [("reset_before", 0), ("lost_answer", 1)])
def test_lost_connections(sandbox: Running, fault: str, made: int) -> None:
    """The connection is cut without a byte, before or after the commit; the client cannot tell which."""
    sandbox.order_fault(CREATE, fault)

    with pytest.raises(requests.ConnectionError):
        post(sandbox, fault)
    assert len(sandbox.search(f"labels = {fault}")) == made


def test_other_connections_survive_a_lost_one(sandbox: Running) -> None:
    """Cutting one client's connection does not touch another's."""
    with requests.Session() as steady:
        steady.auth = ("engineer@example.com", "contract-test-token")
        assert steady.get(f"{sandbox.url}/rest/api/3/myself", timeout=10).status_code == 200
        sandbox.order_fault(CREATE, "lost_answer")
        with pytest.raises(requests.ConnectionError):
            post(sandbox, "cut")

        assert steady.get(f"{sandbox.url}/rest/api/3/myself", timeout=10).status_code == 200


def test_slow_answer(sandbox: Running) -> None:
    """A slow answer comes after the commit: who does not wait has made an issue all the same."""
    sandbox.order_fault(CREATE, "slow", seconds=30)

    with pytest.raises(requests.Timeout):
        post(sandbox, "slow", timeout=2)
    assert len(sandbox.search("labels = slow")) == 1


def test_late_commit(sandbox: Running) -> None:
    """A late commit happens after the client has given up and looked in vain."""
    sandbox.order_fault(CREATE, "late_commit", seconds=3)
    with pytest.raises(requests.Timeout):
        post(sandbox, "late", timeout=0.5)

    assert sandbox.search("labels = late") == []
    deadline = time.monotonic() + 30
    while not sandbox.search("labels = late") and time.monotonic() < deadline:
        time.sleep(0.2)
    assert len(sandbox.search("labels = late")) == 1


def test_probability_is_repeatable(sandbox: Running) -> None:
    """A rule with a probability and a seed fails the same requests each time it is ordered."""
    runs = []
    for _ in range(2):
        sandbox.order_fault("GET .*/myself", "error_before", probability=0.5, seed=7)
        runs.append([sandbox.request("GET", "/rest/api/3/myself").status_code for _ in range(20)])
        sandbox.request("DELETE", "/sandbox/faults")

    assert runs[0] == runs[1]
    assert set(runs[0]) == {200, 503}


def test_rules_are_listed_and_removed(sandbox: Running) -> None:
    """Rules can be seen, removed one by one, and vanish when they have fired as often as told."""
    sandbox.order_fault("GET .*/myself", "error_before", times=5)
    listed = sandbox.request("GET", "/sandbox/faults").json()["faults"]

    assert [(rule["fault"], rule["times"]) for rule in listed] == [("error_before", 5)]
    assert sandbox.request("DELETE", f"/sandbox/faults/{listed[0]['id']}").status_code == 204
    assert sandbox.request("DELETE", f"/sandbox/faults/{listed[0]['id']}").status_code == 404
    assert sandbox.request("GET", "/rest/api/3/myself").status_code == 200


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"match": "x"},
        {"match": "(", "fault": "slow"},
        {"match": "x" * 300, "fault": "slow"},
        {"match": "x", "fault": "explode"},
        {"match": "x", "fault": ["slow"]},
        {"match": "x", "fault": "rate_limit", "reason": "bad mood"},
        {"match": "x", "fault": "rate_limit", "reason": {}},
        {"match": "x", "fault": "slow", "seconds": "long"},
        {"match": "x", "fault": "slow", "times": 0},
        {"match": "x", "fault": "slow", "speed": 1},
        [],
    ],
)
def test_rules_without_sense_are_refused(sandbox: Running, rule: Any) -> None:
    """A rule that cannot be is a 400, and none is kept."""
    assert sandbox.request("POST", "/sandbox/faults", json=rule).status_code == 400
    assert sandbox.request("GET", "/sandbox/faults").json() == {"faults": []}


def test_administration_cannot_be_made_to_fail(sandbox: Running) -> None:
    """A rule that matches everything leaves the administration itself alone, so it can always be taken back."""
    sandbox.order_fault(".", "reset_before", times=100)

    assert sandbox.request("DELETE", "/sandbox/faults").status_code == 204
    assert sandbox.request("GET", "/rest/api/3/myself").status_code == 200


def test_search_lag(sandbox: Running) -> None:
    """While search lags, a new issue is read directly, found by reconciliation, and not found by search."""
    sandbox.request("PUT", "/sandbox/search-lag", json={"seconds": 3600})
    made = sandbox.create(labels=["lagging"])

    assert sandbox.request("GET", f"/rest/api/3/issue/{made['key']}").status_code == 200
    assert sandbox.search("labels = lagging") == []
    assert sandbox.search("labels = lagging", reconcileIssues=[int(made["id"])]) == [made["key"]]


def test_search_lag_of_an_update(sandbox: Running) -> None:
    """While search lags, an updated issue is still found by what it was before."""
    made = sandbox.create(labels=["before"])
    sandbox.request("PUT", "/sandbox/search-lag", json={"seconds": 3600})
    sandbox.request("PUT", f"/rest/api/3/issue/{made['key']}", json={"fields": {"labels": ["after"]}})

    assert sandbox.search("labels = before") == [made["key"]]
    assert sandbox.search("labels = after") == []
    assert sandbox.search("labels = after", reconcileIssues=[int(made["id"])]) == [made["key"]]


@pytest.mark.parametrize("seconds", [-1, 3601, "1", None, True])
def test_search_lag_without_sense_is_refused(sandbox: Running, seconds: Any) -> None:
    """The lag is a number from 0 to 3600."""
    assert sandbox.request("PUT", "/sandbox/search-lag", json={"seconds": seconds}).status_code == 400
