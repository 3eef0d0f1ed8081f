"""What a site holds before the first ticket: types, statuses, the workflow, priorities, resolutions, link types.

Ids are those of a stock Jira Cloud site where one exists; all are strings on the wire.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IssueType:
    """A kind of issue that projects may offer."""

    id: str
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Category:
    """A status category: the only fixed vocabulary of a Jira workflow."""

    id: int
    key: str
    name: str
    color: str


@dataclass(frozen=True, slots=True)
class Status:
    """A step of the workflow."""

    id: str
    name: str
    description: str
    category: Category


@dataclass(frozen=True, slots=True)
class Choice:
    """A priority or a resolution."""

    id: str
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Transition:
    """A way from some statuses to another; `resolution` is what an issue gets that goes this way, None clears it."""

    id: str
    name: str
    origins: tuple[Status, ...]
    target: Status
    resolution: Choice | None


TASK = IssueType("10001", "Task", "A piece of work.")
BUG = IssueType("10004", "Bug", "A problem or error.")
REQUIREMENT = IssueType("10010", "Requirement", "What the product must do, and the version it holds for.")
ISSUE_TYPES = (TASK, BUG, REQUIREMENT)

NEW = Category(2, "new", "To Do", "blue-gray")
INDETERMINATE = Category(4, "indeterminate", "In Progress", "yellow")
FINISHED = Category(3, "done", "Done", "green")
CATEGORIES = (NEW, INDETERMINATE, FINISHED)

TO_DO = Status("10000", "To Do", "Waiting for someone to start.", NEW)
IN_PROGRESS = Status("3", "In Progress", "Someone is working on it.", INDETERMINATE)
DONE = Status("10002", "Done", "Nothing is left to do.", FINISHED)
STATUSES = (TO_DO, IN_PROGRESS, DONE)

PRIORITIES = (
    Choice("1", "Highest", "This problem will block progress."),
    Choice("2", "High", "Serious problem that could block progress."),
    Choice("3", "Medium", "Has the potential to affect progress."),
    Choice("4", "Low", "Minor problem or easily worked around."),
    Choice("5", "Lowest", "Trivial problem with little or no impact on progress."),
)
MEDIUM = PRIORITIES[2]

RESOLVED = Choice("10000", "Done", "Work has been completed.")
WONT_DO = Choice("10001", "Won't Do", "This will not be actioned.")
RESOLUTIONS = (
    RESOLVED,
    WONT_DO,
    Choice("10002", "Duplicate", "The problem is a duplicate of an existing issue."),
    Choice("10003", "Cannot Reproduce", "The problem could not be seen again."),
)

# From To Do to Done takes two steps on purpose: a client that does not list transitions first and walk them fails here.
TRANSITIONS = (
    Transition("11", "Start Progress", (TO_DO,), IN_PROGRESS, None),
    Transition("21", "Stop Progress", (IN_PROGRESS,), TO_DO, None),
    Transition("31", "Resolve", (IN_PROGRESS,), DONE, RESOLVED),
    Transition("41", "Reopen", (DONE,), TO_DO, None),
    Transition("51", "Won't Do", (TO_DO, IN_PROGRESS), DONE, WONT_DO),
)

LINK_TYPES = (
    ("10000", "Blocks", "is blocked by", "blocks"),
    ("10001", "Cloners", "is cloned by", "clones"),
    ("10002", "Duplicate", "is duplicated by", "duplicates"),
    ("10003", "Relates", "relates to", "relates to"),
)

# Key, name, description and issue types of the projects that a new store holds.
PROJECTS = (
    ("PMS", "Post-market surveillance", "Tickets that signals caused.", (BUG, TASK)),
    ("REQ", "Requirements", "The requirement register of the products.", (REQUIREMENT,)),
)

PERMISSIONS = (
    "ADD_COMMENTS",
    "ADMINISTER_PROJECTS",
    "ASSIGN_ISSUES",
    "ASSIGNABLE_USER",
    "BROWSE_PROJECTS",
    "CLOSE_ISSUES",
    "CREATE_ATTACHMENTS",
    "CREATE_ISSUES",
    "DELETE_ALL_ATTACHMENTS",
    "DELETE_ALL_COMMENTS",
    "DELETE_ISSUES",
    "EDIT_ALL_COMMENTS",
    "EDIT_ISSUES",
    "LINK_ISSUES",
    "MODIFY_REPORTER",
    "RESOLVE_ISSUES",
    "SCHEDULE_ISSUES",
    "TRANSITION_ISSUES",
)


def status_of(status_id: str) -> Status:
    """Return the status with this id."""
    return next(status for status in STATUSES if status.id == status_id)


def type_of(type_id: str) -> IssueType:
    """Return the issue type with this id."""
    return next(issue_type for issue_type in ISSUE_TYPES if issue_type.id == type_id)


def choice_of(choices: tuple[Choice, ...], choice_id: str) -> Choice:
    """Return the priority or resolution with this id."""
    return next(choice for choice in choices if choice.id == choice_id)


def transitions_from(status_id: str) -> tuple[Transition, ...]:
    """Return the transitions that an issue in this status may take, in the order Jira lists them."""
    return tuple(way for way in TRANSITIONS if any(origin.id == status_id for origin in way.origins))
