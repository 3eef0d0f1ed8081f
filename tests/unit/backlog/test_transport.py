"""What is sent again and what is not, and what each answer means."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from requests.auth import HTTPBasicAuth

from include.postmarket.backlog.ports import Answer, Created, Declined, RateLimited, Refused, Unknown
from include.postmarket.backlog.refusals import IssueBusyError, SiteBusyError
from include.postmarket.backlog.settings import JiraSettings, Secret
from include.postmarket.backlog.transport import ATTEMPTS, Transport
from include.postmarket.model.errors import ConfigurationError, PostmarketError, UnavailableError

NOW = datetime(2026, 4, 2, 6, 0, tzinfo=UTC)
CANARY = "Jane Roe, MRN 00482213, 617-555-0123, S/N PX44Z19"


def told(status: int, body: Any = None, **headers: str) -> requests.Response:
    """Give an answer as requests would."""
    answer = requests.Response()
    answer.status_code = status
    answer._content = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
    answer.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return answer


class ScriptedSession(requests.Session):
    """A session that answers from a list; what is an exception is raised."""

    def __init__(self, *answers: requests.Response | Exception) -> None:
        super().__init__()
        self.answers = list(answers)
        self.kept: list[dict[str, Any]] = []

    def request(self, method: str | bytes, url: str | bytes, **options: Any) -> requests.Response:  # type: ignore[override]
        """Give the next answer."""
        self.kept.append(options)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def transport(*answers: requests.Response | Exception) -> tuple[Transport, ScriptedSession, list[float]]:
    """Give a transport with these answers, its session, and the list of its waits."""
    session, waits = ScriptedSession(*answers), list[float]()
    settings = JiraSettings(base_url="https://example.atlassian.net/", user="pms@example.org", token=Secret("hush"))
    return (
        Transport(settings=settings, sleep=waits.append, now=lambda: NOW, session=session, jitter=lambda: 1.0),
        session,
        waits,
    )


def sent(answer: requests.Response | Exception) -> Answer:
    """Give what one create became; proves that it was sent once."""
    over, session, waits = transport(answer)
    became = over.send_once("/rest/api/3/issue", {"fields": {"summary": CANARY}})
    assert (len(session.kept), waits) == (1, [])

    return became


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_a_refusal_holds_jiras_own_words(status: int) -> None:
    """Nothing was created, and why is told in one line."""
    answer = sent(told(status, {"errorMessages": ["Not\nso."], "errors": {"labels": "Cannot be set."}}))

    assert answer == Refused(status=status, message="Not so.; labels: Cannot be set.")


@pytest.mark.parametrize(
    "answer",
    [
        requests.ReadTimeout(),
        requests.ConnectTimeout(),
        requests.ConnectionError("reset"),
        requests.exceptions.ChunkedEncodingError(),
        requests.exceptions.ContentDecodingError(),
        told(408),
        told(500, {"errorMessages": []}),
        told(502, b"<html>"),
        told(503, retry_after="5"),
        told(504),
        told(302, location="https://elsewhere.example.org"),
        told(200, {"id": "1", "key": "PMS-1"}),
        told(201, b"not json"),
        told(201, {"key": "PMS-1"}),
        told(201, []),
    ],
    ids=repr,
)
def test_what_nobody_can_say_is_unknown(answer: requests.Response | Exception) -> None:
    """Timeout, reset, 5xx, 408, a redirect, or an answer that cannot be read."""
    assert isinstance(sent(answer), Unknown)


def test_created_gives_id_and_key() -> None:
    """201 with an id is the only success."""
    assert sent(told(201, {"id": 10001, "key": "PMS-1", "self": ""})) == Created(id="10001", key="PMS-1")


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ("1800", 1800.0),
        ("Thu, 02 Apr 2026 06:01:00 GMT", 60.0),
        ("Thu, 02 Apr 2026 05:00:00 GMT", 1.0),
        ("soon", 1.0),
        ("", 1.0),
        ("0", 1.0),
    ],
)
def test_a_rate_limit_gives_reason_and_wait(given: str, seconds: float) -> None:
    """Seconds or a date; what makes no sense is a second."""
    answer = sent(told(429, {}, Retry_After=given, RateLimit_Reason="jira-burst-based"))

    assert answer == RateLimited(reason="jira-burst-based", retry_after=seconds)


def test_reads_wait_longer_each_time_and_then_give_up() -> None:
    """Four tries, doubling waits, then an error that may be tried again later."""
    over, session, waits = transport(*[told(503)] * ATTEMPTS)
    with pytest.raises(UnavailableError, match="HTTP 503"):
        over.read("/rest/api/3/myself")

    assert waits == [1.0, 2.0, 4.0]
    assert len(session.kept) == ATTEMPTS


def test_reads_honour_retry_after_up_to_the_cap() -> None:
    """Seven seconds are slept, half an hour is handed up at once."""
    over, _, waits = transport(told(429, Retry_After="7"), requests.ConnectionError(), told(200, {"a": 1}))
    assert over.read("/rest/api/3/myself") == {"a": 1}
    assert waits == [7.0, 2.0]

    over, session, waits = transport(told(429, Retry_After="1800"))
    with pytest.raises(UnavailableError) as busy:
        over.read("/rest/api/3/myself")
    assert (busy.value.retry_after, waits, len(session.kept)) == (1800.0, [], 1)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (told(401, {"errorMessages": ["no"]}), ConfigurationError),
        (told(403, {"errorMessages": ["no"]}), ConfigurationError),
        (told(404, {"errorMessages": ["no"]}), Declined),
        (told(400, {"errorMessages": ["no"]}), Declined),
        (told(302, location="https://elsewhere.example.org"), ConfigurationError),
        (told(200, b"<html>"), UnavailableError),
    ],
    ids=repr,
)
def test_refused_reads_are_not_sent_again(answer: requests.Response, error: type[Exception]) -> None:
    """A closed door, a refusal and a redirect end at once."""
    over, session, _ = transport(answer)
    with pytest.raises(error):
        over.ask("/rest/api/3/search/jql", {"jql": "labels = pms"})

    assert len(session.kept) == 1


def test_redirects_are_never_followed() -> None:
    """Every request says so, has a timeout, and carries the credentials in the header only."""
    over, session, _ = transport(told(200, {}))
    over.read("/rest/api/3/myself")

    assert session.kept[0]["allow_redirects"] is False
    assert session.kept[0]["timeout"] == 30.0
    assert session.kept[0]["auth"] == HTTPBasicAuth("pms@example.org", "hush")


@pytest.mark.requirement("G4")
@pytest.mark.parametrize(
    "answer",
    [
        requests.ReadTimeout(CANARY),
        told(500, b"echo: " + CANARY.encode()),
        told(400, CANARY.encode()),
        told(400, [CANARY]),
    ],
    ids=["timeout", "5xx", "not json", "not an object"],
)
def test_neither_body_nor_token_reach_a_message_or_a_log(
    answer: requests.Response | Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """What was sent, and pages that are not Jira's, are never repeated."""
    caplog.set_level(logging.DEBUG)
    messages = [repr(sent(answer))]
    over, _, _ = transport(*[answer] * ATTEMPTS)
    with pytest.raises((PostmarketError, Declined)) as raised:
        over.ask("/rest/api/3/search/jql", {"jql": CANARY})
    messages.append(str(raised.value))
    told_all = " ".join(messages) + caplog.text

    assert not any(part in told_all for part in (*CANARY.split(", "), "hush"))


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("jira-quota-global-based", SiteBusyError),
        ("jira-quota-tenant-based", SiteBusyError),
        ("jira-per-issue-on-write", IssueBusyError),
        ("jira-burst-based", UnavailableError),
        ("not-known", UnavailableError),
    ],
)
def test_each_reason_of_a_rate_limit_has_its_own_reaction(reason: str, kind: type[UnavailableError]) -> None:
    """A quota stops the site, an issue waits alone, a burst slows its endpoint; the wait is handed up."""
    over, session, waits = transport(told(429, {}, Retry_After="1800", RateLimit_Reason=reason))
    with pytest.raises(UnavailableError) as caught:
        over.read("/rest/api/3/issue/PMS-1")

    assert (type(caught.value), caught.value.retry_after) == (kind, 1800.0)
    assert (len(session.kept), waits) == (1, [])
    assert ("GET /rest/api/3/issue/*" in over.pace.slowed) is (reason == "jira-burst-based")
