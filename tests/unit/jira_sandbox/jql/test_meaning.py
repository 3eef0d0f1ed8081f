"""What a query finds."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from include.jira_sandbox.errors import RefusedError
from include.jira_sandbox.issue import find_issue
from include.jira_sandbox.issue_edit import edit_issue, move_issue
from include.jira_sandbox.session import Caller
from tests.unit.jira_sandbox.conftest import Clock


@pytest.fixture(name="tickets", autouse=True)
def _tickets(create: Callable[..., str], caller: Callable[[], Caller], clock: Clock) -> None:
    """Hold three tickets, a day apart: an urgent one in work, one that will not be done, and a linked plain one."""
    create(summary="Pump alarm rate", labels=["pms", "Urgent"], priority={"name": "Highest"}, duedate="2026-04-01")
    clock.advance(days=1)
    create(summary="Battery drains", description="The pump is hot", labels=["pms"])
    clock.advance(days=1)
    create(summary="Plain", issuetype={"name": "Task"}, assignee={"name": "engineer@example.com"})
    with caller().writing() as session:
        move_issue(session, find_issue(session, "PMS-1"), {"transition": {"id": "11"}})
        move_issue(session, find_issue(session, "PMS-2"), {"transition": {"id": "51"}})
        link = {"type": {"name": "Blocks"}, "outwardIssue": {"key": "PMS-1"}}
        edit_issue(session, find_issue(session, "PMS-3"), {"update": {"issuelinks": [{"add": link}]}})


@pytest.mark.parametrize(
    ("jql", "expected"),
    [
        ("project = pms", "321"),
        ("project = 'Post-market surveillance'", "321"),
        ("project = REQ", ""),
        ("key = PMS-2", "2"),
        ("key in (PMS-1, PMS-3) order by key", "13"),
        ("id = 10001", "2"),
        ("key >= PMS-2 order by key", "23"),
        ("labels = pms", "21"),
        ("labels = PMS and labels = urgent", "1"),
        ("labels != urgent", "2"),
        ("labels is EMPTY", "3"),
        ("labels not in (urgent, other)", "2"),
        ("labels in (EMPTY, urgent)", "31"),
        ("resolution is EMPTY", "31"),
        ("resolution = Unresolved or resolution is EMPTY", None),
        ('resolution = "Won\'t Do"', "2"),
        ('resolution != "Won\'t Do"', ""),
        ('not resolution = "Won\'t Do"', ""),
        ("resolution != Done", "2"),
        ('resolution is EMPTY or resolution != "Won\'t Do"', "31"),
        ("status = 'in progress'", "1"),
        ("statusCategory = Done", "2"),
        ("statusCategory != done order by key", "13"),
        ("statusCategory in (new, indeterminate)", "31"),
        ("type = Task", "3"),
        ("issuetype in (Bug)", "21"),
        ("priority = Highest", "1"),
        ("priority > Medium", "1"),
        ("priority <= Medium", "32"),
        ("summary ~ pump", "1"),
        ("text ~ pump", "21"),
        ("text ~ 'rate pump'", "1"),
        ("text ~ '\"rate pump\"'", ""),
        ("text ~ '\"pump alarm\"'", "1"),
        ("text ~ 'batt*'", "2"),
        ("text ~ 'batt'", ""),
        ("description !~ pump", ""),
        ("description is EMPTY", "31"),
        ("created >= -1d", "32"),
        ("created < -1d", "1"),
        ("created >= startOfDay()", "3"),
        ("created > '2026-03-19 11:59' and created < '2026-03-20'", "2"),
        ("created = '2026-03-19 12:00'", "2"),
        ("updated >= -5m", "321"),
        ("due < '2026-05-01'", "1"),
        ("due is EMPTY", "32"),
        ("resolved >= -1h", "2"),
        ("resolutiondate is EMPTY", "31"),
        ("reporter = currentUser()", "321"),
        ("assignee = 'engineer@example.com'", "3"),
        ("assignee is EMPTY", "21"),
        ("issue in linkedIssues(PMS-1)", "3"),
        ("issue in linkedIssues(PMS-1, 'is blocked by')", "3"),
        ("issue in linkedIssues(PMS-1, 'blocks')", ""),
        ("issueLinkType = blocks", "31"),
        ("issueLinkType = 'is blocked by'", "1"),
        ("project = PMS order by priority desc", "132"),
        ("project = PMS order by duedate desc, key asc", "123"),
        ("project = PMS order by summary", "231"),
        ("project = PMS order by created asc", "123"),
    ],
)
def test_finds(find: Callable[[str], list[str]], jql: str, expected: str | None) -> None:
    """Each query finds what Jira's documentation says, newest first unless ordered (None: refused)."""
    if expected is None:
        with pytest.raises(RefusedError):
            find(jql)
        return

    assert [f"PMS-{number}" for number in expected] == find(jql)


@pytest.mark.parametrize(
    ("jql", "message"),
    [
        ("", "Unbounded JQL queries are not allowed here."),
        ("order by created", "Unbounded JQL queries are not allowed here."),
        ("colour = red", "Field 'colour' does not exist or you do not have permission to view it."),
        ("project = PMS order by colour", "Field 'colour' does not exist"),
        ("project = NOPE", "The value 'NOPE' does not exist for the field 'project'."),
        ("status = Nope", "The value 'Nope' does not exist for the field 'status'."),
        ("key = PMS-99", "An issue with key 'PMS-99' does not exist for field 'key'."),
        ("project ~ PMS", "The operator '~' is not supported by the 'project' field."),
        ("summary = x", "The operator '=' is not supported by the 'summary' field."),
        ("labels > x", "The operator '>' is not supported by the 'labels' field."),
        ("summary ~ '*x'", "is not allowed to start with character '*'"),
        ("summary ~ ''", "does not support searching for an empty string"),
        ("project = nothing()", "Unable to find JQL function 'nothing()'."),
        ("created > soon", "Date value 'soon' for field 'created' is invalid."),
        ("key > linkedIssues(PMS-1)", "Unable to find JQL function"),
    ],
)
def test_refuses(find: Callable[[str], list[str]], jql: str, message: str) -> None:
    """An unbounded query, or one with unknown words, is a 400 that says what."""
    with pytest.raises(RefusedError) as refused:
        find(jql)

    assert refused.value.status == 400
    assert message in refused.value.messages[0]


WORDS = [
    "project",
    "key",
    "id",
    "status",
    "statusCategory",
    "resolution",
    "type",
    "priority",
    "labels",
    "component",
    "fixVersion",
    "created",
    "due",
    "summary",
    "text",
    "reporter",
    "issueLinkType",
    "issue",
    "=",
    "!=",
    "~",
    "!~",
    "<",
    ">=",
    "in",
    "not",
    "is",
    "EMPTY",
    "(",
    ")",
    ",",
    "and",
    "or",
    "order",
    "by",
    "desc",
    "PMS",
    "PMS-1",
    "Done",
    "new",
    "Highest",
    "Blocks",
    "-5m",
    "'2026-01-01'",
    "now()",
    "startOfDay(-1)",
    "linkedIssues(PMS-1)",
    "currentUser()",
    "x",
    "'a",
    "b'",
    "'*'",
    "1",
]
CLAUSES = st.tuples(st.sampled_from(WORDS[:18]), st.sampled_from(WORDS[18:24]), st.sampled_from(WORDS[33:])).map(
    " ".join
)
QUERIES = st.one_of(
    st.text(),
    st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join),
    st.lists(CLAUSES, min_size=1, max_size=4).map(" or ".join),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(jql=QUERIES)
def test_any_text_finds_or_is_refused(find: Any, jql: str) -> None:
    """Whatever is asked ends in keys or in a 400, never in another error."""
    try:
        found = find(jql)
    except RefusedError as refused:
        assert refused.status == 400  # noqa: PT017 (a refusal is one of two good ends)
    else:
        assert set(found) <= {"PMS-1", "PMS-2", "PMS-3"}
