"""What the pages show of a house with something on every page."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from include.postmarket.model.batch import Source
from include.postmarket.pages.app import make_app
from include.postmarket.pages.door import Door, lead_to
from include.postmarket.pages.ports import Ports
from include.postmarket.pages.rendering import NAVIGATION
from include.postmarket.steps.house import House
from include.postmarket.steps.settings import from_environment
from tests.postgres import RecordsDatabase
from tests.unit.pages import stage
from tests.unit.pages.conftest import client_of
from tests.unit.pages.stage import DEVICE, HOSTILE, LOT, NOW, SERIAL

pytestmark = pytest.mark.postgres
PAGES = tuple(f"/{path}" for path, _ in NAVIGATION)


def text_of(html: str) -> str:
    """Give what a reader sees of a page: no tags, one space between words."""
    body = html.split("<main", 1)[1].split("</main>", 1)[0]
    return " ".join(re.sub(r"<[^>]*>", " ", body).split())


def addresses(house: House) -> list[str]:
    """Give the address of every page there is, of every signal and every batch included."""
    signals = [f"/signals/{kept.signal.id}" for kept in house.signals.all()]
    batches = [f"/data/{o.landing.batch}" for source in Source for o in house.batches.outcomes(source)]
    return [*PAGES, *signals, *batches, *(f"{b}/report" for b in batches), "/audit/verification"]


def signal_page(house: House, reader: TestClient, indicator_id: str, subgroup: str) -> str:
    """Give the HTML of one signal's page."""
    kept = next(
        k.signal for k in house.signals.all() if (k.signal.indicator_id, k.signal.subgroup) == (indicator_id, subgroup)
    )
    answer = reader.get(f"/signals/{kept.id}")
    assert answer.status_code == 200
    return str(answer.text)


def test_everything_stored_is_escaped(filled: House, reader: TestClient) -> None:
    """No page gives a stored text as markup, wherever it came from: file name, key, rule, server, subgroup."""
    shown = ""
    for address in addresses(filled):
        answer = reader.get(address)

        assert answer.status_code == 200, address
        assert HOSTILE not in answer.text, address
        shown += answer.text

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown


def test_what_stays_inside_the_lake_is_on_no_page(filled: House, reader: TestClient) -> None:
    """Serial numbers, lots and device keys are not shown, whether subgroup, title or record key (G4)."""
    for address in addresses(filled):
        html = reader.get(address).text
        shown = [secret for secret in (SERIAL, DEVICE, LOT) if secret in html]

        assert shown == [], address


def test_every_answer_forbids_what_pages_do_not_need(filled: House, reader: TestClient) -> None:
    """Style, script and images come from here only, nothing is kept by caches, and no page holds inline style."""
    for address in [*addresses(filled), "/static/postmarket.css", "/nothing", "/signals/SIG-0-1"]:
        answer = reader.get(address)
        policy = answer.headers["content-security-policy"]

        assert policy.startswith("default-src 'none'; ")
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        if not address.startswith("/static"):
            assert answer.headers["cache-control"] == "no-store"
            assert " style=" not in answer.text
            assert not re.search(r"(src|href)=\"https?://(?!jira\.example)", answer.text), address


def test_front_page_says_what_waits(filled: House, reader: TestClient) -> None:
    """The first sentence counts what is wrong and what waits; the newest period that is over has its result."""
    text = text_of(reader.get("/").text)

    assert "To mend: 1 stuck ticket, 1 stopped pull, 1 failed task." in text
    assert "Waiting for a person: 5 new signals, 6 risk updates, " in text
    assert "In March 2026, 35 complaints came in (10 expected, limit 22). That is 3.5 times what was expected." in text
    assert "No run is on record yet" in text  # of the other plan


def test_front_page_of_an_empty_house_says_what_to_do(empty: House) -> None:
    """Before the first pull nothing is wrong, and the page says how data get in."""
    text = text_of(client_of(empty).get("/").text)

    assert "Nothing is wrong, and nothing waits for you." in text
    assert "No data yet." in text


def test_every_page_has_an_empty_state(empty: House) -> None:
    """A house without any data has all its pages."""
    reader = client_of(empty)

    assert {200} == {reader.get(address).status_code for address in PAGES}


def test_signal_page_tells_the_whole_story(filled: House, reader: TestClient) -> None:
    """What happened, the chart and its table, subgroups, records, chain, ticket, risk, stamp and the data's label."""
    html = signal_page(filled, reader, "IP-POWER", "software_version=3.2")
    text = text_of(html)

    assert "software version 3.2" in text
    assert "simulated data" in text
    assert '<svg class="chart"' in html
    assert "<caption>Battery and power complaints per device-day, by software version, by period" in html
    assert "exposure below the minimum: 12 device days, the plan asks for 5,000" in text
    assert "3 record keys" in text
    assert "IP-REQ-001" in text
    assert "IP-R01: Loss of power" in text
    assert "RUN-march" in text
    assert 'href="https://jira.example/browse/PMS-2"' in html
    assert "signal reviewer may move it to validated" in text
    assert "reporting count" not in text


def test_count_without_exposure_is_said_to_be_no_rate(filled: House, reader: TestClient) -> None:
    """Where there is no exposure, the page says so beside the number."""
    html = signal_page(filled, reader, "IP-SIMILAR-DEVICES", f"product_code={HOSTILE}; event_type=Death")

    assert "This is a reporting count, not a rate." in html


def test_measurements_read_as_shares_without_device_keys(filled: House, reader: TestClient) -> None:
    """A share reads as per cent, and the page says why the devices are not listed."""
    text = text_of(signal_page(filled, reader, "IP-PERFORMANCE", ""))

    assert "25 % of devices measured unlike the fleet (5 % expected, limit 10 %)" in text
    assert "2 records; they are not listed" in text


def test_plans_page_gives_the_three_answers(filled: House, reader: TestClient) -> None:
    """Alarm, quiet and not evaluated with its reason; an indicator without a point is not evaluated either (G7)."""
    text = text_of(reader.get("/plans").text)

    assert "software version 3.2 alarm" in text
    assert "all quiet" in text
    assert "not evaluated 35 complaints not given not given exposure below the minimum" in text
    assert "The run has no point of this indicator." in text


def test_plans_page_says_what_a_plan_can_see(filled: House, reader: TestClient) -> None:
    """False alarms, smallest rises, findings, risks that are not seen, why something is not known, and old figures."""
    text = text_of(reader.get("/plans").text)

    assert "About 1.4 false alarms a year" in text
    assert "the plan states no budget" in text or "are accepted" in text
    assert "The plan has changed since" in text
    assert "none up to 20-fold within 4; 3.10-fold within 13" in text
    assert "cannot see what the risk file assumes: IP-R01 becomes unacceptable at 0.00029 per exposure" in text
    assert "What it can see: not known, history too short" in text
    assert "1.4 false alarms a year (0.5 accepted)" in text


def test_signal_page_says_what_its_series_can_see(filled: House, reader: TestClient) -> None:
    """One line beside what happened; none where nothing is on record."""
    known = text_of(signal_page(filled, reader, "IP-POWER", "software_version=3.2"))
    unknown = text_of(signal_page(filled, reader, "IP-PERFORMANCE", ""))

    assert "It raises about 0.7 false alarms a year and sees a 3.1-fold rise within 13 periods" in known
    assert "false alarms a year" not in unknown


def test_front_page_counts_what_plans_cannot_see(filled: House, reader: TestClient) -> None:
    """Two budgets exceeded, more spread than assumed, and a risk that nobody sees: four findings for the owner."""
    text = text_of(reader.get("/").text)

    assert "4 plan findings" in text


def test_data_page_proves_the_sum_and_leads_to_the_checks(filled: House, reader: TestClient) -> None:
    """Rows add up by source, a stopped batch says why, and the check report is one file of its own."""
    text = text_of(reader.get("/data").text)
    stopped = next(o for o in filled.batches.outcomes(Source.REPORTS) if o.stopped)
    report = reader.get(f"/data/{stopped.landing.batch}/report")

    assert "10 rows pulled = 7 accepted + 2 in quarantine + 0 rejected by a person + 1 superseded." in text
    assert "Stopped: stopped" in text
    assert "<style>" in report.text
    assert "'sha256-" in report.headers["content-security-policy"]


def test_stuck_tickets_come_with_the_words_of_the_server(filled: House, reader: TestClient) -> None:
    """A parked ticket stands first, with what the server said."""
    text = text_of(reader.get("/tickets").text)

    assert text.index("Stuck (1)") < text.index("is not a field") < text.index("Others (")


def test_audit_page_verifies_on_demand(empty: House, records: RecordsDatabase) -> None:
    """The trail holds; after a row was tampered with, the page names it (G6)."""
    stage.fill(empty)
    reader = client_of(empty)
    sound = text_of(reader.get("/audit/verification").text)
    with records.superuser() as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE signals SET plan_id = 'x' WHERE epoch = 1")
    broken = text_of(reader.get("/audit/verification").text)

    assert "Every record holds" in sound
    assert "The trail does not hold. signals: record" in broken


@pytest.mark.parametrize(
    "wanted",
    [
        "/signals/SIG-0000000000-1",
        "/signals/%00",
        "/signals/' OR 1=1 --",
        "/signals/..%2f..%2fetc",
        f"/signals/{'9' * 5000}",
        "/signals/<script>alert(1)<%2fscript>",
        "/data/0123",
        f"/data/{'0' * 32}",
        f"/data/{'0' * 32}/report",
        "/static/..%2fapp.py",
        "/static/base.html",
        "/docs",
        "/openapi.json",
    ],
)
def test_unknown_and_hostile_addresses_are_not_found(filled: House, reader: TestClient, wanted: str) -> None:
    """An unknown id is a 404 that says so, repeats it escaped and short, and leads on."""
    answer = reader.get(wanted)

    assert answer.status_code == 404
    assert HOSTILE not in answer.text
    assert "9" * 100 not in answer.text
    assert "the overview" in answer.text


def test_nothing_can_be_changed(filled: House, reader: TestClient) -> None:
    """Every page answers any method but GET with 405."""
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert {405} == {reader.request(method, address).status_code for address in PAGES}


def test_database_that_is_down_says_what_to_do(filled: House) -> None:
    """An unreachable database is a 503 in the house's words, without a password."""
    settings = replace(filled.settings, database_url="postgresql://app:hidden-word@127.0.0.1:1/records")
    ports = stage.ports_of(House(settings))
    reader = TestClient(make_app(ports, Door(guards=(), ask=lead_to(lambda _: "/"))))
    answer = reader.get("/")

    assert answer.status_code == 503
    assert "The server is down" in answer.text or "the server is down" in answer.text
    assert "hidden-word" not in answer.text


def test_missing_settings_say_what_to_do(tmp_path: Path) -> None:
    """Without an address of the records each page says which variable to set."""
    ports = Ports(house=lambda: House(from_environment({})), now=lambda: NOW, jira=lambda _: "")
    reader = TestClient(make_app(ports, Door(guards=(), ask=lead_to(lambda _: "/"))))
    answer = reader.get("/signals")

    assert answer.status_code == 503
    assert "POSTMARKET_DATABASE_URL" in answer.text


def test_failure_of_a_stranger_shows_no_words(filled: House) -> None:
    """An error that is not ours may hold data: the page says that it failed, and no more (G4)."""

    def broken() -> House:
        raise RuntimeError(SERIAL)

    ports = replace(stage.ports_of(filled), house=broken)
    app = make_app(ports, Door(guards=(), ask=lead_to(lambda _: "/")))
    answer = TestClient(app, raise_server_exceptions=False).get("/")

    assert answer.status_code == 500
    assert SERIAL not in answer.text
    assert "This page failed." in answer.text
