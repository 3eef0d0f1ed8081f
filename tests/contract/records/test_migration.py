"""The migrations on a real server: from nothing, twice, two at once, and no drift from the tables."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect

from include.postmarket.model.errors import ConfigurationError, UnavailableError
from include.postmarket.records.embedded_postgres import Role
from include.postmarket.records.migration import migrate
from include.postmarket.records.tables import APPEND_ONLY, CHANGES, METADATA, audit_head
from tests.postgres import RecordsDatabase, drop, new_database

pytestmark = pytest.mark.postgres


@pytest.fixture(name="empty")
def fixture_empty() -> Iterator[RecordsDatabase]:
    """Give a database without tables."""
    database = new_database(template="template1")
    yield database
    drop(database)


def test_an_empty_database_gets_every_table_once(empty: RecordsDatabase) -> None:
    """The first run makes the tables, the second changes nothing: the audit's head is still at the start."""
    migrate(empty.url(Role.OWNER))
    migrate(empty.url(Role.OWNER))

    with empty.superuser() as connection:
        heads = connection.execute("SELECT one, seq, hash FROM audit_head").fetchall()
        tables = {row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}

    assert heads == [(1, 0, "0" * 64)]
    assert {*METADATA.tables, "alembic_version"} == tables


def test_two_migrations_at_once_wait_for_each_other(empty: RecordsDatabase) -> None:
    """Four threads that start together all find the tables made, none fails, and the schema has one version."""
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate, [empty.url(Role.OWNER)] * 4))

    with empty.superuser() as connection:
        versions = connection.execute("SELECT version_num FROM alembic_version").fetchall()

    assert len(versions) == 1


def test_the_migrations_give_exactly_the_tables(records: RecordsDatabase) -> None:
    """Alembic would have nothing to add: tables.py and the migrations agree, check constraints included."""
    engine = create_engine(records.url(Role.OWNER))
    with engine.connect() as connection:
        drift = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), METADATA)
        found = inspect(connection)
        checks = {(t, c["name"]) for t in METADATA.tables for c in found.get_check_constraints(t)}
    engine.dispose()
    wanted = {(t.name, str(c.name)) for t in METADATA.tables.values() for c in t.constraints if "_ck" in str(c.name)}

    assert drift == []
    assert wanted == checks


def test_every_table_has_the_trigger_that_refuses_change(records: RecordsDatabase) -> None:
    """No table is forgotten when a new one is added: all but Alembic's own carry the trigger."""
    with records.superuser() as connection:
        triggers = connection.execute(
            "SELECT event_object_table FROM information_schema.triggers WHERE trigger_name = 'refuse'"
        ).fetchall()

    assert {table.name for table in (*APPEND_ONLY, *CHANGES, audit_head)} == {row[0] for row in triggers}


def test_a_missing_application_role_is_named(empty: RecordsDatabase) -> None:
    """Without the application's role nothing is made, and the message says the statement that makes it."""
    with pytest.raises(ConfigurationError, match="CREATE ROLE nobody_here"):
        migrate(empty.url(Role.OWNER), app_role="nobody_here")


def test_a_server_that_is_down_is_unavailable_and_the_password_stays_secret() -> None:
    """Nothing listens on port 1: the caller may try again, and the message holds no password."""
    with pytest.raises(UnavailableError) as caught:
        migrate("postgresql://owner:hush@127.0.0.1:1/records")

    assert "hush" not in str(caught.value)
