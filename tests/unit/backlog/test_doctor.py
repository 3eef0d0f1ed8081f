"""Is a Jira ready? Every check on a written fake site, spoilt in one thing at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from random import Random
from typing import Any

import pytest

from include.postmarket.backlog.doctor import Needs, Verdict, Wanted, examine
from include.postmarket.backlog.ports import CreateScreen, Declined
from include.postmarket.backlog.refusals import closed_door
from include.postmarket.backlog.settings import Deployment, JiraSettings, Secret
from tests.faults.backlog.fake_tracker import Clock, FakeTracker

TODAY = date(2026, 11, 25)
SETTINGS = JiraSettings(
    base_url="https://example.atlassian.net", user="pms", token=Secret("hush"), token_expires=date(2027, 6, 1)
)
WANTED = Wanted(
    plan="pump",
    project="PMS",
    issue_type="Bug",
    link_type="is caused by",
    components=("Line",),
    fields=("customfield_1",),
    priorities=("High", "Medium", "Low"),
    rights=("BROWSE_PROJECTS", "CREATE_ISSUES"),
)
NEEDS = Needs(places=(WANTED,), requirement_issues=("REQ-4",))
SCREEN = CreateScreen(
    fields=frozenset(
        {"summary", "description", "labels", "priority", "issuelinks", "components", "customfield_1", "project"}
    ),
    priorities=frozenset({"High", "Medium", "Low"}),
    required=frozenset({"project", "summary", "customfield_1"}),
    components=frozenset({"Line"}),
)


@dataclass(slots=True)
class FakeSite(FakeTracker):
    """A Jira that is in order unless a test says otherwise."""

    screen: CreateScreen = SCREEN
    kind: str = "Cloud"
    lacking: frozenset[str] = frozenset()
    door: bool = True
    asked: list[str] = field(default_factory=list)

    def server_info(self) -> Mapping[str, Any]:
        """Give the site's own description."""
        return {"version": "1001.0.0", "deploymentType": self.kind}

    def myself(self) -> str:
        """Give the account, or the closed door."""
        if not self.door:
            raise closed_door(401, "Client must be authenticated to access this resource.", "GET /rest/api/3/myself")
        return "5b10"

    def permissions(self, project: str, wanted: Sequence[str]) -> frozenset[str]:
        """Give what the account may."""
        self.asked.append(project)
        if project not in {"PMS", "REQ"}:
            raise Declined(f"HTTP 404: No project could be found with key '{project}'.", 404)
        return frozenset(wanted) - self.lacking

    def create_screen(self, project: str, issue_type: str) -> CreateScreen:
        """Give the screen of bugs."""
        if issue_type != "Bug":
            raise Declined(f"project {project} has no issue type {issue_type!r}, only Bug")
        return self.screen


def told(needs: Needs = NEEDS, settings: JiraSettings = SETTINGS, **site: Any) -> list[tuple[str, str]]:
    """Give verdict and words of every check that is not fine, on a site that is spoilt so."""
    jira = FakeSite(clock=Clock(), random=Random(0), **site)
    jira.add("REQ-4")
    found = examine(jira, settings, needs, TODAY)
    assert all(check.todo for check in found if check.verdict is not Verdict.FINE)
    return [(check.verdict.value, check.told) for check in found if check.verdict is not Verdict.FINE]


def test_a_site_in_order_has_nothing_to_mend() -> None:
    """Every check is fine, and says what was found."""
    assert told() == []


@pytest.mark.parametrize(
    ("site", "verdict", "words"),
    [
        ({"kind": "Server"}, "fault", "the connection says cloud"),
        ({"lacking": frozenset({"LINK_ISSUES"})}, "fault", "the account lacks LINK_ISSUES"),
        ({"screen": replace(SCREEN, fields=SCREEN.fields - {"labels"})}, "fault", "the create screen lacks labels"),
        ({"screen": replace(SCREEN, required=SCREEN.required | {"customfield_2"})}, "fault", "requires customfield_2"),
        (
            {"screen": replace(SCREEN, fields=SCREEN.fields - {"customfield_1"})},
            "warning",
            "without field customfield_1",
        ),
        ({"screen": replace(SCREEN, components=frozenset())}, "warning", "without component 'Line'"),
        ({"screen": replace(SCREEN, priorities=frozenset({"Low", "High"}))}, "warning", "without priority 'Medium'"),
        ({"screen": replace(SCREEN, fields=SCREEN.fields - {"issuelinks"})}, "warning", "links at birth"),
    ],
)
def test_what_is_amiss_is_told_once(site: dict[str, Any], verdict: str, words: str) -> None:
    """One thing spoilt gives one finding, with what to do about it."""
    ((found, said),) = told(**site)

    assert verdict == found
    assert words in said


@pytest.mark.parametrize(
    ("wanted", "verdict", "words"),
    [
        ({"issue_type": "Complaint"}, "fault", "no issue type 'Complaint', only Bug"),
        ({"link_type": "breaks"}, "warning", "no link type 'breaks'"),
    ],
)
def test_what_the_plan_names_wrongly_is_told(wanted: dict[str, Any], verdict: str, words: str) -> None:
    """Issue types and link types are the site's words, and the plan has to use them."""
    ((found, said),) = told(Needs(places=(replace(WANTED, **wanted),), requirement_issues=()))

    assert verdict == found
    assert words in said


def test_requirements_that_are_gone_are_named() -> None:
    """A deleted issue costs the link, not the ticket."""
    ((verdict, said),) = told(replace(NEEDS, requirement_issues=("REQ-4", "REQ-9")))

    assert verdict == "warning"
    assert said == "1 of 2 issues are not there (or were moved): REQ-9"


def test_an_unknown_project_is_a_fault_in_jiras_words() -> None:
    """The permissions of a project that is not there cannot be asked."""
    found = told(Needs(places=(replace(WANTED, project="NOPE"),), requirement_issues=()))

    assert ("fault", "HTTP 404: No project could be found with key 'NOPE'.") in found


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        (date(2026, 11, 25), [("fault", "ended on 2026-11-25")]),
        (date(2026, 12, 25), [("warning", "ends on 2026-12-25, in 30 days")]),
        (date(2026, 12, 26), []),
    ],
)
def test_a_token_is_warned_about_thirty_days_before_its_end(ends: date, expected: list[tuple[str, str]]) -> None:
    """API tokens end after a year at most, and then every ticket stops."""
    assert told(settings=replace(SETTINGS, token_expires=ends)) == expected


def test_a_token_that_nobody_dated_is_a_warning() -> None:
    """Jira does not tell when a token ends: somebody has to say."""
    ((verdict, said),) = told(settings=replace(SETTINGS, token_expires=None))

    assert (verdict, said.partition(";")[0]) == ("warning", "nobody has told on which day it ends")


def test_after_a_closed_door_nothing_more_is_asked() -> None:
    """A wrong token gives one fault, in Jira's words, and no question that could not be answered."""
    found = told(door=False)

    assert [verdict for verdict, _ in found] == ["fault"]
    assert "HTTP 401" in found[0][1]


def test_data_center_is_told_apart() -> None:
    """The setting has to say what the site is."""
    settings = replace(SETTINGS, deployment=Deployment.DATA_CENTER, user="")

    assert told(settings=settings, kind="Server") == []
    assert "the connection says data_center" in told(settings=settings)[0][1]
