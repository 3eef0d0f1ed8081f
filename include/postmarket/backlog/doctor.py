"""Is a Jira ready for our tickets? Asked before the first one is filed, in reads only.

Every check is a result with words and what to do; the first ones decide whether the others can be asked at all.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Protocol

from include.postmarket.backlog.desk import SiteFacts
from include.postmarket.backlog.drafting import NEEDED
from include.postmarket.backlog.ports import CreateScreen, Declined, End, SeenIssue, Tracker
from include.postmarket.backlog.settings import Deployment, JiraSettings
from include.postmarket.model.errors import PostmarketError

SOON = timedelta(days=30)
#: What the account must be allowed in a project that tickets go to, and in one that holds requirements.
TICKET_RIGHTS = ("BROWSE_PROJECTS", "CREATE_ISSUES", "EDIT_ISSUES", "ADD_COMMENTS", "LINK_ISSUES", "CREATE_ATTACHMENTS")
REQUIREMENT_RIGHTS = ("BROWSE_PROJECTS", "LINK_ISSUES")
REOPEN_RIGHT = "TRANSITION_ISSUES"
_PAGE = 100
#: What we always set, or Jira does: a required field that is none of these has to stand in the plan.
_SET = frozenset({"project", "issuetype", "summary", "description", "labels", "priority", "issuelinks", "reporter"})


class Verdict(StrEnum):
    """How a check ended."""

    FINE = "fine"
    WARNING = "warning"  # tickets are filed, but something is left out
    FAULT = "fault"  # tickets would be parked


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at, what was found, and what to do about it (empty when it is fine)."""

    about: str
    verdict: Verdict
    told: str
    todo: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What one plan wants of one place: where its tickets go, and what they carry there."""

    plan: str
    project: str
    issue_type: str
    link_type: str
    components: tuple[str, ...]
    fields: tuple[str, ...]
    priorities: tuple[str, ...]
    rights: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What the plans of a site want of its Jira: places, and the issues of requirements."""

    places: tuple[Wanted, ...]
    requirement_issues: tuple[str, ...]


class Site(Tracker, Protocol):
    """What `doctor` asks of a Jira besides the filer's reads."""

    def server_info(self) -> Mapping[str, Any]:
        """Give the site's own description."""
        ...

    def myself(self) -> str:
        """Give the account of the credentials."""
        ...

    def permissions(self, project: str, wanted: Sequence[str]) -> frozenset[str]:
        """Give which of the wanted permissions the account has in a project."""
        ...


def examine(site: Site, settings: JiraSettings, needs: Needs, today: date) -> tuple[Check, ...]:
    """Give every check in order; after a closed door or a Jira that is away nothing more is asked."""
    checks = [_token(settings, today)]
    try:
        checks.append(_server(site, settings))
        checks.append(Check(about="account", verdict=Verdict.FINE, told=f"logged in as {site.myself()}"))
        checks += _rights(site, needs)
        facts = SiteFacts(site)
        for wanted in needs.places:
            checks += _place(facts, wanted)
        checks += _requirements(site, needs.requirement_issues)
    except PostmarketError as error:
        checks.append(Check(about=error.where, verdict=Verdict.FAULT, told=error.what, todo=error.todo))
    return tuple(checks)


def _token(settings: JiraSettings, today: date) -> Check:
    ends = settings.token_expires
    if ends is None:
        return Check(
            about="token",
            verdict=Verdict.WARNING,
            told="nobody has told on which day it ends; an API token lives for a year at most",
            todo='put "token_expires": "YYYY-MM-DD" into the extra of the connection',
        )
    if ends <= today:
        verdict, told = Verdict.FAULT, f"ended on {ends}"
    else:
        verdict = Verdict.WARNING if ends - today <= SOON else Verdict.FINE
        told = f"ends on {ends}, in {(ends - today).days} days"
    todo = "" if verdict is Verdict.FINE else "make a new token, and put it and its day into the connection"
    return Check(about="token", verdict=verdict, told=told, todo=todo)


def _server(site: Site, settings: JiraSettings) -> Check:
    info = site.server_info()
    kind = str(info.get("deploymentType", "not told"))
    told = f"Jira {info.get('version', 'of an untold version')} ({kind}) at {settings.base_url}"
    if (kind == "Cloud") is (settings.deployment is Deployment.CLOUD):
        return Check(about="connection", verdict=Verdict.FINE, told=told)
    right = Deployment.CLOUD if kind == "Cloud" else Deployment.DATA_CENTER
    return Check(
        about="connection",
        verdict=Verdict.FAULT,
        told=f"{told}, the connection says {settings.deployment.value}",
        todo=f'put "deployment": "{right.value}" into the extra of the connection',
    )


def _rights(site: Site, needs: Needs) -> Iterator[Check]:
    wanted: dict[str, set[str]] = {}
    for place in needs.places:
        wanted.setdefault(place.project, set()).update(place.rights)
    for key in needs.requirement_issues:
        wanted.setdefault(key.rpartition("-")[0], set()).update(REQUIREMENT_RIGHTS)
    for project, rights in sorted(wanted.items()):
        about = f"permissions in {project}"
        try:
            missing = rights - site.permissions(project, sorted(rights))
        except Declined as reason:
            yield _fault(about, str(reason), f"make the project {project}, or let the account see it")
            continue
        if missing:
            named = ", ".join(sorted(missing))
            yield _fault(about, f"the account lacks {named}", "give them to the account in the project's scheme")
        else:
            yield Check(about=about, verdict=Verdict.FINE, told=f"all {len(rights)} that are needed")


def _place(facts: SiteFacts, wanted: Wanted) -> Iterator[Check]:
    about = f"{wanted.plan}: {wanted.project}, {wanted.issue_type}"
    try:
        screen = facts.screen(wanted.project, wanted.issue_type)
    except Declined as reason:
        yield _fault(about, str(reason), "mend project or issue type, in the plan or in Jira")
        return
    yield from _screen(about, wanted, screen)
    relation = facts.relation(wanted.link_type)
    if relation is None:
        todo = "name a link type of the site in the plan, by its name or as it reads in one direction"
        yield Check(
            about=about, verdict=Verdict.WARNING, told=f"the site has no link type {wanted.link_type!r}", todo=todo
        )
    else:
        side = "source" if relation.end is End.SOURCE else "destination"
        yield Check(about=about, verdict=Verdict.FINE, told=f"linked by {relation.name!r}, the ticket as its {side}")


def _screen(about: str, wanted: Wanted, screen: CreateScreen) -> Iterator[Check]:
    lacking = [name for name in NEEDED if name not in screen.fields]
    if lacking:
        yield _fault(about, f"the create screen lacks {', '.join(lacking)}", "add them to the screen in Jira")
    unset = sorted(screen.required - _SET - set(wanted.fields) - ({"components"} if wanted.components else set()))
    if unset:
        yield _fault(about, f"Jira requires {', '.join(unset)}", "give them in the plan, under ticket: fields")
    left_out = [f"field {name}" for name in wanted.fields if name not in screen.fields]
    left_out += [f"component {name!r}" for name in wanted.components if name not in screen.components]
    left_out += [f"priority {name!r}" for name in wanted.priorities if not _offered(name, screen)]
    if "issuelinks" not in screen.fields:
        left_out.append("links at birth (they are made afterwards)")
    if left_out:
        yield Check(
            about=about,
            verdict=Verdict.WARNING,
            told=f"tickets are filed without {', '.join(left_out)}",
            todo="put them on the create screen in Jira, or mend the plan",
        )
    if not (lacking or unset or left_out):
        yield Check(about=about, verdict=Verdict.FINE, told="the create screen has all that the plan wants")


def _offered(priority: str, screen: CreateScreen) -> bool:
    return "priority" in screen.fields and (not screen.priorities or priority in screen.priorities)


def _requirements(site: Site, keys: Sequence[str]) -> Iterator[Check]:
    if not keys:
        return
    seen: list[SeenIssue] = []
    for start in range(0, len(keys), _PAGE):
        seen += site.bulk_fetch(keys[start : start + _PAGE])
    gone = sorted(set(keys) - {issue.key for issue in seen})
    if gone:
        yield Check(
            about="requirements",
            verdict=Verdict.WARNING,
            told=f"{len(gone)} of {len(keys)} issues are not there (or were moved): {', '.join(gone[:10])}",
            todo="mend the column issue of the register; tickets are filed without these links",
        )
    else:
        yield Check(about="requirements", verdict=Verdict.FINE, told=f"all {len(keys)} issues are there")


def _fault(about: str, told: str, todo: str) -> Check:
    return Check(about=about, verdict=Verdict.FAULT, told=told, todo=todo)
