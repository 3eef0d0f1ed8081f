"""A database or a Jira that is down: one clear message, nothing half done, and the next run files once."""

import socket
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from include.postmarket.model.batch import Source
from include.postmarket.model.errors import ConfigurationError, UnavailableError
from include.postmarket.records.embedded_postgres import Role
from include.postmarket.steps import filing
from include.postmarket.steps.filing import Site
from include.postmarket.steps.status import status
from tests.contract.jira_sandbox.conftest import TOKEN, USER, Running, _starter
from tests.faults.loop.small_site import NOW, SmallSite, find_a_signal
from tests.postgres import RecordsDatabase

__all__ = ["_starter"]
pytestmark = pytest.mark.postgres

NAME = "the-jira"


def closed_port() -> int:
    """Give a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def jira_at(url: str, password: str = TOKEN) -> Site:
    """Give the site under the one name the ledger knows, wherever it answers."""
    extra = {"site": NAME, "settle_seconds": 12, "sending_limit_seconds": 8, "timeout_seconds": 5}
    return filing.site_of(host=url, login=USER, password=password, extra=extra)


def requirement_issues(running: Running, site: SmallSite) -> None:
    """Make the issues of the register in the stand-in, in the order of their numbers."""
    issues = sorted(
        (r for d in site.house().dossiers.values() for r in d.requirements if r.issue),
        key=lambda r: int(r.issue.rpartition("-")[2]),
    )
    for requirement in issues:
        named = {"project": {"key": "REQ"}, "issuetype": {"name": "Requirement"}, "summary": requirement.id}
        made = running.request("POST", "/rest/api/2/issue", json={"fields": named})
        assert made.json()["key"] == requirement.issue


def tickets_in(running: Running) -> list[str]:
    """Give the keys of all tickets."""
    found: list[str] = []
    for number in range(1, 50):
        answer = running.request("GET", f"/rest/api/3/issue/PMS-{number}")
        if answer.status_code == requests.codes.not_found:
            return found
        found.append(answer.json()["key"])
    return found


def test_records_down(small_site: SmallSite) -> None:
    """The message names host and port, not the password; with the server back the same pull goes through."""
    port = closed_port()
    down = f"postgresql+psycopg://postmarket_app:a-secret@127.0.0.1:{port}/records"

    with pytest.raises(UnavailableError) as caught:
        _ = small_site.house(down).engine

    assert f"127.0.0.1:{port}" in str(caught.value)
    assert "a-secret" not in str(caught.value)
    assert small_site.pull(Source.REPORTS).accepted == 20


def test_records_that_refuse_us(small_site: SmallSite, records: RecordsDatabase) -> None:
    """A wrong password or a database that is not there is a setting to mend: no retry; no message has the password."""
    url = records.url()
    wrong_password = url.replace(url.split(":")[2].split("@")[0], "wrong-word")
    for address in (wrong_password, url.replace(records.name, "nowhere")):
        with pytest.raises(ConfigurationError) as caught:
            _ = small_site.house(address).engine

        assert "wrong-word" not in str(caught.value)
        assert "check user, password and database" in str(caught.value)


def test_records_without_tables(small_site: SmallSite, records: RecordsDatabase) -> None:
    """A database that was never migrated says so."""
    with pytest.raises(ConfigurationError, match="run the migrations"):
        small_site.house(records.server.url("postgres", Role.SUPERUSER)).batches.outcomes(Source.REPORTS)


def test_records_that_end_between_landing_and_publishing(small_site: SmallSite, records: RecordsDatabase) -> None:
    """Connections cut while a house is open: the step fails or goes on, and done again it counts once."""
    house = small_site.house()
    house.batches.outcomes(Source.REPORTS)
    with records.superuser() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
            [records.name],
        )

    assert small_site.pull(Source.REPORTS).accepted == 20
    assert len(house.batches.outcomes(Source.REPORTS)) == 1


@pytest.mark.slow
@pytest.mark.requirement("G3")
def test_jira_down_then_up(small_site: SmallSite, tmp_path: Path, starter: Callable[..., Running]) -> None:
    """Nobody answers: all tickets wait, none is lost or half sent; when Jira is back each is filed just once."""
    planned = find_a_signal(small_site, NAME)
    down = jira_at(f"http://127.0.0.1:{closed_port()}")
    with pytest.raises(UnavailableError) as caught:
        filing.refuse_unfinished(filing.file_all(small_site.house(), down), NOW)
    running = starter(tmp_path / "jira.sqlite")
    requirement_issues(running, small_site)
    up = jira_at(running.url)
    filing.refuse_unfinished(filing.file_all(small_site.house(), up), NOW)
    again = filing.file_all(small_site.house(), up)

    assert "Jira" in str(caught.value)
    assert len(planned) > 0
    assert len(tickets_in(running)) == len(planned)
    assert again.counts()["tickets_filed"] == 0


@pytest.mark.requirement("G3")
def test_jira_that_does_not_know_us(small_site: SmallSite, tmp_path: Path, starter: Callable[..., Running]) -> None:
    """A wrong token is a setting to mend: the message says so without the token, and mended the tickets are filed."""
    planned = find_a_signal(small_site, NAME)
    running = starter(tmp_path / "jira.sqlite")
    requirement_issues(running, small_site)

    with pytest.raises(ConfigurationError) as caught:
        filing.file_all(small_site.house(), jira_at(running.url, "not-the-token"))

    assert "not-the-token" not in str(caught.value)
    filing.refuse_unfinished(filing.file_all(small_site.house(), jira_at(running.url)), NOW)

    assert len(tickets_in(running)) == len(planned)


@pytest.mark.requirement("G3")
def test_requirements_that_are_not_in_jira(
    small_site: SmallSite, tmp_path: Path, starter: Callable[..., Running]
) -> None:
    """Without the requirement's issue a ticket is still filed, or waits with a reason; it never disappears.

    Made afterwards and released, every ticket is there once and linked.
    """
    planned = find_a_signal(small_site, NAME)
    running = starter(tmp_path / "jira.sqlite")
    up = jira_at(running.url)
    filing.file_all(small_site.house(), up)
    told = status(small_site.house(), NAME)["tickets"]

    assert {t["dedupe_key"] for t in told} == set(planned)
    assert all(t["state"] == "filed" or t["message"] for t in told), told

    requirement_issues(running, small_site)
    filing.release(small_site.house(), up, ())
    filing.file_all(small_site.house(), up)

    assert len(tickets_in(running)) == len(planned)


def test_unfinished_is_told_as_waiting() -> None:
    """A site whose numbers are no numbers, or with an unknown extra, is refused before anything is sent."""
    with pytest.raises(ConfigurationError, match="settle_secs"):
        filing.site_of(host="http://x", login="a", password="b", extra={"settle_secs": 1})
    with pytest.raises(ConfigurationError, match="settle_seconds"):
        filing.site_of(host="http://x", login="a", password="b", extra={"settle_seconds": "soon"})

    assert filing.SLEPT_THROUGH < timedelta(minutes=1)
