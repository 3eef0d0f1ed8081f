"""openFDA over the network: one search of an endpoint for the days of a window, all of its pages.

What decides the design (openFDA documentation): no hit is HTTP 404; 240 requests a minute, then 429; 1,000 requests a
day without a key, 120,000 with one; at most 1,000 records a page; the next page is the ``Link`` header's, made with
``search_after``, since ``skip`` ends at 25,000. The key travels as the user name of HTTP Basic, so that no address that
is logged anywhere holds it.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests

from include.postmarket.model.batch import Fetched, Label, Media, Window
from include.postmarket.model.errors import ConfigurationError, UnavailableError
from include.postmarket.sources.asking import Asking, Question, ask
from include.postmarket.sources.openfda_endpoint import DEVICE_EVENT, Endpoint
from include.postmarket.sources.openfda_records import Page, page

#: The characters a search may hold (FDA/openfda, api: the rest is HTTP 400).
_SEARCH = re.compile(r"[&0-9a-zA-Z@%/\\',._:()\"\[\]{}\-+><=* ]+")

ADDRESS = "https://api.fda.gov"

#: Seconds between two pages: 240 requests a minute are allowed.
PACE = 0.25

#: Requests that openFDA answers in a day, by address without a key and by key.
DAILY_WITHOUT_KEY = 1_000
DAILY_WITH_KEY = 120_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is asked for: an endpoint, openFDA search syntax without the dates, and what people call it."""

    title: str
    text: str = ""
    endpoint: Endpoint = DEVICE_EVENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """How openFDA is reached; the key is never shown."""

    url: str = ADDRESS
    key: str = field(default="", repr=False)
    page_size: int = 1000
    asking: Asking = field(default_factory=Asking)


def fetch(search: Search, window: Window, api: Api) -> Fetched:
    """Give the answers of a search over the days of a window, page behind page, as they came.

    Raises ConfigurationError when openFDA refuses the search or the key, or when the answer has more pages than it
    gives in a day; UnavailableError when it stays busy, cannot be reached, or gives other than it announced.
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
        origin=f"openFDA {search.endpoint.path}, {search.title}",
        label=Label.REAL,
    )


def _pages(search: Search, window: Window, api: Api) -> Iterator[Page]:
    address = f"{api.url}/{search.endpoint.path}.json"
    parameters = _parameters(search, window, api)
    seen = {address}
    announced = -1
    with requests.Session() as session:
        session.auth = (api.key, "") if api.key else None
        while True:
            question = Question(address=address, name="openFDA", parameters=parameters)
            answer, following = ask(session, question, api.asking, _read)
            content = hashlib.sha256(answer.content).hexdigest()
            if announced < 0:
                announced = answer.total
                _refuse_too_many(announced, search, api)
            elif answer.total != announced or content in seen:
                raise UnavailableError(
                    "openFDA changed while it was read: "
                    + ("a page came twice" if content in seen else f"{announced} records became {answer.total}"),
                    where=search.title,
                    todo="pull again",
                )
            yield answer
            if not following:
                return
            if following in seen or not answer.records or urlsplit(following)[:2] != urlsplit(api.url)[:2]:
                raise UnavailableError(
                    "openFDA's next page leads nowhere new",
                    where=search.title,
                    todo="pull again later; reading on would never end or leave openFDA",
                )
            seen |= {following, content}
            address, parameters = following, {}
            api.asking.pause(PACE)


def _refuse_too_many(records: int, search: Search, api: Api) -> None:
    daily = DAILY_WITH_KEY if api.key else DAILY_WITHOUT_KEY
    pages = -(-records // api.page_size)
    if pages > daily:
        raise ConfigurationError(
            f"{records} records are {pages} pages, and openFDA answers {daily} requests a day",
            where=search.title,
            todo="pull fewer days, use `bulk` in place of the search" + ("" if api.key else ", or set a key"),
        )


def _parameters(search: Search, window: Window, api: Api) -> dict[str, str]:
    if search.text and not _SEARCH.fullmatch(search.text):
        raise ConfigurationError(
            f"search {search.text!r} holds a character that openFDA refuses",
            where=search.title,
            todo="use letters, digits and openFDA's operators",
        )
    asked = search.endpoint.search(search.text, window)
    found = {"limit": str(api.page_size)}
    if asked:
        found["search"] = asked
    if search.endpoint.dated_by:
        found["sort"] = f"{search.endpoint.dated_by}:asc"
    return found


def _read(answer: requests.Response) -> tuple[Page, str]:
    """Give one page and the address of the next ("" for the last)."""
    _refuse(answer)
    return page(answer.content), answer.links.get("next", {}).get("url", "")


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
