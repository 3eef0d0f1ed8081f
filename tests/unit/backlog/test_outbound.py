"""The gate: nothing leaves that is not on the list, and a finding never repeats what it found."""

from dataclasses import replace

import pytest

from include.postmarket.backlog.outbound import LONGEST_LINE, comment_leaks, explain, ticket_leaks
from include.postmarket.backlog.text import plan_comment, plan_ticket, product_words
from include.postmarket.model.ticket import TicketPlan
from tests.unit.backlog.worlds import CHAIN, EVIDENCE, PLAN, detection, signal

pytestmark = pytest.mark.requirement("G4")

WORDS = product_words(PLAN, CHAIN)
GOOD = plan_ticket(signal(), PLAN, CHAIN, EVIDENCE)
CANARIES = ("jane.doe@example.org", "MRN 00482213", "617-555-0123", "S/N PX44Z19", "Mrs. Roe")


def with_row(name: str, value: str) -> TicketPlan:
    """Give the good ticket with one row of its table changed or added."""
    rows = dict(GOOD.text.table) | {name: value}
    return replace(GOOD, text=replace(GOOD.text, table=tuple(rows.items())))


def with_section(heading: str, *lines: str) -> TicketPlan:
    """Give the good ticket with one section instead of its own."""
    return replace(GOOD, text=replace(GOOD.text, sections=((heading, lines),)))


def places(plan: TicketPlan) -> list[str]:
    """Give where the gate found something."""
    return [leak.place for leak in ticket_leaks(plan, WORDS)]


@pytest.mark.parametrize("canary", CANARIES)
@pytest.mark.parametrize("row", [name for name, _ in GOOD.text.table])
def test_a_canary_in_any_row_of_the_table_is_blocked(row: str, canary: str) -> None:
    """No row has room for a person, whatever its name."""
    assert places(with_row(row, canary))[0] == f"table row {row!r}"


@pytest.mark.parametrize("canary", CANARIES)
@pytest.mark.parametrize("heading", [heading for heading, _ in GOOD.text.sections])
def test_a_canary_in_any_section_is_blocked(heading: str, canary: str) -> None:
    """The line is named, its content is not."""
    plan = with_section(heading, "12 observed.", f"One of them: {canary}.")
    message = explain(ticket_leaks(plan, WORDS))

    assert places(plan) == [f"section {heading!r}, line 2"]
    assert canary not in message


@pytest.mark.parametrize("canary", CANARIES)
def test_a_canary_in_summary_label_or_address_is_blocked(canary: str) -> None:
    """Every other text of a ticket passes the same gate."""
    summary = replace(GOOD, text=replace(GOOD.text, summary=f"Late alarm, {canary}"))
    label = replace(GOOD, labels=(*GOOD.labels, canary.replace(" ", "-")))
    address = replace(
        GOOD, text=replace(GOOD.text, link_back=f"https://pms.example.org/{canary.replace(' ', '/')}?q=1")
    )

    assert places(summary) == ["summary"]
    assert places(address)[0] == "link back"
    assert ticket_leaks(label, WORDS) or canary == "Mrs. Roe"  # a bare name in a label is beyond any pattern


def test_rows_and_sections_that_are_not_on_the_list_are_blocked() -> None:
    """Also when they hold nothing suspicious: the list decides, and their own names are not repeated."""
    assert places(with_row("Narrative", "late alarm")) == [f"table row {len(GOOD.text.table) + 1}"]
    assert places(with_section("What the nurse said", "late alarm")) == ["section 1"]


def test_subgroups_by_inside_columns_are_blocked() -> None:
    """A plan that splits by serial number or device is stopped at the gate, one that splits by lot is not."""
    assert places(with_row("Subgroup", "serial=A1")) == ["table row 'Subgroup'"]
    assert places(with_row("Subgroup", "device=d-1")) == ["table row 'Subgroup'"]
    assert places(with_row("Subgroup", "brand=Infuso; serial=A1")) == ["table row 'Subgroup'"]
    assert places(with_row("Subgroup", "lot=20260314A77")) == []
    assert places(with_row("Subgroup", "brand=Infuso; event_type=Malfunction")) == []


def test_a_narrative_is_blocked_by_its_length_and_form() -> None:
    """A line that goes on, or holds line breaks, is no fact of ours."""
    assert places(with_section("What was seen", "late alarm " * LONGEST_LINE)) == ["section 'What was seen'"]
    assert places(with_section("What was seen", "late\nalarm")) == ["section 'What was seen'"]


def test_repetitions_and_long_summaries_are_blocked() -> None:
    """The list bounds the length of a ticket: each row and section once, a summary of 255 characters."""
    twice = replace(GOOD, text=replace(GOOD.text, table=(*GOOD.text.table, GOOD.text.table[0])))
    again = replace(GOOD, text=replace(GOOD.text, sections=(*GOOD.text.sections, GOOD.text.sections[0])))
    long = replace(GOOD, text=replace(GOOD.text, summary="late " * 52))

    assert places(twice) == [f"table row {len(GOOD.text.table) + 1}"]
    assert places(again) == ["section 4"]
    assert places(long) == ["summary"]


@pytest.mark.parametrize("canary", CANARIES)
def test_comments_pass_the_same_gate(canary: str) -> None:
    """A comment with a canary is blocked, an honest one is not."""
    honest = plan_comment(signal(), detection(), "2026-04")
    leaking = replace(honest, lines=(*honest.lines, canary))

    assert comment_leaks(honest, WORDS) == ()
    assert [leak.place for leak in comment_leaks(leaking, WORDS)] == ["comment, line 4"]
