"""The one form that every importer gives: items with links, of whatever tool they came from.

A requirement, a heading, a test with its last result, a commit and a pull request are all items; what one says of
another is a link. `RegisterFile` is the form in which a register is exchanged.
"""

from dataclasses import dataclass
from enum import StrEnum

from include.postmarket.model.canonical import digest

#: Exchange files name their form and its version; a reader refuses what it does not know.
SCHEMA = "postmarket-requirement-register"
SCHEMA_VERSION = 1


class ItemKind(StrEnum):
    """What an item is."""

    REQUIREMENT = "requirement"
    HEADING = "heading"
    INFORMATION = "information"
    TEST = "test"
    COMMIT = "commit"
    PULL_REQUEST = "pull request"


#: Items that come from tests and development, not from the requirement tool: a re-import of it does not remove them.
EVIDENCE = (ItemKind.TEST, ItemKind.COMMIT, ItemKind.PULL_REQUEST)


class Role:
    """The roles of links that the house itself knows; any other word of the source is kept as it is."""

    REFINES = "refines"
    VERIFIES = "verifies"
    IMPLEMENTS = "implements"
    RISK = "risk"
    TEST = "test"
    FILE = "file"


#: Roles whose targets live elsewhere: in the risk file, in a test system, in the source tree.
OUTSIDE = (Role.RISK, Role.TEST, Role.FILE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One item says ``role`` of another; ``target`` is the id of that one."""

    role: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of a register. ``attributes`` holds what has no field of its own, by the source's own names.

    ``result`` and ``at`` belong to evidence: pass, fail or not run, and when (ISO 8601, empty when the source does not
    say). ``file`` and ``line`` say where it stood; a move is no change.
    """

    id: str
    kind: ItemKind = ItemKind.REQUIREMENT
    title: str = ""
    text: str = ""
    version: str = ""
    status: str = ""
    issue: str = ""
    result: str = ""
    at: str = ""
    links: tuple[Link, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    file: str = ""
    line: int = 0

    @property
    def stamp(self) -> str:
        """The hash of what the item says: a link that was made to another one is suspect."""
        return digest([self.id, self.version, self.title, self.text])

    @property
    def content(self) -> str:
        """The hash of everything but the place: two imports with the same one are the same."""
        links = sorted((link.role, link.target) for link in self.links)
        told = [self.kind, self.title, self.text, self.version, self.status, self.issue, self.result, self.at]
        return digest([self.id, *told, links, sorted(self.attributes)])


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterFile:
    """A register as a file: which form, who wrote it, from what; ``sha256`` is of the bytes that were read."""

    generator: str
    format: str
    source: str
    sha256: str
    items: tuple[Item, ...]
    schema: str = SCHEMA
    version: int = SCHEMA_VERSION


class Change(StrEnum):
    """What an import did with an item."""

    NEW = "new"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What an import would change; ``reworded`` are ids of those changed items that say other words."""

    new: tuple[Item, ...] = ()
    changed: tuple[Item, ...] = ()
    removed: tuple[Item, ...] = ()
    reworded: tuple[str, ...] = ()
    unchanged: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRecord:
    """One import that changed a register; ``listed`` is what it did not take or was not sure of."""

    register: str
    sequence: int
    format: str
    source: str
    sha256: str
    generator: str
    new: int
    changed: int
    removed: int
    listed: tuple[str, ...]


class LinkCondition(StrEnum):
    """Whether a link still fits what it points to."""

    CURRENT = "current"
    SUSPECT = "suspect"
    DANGLING = "dangling"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class LinkKey:
    """Which link is meant: of which item of which register, in which role, to which item."""

    register: str
    item: str
    role: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkState:
    """A link with the stamp it holds and the one its target has now (empty when there is none)."""

    key: LinkKey
    condition: LinkCondition
    held: str
    now: str
