"""The roles and databases that docker-compose.yml makes, made by its own SQL on a real server and then used."""

import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
import yaml

from include.postmarket.records.audit import Audit, Entry
from include.postmarket.records.embedded_postgres import EmbeddedPostgres, Role, start
from include.postmarket.records.engine import connect
from include.postmarket.records.migration import migrate
from include.postmarket.records.postgres_process import binaries
from tests.conftest import ROOT

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

#: Passwords as an administrator may choose them; quotes prove that the SQL quotes what it is given.
PASSWORDS = {
    "AIRFLOW_DB_PASSWORD": "air'flow",
    "POSTMARKET_OWNER_PASSWORD": 'own"er',
    "POSTMARKET_DB_PASSWORD": "a-p-p",
}


@pytest.fixture(name="made", scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """Give a server on which only the compose file's SQL was run, as the postgres image runs it: by psql."""
    server = start(Path(tmp_path_factory.mktemp("compose-postgres")))
    address = server.url("postgres", Role.SUPERUSER).replace("+psycopg", "", 1)
    with psycopg.connect(address, autocommit=True) as connection:
        for role in (Role.APP, Role.OWNER, Role.AIRFLOW):
            connection.execute(f"DROP ROLE {role}".encode())
    content = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["configs"]["postgres_init"]["content"]
    words = [str(binaries() / "psql"), "-v", "ON_ERROR_STOP=1", "--no-psqlrc", "--no-password", address]
    done = subprocess.run(
        words, input=content, env={**os.environ, **PASSWORDS}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    yield server
    server.stop()


def login(server: EmbeddedPostgres, role: str, password: str, database: str) -> psycopg.Connection:
    """Give a connection of a role with the password from the environment."""
    return psycopg.connect(host="127.0.0.1", port=server.port, user=role, password=password, dbname=database)


def test_owner_migrates_and_application_appends(made: EmbeddedPostgres) -> None:
    """With these roles the migration runs as the owner, and the application writes and reads the trail."""
    where = f"127.0.0.1:{made.port}/postmarket"
    migrate(f"postgresql+psycopg://postmarket_owner:own%22er@{where}")
    engine = connect(f"postgresql+psycopg://postmarket_app:a-p-p@{where}")
    told = Entry(at=datetime.now(UTC), actor="test", action="try", kind="task", subject="x", payload={})
    record = Audit(engine).tell(told)
    engine.dispose()

    assert (1, "try") == (record.seq, record.action)


def test_airflow_owns_its_database_and_enters_no_other(made: EmbeddedPostgres) -> None:
    """Airflow's role makes tables in its own database; whoever takes over a worker's metadata reads no record."""
    with login(made, "airflow", "air'flow", "airflow") as connection:
        connection.execute("CREATE TABLE trial (id int)")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        login(made, "airflow", "air'flow", "postmarket")


@pytest.mark.parametrize(("role", "password"), [("postmarket_app", "a-p-p"), ("postmarket_owner", 'own"er')])
def test_the_records_roles_enter_no_other_database(made: EmbeddedPostgres, role: str, password: str) -> None:
    """Application and owner have no way into Airflow's metadata."""
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        login(made, role, password, "airflow")


def test_no_role_of_ours_may_make_roles(made: EmbeddedPostgres) -> None:
    """None of the three is a superuser or may make roles and databases."""
    with login(made, "postmarket_app", "a-p-p", "postmarket") as connection:
        query = "SELECT rolname FROM pg_roles WHERE rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls"
        found = {row[0] for row in connection.execute(query)}

    assert found == {"postgres"}
