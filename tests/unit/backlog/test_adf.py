"""The ticket as an Atlassian document."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from include.postmarket.backlog.adf import LIMIT, comment_document, document, fitted_document, plain_text, size
from include.postmarket.backlog.text import plan_ticket
from include.postmarket.model.errors import InputError
from include.postmarket.model.ticket import TicketText
from tests.unit.backlog.worlds import CHAIN, EVIDENCE, PLAN, signal

TEXT = plan_ticket(signal(), PLAN, CHAIN, EVIDENCE).text


@pytest.fixture(name="grammar", scope="module")
def _grammar(shared: Path) -> Any:
    schema = json.loads((shared / "jira" / "adf-full.schema.json").read_text())
    return jsonschema.Draft4Validator(schema)


@pytest.mark.shared
@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        replace(TEXT, sections=()),
        replace(TEXT, table=()),
        replace(TEXT, sections=(("What was seen", ("", "one")),), table=(("Subgroup", ""),)),
    ],
    ids=["whole", "no sections", "no table", "empty lines"],
)
def test_documents_follow_the_grammar(grammar: Any, text: TicketText) -> None:
    """Tables, headings, paragraphs and links are as @atlaskit/adf-schema wants them, also when something is empty."""
    assert [error.message for error in grammar.iter_errors(document(text))] == []
    assert [error.message for error in grammar.iter_errors(comment_document(("14 observed", "")))] == []


def test_a_document_says_all_that_the_text_says() -> None:
    """Headings, lines, table and link are all in it, in order."""
    told = plain_text(document(TEXT))
    wanted = [
        *(part for row in TEXT.table for part in row),
        *(part for heading, lines in TEXT.sections for part in (heading, *lines)),
        TEXT.link_back,
    ]
    at = 0
    for part in wanted:
        at = told.index(part, at)

    assert json.dumps(document(TEXT)).count('"tableRow"') == len(TEXT.table)


def test_what_is_too_long_loses_whole_sections_longest_first() -> None:
    """The longest section becomes one line that says so; the others, the table and the link stay as they are."""
    long = ("Requirement, risk and test", tuple(f"REQ-{number} -> TEST-{number}: ä" for number in range(900)))
    text = replace(TEXT, sections=(TEXT.sections[0], long, TEXT.sections[2]))
    fitted = fitted_document(text)
    told = plain_text(fitted)

    assert size(document(text)) > LIMIT >= size(fitted)
    assert "Left out for length: 900 lines are on the signal page." in told
    assert all(line in told for line in (*TEXT.sections[0][1], *TEXT.sections[2][1], TEXT.link_back))
    assert "REQ-0 ->" not in told
    assert fitted_document(TEXT) == document(TEXT)


def test_a_table_that_alone_is_too_long_is_an_error() -> None:
    """Nothing is cut within a value: a person has to shorten it."""
    with pytest.raises(InputError, match="too long"):
        fitted_document(replace(TEXT, table=(("Product", "x" * LIMIT),)))
