"""A stand-in with a requirement in it, and a client whose every request is held against the strict contract."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from openapi_core import OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest

from include.postmarket.backlog.client import JiraClient
from include.postmarket.backlog.settings import JiraSettings, Secret
from include.postmarket.backlog.transport import Transport
from tests.contract.jira_sandbox.conftest import TOKEN, USER, Running, load_contract, start
from tests.faults.backlog.fake_tracker import Clock
from tests.postgres import engine, records

__all__ = ["Site", "engine", "records"]


class StrictSession(requests.Session):
    """A session that refuses to send what the contract does not allow, and keeps what it sent."""

    def __init__(self, contract: OpenAPI | None) -> None:
        super().__init__()
        self.contract = contract
        self.sent: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Check, keep and send."""
        self.sent.append(request)
        if self.contract is not None:
            self.contract.validate_request(RequestsOpenAPIRequest(request))
        return super().send(request, **options)


@dataclass
class Site:
    """A running stand-in and a client of it on a virtual clock."""

    running: Running
    contract: OpenAPI | None
    clock: Clock = field(default_factory=Clock)
    sessions: list[StrictSession] = field(default_factory=list)

    def client(self, timeout: float = 30.0, token: str = TOKEN) -> JiraClient:
        """Give a new client, as a new process would have."""
        settings = JiraSettings(base_url=self.running.url, user=USER, token=Secret(token), timeout=timeout)
        self.sessions.append(StrictSession(self.contract))
        return JiraClient(
            Transport(
                settings=settings,
                sleep=self.clock.sleep,
                now=self.clock.now,
                session=self.sessions[-1],
                jitter=lambda: 1.0,
            )
        )

    def requirement(self, text: str = "The pump shall alarm on occlusion.") -> str:
        """Make a requirement and give its key."""
        named = {"project": {"key": "REQ"}, "issuetype": {"name": "Requirement"}, "summary": text}
        made: str = self.running.request("POST", "/rest/api/2/issue", json={"fields": named}).json()["key"]
        return made

    def issue(self, key: str) -> dict[str, Any]:
        """Give an issue as anybody would read it."""
        told: dict[str, Any] = self.running.request("GET", f"/rest/api/3/issue/{key}?properties=*all").json()
        return told

    def calm(self) -> None:
        """Take back every fault and the search lag."""
        self.running.request("DELETE", "/sandbox/faults")
        self.running.request("PUT", "/sandbox/search-lag", json={"seconds": 0})


@pytest.fixture(name="jira", scope="module")
def _jira(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = start(tmp_path_factory.mktemp("jira") / "jira.sqlite")
    yield running
    running.stop()


@pytest.fixture(name="site")
def _site(jira: Running) -> Iterator[Site]:
    """Give the stand-in with any request allowed: for what is not about the contract."""
    site = Site(jira, None)
    yield site
    site.calm()


@pytest.fixture(name="strict_site")
def _strict_site(jira: Running, shared: Path) -> Iterator[Site]:
    """Give the stand-in behind the strict contract; skips where the contract is absent."""
    site = Site(jira, load_contract(shared, jira.url, "3"))
    yield site
    site.calm()
