"""The fields of an issue: what the site calls them, and on which screens they may be set."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    """One system field.

    `kind` and `items` are Jira's schema types, `clauses` the names in JQL, `operations` what `update` may do with it
    on the create and edit screens; without operations the field is set by the system only. `column` is where `Issue`
    keeps a value that the screens set.
    """

    id: str
    name: str
    kind: str
    items: str | None = None
    clauses: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    column: str | None = None

    def schema(self) -> dict[str, str]:
        """Return the JsonTypeBean of the contract."""
        schema = {"type": self.kind, "system": self.id}
        return schema | ({"items": self.items} if self.items else {})


_SET = ("set",)
_LIST = ("add", "set", "remove")

FIELDS = (
    Field("summary", "Summary", "string", clauses=("summary",), operations=_SET, column="summary"),
    Field("issuetype", "Issue Type", "issuetype", clauses=("issuetype", "type"), operations=_SET, column="type_id"),
    Field("project", "Project", "project", clauses=("project",)),
    Field("description", "Description", "string", clauses=("description",), operations=_SET, column="description"),
    Field("environment", "Environment", "string", clauses=("environment",), operations=_SET, column="environment"),
    Field("priority", "Priority", "priority", clauses=("priority",), operations=_SET, column="priority_id"),
    Field("labels", "Labels", "array", "string", ("labels",), _LIST, "labels"),
    Field("components", "Components", "array", "component", ("component",), _LIST, "component_ids"),
    Field("fixVersions", "Fix versions", "array", "version", ("fixVersion",), _LIST, "fix_version_ids"),
    Field("versions", "Affects versions", "array", "version", ("affectedVersion",), _LIST, "version_ids"),
    Field("assignee", "Assignee", "user", clauses=("assignee",), operations=_SET, column="assignee"),
    Field("reporter", "Reporter", "user", clauses=("reporter",), operations=_SET, column="reporter"),
    Field("duedate", "Due date", "date", clauses=("due", "duedate"), operations=_SET, column="duedate"),
    Field("issuelinks", "Linked Issues", "array", "issuelinks", ("issueLink",), ("add", "copy")),
    Field("attachment", "Attachment", "array", "attachment", ("attachments",)),
    Field("comment", "Comment", "comments-page", clauses=("comment",), operations=("add",)),
    Field("status", "Status", "status", clauses=("status",)),
    Field("statusCategory", "Status Category", "statusCategory", clauses=("statusCategory",)),
    Field("resolution", "Resolution", "resolution", clauses=("resolution",)),
    Field("resolutiondate", "Resolved", "datetime", clauses=("resolved", "resolutiondate")),
    Field("statuscategorychangedate", "Status Category Changed", "datetime", clauses=("statusCategoryChangedDate",)),
    Field("created", "Created", "datetime", clauses=("created", "createdDate")),
    Field("updated", "Updated", "datetime", clauses=("updated", "updatedDate")),
    Field("creator", "Creator", "user", clauses=("creator",)),
    Field("subtasks", "Sub-tasks", "array", "issuelinks"),
)
FIELD_BY_ID = {field.id: field for field in FIELDS}

# What the create screen asks for; comments are added on the edit screen only.
CREATE_SCREEN = tuple(
    field for field in FIELDS if (field.operations and field.id != "comment") or field.id in {"project", "attachment"}
)
EDIT_SCREEN = tuple(field for field in FIELDS if field.operations)
REQUIRED = frozenset({"project", "issuetype", "summary"})


def off_screen(field_id: str) -> str:
    """Return Jira's message for a field that the screen does not have; a long name is cut."""
    return f"Field '{field_id[:80]}' cannot be set. It is not on the appropriate screen, or unknown."
