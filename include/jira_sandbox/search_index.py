"""What search knows of the issues: a copy that may lag behind the issues themselves, as on Cloud.

Each change of an issue appends a version that search sees from `visible_at` on. A read by id or key never looks here.
"""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass

from include.jira_sandbox.catalogue import status_of, type_of
from include.jira_sandbox.issue import look_up_issue
from include.jira_sandbox.richtext import rich_words
from include.jira_sandbox.session import Session
from include.jira_sandbox.site_views import PARTS


@dataclass(frozen=True, slots=True)
class IndexedIssue:
    """The searchable state of an issue; moments are milliseconds, `links` are (link type id, direction, issue id)."""

    id: int
    project: str
    number: int
    type_id: str
    status_id: str
    category: str
    resolution_id: str | None
    priority_id: str
    summary: str
    description: str
    environment: str
    comment: str
    labels: tuple[str, ...]
    components: tuple[str, ...]
    fix_versions: tuple[str, ...]
    versions: tuple[str, ...]
    assignee: str | None
    reporter: str
    creator: str
    duedate: str | None
    created: int
    updated: int
    resolved: int | None
    category_changed: int
    links: tuple[tuple[int, str, int], ...]

    @property
    def key(self) -> str:
        """The key, project and number."""
        return f"{self.project}-{self.number}"


def index_issue(session: Session, issue_id: int) -> None:
    """Append the present state of an issue, or its end, to what search will see after the lag."""
    caller = session.caller
    indexed = _read_state(session, issue_id)
    document = json.dumps(asdict(indexed), ensure_ascii=False) if indexed else None
    session.insert(
        "INSERT INTO search_version (issue_id, visible_at, document) VALUES (?, ?, ?)",
        issue_id,
        caller.now + caller.search_lag,
        document,
    )
    # Versions older than one that is visible already can never be seen again.
    session.change(
        "DELETE FROM search_version WHERE issue_id = ?1 AND seq < "
        "(SELECT max(seq) FROM search_version WHERE issue_id = ?1 AND visible_at <= ?2)",
        issue_id,
        caller.now,
    )


def visible_issues(session: Session, reconciled: Collection[int]) -> list[IndexedIssue]:
    """Return every issue as search sees it now; the issues with reconciled ids as they really are."""
    # SQLite gives the other columns of the row that holds the maximum.
    rows = session.rows(
        "SELECT issue_id, document, max(seq) FROM search_version "
        "WHERE visible_at <= ? OR issue_id IN (SELECT value FROM json_each(?)) GROUP BY issue_id",
        session.caller.now,
        json.dumps(list(reconciled)),
    )
    return [_read_document(row["document"]) for row in rows if row["document"] is not None]


_TUPLES = ("labels", "components", "fix_versions", "versions")


def _read_document(document: str) -> IndexedIssue:
    values = json.loads(document)
    values |= {name: tuple(values[name]) for name in _TUPLES}
    values["links"] = tuple(tuple(link) for link in values["links"])
    return IndexedIssue(**values)


def _read_state(session: Session, issue_id: int) -> IndexedIssue | None:
    issue = look_up_issue(session, str(issue_id))
    if issue is None:
        return None
    comments = session.rows("SELECT body FROM comment WHERE issue_id = ? ORDER BY id", issue_id)
    return IndexedIssue(
        id=issue.id,
        project=issue.project_key,
        number=issue.number,
        type_id=type_of(issue.type_id).id,
        status_id=issue.status_id,
        category=status_of(issue.status_id).category.key,
        resolution_id=issue.resolution_id,
        priority_id=issue.priority_id,
        summary=issue.summary,
        description=rich_words(issue.description),
        environment=rich_words(issue.environment),
        comment="\n".join(rich_words(row["body"]) for row in comments),
        labels=issue.labels,
        components=_names(session, "component", issue.component_ids),
        fix_versions=_names(session, "version", issue.fix_version_ids),
        versions=_names(session, "version", issue.version_ids),
        assignee=issue.assignee,
        reporter=issue.reporter,
        creator=issue.creator,
        duedate=issue.duedate,
        created=issue.created,
        updated=issue.updated,
        resolved=issue.resolved,
        category_changed=issue.category_changed,
        links=_links(session, issue_id),
    )


def _names(session: Session, table: str, ids: tuple[int, ...]) -> tuple[str, ...]:
    rows = {row["id"]: row["name"] for row in session.rows(PARTS[table])}
    return tuple(rows[part] for part in ids)


def _links(session: Session, issue_id: int) -> tuple[tuple[int, str, int], ...]:
    outward = session.rows("SELECT type_id, destination_id FROM issue_link WHERE source_id = ?", issue_id)
    inward = session.rows("SELECT type_id, source_id FROM issue_link WHERE destination_id = ?", issue_id)
    return tuple((row[0], "outward", row[1]) for row in outward) + tuple((row[0], "inward", row[1]) for row in inward)
