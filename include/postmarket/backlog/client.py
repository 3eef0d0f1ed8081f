"""Jira Cloud REST v3, as much of it as the filer needs: the Tracker port over `transport`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from include.postmarket.backlog.adf import comment_document, fitted_document, plain_text
from include.postmarket.backlog.ports import (
    Answer,
    CreateScreen,
    Declined,
    End,
    IssueDraft,
    IssueLink,
    LinkType,
    Relation,
    SeenComment,
    SeenIssue,
)
from include.postmarket.backlog.transport import Transport, segment, shown, unreadable
from include.postmarket.model.errors import UnavailableError

PROPERTY = "pms.signal"
FETCH_LIMIT = 100  # issues a bulk fetch takes
_API = "/rest/api/3"
#: By the document issues that are not there are left out of issueErrors; a site that names them is understood as well.
_MISSING = "does not exist"
_SEEN = {"fields": ["labels"], "properties": [PROPERTY]}


@dataclass(frozen=True, slots=True)
class JiraClient:
    """A `ports.Tracker` on Jira Cloud; errors as the port says."""

    transport: Transport

    def server_info(self) -> Mapping[str, Any]:
        """Give the site's own description: version, deployment type, server time."""
        return _object(self.transport.read(f"{_API}/serverInfo"), "serverInfo")

    def myself(self) -> str:
        """Give the account id of the credentials: raises ConfigurationError when they do not open the door."""
        return str(_object(self.transport.read(f"{_API}/myself"), "myself").get("accountId", ""))

    def create_issue(self, draft: IssueDraft) -> Answer:
        """Send one create, once."""
        return self.transport.send_once(f"{_API}/issue", create_body(draft))

    def create_screen(self, project: str, issue_type: str) -> CreateScreen:
        """Give what may be set on create (the two-step form; the one-step form is deprecated).

        Raises Declined when Jira does not know the project or the project has no such type.
        """
        types = f"{_API}/issue/createmeta/{segment(project)}/issuetypes"
        known = {str(found["name"]): str(found["id"]) for found in self._pages(types, "issueTypes")}
        if issue_type not in known:
            raise Declined(
                f"project {project} has no issue type {issue_type!r}, only {shown(', '.join(sorted(known)))}"
            )
        fields = list(self._pages(f"{types}/{known[issue_type]}", "fields"))
        allowed = next((found.get("allowedValues") or [] for found in fields if found["fieldId"] == "priority"), [])
        return CreateScreen(
            fields=frozenset(str(found["fieldId"]) for found in fields),
            priorities=frozenset(str(value["name"]) for value in allowed),
        )

    def link_types(self) -> tuple[LinkType, ...]:
        """Give the link types of the site."""
        told = _object(self.transport.read(f"{_API}/issueLinkType"), "issueLinkType", "issueLinkTypes")
        return tuple(
            LinkType(name=str(found["name"]), inward=str(found["inward"]), outward=str(found["outward"]))
            for found in told["issueLinkTypes"]
        )

    def find_by_label(self, label: str) -> tuple[SeenIssue, ...]:
        """Give every issue that the search index shows with this label; the index may lag by minutes."""
        return tuple(self._search(f"labels = {_quoted(label)} ORDER BY created ASC", 100))

    def last_key(self, project: str) -> str:
        """Give the highest key of a project that the index shows (a lower bound), or "" for an empty project."""
        newest = next(self._search(f"project = {_quoted(project)} ORDER BY key DESC", 1), None)
        return newest.key if newest else ""

    def issue_links(self, issue: str) -> tuple[IssueLink, ...]:
        """Give the links of one issue by id or key, read directly (no index)."""
        told = self.transport.read(f"{_API}/issue/{segment(issue)}", {"fields": "issuelinks"})
        return tuple(_link(found) for found in _object(told, "issue", "fields")["fields"].get("issuelinks") or ())

    def bulk_fetch(self, keys: Sequence[str]) -> tuple[SeenIssue, ...]:
        """Give those of at most 100 issues that exist; raises UnavailableError when Jira could not look at one."""
        body = {"issueIdsOrKeys": list(keys), **_SEEN}
        told = _object(self.transport.ask(f"{_API}/issue/bulkfetch", body), "issue/bulkfetch", "issues")
        unread = [error for error in told.get("issueErrors") or () if _MISSING not in str(error.get("errorMessage"))]
        if unread:
            raise UnavailableError(
                f"Jira could not read {len(unread)} of {len(keys)} issues",
                where="issue/bulkfetch",
                todo="try again later",
            )
        return tuple(_seen(found) for found in told["issues"])

    def comments(self, issue: str) -> tuple[SeenComment, ...]:
        """Give all comments of an issue."""
        found = self._pages(f"{_API}/issue/{segment(issue)}/comment", "comments")
        return tuple(SeenComment(id=str(comment["id"]), text=plain_text(comment.get("body"))) for comment in found)

    def add_comment(self, issue: str, lines: Sequence[str]) -> Answer:
        """Send one comment, once."""
        return self.transport.send_once(f"{_API}/issue/{segment(issue)}/comment", {"body": comment_document(lines)})

    def remote_link(self, issue: str, url: str, title: str) -> None:
        """Put the link to our page on the issue; the URL is its globalId, so doing it again changes nothing."""
        body = {"globalId": url, "object": {"url": url, "title": title}}
        self.transport.ask(f"{_API}/issue/{segment(issue)}/remotelink", body)

    def link(self, issue: str, relation: Relation, other: str) -> None:
        """Link an issue to another; Jira Cloud answers an equal link as created and keeps one."""
        source, destination = (issue, other) if relation.end is End.SOURCE else (other, issue)
        body = {
            "type": {"name": relation.name},
            "inwardIssue": _reference(source),
            "outwardIssue": _reference(destination),
        }
        self.transport.ask(f"{_API}/issueLink", body)

    def _search(self, jql: str, page: int) -> Iterator[SeenIssue]:
        """Walk the enhanced search; raises UnavailableError when a page token comes back a second time."""
        body: dict[str, Any] = {"jql": jql, "maxResults": page, **_SEEN}
        tokens: set[str] = set()
        while True:
            told = _object(self.transport.ask(f"{_API}/search/jql", body), "search/jql", "issues")
            yield from map(_seen, told["issues"])
            token = told.get("nextPageToken")
            if told.get("isLast") or not token:
                return
            if token in tokens:
                raise UnavailableError("paging runs in a circle", where="search/jql", todo="try again later")
            tokens.add(token)
            body = {**body, "nextPageToken": token}

    def _pages(self, path: str, member: str) -> Iterator[Mapping[str, Any]]:
        """Walk a startAt list to its total; an empty page ends it, whatever the total says."""
        start = 0
        while True:
            told = _object(self.transport.read(path, {"startAt": str(start), "maxResults": "50"}), path)
            found: list[Mapping[str, Any]] = told.get(member) or []
            yield from found
            start += len(found)
            if not found or start >= int(told.get("total", 0)):
                return


def create_body(draft: IssueDraft) -> dict[str, Any]:
    """Give the JSON of one create: fields, the marker property, and the links the create screen allows."""
    fields: dict[str, Any] = {
        "project": {"key": draft.project},
        "issuetype": {"name": draft.issue_type},
        "summary": draft.text.summary,
        "description": fitted_document(draft.text),
        "labels": list(draft.labels),
    }
    if draft.priority:
        fields["priority"] = {"name": draft.priority}
    marker = {"key": draft.dedupe_key, "signal": draft.signal_id, "revision": draft.revision}
    body: dict[str, Any] = {"fields": fields, "properties": [{"key": PROPERTY, "value": marker}]}
    if draft.links and draft.relation:
        other = "outwardIssue" if draft.relation.end is End.SOURCE else "inwardIssue"
        added = [{"add": {"type": {"name": draft.relation.name}, other: {"key": key}}} for key in draft.links]
        body["update"] = {"issuelinks": added}
    return body


def _reference(issue: str) -> dict[str, str]:
    return {"id": issue} if issue.isdigit() else {"key": issue}


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _object(told: Any, place: str, *members: str) -> Mapping[str, Any]:
    """Give an answer as the object it must be, with these members in it; raises UnavailableError otherwise."""
    if not isinstance(told, dict) or any(member not in told for member in members):
        raise unreadable(place)
    return told


def _seen(found: Mapping[str, Any]) -> SeenIssue:
    labels: Iterable[Any] = (found.get("fields") or {}).get("labels") or ()
    marker = (found.get("properties") or {}).get(PROPERTY)
    return SeenIssue(
        id=str(found["id"]),
        key=str(found.get("key", "")),
        labels=tuple(map(str, labels)),
        marker=str(marker.get("key", "")) if isinstance(marker, dict) else "",
    )


def _link(found: Mapping[str, Any]) -> IssueLink:
    """Read a link: the page of the source shows its outwardIssue, the page of the destination its inwardIssue."""
    end = End.SOURCE if "outwardIssue" in found else End.DESTINATION
    other = found["outwardIssue"] if end is End.SOURCE else found["inwardIssue"]
    return IssueLink(other_key=str(other["key"]), relation=Relation(name=str(found["type"]["name"]), end=end))
