"""openFDA over the network: one search of device/event for the days of a window, all of its pages.

What decides the design (openFDA documentation, DOMAIN.md 5.1): no hit is HTTP 404; 240 requests a minute, then 429; at
most 1,000 records a page; the next page is the ``Link`` header's, made with ``search_after``, since ``skip`` ends at
26,000. The key travels as the user name of HTTP Basic, so that no address that is logged anywhere holds it.
"""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from secrets import SystemRandom
from urllib.parse import urlsplit

import requests

from include.postmarket.model.batch import Fetched, Label, Media, Window
from include.postmarket.model.errors import ConfigurationError, InputError, UnavailableError
from include.postmarket.sources.openfda_records import Page, page

#: The characters a search may hold (FDA/openfda, api: the rest is HTTP 400).
_SEARCH = re.compile(r"[&0-9a-zA-Z@%/\\',._:()\"\[\]{}\-+><=* ]+")
_BUSY = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is asked for: openFDA search syntax without the dates, and what people call it."""

    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """How openFDA is reached. ``timeout`` and ``longest_wait`` are seconds; the key is never shown."""

    timeout: float
    url: str = "https://api.fda.gov/device/event.json"
    key: str = field(default="", repr=False)
    attempts: int = 6
    longest_wait: float = 60.0
    page_size: int = 1000
    pause: Callable[[float], None] = field(default=time.sleep, repr=False)


def fetch(search: Search, window: Window, api: Api) -> Fetched:
    """Give the answers of a search over the days of a window, page behind page, as they came.

    Raises ConfigurationError when openFDA refuses the search or the key, UnavailableError when it stays busy, cannot be
    reached, or gives other than the records it announced.
    """
    pages = list(_pages(search, window, api))
    found, announced = sum(p.records for p in pages), pages[0].total
    if found != announced:
        raise UnavailableError(
            f"openFDA announced {announced} records and gave {found}",
            where=search.title,
            todo="pull again: its index may have changed between two pages",
        )
    return Fetched(
        content=b"\n".join(p.content for p in pages),
        media=Media.OPENFDA_JSON,
        origin=f"openFDA device/event, {search.title}",
        label=Label.REAL,
    )


def _pages(search: Search, window: Window, api: Api) -> Iterator[Page]:
    parameters: dict[str, str] | None = _parameters(search, window, api)
    address, seen = api.url, {api.url}
    with requests.Session() as session:
        session.auth = (api.key, "") if api.key else None
        while True:
            answer, following = _ask(session, address, parameters, api)
            yield answer
            if not following:
                return
            if following in seen or not answer.records or urlsplit(following)[:2] != urlsplit(api.url)[:2]:
                raise UnavailableError(
                    "openFDA's next page leads nowhere new",
                    where=search.title,
                    todo="pull again later; reading on would never end or leave openFDA",
                )
            seen.add(following)
            address, parameters = following, None


def _parameters(search: Search, window: Window, api: Api) -> dict[str, str]:
    if not _SEARCH.fullmatch(search.text):
        raise ConfigurationError(
            f"search {search.text!r} is empty or holds a character that openFDA refuses",
            where=search.title,
            todo="use letters, digits and openFDA's operators",
        )
    last = window.end - timedelta(days=1)
    days = f"date_received:[{window.start:%Y%m%d} TO {last:%Y%m%d}]"
    return {"search": f"({search.text}) AND {days}", "sort": "date_received:asc", "limit": str(api.page_size)}


def _ask(session: requests.Session, address: str, parameters: dict[str, str] | None, api: Api) -> tuple[Page, str]:
    """Give one page and the address of the next ("" for the last); busy answers are asked for again, ever later."""
    said, asked_wait = "", 0.0
    for attempt in range(api.attempts):
        if attempt:
            # full jitter: many workers that failed together do not come back together
            backoff = SystemRandom().uniform(0, min(api.longest_wait, 2.0**attempt))
            api.pause(max(asked_wait, backoff))
        try:
            answer = session.get(address, params=parameters, timeout=api.timeout, allow_redirects=False)
            if answer.status_code not in _BUSY:
                _refuse(answer)
                return page(answer.content), answer.links.get("next", {}).get("url", "")
            said, asked_wait = f"HTTP {answer.status_code}", _asked_wait(answer)
        except requests.RequestException as error:
            said, asked_wait = type(error).__name__, 0.0  # its message would spell out the address
        except InputError as error:
            said, asked_wait = error.what, 0.0  # cut short on the way
        if asked_wait > api.longest_wait:
            break
    raise UnavailableError(
        f"openFDA gave no answer: {said}",
        where=urlsplit(address).netloc,
        todo="try again later; if HTTP 500 stays, look at the syntax of the search",
        retry_after=asked_wait or None,
    )


def _refuse(answer: requests.Response) -> None:
    """Raise ConfigurationError unless the answer is a page: 200, or the 404 that says no hit."""
    if answer.status_code == requests.codes.ok or (answer.status_code == 404 and b'"NOT_FOUND"' in answer.content):
        return
    todo = {
        400: "mend the search: a field, an operator or a date is wrong",
        401: "look at the API key",
        403: "look at the API key",
    }
    raise ConfigurationError(
        f"openFDA refused with HTTP {answer.status_code}",
        where=urlsplit(answer.url).netloc,
        todo=todo.get(answer.status_code, "look at the address of the endpoint"),
    )


def _asked_wait(answer: requests.Response) -> float:
    given = answer.headers.get("Retry-After", "")
    return float(given) if given.isdecimal() else 0.0
