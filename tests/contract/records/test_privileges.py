"""What the application and a tamperer may not do, tried on a real server."""

from collections.abc import Iterable

import psycopg
import pytest
from sqlalchemy import Engine, text

from include.postmarket.model.errors import ConfigurationError, UnavailableError
from include.postmarket.records.embedded_postgres import Role
from include.postmarket.records.engine import reading, writing
from include.postmarket.records.signal_book import SignalBook
from include.postmarket.records.tables import APPEND_ONLY, CHANGES, METADATA
from include.postmarket.records.ticket_ledger import TicketLedger
from tests.postgres import RecordsDatabase
from tests.unit.records.samples import NOW, SITE, comment_plan, signal, ticket_plan

pytestmark = pytest.mark.postgres


def refusals(records: RecordsDatabase, role: Role, statements: Iterable[str]) -> dict[str, str]:
    """Give what the server said to each statement, as a role; "" for one that it carried out."""
    said = {}
    with psycopg.connect(records.url(role).replace("+psycopg", "", 1), autocommit=True) as connection:
        for statement in statements:
            try:
                connection.execute(statement.encode())
                said[statement] = ""
            except psycopg.Error as error:
                said[statement] = error.diag.message_primary or "no words"
    return said


def test_the_application_cannot_remove(records: RecordsDatabase) -> None:
    """DELETE, TRUNCATE, DROP and switching triggers off are refused by privilege on every table."""
    words = ("DELETE FROM {}", "TRUNCATE {} CASCADE", "DROP TABLE {} CASCADE", "ALTER TABLE {} DISABLE TRIGGER ALL")
    said = refusals(records, Role.APP, [w.format(t) for t in METADATA.tables for w in words])

    assert [s for s, answer in said.items() if not answer.startswith(("permission denied", "must be owner"))] == []


def test_the_application_changes_only_the_named_columns(records: RecordsDatabase) -> None:
    """UPDATE is refused by privilege for every column that is not named in CHANGES, and works for those that are."""
    statements = {
        (table, column.name): f'UPDATE {table.name} SET "{column.name}" = DEFAULT'
        for table in METADATA.sorted_tables
        for column in table.columns
    }
    said = refusals(records, Role.APP, statements.values())
    allowed = {(t.name, c) for (t, c), statement in statements.items() if said[statement] == ""}

    assert {(t.name, column) for t, columns in CHANGES.items() for column in columns} == allowed
    assert {"permission denied"} == {answer[:17] for answer in said.values() if answer}


@pytest.mark.parametrize("role", [Role.OWNER, Role.SUPERUSER])
def test_the_trigger_refuses_even_the_owner(records: RecordsDatabase, role: Role) -> None:
    """Whoever has every privilege is stopped by the trigger: changing a record takes an act of sabotage."""
    words = ('UPDATE {} SET "{}" = DEFAULT', "DELETE FROM {}", "TRUNCATE {} CASCADE")
    said = refusals(records, role, [w.format(t.name, t.columns[0].name) for t in APPEND_ONLY for w in words])

    assert [s for s, answer in said.items() if not answer.endswith("records are superseded, never changed")] == []


def test_a_planned_ticket_is_fixed_by_trigger_too(records: RecordsDatabase, engine: Engine) -> None:
    """What is to be sent was decided once: not even the owner may rewrite the plan of a ticket or of a comment."""
    TicketLedger(engine).plan(SITE, [ticket_plan()], NOW)
    TicketLedger(engine).plan_comments(SITE, [comment_plan()], NOW)

    words = ("UPDATE {} SET plan = '{{}}'", "UPDATE {} SET site = 'x'", "DELETE FROM {}", "TRUNCATE {} CASCADE")
    said = refusals(records, Role.OWNER, [w.format(t.name) for t in CHANGES for w in words])

    assert [s for s, answer in said.items() if not answer.endswith("records are superseded, never changed")] == []


def test_an_audit_record_out_of_the_chain_is_refused(records: RecordsDatabase, engine: Engine) -> None:
    """The application may insert, but only the next link: a record that follows nothing does not enter the table."""
    SignalBook(engine).open([signal()], NOW)
    words = "INSERT INTO audit VALUES ({}, now(), 'me', 'forge', 'signals', 'x', '{{}}', 'not the last hash', 'h')"
    said = refusals(records, Role.APP, [words.format(seq) for seq in (0, 3, 4, 99)])

    assert [s for s, answer in said.items() if not answer.endswith("does not follow the last one")] == []


def test_the_application_cannot_move_the_head(engine: Engine) -> None:
    """The head moves by trigger only, with the rights of its owner."""
    with pytest.raises(ConfigurationError), writing(engine) as connection:
        connection.execute(text("UPDATE audit_head SET seq = 99"))


def test_a_refused_change_says_what_to_do(engine: Engine) -> None:
    """Through the records' own transactions a missing privilege is a configuration error, not a driver's."""
    with pytest.raises(ConfigurationError, match="use the application's role"), writing(engine) as connection:
        connection.execute(text("DELETE FROM audit"))


def test_reading_cannot_write(engine: Engine) -> None:
    """A reading transaction refuses a write that the role itself would be allowed."""
    with pytest.raises(UnavailableError, match="ReadOnlySqlTransaction"), reading(engine) as connection:
        connection.execute(text("UPDATE tickets SET message = 'x'"))
