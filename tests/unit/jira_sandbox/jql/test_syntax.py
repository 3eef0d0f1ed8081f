"""From text to tree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.jira_sandbox.jql.syntax import EMPTY, Clause, Junction, Operand, Ordering, Query, parse_jql
from include.jira_sandbox.jql.tokens import JqlError


def clause(field: str, operator: str, *texts: str) -> Clause:
    """Return a clause with plain operands."""
    return Clause(field, operator, tuple(Operand(text) for text in texts))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("project = PMS", clause("project", "=", "PMS")),
        ("PROJECT=PMS", clause("project", "=", "PMS")),
        ("labels not in (a, 'b c')", clause("labels", "not in", "a", "b c")),
        ("created >= -5m", clause("created", ">=", "-5m")),
        ('summary ~ "\\"exact words\\""', clause("summary", "~", '"exact words"')),
        ("resolution is not EMPTY", Clause("resolution", "is not", (EMPTY,))),
        ("issue in linkedIssues(PMS-1, b)", Clause("issue", "in", (Operand("linkedIssues", ("PMS-1", "b")),))),
        ("NOT resolution = Done", clause("resolution", "!=", "Done")),
        ("NOT NOT resolution = Done", clause("resolution", "=", "Done")),
        ("!(a = 1 or b < 2)", Junction(True, (clause("a", "!=", "1"), clause("b", ">=", "2")))),
        ("not (a = 1 and b in (2))", Junction(False, (clause("a", "!=", "1"), clause("b", "not in", "2")))),
    ],
)  # fmt: skip
def test_conditions(text: str, expected: Clause | Junction) -> None:
    """Clauses keep field, operator and operands; negation is carried down to them."""
    assert expected == parse_jql(text).where


def test_and_binds_tighter_than_or() -> None:
    """`a or b and c` means `a or (b and c)`, and parentheses change that."""
    a, b, c = (clause(name, "=", "1") for name in "abc")

    assert Junction(False, (a, Junction(True, (b, c)))) == parse_jql("a=1 or b=1 and c=1").where
    assert Junction(True, (Junction(False, (a, b)), c)) == parse_jql("(a=1 || b=1) && c=1").where


def test_order() -> None:
    """ORDER BY takes several fields, ascending unless told."""
    expected = Query(None, (Ordering("created", True), Ordering("key", False), Ordering("id", False)))

    assert expected == parse_jql("order by Created DESC, key, id asc")


@pytest.mark.parametrize(
    "text",
    [
        "project",
        "project =",
        "= PMS",
        "project = PMS and",
        "project = PMS or or a = 1",
        "(project = PMS",
        "project = PMS)",
        "project in PMS",
        "project in ()",
        "project in (PMS",
        "project is PMS",
        "project not = PMS",
        "project = PMS order",
        "project = PMS order by",
        "project = PMS order by key sideways",
        "project = 'PMS",
        "labels = a@b",
        "summary ~ 'x\\q'",
        "summary ~ '\\ud800'",
        "status was Done",
        "status changed",
        "and = 1",
        "f = g(",
        "f = g(a b)",
        "(" * 5_000,
        "not " * 5_000 + "a = 1",
    ],
)
def test_without_sense(text: str) -> None:
    """A query that cannot be read is refused with a message."""
    with pytest.raises(JqlError) as refused:
        parse_jql(text)
    assert refused.value.message


PIECES = st.sampled_from(
    [
        "project",
        "=",
        "PMS",
        "!=",
        "~",
        "!~",
        "in",
        "not",
        "is",
        "EMPTY",
        "null",
        "(",
        ")",
        ",",
        "and",
        "or",
        "order",
        "by",
        "desc",
        "<",
        ">=",
        "-5m",
        "'a",
        "b'",
        '"',
        "\\",
        "!",
        "&",
        "|",
        "status",
        "now()",
        "startOfDay(",
        "�",
        "\x00",
        "labels",
        "linkedIssues(",
        "PMS-1",
        "cf[1]",
    ]
)


@given(st.one_of(st.text(), st.lists(PIECES).map(" ".join), st.lists(PIECES).map("".join)))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever comes, the parser answers with a query or with JqlError."""
    try:
        query = parse_jql(text)
    except JqlError:
        return
    assert isinstance(query, Query)
