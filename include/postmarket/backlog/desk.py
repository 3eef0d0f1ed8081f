"""Where the filer works: its settings, tracker, ledger and clock; and what a run asks of the site only once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from include.postmarket.backlog.ports import CreateScreen, Declined, End, Ledger, Relation, Tracker
from include.postmarket.backlog.settings import FilingSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What every step of filing needs; ``now`` and ``sleep`` (seconds) are given, so that a test owns the time."""

    settings: FilingSettings
    tracker: Tracker
    ledger: Ledger
    now: Callable[[], datetime]
    sleep: Callable[[float], None]


@dataclass(slots=True)
class SiteFacts:
    """Create screens, link types and last keys as this run first saw them.

    A last key that has grown old is still right: it is only used as a lower bound of the keys to look at.
    """

    tracker: Tracker
    _screens: dict[tuple[str, str], CreateScreen] = field(default_factory=dict)
    _last_keys: dict[str, str] = field(default_factory=dict)
    _gone: dict[str, str] = field(default_factory=dict)
    _relations: dict[str, Relation] = field(default_factory=dict)

    def screen(self, project: str, issue_type: str) -> CreateScreen:
        """Give the create screen; raises Declined when project or issue type are not there."""
        if (project, issue_type) not in self._screens:
            self._screens[project, issue_type] = self.tracker.create_screen(project, issue_type)
        return self._screens[project, issue_type]

    def gone(self, issue: str) -> str:
        """Give why an issue cannot be linked to, in the tracker's words; "" for one that was there in this run."""
        if issue not in self._gone:
            try:
                self.tracker.issue_links(issue)
                self._gone[issue] = ""
            except Declined as reason:
                self._gone[issue] = str(reason)
        return self._gone[issue]

    def last_key(self, project: str) -> str:
        """Give the last key of a project as first seen in this run; ``<project>-0`` when it had none."""
        if project not in self._last_keys:
            self._last_keys[project] = self.tracker.last_key(project) or f"{project}-0"
        return self._last_keys[project]

    def relation(self, link_type: str) -> Relation | None:
        """Give the relation a plan names by type, outward or inward reading ("is caused by"); None if there is none.

        By its type's name alone the ticket is the source: with "Blocks", the ticket blocks the requirement's issue.
        """
        if not self._relations:
            for known in self.tracker.link_types():
                self._relations.setdefault(known.inward.casefold(), Relation(name=known.name, end=End.DESTINATION))
                self._relations[known.outward.casefold()] = Relation(name=known.name, end=End.SOURCE)
            for name in {relation.name for relation in self._relations.values()}:
                self._relations[name.casefold()] = Relation(name=name, end=End.SOURCE)
        return self._relations.get(link_type.casefold())
