"""Who watches an issue: read, join, leave."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from include.jira_sandbox.api.requests import BodyDep, CallerDep, answer, no_content
from include.jira_sandbox.errors import RefusedError
from include.jira_sandbox.issue import find_issue
from include.jira_sandbox.people import find_person, show_person
from include.jira_sandbox.session import Session

router = APIRouter(prefix="/issue/{id_or_key}/watchers")


@router.get("")
def get_watchers(caller: CallerDep, id_or_key: str) -> Response:
    """Return the watchers of an issue, in the order they came."""
    with caller.reading() as session:
        issue = find_issue(session, id_or_key)
        rows = session.rows("SELECT account_id FROM watcher WHERE issue_id = ? ORDER BY rowid", issue.id)
        watching = [row["account_id"] for row in rows]
        shown = {
            "self": session.url("issue", issue.key, "watchers"),
            "isWatching": caller.account_id in watching,
            "watchCount": len(watching),
            "watchers": [show_person(session, one) for one in watching],
        }
    return answer(shown)


@router.post("")
def post_watcher(caller: CallerDep, id_or_key: str, body: BodyDep) -> Response:
    """Let a user watch: the body is a JSON text, the account id (Data Center: the name), or null for oneself."""
    with caller.writing() as session:
        issue = find_issue(session, id_or_key)
        account_id = _account(session, caller.account_id if body is None else body)
        session.insert("INSERT OR IGNORE INTO watcher (issue_id, account_id) VALUES (?, ?)", issue.id, account_id)
    return no_content()


@router.delete("")
def delete_watcher(
    caller: CallerDep,
    id_or_key: str,
    account_id: Annotated[str | None, Query(alias="accountId")] = None,
    username: str | None = None,
) -> Response:
    """Let a user watch no more; nothing happens when they did not."""
    with caller.writing() as session:
        issue = find_issue(session, id_or_key)
        leaving = _account(session, account_id or username or caller.account_id)
        session.change("DELETE FROM watcher WHERE issue_id = ? AND account_id = ?", issue.id, leaving)
    return no_content()


def _account(session: Session, given: Any) -> str:
    person = find_person(session, given) if isinstance(given, str) else None
    if person is None:
        raise RefusedError(404, "The user could not be found.")
    return str(person["account_id"])
