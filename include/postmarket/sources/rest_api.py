"""Any JSON REST endpoint: paging and sign-in as sources.yaml describes them, secrets from a connection.

The answers are landed as they came, one behind the other. Busy answers are asked for again as openFDA's are.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

from include.postmarket.model.batch import Fetched, Label, Media, Window
from include.postmarket.model.errors import ConfigurationError, UnavailableError
from include.postmarket.sources import json_rows, json_text
from include.postmarket.sources.address import Address
from include.postmarket.sources.asking import Asking, Question, ask
from include.postmarket.sources.files import Member

#: More pages than any window of complaints has: an endpoint that ignores its paging would never end.
MOST_PAGES = 10_000


class Paging(StrEnum):
    """How an endpoint gives what does not fit into one answer."""

    NONE = "none"
    PAGE = "page"  # a parameter counts pages, from 1 or `first`
    OFFSET = "offset"  # a parameter counts rows, from 0 or `first`
    CURSOR = "cursor"  # an answer holds the parameter of the next one
    LINK = "link"  # the Link header, or a field of the answer, holds the next address


class SignIn(StrEnum):
    """How an endpoint knows us; the secret is the password of the connection."""

    NONE = "none"
    BASIC = "basic"  # login and password
    BEARER = "bearer"  # Authorization: Bearer
    HEADER = "header"  # a header of the endpoint's own


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """One endpoint, as sources.yaml describes it.

    In ``parameters``, ``{start}``, ``{end}`` and ``{last}`` stand for the first day of the pull, the first day behind
    it, and its last day. ``rows`` is the dotted name of the list of rows in an answer, ``next`` that of the cursor or
    of the next address; ``size`` rows are asked for by ``size_parameter``.
    """

    connection: str
    path: str
    rows: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    sign_in: SignIn = SignIn.NONE
    header: str = ""
    paging: Paging = Paging.NONE
    paging_parameter: str = ""
    first: int | None = None
    next: str = ""
    size_parameter: str = ""
    size: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """One answer, the rows it holds, and what was asked for it."""

    content: bytes
    value: Any
    rows: int
    link: str


def fetch(rest: Rest, address: Address, window: Window, label: Label, asking: Asking) -> Fetched:
    """Give the answers for the days of a window, as they came.

    Raises ConfigurationError when the description lacks something or the endpoint refuses us, UnavailableError when it
    stays busy, answers with no rows where they should stand, or pages without end.
    """
    _refuse_incomplete(rest, address)
    pages = _pages(rest, address, window, asking)
    return Fetched(
        content=b"\n".join(page.content for page in pages),
        media=Media.JSON_ROWS,
        origin=f"{rest.connection}: {rest.path} ({len(pages)} answers)",
        label=label,
    )


def _pages(rest: Rest, address: Address, window: Window, asking: Asking) -> list[_Page]:
    question = _first(rest, address, window)
    host, found, seen = urlsplit(question.address)[:2], list[_Page](), set[tuple[str, str]]()
    with requests.Session() as session:
        session.auth = (address.login, address.password) if rest.sign_in is SignIn.BASIC else None
        while True:
            key = (question.address, json.dumps(dict(question.parameters), sort_keys=True))
            if key in seen or len(found) >= MOST_PAGES or urlsplit(question.address)[:2] != host:
                raise _leads_nowhere(rest, len(found))
            seen.add(key)
            page = ask(session, question, asking, lambda answer: _page(answer, rest))
            if page.rows and any(page.content == earlier.content for earlier in found):
                raise _leads_nowhere(rest, len(found))
            found.append(page)
            following = _following(rest, question, page)
            if following is None:
                return found
            question = following


def _first(rest: Rest, address: Address, window: Window) -> Question:
    days = {"start": window.start, "end": window.end, "last": window.end - timedelta(days=1)}
    parameters = {name: value.format_map(days) for name, value in rest.parameters.items()}
    if rest.size_parameter:
        parameters[rest.size_parameter] = str(rest.size)
    if rest.paging in {Paging.PAGE, Paging.OFFSET}:
        parameters[rest.paging_parameter] = str(_start(rest))
    headers = {"Accept": "application/json"}
    if rest.sign_in is SignIn.BEARER:
        headers["Authorization"] = f"Bearer {address.password}"
    if rest.sign_in is SignIn.HEADER:
        headers[rest.header] = address.password
    scheme = "" if "://" in address.host else "https://"
    port = f":{address.port}" if address.port else ""
    base = f"{scheme}{address.host.rstrip('/')}{port}/"
    return Question(
        address=urljoin(base, rest.path.lstrip("/")), name=rest.connection, parameters=parameters, headers=headers
    )


def _page(answer: requests.Response, rest: Rest) -> _Page:
    """Read one answer. Raises InputError when it is no JSON with rows, ConfigurationError when we are refused."""
    if answer.status_code != requests.codes.ok:
        todo = {401: "look at the sign-in and the secret", 403: "look at the rights of the account"}
        raise ConfigurationError(
            f"the endpoint refused with HTTP {answer.status_code}",
            where=f"{rest.connection}, {rest.path}",
            todo=todo.get(answer.status_code, "look at the path and the parameters"),
        )
    value = next(json_text.values(Member(name="answer", content=answer.content)))
    rows = json_rows.rows_at(value, rest.rows, "answer")
    return _Page(content=answer.content, value=value, rows=len(rows), link=answer.links.get("next", {}).get("url", ""))


def _following(rest: Rest, question: Question, page: _Page) -> Question | None:
    """Give what is asked next, None after the last page: one with too few rows, or one that names no other."""
    asked = dict(question.parameters)
    match rest.paging:
        case Paging.PAGE | Paging.OFFSET:
            if not page.rows or (rest.size_parameter and page.rows < rest.size):
                return None
            step = 1 if rest.paging is Paging.PAGE else page.rows
            asked[rest.paging_parameter] = str(int(asked[rest.paging_parameter]) + step)
            return _asking_for(question, question.address, asked)
        case Paging.CURSOR:
            asked[rest.paging_parameter] = json_text.cell(json_text.step_down(page.value, rest.next))
            return _asking_for(question, question.address, asked) if asked[rest.paging_parameter] else None
        case Paging.LINK:
            named = json_text.cell(json_text.step_down(page.value, rest.next)) if rest.next else page.link
            return _asking_for(question, urljoin(question.address, named), {}) if named else None
        case Paging.NONE:
            return None


def _asking_for(question: Question, address: str, parameters: Mapping[str, str]) -> Question:
    return Question(address=address, name=question.name, parameters=parameters, headers=question.headers)


def _start(rest: Rest) -> int:
    return rest.first if rest.first is not None else int(rest.paging is Paging.PAGE)


def _leads_nowhere(rest: Rest, pages: int) -> UnavailableError:
    return UnavailableError(
        f"the endpoint's next page leads nowhere new, after {pages} answer(s)",
        where=f"{rest.connection}, {rest.path}",
        todo="look at `paging` in sources.yaml: the endpoint may page in another way",
    )


def _refuse_incomplete(rest: Rest, address: Address) -> None:
    counted = rest.paging in {Paging.PAGE, Paging.OFFSET, Paging.CURSOR}
    missing = {
        "paging_parameter": counted and not rest.paging_parameter,
        "next": rest.paging is Paging.CURSOR and not rest.next,
        "header": rest.sign_in is SignIn.HEADER and not rest.header,
        "a size above 0": rest.size < 1,
        "a host in the connection": not address.host,
        "a password in the connection": rest.sign_in is not SignIn.NONE and not address.password,
    }
    if lacks := [name for name, absent in missing.items() if absent]:
        raise ConfigurationError(
            f"the endpoint lacks {', '.join(lacks)}",
            where=f"sources.yaml, {rest.connection} {rest.path}",
            todo=f"add it: paging {rest.paging} and sign-in {rest.sign_in} need it",
        )
    stands_for = {"start", "end", "last"}
    for name, value in rest.parameters.items():
        try:
            value.format_map(dict.fromkeys(stands_for, ""))
        except (KeyError, ValueError, IndexError) as error:
            raise ConfigurationError(
                f"parameter {name} holds braces that stand for nothing",
                where=f"sources.yaml, {rest.connection} {rest.path}",
                todo="use {start}, {end} or {last}; write a brace of its own twice",
            ) from error
