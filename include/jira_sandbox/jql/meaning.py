"""From a tree to a test of one indexed issue, and to the order of the answer."""

import re
from collections.abc import Callable
from typing import Any

from include.jira_sandbox.issue import look_up_issue
from include.jira_sandbox.jql.fields import OPERATORS, Family, JqlField, find_field
from include.jira_sandbox.jql.moments import read_moment
from include.jira_sandbox.jql.syntax import EMPTY, Clause, Condition, Operand, Ordering
from include.jira_sandbox.jql.tokens import JqlError
from include.jira_sandbox.moments import from_millis, to_millis
from include.jira_sandbox.search_index import IndexedIssue
from include.jira_sandbox.session import Session

Test = Callable[[IndexedIssue], bool]
# Moments in a query have the resolution of a minute, so "equal" means within the same one.
_MINUTE = 60_000
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
}


def build_test(session: Session, condition: Condition) -> Test:
    """Return the test of a condition; raise JqlError for unknown fields, values, operators and functions."""
    if isinstance(condition, Clause):
        return _build_clause(session, condition)
    tests = [build_test(session, part) for part in condition.parts]
    if condition.is_all:
        return lambda issue: all(test(issue) for test in tests)
    return lambda issue: any(test(issue) for test in tests)


def sort_issues(issues: list[IndexedIssue], order: tuple[Ordering, ...]) -> list[IndexedIssue]:
    """Return the issues in the wanted order, the newest first where it leaves a choice.

    Issues without a value come last in either direction.
    """
    arranged = sorted(issues, key=lambda issue: issue.id, reverse=True)
    for term in reversed(order):
        field = find_field(term.field)
        arranged.sort(key=lambda issue, field=field: _sort_key(field, issue), reverse=term.is_descending)  # type: ignore[misc]
        # Two stable passes: the direction must not move the issues without a value.
        arranged.sort(key=lambda issue, field=field: not field.values(issue))  # type: ignore[misc]
    return arranged


def _sort_key(field: JqlField, issue: IndexedIssue) -> tuple[Any, ...]:
    if field.family is Family.KEY:
        return (issue.project, issue.number)
    if field.family is Family.ORDERED:
        return (_rank(issue.priority_id),)
    return field.values(issue)


def _build_clause(session: Session, clause: Clause) -> Test:
    field = find_field(clause.field)
    if clause.operator not in OPERATORS[field.family]:
        raise JqlError(f"The operator '{clause.operator}' is not supported by the '{field.name}' field.")
    if clause.operator in {"is", "is not"} or clause.operands == (EMPTY,):
        wants_value = clause.operator in {"is not", "!=", "not in", "!~"}
        return lambda issue: bool(field.values(issue)) is wants_value
    if field.family is Family.TEXT:
        return _build_text(field, clause)
    if clause.operator in _COMPARISONS:
        return _build_comparison(session, field, clause)
    return _build_membership(session, field, clause)


def _build_membership(session: Session, field: JqlField, clause: Clause) -> Test:
    """Test `=` and `in`; the negations hold for no issue without a value, as in Jira."""
    wanted = frozenset().union(*(_resolve(session, field, operand) for operand in clause.operands if operand != EMPTY))
    takes_empty = EMPTY in clause.operands

    def has_one(issue: IndexedIssue) -> bool:
        values = field.values(issue)
        if field.family is Family.MOMENT:
            values = tuple(value // _MINUTE for value in values)
        return any(value in wanted for value in values) if values else takes_empty

    if clause.operator in {"=", "in"}:
        return has_one
    return lambda issue: bool(field.values(issue)) and not has_one(issue)


def _resolve(session: Session, field: JqlField, operand: Operand) -> frozenset[Any]:
    if field.family is Family.MOMENT:
        now = from_millis(session.caller.now)
        return frozenset({to_millis(read_moment(operand, now, field.name)) // _MINUTE})
    if field.family is Family.KEY:
        return _resolve_key(session, operand)
    if operand.arguments is not None:
        name = str(operand.text).casefold()
        if name == "currentuser" and not operand.arguments and field.name in {"assignee", "reporter", "creator"}:
            return frozenset({session.caller.account_id})
        raise _no_function(operand)
    if field.resolve is None:
        raise JqlError(f"The field '{field.name}' cannot be compared with a value.")
    return field.resolve(session, str(operand.text))


def _resolve_key(session: Session, operand: Operand) -> frozenset[Any]:
    if operand.arguments is None:
        return frozenset({_find(session, str(operand.text)).id})
    if str(operand.text).casefold() != "linkedissues" or not operand.arguments:
        raise _no_function(operand)
    key, *descriptions = operand.arguments
    origin = _find(session, key)
    linked = set()
    statement = (
        "SELECT * FROM issue_link JOIN link_type ON link_type.id = type_id WHERE ? IN (source_id, destination_id)"
    )
    for row in session.rows(statement, origin.id):
        is_source = row["source_id"] == origin.id
        described = row["outward"] if is_source else row["inward"]
        if not descriptions or described.casefold() in {one.casefold() for one in descriptions}:
            linked.add(row["destination_id"] if is_source else row["source_id"])
    return frozenset(linked)


def _find(session: Session, text: str) -> Any:
    issue = look_up_issue(session, text)
    if issue is None:
        raise JqlError(f"An issue with key '{text[:80]}' does not exist for field 'key'.")
    return issue


def _no_function(operand: Operand) -> JqlError:
    arguments = ", ".join(operand.arguments or ())
    return JqlError(f"Unable to find JQL function '{str(operand.text)[:80]}({arguments[:80]})'.")


def _build_comparison(session: Session, field: JqlField, clause: Clause) -> Test:
    compare = _COMPARISONS[clause.operator]
    operand = clause.operands[0]
    if field.family is Family.MOMENT:
        bound = to_millis(read_moment(operand, from_millis(session.caller.now), field.name))
        return lambda issue: any(compare(value, bound) for value in field.values(issue))
    if field.family is Family.KEY:
        if operand.arguments is not None:
            raise _no_function(operand)
        edge = _find(session, str(operand.text))
        return lambda issue: issue.project == edge.project_key and compare(issue.number, edge.number)
    bound = min(_rank(priority_id) for priority_id in _resolve(session, field, operand))
    return lambda issue: compare(_rank(issue.priority_id), bound)


def _rank(priority_id: str) -> int:
    """Return what orders priorities: the site lists the highest first, so its ids run against "greater"."""
    return -int(priority_id)


def _build_text(field: JqlField, clause: Clause) -> Test:
    operand = clause.operands[0]
    if operand.arguments is not None:
        raise _no_function(operand)
    text = str(operand.text).strip()
    if text.startswith(("*", "?")):
        raise JqlError(
            f"The text query '{text[:80]}' for field '{field.name}' is not allowed to start with character '{text[0]}'."
        )
    if not re.search(r"\w", text):
        raise JqlError(f"The field '{field.name}' does not support searching for an empty string.")
    patterns = _phrase(text) if text[0] == text[-1] == '"' else _words(text)

    def has_words(issue: IndexedIssue) -> bool:
        joined = "\n".join(field.values(issue))
        return all(pattern.search(joined) for pattern in patterns)

    if clause.operator == "~":
        return has_words
    return lambda issue: bool(field.values(issue)) and not has_words(issue)


def _phrase(text: str) -> list[re.Pattern[str]]:
    words = re.findall(r"\w+", text)
    return [re.compile(r"\b" + r"\W+".join(re.escape(word) for word in words) + r"\b", re.IGNORECASE)]


def _words(text: str) -> list[re.Pattern[str]]:
    """Return a pattern per word, all of which must occur; a word that ends in `*` is the start of one."""
    found = re.findall(r"(\w+)(\*?)", text)
    return [re.compile(rf"\b{re.escape(word)}" + ("" if star else r"\b"), re.IGNORECASE) for word, star in found]
