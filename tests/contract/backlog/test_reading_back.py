"""Reading back over a real socket, on Cloud and on Data Center: what developers do to a ticket comes home, once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from include.postmarket.backlog.doctor import Verdict
from include.postmarket.model.errors import InputError
from include.postmarket.model.ticket import TicketPhase
from include.postmarket.steps import doctor, planning, sync
from include.postmarket.steps.sync import Reach, Synced
from tests.contract.backlog.loop_site import LoopSite, filed_site
from tests.postgres import engine, records

__all__ = ["engine", "records"]
pytestmark = pytest.mark.postgres
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture(name="loop", scope="module", params=["cloud", "server"])
def _loop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoopSite]:
    with filed_site(tmp_path_factory.mktemp("site"), request.param) as site:
        yield site


def read_back(loop: LoopSite, reach: Reach = Reach.OPEN, hours: int = 0) -> Synced:
    """Sync as a new process would, so many hours after noon."""
    house = loop.house()
    try:
        return sync.sync(house, loop.site, reach, NOW + timedelta(hours=hours))
    finally:
        house.engine.dispose()


def test_a_dry_run_says_exactly_what_is_filed(loop: LoopSite) -> None:
    """Nothing is sent, and what was printed is what the ticket then holds: summary, labels, marker, priority."""
    assert loop.unsent == 0
    assert [preview.what for preview in loop.previewed] == ["created in PMS"] * len(loop.keys)
    for key, preview in zip(loop.keys, loop.previewed, strict=True):
        issue, fields = loop.issue(key), preview.body["fields"]

        assert (fields["summary"], fields["labels"]) == (issue["fields"]["summary"], issue["fields"]["labels"])
        assert fields["priority"]["name"] == issue["fields"]["priority"]["name"]
        assert preview.body["properties"][0]["value"] == issue["properties"]["pms.signal"]
        assert isinstance(fields["description"], dict) is (loop.site.jira.deployment == "cloud")


def test_doctor_finds_the_site_ready(loop: LoopSite) -> None:
    """The stand-in has all that the example plans want but for some issues; that nobody dated the token is told."""
    house = loop.house()
    checks = doctor.doctor(house, loop.site, NOW.date())
    house.engine.dispose()

    assert [(check.about, check.verdict.value) for check in checks if check.verdict is not Verdict.FINE] == [
        ("token", "warning"),
        ("requirements", "warning"),
    ]
    assert any("linked by 'Relates'" in check.told for check in checks)


def test_what_happens_to_a_ticket_is_read_once_and_kept(loop: LoopSite) -> None:
    """Filed as the site writes it; progress, end, fix version and return are told one after the other, none twice."""
    key, other = loop.keys
    issue = loop.issue(key)
    is_cloud = loop.site.jira.deployment == "cloud"
    assert issue["properties"]["pms.signal"]["signal"].startswith("SIG-")
    assert ("||Product|" in issue["fields"]["description"]) is not is_cloud  # wiki text there, a document here
    first, again = read_back(loop), read_back(loop)
    loop.running.request("POST", f"/rest/api/2/issue/{key}/comment", json={"body": "We look at it."})
    echo = read_back(loop)
    loop.running.request("POST", "/rest/api/2/version", json={"project": "PMS", "name": "3.3"})
    loop.walk(key, "Start Progress")
    recent = read_back(loop, Reach.RECENT)
    loop.edit(key, fixVersions=[{"name": "3.3"}])
    loop.walk(key, "Resolve")
    done = read_back(loop, Reach.RECENT, 1)
    swept = read_back(loop, Reach.OPEN, 2)
    loop.walk(key, "Reopen")
    back = read_back(loop, Reach.RECENT, 3)

    assert first.words == (f"{key}: To Do", f"{other}: To Do")
    assert (again.read, again.words, echo.words) == (2, (), ())
    assert recent.words == (f"{key}: To Do -> In Progress",)
    assert done.words == (f"{key}: In Progress -> Done (Done); fix version 3.3",)
    assert [kept.standing.phase for kept in done.changed] == [TicketPhase.DONE]
    assert (swept.read, back.words) == (1, (f"{key}: Done (Done) -> To Do",))  # what is over is not swept


def test_wont_do_waits_for_a_recorded_decision(loop: LoopSite) -> None:
    """Only a ticket closed undone can be accepted, by a name and with a reason, and once."""
    house, site, key = loop.house(), loop.site.filing.site, loop.keys[0]
    read_back(loop)
    with pytest.raises(InputError, match="no ticket that was closed without being done"):
        planning.accept_rejection(house, site, key, ("A. Lead", "known"), NOW)
    loop.walk(key, "Won't Do")
    read_back(loop)
    with pytest.raises(InputError, match="who decides, or why"):
        planning.accept_rejection(house, site, key, ("A. Lead", " "), NOW)
    said = [planning.accept_rejection(house, site, key, ("A. Lead", "known"), NOW) for _ in range(2)]

    assert said == [True, False]
    assert [(d.by, d.reason) for d in house.standings.decisions()] == [("A. Lead", "known")]
    house.engine.dispose()


def test_the_sweep_finds_what_a_search_cannot(loop: LoopSite) -> None:
    """The label is taken away, then the ticket is deleted: the poll sees neither, the sweep both."""
    key = loop.keys[1]
    read_back(loop)
    loop.edit(key, labels=["mine"])
    unseen = read_back(loop, Reach.RECENT)
    relabelled = read_back(loop)
    loop.running.request("DELETE", f"/rest/api/2/issue/{key}")
    gone = read_back(loop)

    assert unseen.words == ()
    assert "its label was taken away" in relabelled.words[0]
    assert gone.words == (f"{key} is not there any more: deleted, or the account may not see it",)
    assert [kept.standing.phase for kept in gone.changed] == [TicketPhase.GONE]
