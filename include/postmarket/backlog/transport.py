"""HTTP to Jira: what is sent once, what may be sent again, and what an answer means.

Only reads and idempotent writes are sent again, with jitter and with Retry-After honoured up to a cap: "only retry if
the API is idempotent" (Atlassian's rate limit guide, JIRA.md section 3). Redirects are not followed: a redirect could
carry the credentials, or turn a POST into a GET. No message holds a request body or a header.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import requests

from include.postmarket.backlog.pacing import Pace, places_of
from include.postmarket.backlog.ports import Answer, Created, Declined, RateLimited, Refused, Unknown
from include.postmarket.backlog.refusals import (
    BURST,
    DOORS,
    PER_ISSUE,
    QUOTAS,
    IssueBusyError,
    SiteBusyError,
    closed_door,
)
from include.postmarket.backlog.settings import JiraSettings
from include.postmarket.model.errors import ConfigurationError, UnavailableError

ATTEMPTS = 4  # "at most about 4 retries"
WAIT_CAP = 30.0  # seconds slept at once; a longer Retry-After is handed up, so that the task waits and not the worker
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
_REFUSALS = frozenset({400, 404, 405, 409, 410, 411, 413, 415, 422})


@dataclass(frozen=True, slots=True, kw_only=True)
class Transport:
    """One Jira site over HTTP.

    ``sleep`` takes seconds; ``jitter`` gives a factor in 0.7-1.3; ``now`` is only read to understand a Retry-After that
    is given as a date.
    """

    settings: JiraSettings
    sleep: Callable[[float], None]
    now: Callable[[], datetime]
    session: requests.Session = field(default_factory=requests.Session)
    pace: Pace = field(default_factory=Pace)
    jitter: Callable[[], float] = lambda: random.uniform(0.7, 1.3)  # noqa: S311 - spreads waits, guards nothing

    def send_once(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Send one POST exactly once and say what became of it; never raises for what Jira or the network does."""
        try:
            answer = self._send("POST", path, body, {})
        except requests.RequestException as error:
            return Unknown(message=f"no answer to POST {path}: {type(error).__name__}")
        return self._classify(path, answer)

    def read(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """GET, tried again while Jira is busy; give the JSON.

        Raises ConfigurationError on 401 and 403, Declined on any other refusal, UnavailableError when Jira stays away.
        """
        return self._persist("GET", path, None, query or {})

    def ask(self, path: str, body: Mapping[str, Any]) -> Any:
        """POST that only reads (search, bulk fetch) or is idempotent (link, remote link); as `read`."""
        return self._persist("POST", path, body, {})

    def _persist(self, method: str, path: str, body: Mapping[str, Any] | None, query: Mapping[str, str]) -> Any:
        place = f"{method} {path}"
        for attempt in range(1, ATTEMPTS + 1):
            told, wait, reason = 0.0, 2.0 ** (attempt - 1) * self.jitter(), ""
            try:
                answer = self._send(method, path, body, query)
            except requests.RequestException as error:
                trouble = f"no answer: {type(error).__name__}"
            else:
                if answer.status_code not in _BUSY:
                    return _content(answer, place)
                trouble = f"HTTP {answer.status_code}: {words(answer)}"
                told = self._retry_after(answer)
                reason = answer.headers.get("RateLimit-Reason", "")
                wait = max(wait, told)
            if attempt == ATTEMPTS or wait > WAIT_CAP:
                break
            self.sleep(wait)
        raise _busy(reason)(
            f"Jira does not answer ({trouble})", where=place, todo="try again later", retry_after=told or None
        )

    def _send(
        self, method: str, path: str, body: Mapping[str, Any] | None, query: Mapping[str, str]
    ) -> requests.Response:
        places = places_of(method, path, body)
        self.pace.wait(places, self.now, self.sleep)
        answer = self.session.request(
            method,
            self.settings.base_url.rstrip("/") + path,
            json=body,
            params=query,
            auth=self.settings.credentials(),
            headers={"Accept": "application/json"},
            timeout=self.settings.timeout,
            allow_redirects=False,
        )
        if answer.status_code == 429 and answer.headers.get("RateLimit-Reason") == BURST:
            self.pace.slow(places.endpoint)
        return answer

    def _classify(self, path: str, answer: requests.Response) -> Answer:
        status = answer.status_code
        if status == 201:
            return _created(path, answer)
        if status == 429:
            reason = answer.headers.get("RateLimit-Reason", "not given")
            return RateLimited(reason=shown(reason), retry_after=self._retry_after(answer) or 1.0)
        if status in _REFUSALS | DOORS:
            return Refused(status=status, message=words(answer))
        return Unknown(message=f"HTTP {status} to POST {path}: {words(answer)}")

    def _retry_after(self, answer: requests.Response) -> float:
        """Give Retry-After in seconds: a number or an HTTP date, 0 when there is none or it makes no sense."""
        given = answer.headers.get("Retry-After", "").strip()
        if given.isdigit():
            return float(given)
        try:
            until = parsedate_to_datetime(given)
        except ValueError:
            return 0.0
        until = until if until.tzinfo else until.replace(tzinfo=UTC)
        return max(0.0, (until - self.now()).total_seconds())


def _busy(reason: str) -> type[UnavailableError]:
    """Give what has to wait, by Jira's reason for a rate limit: the site, one issue, or this request."""
    if reason in QUOTAS:
        return SiteBusyError
    return IssueBusyError if reason == PER_ISSUE else UnavailableError


def segment(value: str) -> str:
    """Give a value as one segment of a path."""
    return quote(value, safe="")


def words(answer: requests.Response) -> str:
    """Give Jira's own words for a refusal, short and in one line; an answer that is not Jira's is not repeated."""
    try:
        told = answer.json()
    except requests.exceptions.JSONDecodeError:
        return "the answer is not JSON"
    if not isinstance(told, dict):
        return "the answer is not an object"
    errors = told.get("errors")
    fields = errors.items() if isinstance(errors, dict) else ()
    messages: Sequence[Any] = told.get("errorMessages") or ()
    said = [*(str(message) for message in messages), *(f"{name}: {message}" for name, message in fields)]
    return shown("; ".join(said)) or "no reason given"


def shown(text: str) -> str:
    """Give foreign text fit for a message: one line, printable, at most 500 characters."""
    return "".join(c if c.isprintable() else " " for c in text)[:500].strip()


def _content(answer: requests.Response, place: str) -> Any:
    status = answer.status_code
    if status in DOORS:
        raise closed_door(status, words(answer), place)
    if 400 <= status < 500:
        raise Declined(f"HTTP {status}: {words(answer)}", status)
    if status not in {200, 201, 204}:
        raise ConfigurationError(
            f"HTTP {status} is no answer of Jira's REST interface",
            where=place,
            todo="check the base address: redirects are not followed, they could carry the credentials elsewhere",
        )
    if not answer.content:
        return None
    try:
        return answer.json()
    except requests.exceptions.JSONDecodeError:
        raise unreadable(place) from None


def unreadable(place: str) -> UnavailableError:
    """Give the error for an answer that does not have the shape of the contract."""
    return UnavailableError("Jira's answer cannot be read", where=place, todo="try again later")


def _created(path: str, answer: requests.Response) -> Answer:
    try:
        told = answer.json()
        return Created(id=str(told["id"]), key=str(told.get("key", "")))
    except (requests.exceptions.JSONDecodeError, KeyError, TypeError, AttributeError):
        return Unknown(message=f"HTTP 201 to POST {path}, but the answer cannot be read")
