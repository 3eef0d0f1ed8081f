"""Any JSON endpoint: every paging, every sign-in, and what an endpoint may get wrong."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from include.postmarket.model.batch import Label, Media, Window
from include.postmarket.model.errors import ConfigurationError, UnavailableError
from include.postmarket.sources import complaints, rest_api
from include.postmarket.sources.address import Address
from include.postmarket.sources.asking import Asking
from include.postmarket.sources.rest_api import Paging, Rest, SignIn
from include.postmarket.sources.shape import Asked
from include.postmarket.sources.translation import Translation
from tests.contract.sources.conftest import Reply, Request, Server

MARCH = Window(date(2024, 3, 1), date(2024, 4, 1))
SECRET = "a-secret-of-theirs"
REST = Rest(connection="complaints_api", path="/v2/cases", rows="data.items")
ALL: list[dict[str, object]] = [
    {"id": f"C-{n}", "opened": "2024-03-05", "class": {"failure": "BATT"}, "tags": ["a", "b"]} for n in range(5)
]


def fetch(server: Server, rest: Rest) -> list[str]:
    """Pull, read, and give the ids of the complaints."""
    address = Address(name="complaints_api", host=server.url, login="pms", password=SECRET)
    asking = Asking(timeout=5, attempts=3, pause=server.waits.append)
    fetched = rest_api.fetch(rest, address, MARCH, Label.REAL, asking)
    translation = Translation(
        columns={"complaint_id": "id", "received": "opened", "problem_code": "class.failure"},
        codes={"problem_code": {"BATT": "A0705"}},
        constants={"imdrf_release": "2024", "model": "X"},
    )
    assert fetched.media is Media.JSON_ROWS
    rows = complaints.read(fetched.content, fetched.media, Asked(translation=translation, rows=rest.rows))
    assert set(rows["problem_code"]) <= {"A0705"}
    return [str(key) for key in rows["complaint_id"]]


def page(rows: list[dict[str, object]], **more: object) -> Reply:
    """Give an answer with some rows."""
    return Reply(body=json.dumps({"data": {"items": rows}, **more}).encode())


def counted(request: Request) -> Reply:
    """Page by a counted page or offset."""
    size = int(request.parameters["per"])
    at = int(request.parameters.get("offset", (int(request.parameters.get("page", 1)) - 1) * size))
    return page(ALL[at : at + size])


def by_cursor(request: Request) -> Reply:
    """Page by a cursor that each answer holds."""
    at = int(request.parameters.get("after", 0))
    return page(ALL[at : at + 2], next=str(at + 2) if at + 2 < len(ALL) else None)


def by_header(request: Request) -> Reply:
    """Page by the Link header, as an address of its own."""
    at = int(request.parameters.get("from", 0))
    link = {"Link": f'</v2/cases?from={at + 2}>; rel="next"'} if at + 2 < len(ALL) else {}
    return replace(page(ALL[at : at + 2]), headers=link)


def by_field(request: Request) -> Reply:
    """Page by an address in the answer."""
    at = int(request.parameters.get("from", 0))
    return page(ALL[at : at + 2], links={"next": f"?from={at + 2}" if at + 2 < len(ALL) else ""})


@pytest.mark.parametrize(
    ("rest", "answer", "requests"),
    [
        (REST, lambda _: page(ALL), 1),
        (replace(REST, paging=Paging.PAGE, paging_parameter="page", size_parameter="per", size=2), counted, 3),
        (replace(REST, paging=Paging.OFFSET, paging_parameter="offset", size_parameter="per", size=5), counted, 2),
        (replace(REST, paging=Paging.CURSOR, paging_parameter="after", next="next"), by_cursor, 3),
        (replace(REST, paging=Paging.LINK), by_header, 3),
        (replace(REST, paging=Paging.LINK, next="links.next"), by_field, 3),
    ],
    ids=["none", "page", "offset", "cursor", "link header", "link in the answer"],
)
def test_every_paging_gives_every_row(
    server: Server, rest: Rest, answer: Callable[[Request], Reply], requests: int
) -> None:
    """However an endpoint pages, all rows come once and in their order."""
    server.answer = answer

    assert fetch(server, rest) == [str(row["id"]) for row in ALL]
    assert len(server.asked) == requests


@pytest.mark.parametrize(
    ("sign_in", "header", "name", "sent"),
    [
        (SignIn.NONE, "", "Authorization", None),
        (SignIn.BASIC, "", "Authorization", f"Basic {base64.b64encode(f'pms:{SECRET}'.encode()).decode()}"),
        (SignIn.BEARER, "", "Authorization", f"Bearer {SECRET}"),
        (SignIn.HEADER, "X-Api-Key", "X-Api-Key", SECRET),
    ],
)
def test_every_sign_in(server: Server, sign_in: SignIn, header: str, name: str, sent: str | None) -> None:
    """The secret of the connection travels as the endpoint wants it, and only then."""
    server.answer = lambda _: page(ALL)

    fetch(server, replace(REST, sign_in=sign_in, header=header))

    assert server.asked[0].headers.get(name) == sent


def test_the_days_of_the_window_are_asked_for(server: Server) -> None:
    """First day, last day and the day behind it stand where the parameters say."""
    server.answer = lambda _: page(ALL)

    fetch(server, replace(REST, parameters={"from": "{start}", "to": "{last}", "before": "{end}T00:00", "x": "1"}))

    expected = {"from": "2024-03-01", "to": "2024-03-31", "before": "2024-04-01T00:00", "x": "1"}
    assert server.asked[0].parameters == expected


def test_no_rows_is_an_empty_pull(server: Server) -> None:
    """A month without complaints is no error."""
    server.answer = lambda _: page([])

    assert fetch(server, REST) == []


@pytest.mark.parametrize("status", [429, 503])
def test_busy_and_broken_answers_are_asked_again(server: Server, status: int) -> None:
    """A busy answer, half an answer and an error page in place of JSON are not the end."""
    whole = page(ALL)
    half = replace(whole, broken_after=20)
    server.script(Reply(status=status, headers={"Retry-After": "7"}), half, whole)

    assert len(fetch(server, REST)) == len(ALL)
    assert server.waits[0] == 7.0


def test_an_error_page_for_ever_is_told(server: Server) -> None:
    """HTML with HTTP 200 is no answer; what it says is not repeated."""
    server.script(Reply(body=b"<html>Dr. Canary</html>"))

    with pytest.raises(UnavailableError, match="no readable JSON") as error:
        fetch(server, REST)

    assert "Canary" not in str(error.value)


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404])
def test_a_refusal_is_a_persons_to_mend(server: Server, status: int) -> None:
    """A wrong path, a wrong secret and a redirect are not repeated, and nothing secret is told."""
    server.script(Reply(status=status, headers={"Location": "http://elsewhere.invalid/"}))

    with pytest.raises(ConfigurationError, match=f"HTTP {status}") as error:
        fetch(server, replace(REST, sign_in=SignIn.BEARER))

    assert len(server.asked) == 1
    assert SECRET not in str(error.value)


def test_paging_that_is_ignored_ends(server: Server) -> None:
    """An endpoint that gives its first page for ever is noticed at the second."""
    server.answer = lambda _: page(ALL[:2])

    with pytest.raises(UnavailableError, match="nowhere new"):
        fetch(server, replace(REST, paging=Paging.PAGE, paging_parameter="seite", size_parameter="per", size=2))

    assert len(server.asked) == 2


def test_a_next_address_elsewhere_is_not_followed(server: Server) -> None:
    """The secret goes to no other host."""
    server.answer = lambda _: page(ALL, next="http://elsewhere.invalid/v2/cases")

    with pytest.raises(UnavailableError, match="nowhere new"):
        fetch(server, replace(REST, paging=Paging.LINK, next="next", sign_in=SignIn.BEARER))


def test_rows_that_stand_elsewhere_are_told(server: Server) -> None:
    """An answer without rows where they should stand is no empty pull."""
    server.answer = lambda _: page(ALL)

    with pytest.raises(UnavailableError, match=r"no list of rows at 'results'"):
        fetch(server, replace(REST, rows="results"))


@pytest.mark.parametrize(
    ("rest", "lacks"),
    [
        (replace(REST, paging=Paging.PAGE), "paging_parameter"),
        (replace(REST, paging=Paging.CURSOR, paging_parameter="after"), "next"),
        (replace(REST, sign_in=SignIn.HEADER), "header"),
        (replace(REST, size=0), "size"),
        (replace(REST, parameters={"from": "{begin}"}), "stand for nothing"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_incomplete_description_is_not_tried(server: Server, rest: Rest, lacks: str) -> None:
    """What a description lacks is told before anything is asked."""
    with pytest.raises(ConfigurationError, match=lacks):
        fetch(server, rest)

    assert server.asked == []


def test_an_address_shows_nothing() -> None:
    """A connection that is printed shows its name only."""
    shown = repr(Address(name="complaints_api", host="https://pms:pw@host", login="pms", password=SECRET))

    assert shown == "Address(name='complaints_api')"
