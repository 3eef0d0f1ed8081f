"""Brings the whole product up on this machine, and down again: what the demo and `make up` share."""

import fcntl
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from include.postmarket.cli.site import KEPT
from include.postmarket.model.errors import ConfigurationError
from include.postmarket.records import borrowing, embedded_postgres, migration
from include.postmarket.records.embedded_postgres import Driver, EmbeddedPostgres, Role
from include.wiring.local import airflow_server, jira_server
from include.wiring.local.airflow_server import AirflowPlace, Programs
from include.wiring.local.household import Household
from include.wiring.local.place import Place, ensure_free

RECORDS, METADATA = "postmarket", "airflow"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where the databases of this run answer: the user's own where set, else the embedded server's."""

    records: str
    records_owner: str
    airflow: str
    airflow_async: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A product that is up."""

    place: Place
    airflow: AirflowPlace
    environment: Mapping[str, str]
    household: Household


@contextmanager
def alone(place: Place) -> Iterator[None]:
    """Hold the folder of the local run: two runs in one folder would fight over ports and databases.

    Raises ConfigurationError when another run holds it; the kernel lets go of it when that run dies, however it dies.
    """
    with (place.home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigurationError(
                "another `make demo` or `make up` is running here",
                where=str(place.home),
                todo="wait for it or stop it; or set POSTMARKET_HOME to another folder for a second one",
            ) from None
        yield


def stop_leftovers(place: Place) -> None:
    """Stop what a killed run left behind, the database server included."""
    Household(place.home, place.root).clear()
    if (place.home / "postgres" / "data").is_dir() and embedded_postgres.is_running(place.home / "postgres"):
        embedded_postgres.start(place.home / "postgres").stop()


@contextmanager
def databases(place: Place, environment: Mapping[str, str]) -> Iterator[Addresses]:
    """Give the databases, the embedded server started where one is needed and stopped afterwards."""
    own_records = environment.get("POSTMARKET_DATABASE_URL", "")
    own_airflow = environment.get("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "")
    if own_records and own_airflow:
        own_async = environment.get("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC", "")
        yield Addresses(records=own_records, records_owner=own_records, airflow=own_airflow, airflow_async=own_async)
        return
    server = embedded_postgres.start(place.home / "postgres")
    borrowing.keep(server.folder)
    try:
        yield _addresses(server, own_records, own_airflow, environment)
    finally:
        server.stop()


def _addresses(
    server: EmbeddedPostgres, own_records: str, own_airflow: str, environment: Mapping[str, str]
) -> Addresses:
    server.create_database(RECORDS)
    server.create_database(METADATA, Role.AIRFLOW)
    embedded_async = server.url(METADATA, Role.AIRFLOW, Driver.ASYNCPG)
    own_async = environment.get("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC", "")
    return Addresses(
        records=own_records or server.url(RECORDS),
        records_owner=own_records or server.url(RECORDS, Role.OWNER),
        airflow=own_airflow or server.url(METADATA, Role.AIRFLOW, Driver.PSYCOPG2),
        airflow_async=own_async if own_airflow else embedded_async,
    )


def prepare(place: Place, addresses: Addresses, environment: Mapping[str, str]) -> tuple[AirflowPlace, dict[str, str]]:
    """Bring both schemas up to date and give Airflow's place and the environment of every process."""
    migration.migrate(addresses.records_owner)
    airflow = AirflowPlace(
        home=place.home / "airflow",
        root=place.root,
        port=place.airflow_port,
        database_url=addresses.airflow,
        database_url_async=addresses.airflow_async,
    )
    settings = airflow_server.environment(
        airflow,
        {
            "POSTMARKET_HOME": str(place.home),
            "POSTMARKET_DATABASE_URL": addresses.records,
            "POSTMARKET_SOURCES": environment.get("POSTMARKET_SOURCES", str(place.sources)),
            "POSTMARKET_SITE_URL": place.airflow_address,
            "AIRFLOW_CONN_JIRA_DEFAULT": environment.get("AIRFLOW_CONN_JIRA_DEFAULT")
            or jira_server.connection(place, environment.get("POSTMARKET_JIRA_URL")),
        },
    )
    _migrate_airflow(place, settings)
    _write_down(place, settings)
    return airflow, settings


def _write_down(place: Place, environment: Mapping[str, str]) -> None:
    """Keep what the command line needs to work on this run; the database's address is found anew each time."""
    names = {"POSTMARKET_SOURCES", "POSTMARKET_SITE_URL", "AIRFLOW_CONN_JIRA_DEFAULT"}
    fresh = place.home / f"{KEPT}.new"
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps({name: environment[name] for name in sorted(names)}))
    fresh.replace(place.home / KEPT)


def _migrate_airflow(place: Place, environment: Mapping[str, str]) -> None:
    log = place.home / "logs" / "airflow-migrate.log"
    with log.open("ab") as out:
        done = subprocess.run(
            [str(Path(sys.executable).parent / "airflow"), "db", "migrate"],
            env=dict(environment),
            cwd=place.root,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        raise ConfigurationError(
            "Airflow could not bring its metadata database up to date",
            where=str(log),
            todo="read the end of that log; `make clean` forgets this local run",
        )


@contextmanager
def running(place: Place, environment: Mapping[str, str], programs: Programs, say: Say) -> Iterator[Running]:
    """Give the product, up: databases, Jira stand-in, Airflow; everything is stopped at the end, whatever happens."""
    ensure_free(place.airflow_port, "Airflow")
    household = Household(place.home, place.root)
    with databases(place, environment) as addresses:
        say("databases are up")
        try:
            airflow, settings = prepare(place, addresses, environment)
            say("records and Airflow metadata are up to date")
            jira_server.start(place, household)
            say(f"Jira stand-in answers at {place.jira_address}")
            airflow_server.start(airflow, household, settings, programs)
            say(f"Airflow answers at {airflow.address}")
            yield Running(place=place, airflow=airflow, environment=settings, household=household)
        finally:
            household.stop()
