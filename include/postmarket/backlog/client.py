"""Jira's REST interface, as much of it as the filer needs: the Tracker port over `transport`, in either dialect."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from include.postmarket.backlog.cloud import Cloud
from include.postmarket.backlog.data_center import DataCenter
from include.postmarket.backlog.dialect import PROPERTY, Dialect, Found, Query, as_object
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
    SeenTicket,
)
from include.postmarket.backlog.settings import Deployment
from include.postmarket.backlog.transport import Transport, segment, shown
from include.postmarket.backlog.workflow import reopen_issue

FETCH_LIMIT = 100  # issues a bulk fetch takes
_DIALECTS: Mapping[Deployment, Dialect] = {Deployment.CLOUD: Cloud(), Deployment.DATA_CENTER: DataCenter()}
_STANDING = ("labels", "status", "resolution", "fixVersions")


@dataclass(frozen=True, slots=True)
class JiraClient:
    """A `ports.Tracker` and `ports.TicketReader`; errors as the ports say."""

    transport: Transport

    @property
    def dialect(self) -> Dialect:
        """How this Jira is spoken to."""
        return _DIALECTS[self.transport.settings.deployment]

    def server_info(self) -> Found:
        """Give the site's own description: version, deployment type, server time."""
        return as_object(self.transport.read(self._path("serverInfo")), "serverInfo")

    def myself(self) -> str:
        """Give the account of the credentials: raises ConfigurationError when they do not open the door."""
        told = as_object(self.transport.read(self._path("myself")), "myself")
        return str(told.get("accountId") or told.get("name") or "")

    def permissions(self, project: str, wanted: Sequence[str]) -> frozenset[str]:
        """Give which of the wanted permissions the account has in a project; raises Declined for an unknown one."""
        query = {"projectKey": project, "permissions": ",".join(wanted)}
        told = as_object(self.transport.read(self._path("mypermissions"), query), "mypermissions", "permissions")
        granted = told["permissions"]
        return frozenset(name for name in wanted if (granted.get(name) or {}).get("havePermission"))

    def create_issue(self, draft: IssueDraft) -> Answer:
        """Send one create, once."""
        return self.transport.send_once(self._path("issue"), self.create_body(draft))

    def create_body(self, draft: IssueDraft) -> dict[str, Any]:
        """Give the JSON of one create: fields, the marker property, and the links the create screen allows."""
        marker = {"key": draft.dedupe_key, "signal": draft.signal_id, "revision": draft.revision}
        properties = [{"key": PROPERTY, "value": marker}]
        body: dict[str, Any] = {"fields": self._fields(draft), "properties": properties}
        if draft.links and draft.relation:
            other = "outwardIssue" if draft.relation.end is End.SOURCE else "inwardIssue"
            added = [{"add": {"type": {"name": draft.relation.name}, other: {"key": key}}} for key in draft.links]
            body["update"] = {"issuelinks": added}
        return body

    def create_screen(self, project: str, issue_type: str) -> CreateScreen:
        """Give what may be set on create (the two-step form; the one-step form is deprecated).

        Raises Declined when Jira does not know the project or the project has no such type.
        """
        types = self._path("issue", "createmeta", project, "issuetypes")
        known = {str(found["name"]): str(found["id"]) for found in self._pages(types, "issueTypes")}
        if issue_type not in known:
            raise Declined(
                f"project {project} has no issue type {issue_type!r}, only {shown(', '.join(sorted(known)))}"
            )
        return _screen(list(self._pages(f"{types}/{known[issue_type]}", "fields")))

    def link_types(self) -> tuple[LinkType, ...]:
        """Give the link types of the site."""
        told = as_object(self.transport.read(self._path("issueLinkType")), "issueLinkType", "issueLinkTypes")
        return tuple(
            LinkType(name=str(found["name"]), inward=str(found["inward"]), outward=str(found["outward"]))
            for found in told["issueLinkTypes"]
        )

    def find_by_label(self, label: str) -> tuple[SeenIssue, ...]:
        """Give every issue that the search index shows with this label; the index may lag by minutes."""
        return tuple(map(_seen, self._search(f"labels = {_quoted(label)} ORDER BY created ASC", ("labels",), 100)))

    def last_key(self, project: str) -> str:
        """Give the highest key of a project that the index shows (a lower bound), or "" for an empty project."""
        newest = next(self._search(f"project = {_quoted(project)} ORDER BY key DESC", ("labels",), 1), None)
        return _seen(newest).key if newest else ""

    def issue_links(self, issue: str) -> tuple[IssueLink, ...]:
        """Give the links of one issue by id or key, read directly (no index)."""
        told = self.transport.read(self._path("issue", issue), {"fields": "issuelinks"})
        return tuple(_link(found) for found in as_object(told, "issue", "fields")["fields"].get("issuelinks") or ())

    def bulk_fetch(self, keys: Sequence[str]) -> tuple[SeenIssue, ...]:
        """Give those of at most 100 issues that exist; raises UnavailableError when Jira could not look at one."""
        return tuple(map(_seen, self.dialect.fetch(self.transport, keys, ("labels",))))

    def read_tickets(self, ids: Sequence[str]) -> tuple[SeenTicket, ...]:
        """Give where those of at most 100 issues stand that are there, read directly (no index)."""
        return tuple(map(_standing, self.dialect.fetch(self.transport, ids, _STANDING)))

    def touched(self, label: str, minutes: int) -> tuple[SeenTicket, ...]:
        """Give where the issues with a label stand that the index shows as changed within so many minutes."""
        jql = f'labels = {_quoted(label)} AND updated >= "-{minutes}m" ORDER BY updated ASC'
        return tuple(map(_standing, self._search(jql, _STANDING, 100)))

    def comments(self, issue: str) -> tuple[SeenComment, ...]:
        """Give all comments of an issue."""
        found = self._pages(self._path("issue", issue, "comment"), "comments")
        plain = self.dialect.plain
        return tuple(SeenComment(id=str(comment["id"]), text=plain(comment.get("body"))) for comment in found)

    def add_comment(self, issue: str, lines: Sequence[str]) -> Answer:
        """Send one comment, once."""
        return self.transport.send_once(self._path("issue", issue, "comment"), {"body": self.dialect.comment(lines)})

    def reopen(self, issue: str) -> str:
        """Bring a closed issue back to work and give its status; nothing happens when it is open."""
        return reopen_issue(self.transport, self._path("issue", issue))

    def remote_link(self, issue: str, url: str, title: str) -> None:
        """Put the link to our page on the issue; the URL is its globalId, so doing it again changes nothing."""
        body = {"globalId": url, "object": {"url": url, "title": title}}
        self.transport.ask(self._path("issue", issue, "remotelink"), body)

    def link(self, issue: str, relation: Relation, other: str) -> None:
        """Link an issue to another; Jira answers an equal link as created and keeps one."""
        source, destination = (issue, other) if relation.end is End.SOURCE else (other, issue)
        body = {
            "type": {"name": relation.name},
            "inwardIssue": _reference(source),
            "outwardIssue": _reference(destination),
        }
        self.transport.ask(self._path("issueLink"), body)

    def _path(self, *parts: str) -> str:
        return "/".join((self.dialect.api, *map(segment, parts)))

    def _fields(self, draft: IssueDraft) -> dict[str, Any]:
        found: dict[str, Any] = {
            "project": {"key": draft.project},
            "issuetype": {"name": draft.issue_type},
            "summary": draft.text.summary,
            "description": self.dialect.description(draft.text),
            "labels": list(draft.labels),
            **draft.fields,
        }
        if draft.priority:
            found["priority"] = {"name": draft.priority}
        if draft.components:
            found["components"] = [{"name": name} for name in draft.components]
        return found

    def _search(self, jql: str, fields: tuple[str, ...], page: int) -> Iterator[Found]:
        return self.dialect.search(self.transport, Query(jql, fields, page))

    def _pages(self, path: str, member: str) -> Iterator[Found]:
        """Walk a startAt list to its total; an empty page ends it, whatever the total says.

        Data Center's createmeta names its list `values`.
        """
        start = 0
        while True:
            told = as_object(self.transport.read(path, {"startAt": str(start), "maxResults": "50"}), path)
            found: list[Found] = told.get(member) or told.get("values") or []
            yield from found
            start += len(found)
            if not found or start >= int(told.get("total", 0)):
                return


def _screen(fields: Sequence[Found]) -> CreateScreen:
    by_id = {str(found["fieldId"]): found for found in fields}
    return CreateScreen(
        fields=frozenset(by_id),
        priorities=_names(by_id.get("priority")),
        required=frozenset(
            name for name, found in by_id.items() if found.get("required") and not found.get("hasDefaultValue")
        ),
        kinds={name: _kind(found.get("schema") or {}) for name, found in by_id.items()},
        components=_names(by_id.get("components")),
    )


def _names(field: Found | None) -> frozenset[str]:
    return frozenset(str(value["name"]) for value in (field or {}).get("allowedValues") or ())


def _kind(schema: Found) -> str:
    kind = str(schema.get("type", ""))
    return f"array of {schema.get('items', '')}" if kind == "array" else kind


def _reference(issue: str) -> dict[str, str]:
    return {"id": issue} if issue.isdigit() else {"key": issue}


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _labels(fields: Found) -> tuple[str, ...]:
    labels: Iterable[Any] = fields.get("labels") or ()
    return tuple(map(str, labels))


def _seen(found: Found) -> SeenIssue:
    marker = (found.get("properties") or {}).get(PROPERTY)
    return SeenIssue(
        id=str(found["id"]),
        key=str(found.get("key", "")),
        labels=_labels(found.get("fields") or {}),
        marker=str(marker.get("key", "")) if isinstance(marker, dict) else "",
    )


def _standing(found: Found) -> SeenTicket:
    fields = found.get("fields") or {}
    status = fields.get("status") or {}
    return SeenTicket(
        id=str(found["id"]),
        key=str(found.get("key", "")),
        labels=_labels(fields),
        status=shown(str(status.get("name", ""))),
        category=str((status.get("statusCategory") or {}).get("key", "")),
        resolution=shown(str((fields.get("resolution") or {}).get("name", ""))),
        fix_versions=tuple(shown(str(version.get("name", ""))) for version in fields.get("fixVersions") or ()),
    )


def _link(found: Found) -> IssueLink:
    """Read a link: the page of the source shows its outwardIssue, the page of the destination its inwardIssue."""
    end = End.SOURCE if "outwardIssue" in found else End.DESTINATION
    other = found["outwardIssue"] if end is End.SOURCE else found["inwardIssue"]
    return IssueLink(other_key=str(other["key"]), relation=Relation(name=str(found["type"]["name"]), end=end))
