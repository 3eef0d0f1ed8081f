"""A site on a temporary file with a clock that stands still until it is moved, and a caller of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from include.jira_sandbox.app import Settings, open_site
from include.jira_sandbox.issue_edit import create_issue
from include.jira_sandbox.moments import to_millis
from include.jira_sandbox.search import find_matches
from include.jira_sandbox.session import Caller, Deployment, Dialect, Session
from include.jira_sandbox.site import Site

START = datetime(2026, 3, 18, 12, 0, tzinfo=UTC)


@dataclass
class Clock:
    """The time of a test."""

    now: datetime = START

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    def advance(self, **parts: float) -> None:
        """Let time pass."""
        self.now += timedelta(**parts)


@pytest.fixture(name="clock")
def _clock() -> Clock:
    return Clock()


@pytest.fixture(name="site")
def _site(tmp_path: Path, clock: Clock) -> Iterator[Site]:
    site = open_site(Settings(tmp_path / "jira.sqlite", "engineer@example.com", "token"), clock)
    yield site
    site.store.close()


@pytest.fixture(name="caller")
def _caller(site: Site) -> Callable[[], Caller]:
    """Give a way to ask now, over version 2 of the API."""

    def caller() -> Caller:
        return Caller(
            store=site.store,
            account_id=site.account_id,
            base_url="http://jira",
            dialect=Dialect.WIKI,
            deployment=Deployment.CLOUD,
            now=to_millis(site.clock()),
            search_lag=site.search_lag,
        )

    return caller


@pytest.fixture(name="create")
def _create(caller: Callable[[], Caller]) -> Callable[..., str]:
    """Give a way to make a bug, and return its key."""

    def create(**fields: Any) -> str:
        named = {"project": {"key": "PMS"}, "issuetype": {"name": "Bug"}, "summary": "A summary"}
        with caller().writing() as session:
            return create_issue(session, {"fields": {**named, **fields}}).key

    return create


@pytest.fixture(name="find")
def _find(caller: Callable[[], Caller]) -> Callable[[str], list[str]]:
    """Give a way to search, and return the keys in order."""

    def find(jql: str) -> list[str]:
        with caller().reading() as session:
            return [issue.key for issue in find_matches(session, jql, [])]

    return find


@pytest.fixture(name="session")
def _session(caller: Callable[[], Caller]) -> Iterator[Session]:
    with caller().reading() as session:
        yield session
