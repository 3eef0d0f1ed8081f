"""What openFDA may do wrong on the wire: cut, repeat, change, flood, and answer with something else."""

import gzip
import json
from datetime import date
from typing import Any

import pytest

from include.postmarket.model.batch import Fetched, Window
from include.postmarket.model.errors import ConfigurationError, UnavailableError
from include.postmarket.sources.asking import Asking
from include.postmarket.sources.openfda_api import PACE, Api, Search, fetch
from include.postmarket.sources.openfda_endpoint import Endpoint
from include.postmarket.sources.register import SHAPES
from tests.contract.sources.conftest import Reply, Request, Server

MARCH = Window(date(2024, 3, 1), date(2024, 4, 1))
SEARCH = Search(title="bone cement", text="device.device_report_product_code:LOD")


def pull(server: Server, search: Search = SEARCH, key: str = "k") -> Fetched:
    """Ask the server as openFDA would be asked; waiting is only written down."""
    return fetch(search, MARCH, Api(url=server.url, key=key, asking=Asking(attempts=4, pause=server.waits.append)))


def page(first: int, rows: int, total: int, **headers: str) -> Reply:
    """Give a page of reports."""
    results: list[dict[str, Any]] = [{"mdr_report_key": str(first + n)} for n in range(rows)]
    body = json.dumps({"meta": {"results": {"skip": 0, "limit": 1000, "total": total}}, "results": results})
    return Reply(headers=headers, body=body.encode())


def following(server: Server, after: int) -> dict[str, str]:
    """Give the header that leads to the next page."""
    return {"Link": f'<{server.url}/device/event.json?search_after={after}>; rel="next"'}


def keys(fetched: Fetched) -> list[str]:
    """Give the keys of all reports in their order."""
    pages = [json.loads(line) for line in fetched.content.splitlines()]
    return [row["mdr_report_key"] for one in pages for row in one["results"]]


def broken(kind: str) -> Reply:
    """Give the first page as it comes when something is wrong with it."""
    whole = page(0, 2, 3)
    match kind:
        case "cut":
            return Reply(body=whole.body, broken_after=40)
        case "gzip":
            return Reply(headers={"Content-Encoding": "gzip"}, body=b"\x1f\x8b\x08\x00rubbish")
        case "gzip cut":
            packed = gzip.compress(whole.body)
            return Reply(headers={"Content-Encoding": "gzip"}, body=packed, broken_after=len(packed) // 2)
        case "html":
            return Reply(body=b"<html><body>Bad gateway</body></html>")
        case _:
            return Reply(status=502, body=b"<html>")


@pytest.mark.parametrize("kind", ["cut", "gzip", "gzip cut", "html", "bad gateway"])
def test_a_page_that_breaks_is_asked_for_again(server: Server, kind: str) -> None:
    """Whatever comes in place of a page, the pull goes on with the page itself: nothing twice, nothing lost."""
    server.script(broken(kind), page(0, 2, 3, **following(server, 1)), broken(kind), page(2, 1, 3))

    assert keys(pull(server)) == ["0", "1", "2"]
    assert len(server.asked) == 4


def test_a_storm_of_429_is_waited_out(server: Server) -> None:
    """Three floods, each with its wait, then the page."""
    flood = [Reply(status=429, headers={"Retry-After": wait}) for wait in ("1", "2", "30")]
    server.script(*flood, page(0, 1, 1))

    pull(server)

    assert server.waits[-1] == 30.0
    assert all(wait >= asked for wait, asked in zip(server.waits, (1.0, 2.0, 30.0), strict=True))


def test_retry_after_may_be_a_moment(server: Server) -> None:
    """A moment is counted from the answer's own clock."""
    headers = {"Date": "Wed, 01 May 2024 10:00:00 GMT", "Retry-After": "Wed, 01 May 2024 10:00:45 GMT"}
    server.script(Reply(status=503, headers=headers), page(0, 1, 1))

    pull(server)

    assert server.waits[0] >= 40.0


def test_a_page_that_comes_twice_is_noticed(server: Server) -> None:
    """The same page under another address would count its reports twice."""
    first = page(0, 2, 4, **following(server, 1))
    server.script(first, Reply(headers=following(server, 2), body=first.body))

    with pytest.raises(UnavailableError, match="a page came twice"):
        pull(server)


def test_a_total_that_changes_is_noticed(server: Server) -> None:
    """The index was refreshed between two pages: what was read belongs to two states of it."""
    server.script(page(0, 2, 4, **following(server, 1)), page(2, 2, 5))

    with pytest.raises(UnavailableError, match="4 records became 5"):
        pull(server)


def test_four_pages_a_second_at_most(server: Server) -> None:
    """Between pages it waits, so that 240 requests a minute are not exceeded; skip is never used."""
    server.script(page(0, 1, 3, **following(server, 1)), page(1, 1, 3, **following(server, 2)), page(2, 1, 3))

    pull(server)

    assert server.waits == [PACE, PACE]
    assert PACE * 240 >= 60
    assert all("skip" not in request.parameters for request in server.asked)


@pytest.mark.parametrize(("key", "total", "refused"), [("", 1_000_001, True), ("k", 1_000_001, False)])
def test_more_than_a_day_gives_is_refused_at_the_first_page(
    server: Server, key: str, total: int, refused: bool
) -> None:
    """1,000 requests a day without a key end in the middle of such a pull; with a key there are 120,000."""
    server.script(page(0, 1000, total))

    with pytest.raises(ConfigurationError if refused else UnavailableError, match="a day" if refused else "gave 1000"):
        pull(server, key=key)

    assert len(server.asked) == 1


@pytest.mark.parametrize("source", [s for s, shape in SHAPES.items() if shape.endpoint], ids=str)
def test_every_endpoint_is_asked_for_its_days(server: Server, source: Any) -> None:
    """Each endpoint is asked at its address, by its own date in its own spelling; a list without dates as a whole."""
    endpoint = SHAPES[source].endpoint
    assert isinstance(endpoint, Endpoint)
    server.script(page(0, 1, 1))

    pull(server, Search(title="all", endpoint=endpoint))

    asked: Request = server.asked[0]
    first, last = (d.strftime(endpoint.day) for d in (date(2024, 3, 1), date(2024, 3, 31)))
    expected = f"{endpoint.dated_by}:[{first} TO {last}]" if endpoint.dated_by else None
    assert (asked.path, asked.parameters.get("search")) == (f"/{endpoint.path}.json", expected)
