"""A small site with two tickets filed in a stand-in of either kind: what reading back starts from."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from include.postmarket.backlog.preview import Preview
from include.postmarket.steps import filing
from include.postmarket.steps.filing import Site
from include.postmarket.steps.house import House
from tests.contract.jira_sandbox.conftest import TOKEN, USER, Running, start
from tests.faults.loop.small_site import SmallSite, find_a_signal, make_site
from tests.postgres import drop, new_database

#: What a connection says of each kind of Jira: Data Center takes the token alone.
KINDS: dict[str, tuple[str, dict[str, str]]] = {
    "cloud": (USER, {"site": "jira", "deployment": "cloud"}),
    "server": ("", {"site": "jira", "deployment": "data_center"}),
}


@dataclass(frozen=True)
class LoopSite:
    """A small site, its stand-in, and the keys of the tickets that were filed."""

    small: SmallSite
    running: Running
    site: Site
    keys: tuple[str, ...]
    previewed: tuple[Preview, ...]  # what a dry run said before
    unsent: int  # fields of the first issue after it: none, as there was none

    def house(self) -> House:
        """Give the house as a new process would open it."""
        return self.small.house()

    def issue(self, key: str) -> dict[str, Any]:
        """Give an issue as anybody would read it over version 2, which both kinds have."""
        told: dict[str, Any] = self.running.request("GET", f"/rest/api/2/issue/{key}?properties=*all").json()
        return told

    def walk(self, key: str, *names: str) -> None:
        """Take a ticket through transitions by name, as its developers do."""
        for name in names:
            path = f"/rest/api/2/issue/{key}/transitions"
            ways = self.running.request("GET", path).json()["transitions"]
            way = next(one["id"] for one in ways if one["name"] == name)
            answer = self.running.request("POST", path, json={"transition": {"id": way}})
            assert answer.status_code == 204, answer.text

    def edit(self, key: str, **fields: Any) -> None:
        """Change fields of a ticket."""
        answer = self.running.request("PUT", f"/rest/api/2/issue/{key}", json={"fields": fields})
        assert answer.status_code == 204, answer.text


@contextmanager
def filed_site(folder: Path, kind: str) -> Iterator[LoopSite]:
    """Give a site of its own whose signals have their tickets."""
    running = start(folder / "jira.sqlite", "--deployment", kind)
    database = new_database()
    try:
        for _ in range(8):  # the issues that the example's requirements name
            named = {"project": {"key": "REQ"}, "issuetype": {"name": "Requirement"}, "summary": "Must"}
            running.request("POST", "/rest/api/2/issue", json={"fields": named})
        login, extra = KINDS[kind]
        site = filing.site_of(host=running.url, login=login, password=TOKEN, extra=extra)
        small = make_site(folder, database.url())
        find_a_signal(small, site.filing.site)
        house = small.house()
        previewed = tuple(filing.preview(house, site))
        unsent = len(running.request("GET", "/rest/api/2/issue/PMS-1").json().get("fields", ()))
        filed = filing.file_all(house, site)
        keys = tuple(outcome.issue_key for outcome in filed.tickets.outcomes)
        assert all(keys), filed
        yield LoopSite(small, running, site, keys, previewed, unsent)
        house.engine.dispose()
    finally:
        running.stop()
        drop(database)
