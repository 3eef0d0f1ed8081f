"""Searching: a bounded query over the index, page by page."""

import base64
import hashlib
import json
from collections.abc import Collection
from typing import Any

from include.jira_sandbox.errors import RefusedError
from include.jira_sandbox.jql.meaning import build_test, sort_issues
from include.jira_sandbox.jql.syntax import parse_jql
from include.jira_sandbox.jql.tokens import JqlError
from include.jira_sandbox.search_index import IndexedIssue, visible_issues
from include.jira_sandbox.session import Deployment, Session

RECONCILE_LIMIT = 50
# Atlassian: a token lives seven days.
TOKEN_LIFE = 7 * 24 * 3_600_000


def find_matches(session: Session, jql: str, reconciled: Collection[int]) -> list[IndexedIssue]:
    """Return the issues that search sees a query match, in its order.

    Raises RefusedError 400 for a query that Jira refuses; on Cloud that includes one without any restriction.
    """
    try:
        return _match(session, jql, reconciled)
    except JqlError as problem:
        raise RefusedError(400, problem.message) from problem


def _match(session: Session, jql: str, reconciled: Collection[int]) -> list[IndexedIssue]:
    query = parse_jql(jql)
    if query.where is None and session.caller.deployment is Deployment.CLOUD:
        raise JqlError("Unbounded JQL queries are not allowed here. Please add a search restriction to your query.")
    test = build_test(session, query.where) if query.where else None
    issues = visible_issues(session, reconciled)
    return sort_issues([issue for issue in issues if test is None or test(issue)], query.order)


def cut_page(
    session: Session, jql: str, matches: list[IndexedIssue], token: str | None, size: int
) -> tuple[list[IndexedIssue], str | None]:
    """Return the page after a token and the token of the next page, None on the last.

    A token names the last issue given, so an issue that enters or leaves the result between two pages does not shift
    the rest; when that issue itself has gone, the count of issues given decides.

    Raises RefusedError 400 for a token that is broken, older than seven days or of another query.
    """
    start = 0 if token is None else _read_token(session, jql, token, matches)
    page = matches[start : start + size]
    if start + size >= len(matches):
        return page, None
    content = [_fingerprint(jql), session.caller.now, page[-1].id, start + len(page)]
    return page, base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


def _read_token(session: Session, jql: str, token: str, matches: list[IndexedIssue]) -> int:
    problem = RefusedError(400, "The provided next page token is invalid or expired.")
    try:
        fingerprint, made, last_id, given = json.loads(base64.urlsafe_b64decode(token))
        is_sound = fingerprint == _fingerprint(jql) and 0 <= session.caller.now - made <= TOKEN_LIFE and given >= 0
    except (ValueError, TypeError, RecursionError) as error:
        raise problem from error
    if not is_sound or not isinstance(given, int):
        raise problem
    places = [place for place, issue in enumerate(matches) if issue.id == last_id]
    return places[0] + 1 if places else given


def _fingerprint(jql: str) -> str:
    return hashlib.sha256(jql.encode()).hexdigest()[:16]


def read_reconciled(given: Any) -> list[int]:
    """Return the ids of `reconcileIssues`; raise RefusedError 400 for more than 50 or anything but whole numbers."""
    if given is None:
        return []
    if not isinstance(given, list) or not all(type(one) is int and 0 < one < 2**63 for one in given):
        raise RefusedError(400, "'reconcileIssues' must be an array of issue ids as numbers.")
    if len(given) > RECONCILE_LIMIT:
        raise RefusedError(400, f"'reconcileIssues' takes up to {RECONCILE_LIMIT} issue ids.")
    return given
