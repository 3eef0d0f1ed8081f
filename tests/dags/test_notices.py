"""The notice of a task that has failed for good: on record, without data, and harmless when the records are down."""

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Engine
from structlog.testing import capture_logs

from include.postmarket.model.errors import InputError
from include.postmarket.records.audit import Audit
from include.postmarket.records.embedded_postgres import Role
from include.wiring.notices import task_failed
from tests.postgres import RecordsDatabase

#: Stands for a patient's name: it may appear in no record, log or output.
CANARY = "Wilhelmina Canary"


@dataclass
class TaskInstance:
    """What the notice reads of Airflow's task instance."""

    dag_id: str = "ingest_reports"
    task_id: str = "land"
    run_id: str = "scheduled__2017-11-01"
    try_number: int = 4


def context(error: object) -> dict[str, Any]:
    """Give the part of Airflow's context that the notice reads."""
    return {"ti": TaskInstance(), "exception": error}


@pytest.fixture(name="down")
def down(monkeypatch: pytest.MonkeyPatch) -> str:
    """Give the address of records that do not answer, set as the site's; the password in it must not be shown."""
    address = "postgresql+psycopg://postmarket_app:hush-hush@127.0.0.1:1/postmarket"
    monkeypatch.setenv("POSTMARKET_DATABASE_URL", address)
    return address


@pytest.mark.postgres
def test_our_own_error_is_quoted_in_the_trail(
    records: RecordsDatabase, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The audit trail names DAG, task, run and try, and says what our own message says."""
    monkeypatch.setenv("POSTMARKET_DATABASE_URL", records.url(Role.APP))

    task_failed(context(InputError("no rows", where="file.csv", todo="look at it")))
    (record,) = Audit(engine).of_subject("task", "ingest_reports.land")
    expected = {
        "dag": "ingest_reports",
        "task": "land",
        "run": "scheduled__2017-11-01",
        "try": 4,
        "error": "no rows [file.csv] -> look at it",
    }

    assert ("airflow", "task failed") == (record.actor, record.action)
    assert expected == record.payload


@pytest.mark.postgres
@pytest.mark.parametrize("error", [ValueError(CANARY), KeyError(CANARY), f"{CANARY} was here", None])
def test_of_other_errors_only_the_kind_is_kept(
    records: RecordsDatabase, engine: Engine, monkeypatch: pytest.MonkeyPatch, error: object
) -> None:
    """Airflow may hand over an exception, a string or nothing; no word of it reaches trail or log."""
    monkeypatch.setenv("POSTMARKET_DATABASE_URL", records.url(Role.APP))

    with capture_logs() as logged:
        task_failed(context(error))
    (record,) = Audit(engine).of_subject("task", "ingest_reports.land")

    assert type(error).__name__ == record.payload["error"]
    assert CANARY not in f"{record}{logged}"


def test_records_that_are_down_do_not_hide_the_failure(down: str) -> None:
    """The notice returns, and the log holds the failure and why it could not be put on record; no password."""
    with capture_logs() as logged:
        task_failed(context(InputError("no rows", where="file.csv", todo="look at it")))

    assert ["task failed for good", "the failure could not be put on record"] == [entry["event"] for entry in logged]
    assert "no rows" in logged[0]["error"]
    assert "127.0.0.1" in logged[1]["error"]
    assert down.split(":")[2].partition("@")[0] not in str(logged)


def test_a_site_without_an_address_does_not_hide_the_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody set the address of the records, the log says so and the notice returns."""
    monkeypatch.delenv("POSTMARKET_DATABASE_URL", raising=False)

    with capture_logs() as logged:
        task_failed(context(ValueError(CANARY)))

    assert "POSTMARKET_DATABASE_URL" in logged[1]["error"]
    assert CANARY not in str(logged)


@pytest.mark.usefixtures("down")
def test_a_notice_inside_a_handler_does_not_print_the_first_error(capsys: pytest.CaptureFixture[str]) -> None:
    """Called while the task's error is being handled, with the records down, the notice prints no chained message."""
    try:
        int(CANARY)
    except ValueError as error:
        task_failed(context(error))
    printed = capsys.readouterr()

    assert "could not be put on record" in printed.out + printed.err
    assert CANARY not in printed.out + printed.err
