"""Bringing a database up to the tables of this release, and giving the application its rights.

Migrations go up only: records are never taken back (an older release is restored from a backup, with its records).
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Table, create_engine, text
from sqlalchemy.exc import DBAPIError

from include.postmarket.model.errors import ConfigurationError
from include.postmarket.records.engine import address, explained
from include.postmarket.records.tables import CHANGES, METADATA, audit_head

APP_ROLE = "postmarket_app"
#: Held until the migration commits, so that two at once run one after the other. The number is "postmark" in ASCII.
_LOCK = 0x706F73746D61726B


def migrate(url: str, app_role: str = APP_ROLE) -> None:
    """Bring the database up to date as the owner of the tables, and grant the application role what it may do.

    One transaction, and nothing when it has been done before; two at once wait for each other.

    Raises UnavailableError when the server is down, ConfigurationError when the application's role does not exist or
    the database was made by a later release.
    """
    engine = create_engine(address(url), hide_parameters=True, connect_args={"connect_timeout": 10})
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            _require(connection, app_role)
            command.upgrade(configuration(connection), "head")
            for table in METADATA.sorted_tables:
                _grant(connection, table, app_role)
    except DBAPIError as error:
        raise explained(error, engine) from None
    finally:
        engine.dispose()


def configuration(connection: Connection) -> Config:
    """Give Alembic's configuration for the migrations of this package on a connection."""
    found = Config()
    found.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    found.attributes["connection"] = connection
    return found


def _require(connection: Connection, role: str) -> None:
    if connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}).first() is None:
        raise ConfigurationError(
            f"there is no role {role!r} for the application",
            where="records, migration",
            todo=f"let the database's administrator say: CREATE ROLE {role} LOGIN PASSWORD '...'",
        )


def _grant(connection: Connection, table: Table, role: str) -> None:
    """Grant reading and appending, and change of the named columns of a working table; take everything else away."""
    quoted = connection.dialect.identifier_preparer.quote(role)
    rights = ["SELECT"] if table is audit_head else ["SELECT", "INSERT"]
    if table in CHANGES:
        columns = ", ".join(f'"{name}"' for name in CHANGES[table])
        rights.append(f"UPDATE ({columns})")
    connection.exec_driver_sql(f'REVOKE ALL ON "{table.name}" FROM PUBLIC, {quoted}')
    connection.exec_driver_sql(f'GRANT {", ".join(rights)} ON "{table.name}" TO {quoted}')
