"""The openFDA client against a server that speaks openFDA's contract over real HTTP."""

import base64
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from include.postmarket.model.batch import Label, Media, Window
from include.postmarket.model.errors import ConfigurationError, UnavailableError
from include.postmarket.sources import manufacturers, reports
from include.postmarket.sources.asking import Asking
from include.postmarket.sources.openfda_api import Api, Search, fetch

MARCH = Window(date(2024, 3, 1), date(2024, 4, 1))
SEARCH = Search(title="bone cement", text="device.device_report_product_code:LOD")

Reply = tuple[int, dict[str, str], str]

NOT_FOUND: Reply = (404, {}, json.dumps({"error": {"code": "NOT_FOUND", "message": "No matches found!"}}))


@dataclass
class Fda:
    """A server that gives one scripted reply after the other, the last for ever, and remembers what was asked."""

    url: str
    replies: list[Reply] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    authorization: list[str | None] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    def api(self) -> Api:
        """Give the client's settings for this server; waiting is only written down."""
        asking = Asking(timeout=5, attempts=4, pause=self.waits.append)
        return Api(url=self.url, key="secret-key-1", asking=asking)


@pytest.fixture(name="fda")
def _fda() -> Iterator[Fda]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fda.asked.append(self.path)
            fda.authorization.append(self.headers.get("Authorization"))
            status, headers, body = fda.replies.pop(0) if len(fda.replies) > 1 else fda.replies[0]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    fda = Fda(url=f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield fda
    server.shutdown()
    thread.join()
    server.server_close()


def _page(keys: range, total: int, **headers: str) -> Reply:
    results = [{"mdr_report_key": str(k), "date_received": "20240305", "event_type": "Injury"} for k in keys]
    return 200, headers, json.dumps({"meta": {"results": {"skip": 0, "limit": 2, "total": total}}, "results": results})


def _next(fda: Fda, after: int) -> dict[str, str]:
    return {"Link": f'<{fda.url}/device/event.json?search_after={after}>; rel="next"'}


def test_all_pages_are_one_fetch(fda: Fda) -> None:
    """Pages are followed by their Link header, joined as they came, and read as one pull."""
    fda.replies = [_page(range(2), 3, **_next(fda, 1)), _page(range(2, 3), 3)]

    fetched = fetch(SEARCH, MARCH, fda.api())
    rows = reports.read(fetched.content, fetched.media, manufacturers.load())

    expected = ["0", "1", "2"]
    assert expected == rows["report_key"].tolist()
    assert (fetched.media, fetched.label, fetched.origin) == (
        Media.OPENFDA_JSON,
        Label.REAL,
        "openFDA device/event, bone cement",
    )
    assert fda.asked[1].removesuffix("&") == "/device/event.json?search_after=1"


def test_search_asks_for_the_days_of_the_window(fda: Fda) -> None:
    """The window's end is excluded in the house and included at openFDA; a page is 1,000 records."""
    fda.replies = [_page(range(1), 1)]

    fetch(SEARCH, MARCH, fda.api())

    expected = {
        "search": ["(device.device_report_product_code:LOD) AND date_received:[20240301 TO 20240331]"],
        "sort": ["date_received:asc"],
        "limit": ["1000"],
    }
    assert expected == parse_qs(urlsplit(fda.asked[0]).query)


def test_no_hit_is_an_empty_pull(fda: Fda) -> None:
    """HTTP 404 NOT_FOUND means zero reports, not an error."""
    fda.replies = [NOT_FOUND]

    fetched = fetch(SEARCH, MARCH, fda.api())

    assert reports.read(fetched.content, fetched.media, manufacturers.load()).empty


def test_404_of_a_wrong_address_is_an_error(fda: Fda) -> None:
    """A 404 that is not openFDA's NOT_FOUND says that the address is wrong."""
    fda.replies = [(404, {}, "nothing here")]

    with pytest.raises(ConfigurationError, match="HTTP 404"):
        fetch(SEARCH, MARCH, fda.api())


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_busy_is_asked_again(fda: Fda, status: int) -> None:
    """Busy answers are asked for again, after waits that stay below their growing cap."""
    fda.replies = [(status, {}, ""), (status, {}, ""), _page(range(1), 1)]

    fetch(SEARCH, MARCH, fda.api())

    assert len(fda.asked) == 3
    assert all(wait <= cap for wait, cap in zip(fda.waits, (2.0, 4.0), strict=True))


def test_retry_after_is_kept(fda: Fda) -> None:
    """The wait openFDA asks for is at least kept."""
    fda.replies = [(429, {"Retry-After": "30"}, ""), _page(range(1), 1)]

    fetch(SEARCH, MARCH, fda.api())

    expected = [30.0]
    assert expected == fda.waits


def test_long_retry_after_is_left_to_the_scheduler(fda: Fda) -> None:
    """A wait beyond the cap is not slept through in a task: the error carries it."""
    fda.replies = [(429, {"Retry-After": "3600"}, "")]

    with pytest.raises(UnavailableError) as error:
        fetch(SEARCH, MARCH, fda.api())

    assert error.value.retry_after == 3600.0
    assert len(fda.asked) == 1


def test_busy_for_ever_gives_up(fda: Fda) -> None:
    """After its attempts the client says what was last answered."""
    fda.replies = [(503, {}, "")]

    with pytest.raises(UnavailableError, match="HTTP 503"):
        fetch(SEARCH, MARCH, fda.api())

    assert len(fda.asked) == 4


@pytest.mark.parametrize("status", [400, 401, 403, 302])
def test_refusal_is_not_repeated(fda: Fda, status: int) -> None:
    """A wrong search, a wrong key and a redirect are a person's to mend."""
    fda.replies = [(status, {"Location": "http://elsewhere.invalid/"}, "")]

    with pytest.raises(ConfigurationError, match=f"HTTP {status}"):
        fetch(SEARCH, MARCH, fda.api())

    assert len(fda.asked) == 1


@pytest.mark.parametrize(
    "link",
    [
        lambda fda: f"{fda.url}/device/event.json?search_after=1",
        lambda _: "http://elsewhere.invalid/device/event.json?search_after=1",
    ],
    ids=["loop", "another host"],
)
def test_paging_that_leads_nowhere_ends(fda: Fda, link: Callable[[Fda], str]) -> None:
    """A next page that was read before, or that lies with somebody else, ends the pull: the key goes nowhere else."""
    following = f'<{link(fda)}>; rel="next"'
    fda.replies = [_page(range(2), 9, Link=following), _page(range(2, 4), 9, Link=following)]

    with pytest.raises(UnavailableError, match="nowhere new"):
        fetch(SEARCH, MARCH, fda.api())


def test_missing_records_are_noticed(fda: Fda) -> None:
    """Fewer records than announced is no complete pull: nothing of it is kept."""
    fda.replies = [_page(range(2), 3)]

    with pytest.raises(UnavailableError, match="announced 3 records and gave 2"):
        fetch(SEARCH, MARCH, fda.api())


def test_an_answer_cut_short_is_asked_again(fda: Fda) -> None:
    """Half a JSON is not an answer."""
    fda.replies = [(200, {}, '{"meta": {}, "results": [{"mdr_'), _page(range(1), 1)]

    fetch(SEARCH, MARCH, fda.api())

    assert len(fda.asked) == 2


def test_key_is_sent_but_never_shown(fda: Fda, caplog: pytest.LogCaptureFixture) -> None:
    """The key travels in the header only: no address, log line, error or repr holds it."""
    caplog.set_level("DEBUG")
    fda.replies = [(503, {}, "")]

    with pytest.raises(UnavailableError) as error:
        fetch(SEARCH, MARCH, fda.api())

    sent = f"Basic {base64.b64encode(b'secret-key-1:').decode()}"
    assert [sent] * 4 == fda.authorization
    assert "secret-key-1" not in f"{error.value} {caplog.text} {fda.asked} {fda.api()}"


def test_nobody_there(fda: Fda) -> None:
    """A refused connection is tried again and then reported without the whole address."""
    api = replace(fda.api(), url="http://127.0.0.1:9")

    with pytest.raises(UnavailableError, match="ConnectionError"):
        fetch(SEARCH, MARCH, api)

    assert len(fda.waits) == 3


def test_search_with_a_refused_character_is_not_sent(fda: Fda) -> None:
    """What openFDA answers with HTTP 400 is refused before it is sent."""
    with pytest.raises(ConfigurationError, match="refuses"):
        fetch(Search(title="t", text="brand:x;y"), MARCH, fda.api())

    assert fda.asked == []
