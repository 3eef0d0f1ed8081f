"""Pages, tokens and the lag of search, with a clock that moves when told."""

from collections.abc import Callable
from typing import Any

import pytest

from include.jira_sandbox.errors import RefusedError
from include.jira_sandbox.issue import find_issue
from include.jira_sandbox.issue_edit import delete_issue, edit_issue
from include.jira_sandbox.search import cut_page, find_matches
from include.jira_sandbox.session import Caller
from include.jira_sandbox.site import Site
from tests.unit.jira_sandbox.conftest import Clock

JQL = "project = PMS order by key"
Ask = Callable[[], Caller]


def page(caller: Ask, token: str | None, size: int = 2, jql: str = JQL) -> tuple[list[str], str | None]:
    """Return the keys of one page and the next token."""
    with caller().reading() as session:
        issues, following = cut_page(session, jql, find_matches(session, jql, []), token, size)
    return [issue.key for issue in issues], following


def test_pages_do_not_shift(caller: Ask, create: Callable[..., str]) -> None:
    """An issue that leaves the result between two pages makes none of the others be skipped."""
    for _ in range(4):
        create()
    first, token = page(caller, None)
    with caller().writing() as session:
        delete_issue(session, "PMS-1")

    assert first == ["PMS-1", "PMS-2"]
    assert page(caller, token) == (["PMS-3", "PMS-4"], None)


def test_token_whose_issue_has_gone(caller: Ask, create: Callable[..., str]) -> None:
    """When the last issue given has gone itself, the count of issues given decides."""
    for _ in range(4):
        create()
    _, token = page(caller, None)
    with caller().writing() as session:
        delete_issue(session, "PMS-2")

    assert page(caller, token) == (["PMS-4"], None)


def test_token_lives_seven_days(caller: Ask, create: Callable[..., str], clock: Clock) -> None:
    """A token is good for seven days, and only for its own query."""
    for _ in range(3):
        create()
    _, token = page(caller, None)
    clock.advance(days=7)
    assert page(caller, token) == (["PMS-3"], None)
    with pytest.raises(RefusedError):
        page(caller, token, jql="project = PMS")

    clock.advance(seconds=1)
    with pytest.raises(RefusedError):
        page(caller, token)


def test_lag_of_a_new_issue(site: Site, find: Callable[[str], list[str]], create: Any, clock: Clock) -> None:
    """A new issue is found once the lag has passed, to the millisecond, and not before."""
    site.search_lag = 60_000
    create()
    clock.advance(seconds=59.999)
    assert find(JQL) == []

    clock.advance(seconds=0.001)
    assert find(JQL) == ["PMS-1"]


def test_lag_of_changes(site: Site, find: Callable[[str], list[str]], create: Any, caller: Ask, clock: Clock) -> None:
    """Changes become visible in their order, each after its own lag, and so does a deletion."""
    create(labels=["a"])
    site.search_lag = 60_000
    for label in ("b", "c"):
        clock.advance(seconds=30)
        with caller().writing() as session:
            edit_issue(session, find_issue(session, "PMS-1"), {"fields": {"labels": [label]}})
    seen = []
    for _ in range(4):
        seen.append([label for label in "abc" if find(f"labels = {label}")])
        clock.advance(seconds=29.999)
    with caller().writing() as session:
        delete_issue(session, "PMS-1")

    assert seen == [["a"], ["a"], ["b"], ["c"]]
    assert find(JQL) == ["PMS-1"]
    clock.advance(seconds=60)
    assert find(JQL) == []


def test_lag_is_of_the_change(site: Site, find: Callable[[str], list[str]], create: Any) -> None:
    """A lag that is set later hides nothing that search has seen already."""
    create()
    site.search_lag = 60_000

    assert find(JQL) == ["PMS-1"]


def test_index_does_not_grow_for_ever(site: Site, create: Any, caller: Ask) -> None:
    """Versions that search can never see again are removed as new ones come."""
    create()
    for number in range(20):
        with caller().writing() as session:
            edit_issue(session, find_issue(session, "PMS-1"), {"fields": {"summary": f"Number {number}"}})

    with caller().reading() as session:
        row = session.row("SELECT count(*) AS n FROM search_version")
    assert row is not None
    assert row["n"] == 1
