"""The pages on a server of their own, and a Chromium that may talk to nobody else."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from include.postmarket.pages.standalone import Access, make_standalone
from include.postmarket.steps.house import House
from tests.postgres import drop, new_database
from tests.unit.pages import stage

CHROMIUM = Path("/usr/bin/chromium")
TOKEN = "a-token-of-more-than-24-characters"
_QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@dataclass
class Watch:
    """What a browser did that a page must not make it do."""

    address: str
    errors: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def console(self, message: ConsoleMessage) -> None:
        """Keep errors and warnings: a violated content security policy is one."""
        if message.type in {"error", "warning"}:
            self.errors.append(message.text)

    def request(self, request: Request) -> None:
        """Keep requests that go anywhere but to the pages."""
        if not request.url.startswith((self.address, "data:")):
            self.left.append(request.url)


@pytest.fixture(name="house", scope="package")
def _house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    database = new_database()
    house = stage.house_at(database.url(), tmp_path_factory.mktemp("home"))
    stage.fill(house)
    yield house
    house.engine.dispose()
    drop(database)


@pytest.fixture(name="address", scope="package")
def _address(house: House) -> Iterator[str]:
    """Give the address of the running pages."""
    listener = socket.create_server(("127.0.0.1", 0))
    app = make_standalone(stage.ports_of(house), Access(token=TOKEN, secure_cookie=False))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=10)
    listener.close()


@pytest.fixture(name="browser", scope="package")
def _browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"no browser: {CHROMIUM} is absent")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=_QUIET)
        yield browser
        browser.close()


@pytest.fixture(name="watch")
def _watch(address: str) -> Watch:
    return Watch(address)


@pytest.fixture(name="page")
def _page(browser: Browser, address: str, watch: Watch) -> Iterator[Page]:
    """Give a page that is logged in; everything it does is watched, and no request reaches another host."""
    context = browser.new_context(viewport={"width": 1200, "height": 800})
    page = context.new_page()
    page.on("request", watch.request)
    page.goto(f"{address}/postmarket/")
    page.get_by_label("Access token").fill(TOKEN)
    page.get_by_role("button", name="Log in").click()
    page.on("console", watch.console)  # only now: that nobody is logged in is an error by intention
    yield page
    context.close()
