"""The pages as a visitor meets them, in a real browser."""

import re
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from include.postmarket.model.batch import Source
from include.postmarket.pages.rendering import NAVIGATION
from include.postmarket.steps.house import House
from tests.browser.checks import faults_of
from tests.browser.conftest import Watch

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


def every_address(house: House) -> list[str]:
    """Give the path of every kind of page."""
    signals = [f"signals/{kept.signal.id}" for kept in house.signals.all()]
    batch = house.batches.outcomes(Source.COMPLAINTS)[0].landing.batch
    return [*(path for path, _ in NAVIGATION), *signals, f"data/{batch}", f"data/{batch}/report", "audit/verification"]


def test_morning_walk(page: Page, address: str, watch: Watch) -> None:
    """From the overview to a signal, to its data, to the check report: all by links, nothing breaks, nothing leaves."""
    expect(page).to_have_url(re.compile(r"/postmarket/$"))
    page.get_by_role("link", name="new signals").click()
    page.get_by_role("row").filter(has_text="software version 3.2").get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Battery and power complaints")
    expect(page.get_by_role("img", name="Observed, expected and limit")).to_be_visible()
    page.get_by_text("The same as a table").click()
    expect(page.get_by_role("rowheader", name="March 2026").first).to_be_visible()
    page.get_by_label("Pages").get_by_role("link", name="Data").click()
    page.get_by_role("link", name="Check report of 2026-03-01, complaints").click()
    page.get_by_role("link", name="The report as one file").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Checks of complaints")
    style = page.evaluate("getComputedStyle(document.body).maxWidth")

    assert style != "none"  # the report's own style was let through by its hash
    assert watch.errors == []
    assert watch.left == []


def test_risk_and_ticket_are_one_step_from_the_signal(page: Page, address: str, house: House) -> None:
    """A signal leads to its proposed risk update; the ticket's link goes to Jira."""
    signal = house.tickets.all()
    filed = next(entry for entry in signal if entry.issue_key)
    page.goto(f"{address}/postmarket/signals/{filed.plan.signal_id}")
    jira = page.get_by_role("link", name="PMS-2 (Jira)").get_attribute("href")
    page.get_by_role("link", name=re.compile("IP-R01")).first.click()

    assert jira == "https://jira.example/browse/PMS-2"
    expect(page).to_have_url(re.compile(r"/postmarket/risk#RU-"))


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 375)])
def test_every_page_is_accessible(
    page: Page, address: str, house: House, watch: Watch, scheme: Literal["light", "dark"], width: int
) -> None:
    """Headings, landmarks, names, captions, contrast and reflow, light on a laptop and dark on a phone."""
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    found: dict[str, list[str]] = {}
    for path in every_address(house):
        page.goto(f"{address}/postmarket/{path}")
        page.evaluate("document.querySelectorAll('details').forEach((closed) => { closed.open = true; })")
        if not path.endswith("/report"):  # a page of `checks`, made to be kept as a file
            found[path] = faults_of(page)

    assert {path: faults for path, faults in found.items() if faults} == {}
    assert watch.errors == []
    assert watch.left == []


def test_keyboard_reaches_the_content_first(page: Page) -> None:
    """The first tab stop skips the navigation, and what has the focus is outlined."""
    page.locator("body").press("Tab")  # a key that comes before the page has the focus goes nowhere
    first = page.evaluate("document.activeElement.textContent")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    page.keyboard.press("Enter")

    assert first == "Skip to the content"
    assert outline == "solid"
    assert page.evaluate("document.activeElement.id") == "content"


def test_link_in_a_ticket_leads_through_the_login(page: Page, address: str, house: House) -> None:
    """Someone whose session is over gets the form, and after it the page that was asked for."""
    page.context.clear_cookies()
    signal = house.signals.all()[0].signal
    page.goto(f"{address}/postmarket/signals/{signal.id}")

    assert faults_of(page) == []

    page.get_by_label("Access token").fill("a-token-of-more-than-24-characters")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{address}/postmarket/signals/{signal.id}")


def test_jira_opens_from_inside_a_frame(page: Page, address: str, house: House) -> None:
    """Airflow's frame may not open windows; the page around it opens the ticket instead."""
    filed = next(entry for entry in house.tickets.all() if entry.issue_key)
    frame = f'<iframe sandbox="allow-scripts allow-same-origin" src="/signals/{filed.plan.signal_id}"></iframe>'
    page.route("**/airflow", lambda route: route.fulfill(body=frame, content_type="text/html"))
    page.goto(f"{address}/airflow")
    page.evaluate("() => { window.opened = []; window.open = (url) => window.opened.push(url); }")
    page.frame_locator("iframe").get_by_role("link", name="PMS-2 (Jira)").click()

    assert page.evaluate("window.opened") == ["https://jira.example/browse/PMS-2"]
