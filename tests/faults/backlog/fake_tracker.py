"""A Jira in memory that behaves as JIRA.md section 3 says: sequential keys, a lagging search, answers that get lost."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random

from include.postmarket.backlog.ports import (
    Answer,
    Created,
    CreateScreen,
    Declined,
    End,
    IssueDraft,
    IssueLink,
    LinkType,
    RateLimited,
    Refused,
    Relation,
    SeenComment,
    SeenIssue,
    Unknown,
)
from include.postmarket.model.errors import UnavailableError

START = datetime(2026, 4, 2, 6, 0, tzinfo=UTC)


@dataclass(slots=True)
class Clock:
    """A virtual clock: time passes only where a test says so."""

    time: datetime = START

    def now(self) -> datetime:
        """Give the virtual time."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.time += timedelta(seconds=seconds)


@dataclass(slots=True)
class Issue:
    """One issue of the fake, with the moment from which the search index shows it."""

    seen: SeenIssue
    indexed_at: datetime
    comments: list[SeenComment] = field(default_factory=list)
    remote: dict[str, str] = field(default_factory=dict)
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Weather:
    """How often which fault strikes, as shares of calls; search lag and late commits in seconds at most."""

    lost: float = 0.0  # committed, but the answer is lost or a 5xx
    failed: float = 0.0  # a 5xx or a reset before anything happened
    late: float = 0.0  # answered with a timeout, committed up to `latest` seconds later
    limited: float = 0.0
    refused: float = 0.0
    closed: float = 0.0
    down: float = 0.0  # reads that find no tracker
    lag: float = 0.0
    latest: float = 0.0


CALM = Weather()
_LIMITS = (
    ("jira-burst-based", 2.0),
    ("jira-per-issue-on-write", 30.0),
    ("jira-quota-tenant-based", 1800.0),
    ("jira-quota-global-based", 1800.0),
)


@dataclass(slots=True)
class FakeTracker:
    """The Tracker port in memory; ``weather`` may be changed at any time."""

    clock: Clock
    random: Random
    weather: Weather = CALM
    issues: dict[str, Issue] = field(default_factory=dict)  # by key
    links: list[tuple[str, str, str]] = field(default_factory=list)  # (type, source key, destination key)
    pending: list[tuple[datetime, IssueDraft]] = field(default_factory=list)
    fields: frozenset[str] = frozenset({"summary", "description", "labels", "priority", "issuelinks"})
    posts: int = 0
    numbers: dict[str, int] = field(default_factory=dict)

    def add(self, key: str, labels: tuple[str, ...] = (), marker: str = "") -> Issue:
        """Put an issue there, as a person would; the index shows it at once."""
        project, _, number = key.rpartition("-")
        self.numbers[project] = max(self.numbers.get(project, 0), int(number))
        seen = SeenIssue(id=str(10_000 + len(self.issues)), key=key, labels=labels, marker=marker)
        self.issues[key] = Issue(seen=seen, indexed_at=self.clock.now())
        return self.issues[key]

    def tickets(self, dedupe_key: str) -> list[Issue]:
        """Give every issue created for a dedupe key, also those still on their way."""
        self._arrive(datetime.max.replace(tzinfo=UTC))
        return [issue for issue in self.issues.values() if f"pms-{dedupe_key}" in issue.seen.labels]

    def create_issue(self, draft: IssueDraft) -> Answer:
        """Send one create, once."""
        self.posts += 1
        self._arrive(self.clock.now())
        weather, drawn = self.weather, self.random.random
        refused = self._refused()
        if refused is not None:
            return refused
        if drawn() < weather.failed:
            return Unknown(message="HTTP 503 before the commit")
        if drawn() < weather.late:
            due = self.clock.now() + timedelta(seconds=drawn() * weather.latest)
            self.pending.append((due, draft))
            return Unknown(message="no answer: ReadTimeout")
        issue = self._commit(draft)
        if drawn() < weather.lost:
            return Unknown(message="no answer: ConnectionError")
        return Created(id=issue.seen.id, key=issue.seen.key)

    def create_screen(self, project: str, issue_type: str) -> CreateScreen:
        """Give what may be set on create."""
        self._read()
        if issue_type != "Bug":
            raise Declined(f"project {project} has no issue type {issue_type!r}, only Bug")
        return CreateScreen(fields=self.fields, priorities=frozenset({"High", "Medium", "Low"}))

    def link_types(self) -> tuple[LinkType, ...]:
        """Give the link types of the site."""
        self._read()
        return (
            LinkType(name="Relates", inward="relates to", outward="relates to"),
            LinkType(name="Problem/Incident", inward="is caused by", outward="causes"),
            LinkType(name="Duplicate", inward="is duplicated by", outward="duplicates"),
        )

    def find_by_label(self, label: str) -> tuple[SeenIssue, ...]:
        """Give the indexed issues with a label."""
        return self._indexed(lambda seen: label in seen.labels)

    def last_key(self, project: str) -> str:
        """Give the highest indexed key of a project."""
        keys = [seen.key for seen in self._indexed(lambda seen: seen.key.startswith(f"{project}-"))]
        return max(keys, key=lambda key: int(key.rpartition("-")[2]), default="")

    def issue_links(self, issue: str) -> tuple[IssueLink, ...]:
        """Give the links of an issue."""
        self._read()
        key = self._find(issue).seen.key
        found = []
        for name, source, destination in self.links:
            if source == key:
                found.append(IssueLink(other_key=destination, relation=Relation(name=name, end=End.SOURCE)))
            elif destination == key:
                found.append(IssueLink(other_key=source, relation=Relation(name=name, end=End.DESTINATION)))
        return tuple(found)

    def bulk_fetch(self, keys: Sequence[str]) -> tuple[SeenIssue, ...]:
        """Give those that exist."""
        if len(keys) > 100:
            raise Declined("HTTP 400: at most 100 issues")
        self._read()
        return tuple(self.issues[key].seen for key in keys if key in self.issues)

    def comments(self, issue: str) -> tuple[SeenComment, ...]:
        """Give all comments of an issue."""
        self._read()
        return tuple(self._find(issue).comments)

    def add_comment(self, issue: str, lines: Sequence[str]) -> Answer:
        """Send one comment, once."""
        weather, drawn = self.weather, self.random.random
        if drawn() < weather.limited:
            return RateLimited(reason="jira-per-issue-on-write", retry_after=2.0)
        if drawn() < weather.failed:
            return Unknown(message="HTTP 500 before the commit")
        found = self._find(issue)
        comment = SeenComment(id=str(len(found.comments) + 1), text="\n".join(lines) + "\n")
        found.comments.append(comment)
        if drawn() < weather.lost:
            return Unknown(message="no answer: ConnectionError")
        return Created(id=comment.id, key="")

    def reopen(self, issue: str) -> str:
        """Bring a closed issue back to work."""
        self._read()
        found = self._find(issue)
        found.closed = False
        return "To Do"

    def remote_link(self, issue: str, url: str, title: str) -> None:
        """Put the link to our page on the issue."""
        self._read()
        self._find(issue).remote[url] = title

    def link(self, issue: str, relation: Relation, other: str) -> None:
        """Link an issue to another."""
        self._read()
        own, far = self._find(issue).seen.key, self._find(other).seen.key
        link = (relation.name, own, far) if relation.end is End.SOURCE else (relation.name, far, own)
        if link not in self.links:
            self.links.append(link)

    def remove(self, key: str) -> None:
        """Delete an issue and its links."""
        del self.issues[key]
        self.links = [link for link in self.links if key not in link]

    def relabel(self, key: str, labels: tuple[str, ...]) -> None:
        """Change the labels of an issue, as people do."""
        issue = self.issues[key]
        issue.seen = replace(issue.seen, labels=labels)

    def _refused(self) -> RateLimited | Refused | None:
        if self.random.random() < self.weather.limited:
            reason, wait = self.random.choice(_LIMITS)
            return RateLimited(reason=reason, retry_after=wait)
        if self.random.random() < self.weather.closed:
            return Refused(status=401, message="Client must be authenticated to access this resource.")
        if self.random.random() < self.weather.refused:
            return Refused(status=400, message="summary: You must specify a summary of the issue.")
        return None

    def _commit(self, draft: IssueDraft) -> Issue:
        number = self.numbers.get(draft.project, 0) + 1
        self.numbers[draft.project] = number
        key = f"{draft.project}-{number}"
        seen = SeenIssue(id=str(10_000 + len(self.issues)), key=key, labels=draft.labels, marker=draft.dedupe_key)
        lag = timedelta(seconds=self.random.random() * self.weather.lag)
        self.issues[key] = Issue(seen=seen, indexed_at=self.clock.now() + lag)
        if draft.relation is not None:
            for other in draft.links:
                pair = (key, other) if draft.relation.end is End.SOURCE else (other, key)
                self.links.append((draft.relation.name, *pair))
        return self.issues[key]

    def _arrive(self, moment: datetime) -> None:
        """Commit what was sent earlier, answered with a timeout, and is processed only now."""
        for due, draft in [late for late in self.pending if late[0] <= moment]:
            self.pending.remove((due, draft))
            self._commit(draft)

    def _read(self) -> None:
        self._arrive(self.clock.now())
        if self.random.random() < self.weather.down:
            raise UnavailableError("Jira does not answer", where="fake", todo="try again later", retry_after=30.0)

    def _indexed(self, wanted: Callable[[SeenIssue], bool]) -> tuple[SeenIssue, ...]:
        self._read()
        now = self.clock.now()
        return tuple(issue.seen for issue in self.issues.values() if issue.indexed_at <= now and wanted(issue.seen))

    def _find(self, issue: str) -> Issue:
        for key, found in self.issues.items():
            if issue in {key, found.seen.id}:
                return found
        raise Declined("HTTP 404: Issue does not exist or you do not have permission to see it.")
