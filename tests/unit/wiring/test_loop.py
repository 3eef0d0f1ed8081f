"""The demo follows its own runs from pull to ticket, and says which task failed."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from include.postmarket.model.batch import Source
from include.postmarket.model.errors import UnavailableError
from include.postmarket.model.period import Period
from include.wiring.local import loop as loop_module
from include.wiring.local.airflow_server import AirflowClient, AirflowPlace, environment, passwords, secret
from include.wiring.local.household import Household
from include.wiring.local.loop import Loop, Pull
from tests.conftest import ROOT
from tests.unit.wiring.fake_airflow import DAGS, FakeAirflow, serve

Walk = Callable[[FakeAirflow, list[Pull]], list[str]]
OCTOBER, NOVEMBER = Period.from_key("2017-10-01"), Period.from_key("2017-11-01")
PULLS = [Pull(month=OCTOBER, pull_from={Source.REPORTS: "2017-01-01"}), Pull(month=NOVEMBER, pull_from={})]


def airflow_place(home: Path, port: int = 1) -> AirflowPlace:
    """Give the place of an Airflow that is not started."""
    return AirflowPlace(home=home / "airflow", root=ROOT, port=port, database_url="x", database_url_async="y")


@pytest.fixture(name="walk")
def fixture_walk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Walk]:
    """Give a way to walk through months on a fake Airflow; gives what was said."""
    servers = []

    monkeypatch.setattr(loop_module, "_POLL", 0.01)

    def walk(fake: FakeAirflow, pulls: list[Pull]) -> list[str]:
        (tmp_path / "airflow").mkdir(exist_ok=True)
        server = serve(fake, passwords(airflow_place(tmp_path))["admin"])
        servers.append(server)
        said: list[str] = []
        client = AirflowClient(airflow_place(tmp_path, server.server_port))
        Loop(client, Household(tmp_path, ROOT), said.append).run(pulls)
        return said

    yield walk
    for server in servers:
        server.shutdown()
        server.server_close()


def test_months_are_walked_from_pull_to_ticket(walk: Walk) -> None:
    """Every source of every month is triggered once, with the month as partition key and the first day to pull."""
    fake = FakeAirflow()
    said = walk(fake, PULLS)
    reports, exposure = fake.runs["ingest_reports"], fake.runs["ingest_exposure"]

    assert [(r["partition_key"], r["conf"]) for r in reports] == [
        ("2017-10-01", {"from": "2017-01-01"}),
        ("2017-11-01", {}),
    ]
    assert [(r["partition_key"], r["conf"]) for r in exposure] == [("2017-10-01", {}), ("2017-11-01", {})]
    assert said[0] == "2017-10: pulled, checked and accepted"
    assert said[-1] == "2017-11: risk updates drafted, tickets filed"
    assert {run["state"] for runs in fake.runs.values() for run in runs} == {"success"}


def test_a_queued_run_without_start_is_not_asked_for_its_events(walk: Walk) -> None:
    """Airflow cannot list the events of such a run: the demo skips it and looks again."""
    fake = FakeAirflow()
    fake.add("detect", "of_someone_else", "2017-10-01", state="success")
    walk(fake, PULLS[:1])
    events = [path for _, path, _ in fake.asked if path.endswith("upstreamAssetEvents")]

    assert events
    assert not any("of_someone_else" in path for path in events)


def test_an_older_run_of_the_same_month_is_not_mistaken(walk: Walk) -> None:
    """A detection of October that another pull caused, and that failed, does not count as this demo's."""
    fake = FakeAirflow()
    old = fake.add("detect", "older", "2017-10-01", state="failed", start_date="2025-01-01T00:00:00Z")
    fake.sources["detect", old["dag_run_id"]] = ["demo__2017-10-01__1"]

    assert walk(fake, PULLS[:1])[-1] == "2017-10: risk updates drafted, tickets filed"


@pytest.mark.parametrize("dag", ["ingest_complaints", "detect", "act"])
def test_a_failed_run_names_task_dag_month_and_log(walk: Walk, dag: str) -> None:
    """The message leads to the log of the task that failed, and names no task that went well."""
    with pytest.raises(UnavailableError) as caught:
        walk(FakeAirflow(fails=dag), PULLS[:1])

    assert caught.value.what == f"accept of {dag} (2017-10-01) failed"
    assert f"dag_id={dag}/run_id=" in caught.value.where


def test_a_task_that_will_be_tried_again_is_told_once(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wait without a word would look like a hang; the same try is told once, however often it is seen."""
    monkeypatch.setattr(loop_module, "_LOOK_EVERY", 0.0)
    said = walk(FakeAirflow(retries="detect"), PULLS[:1])

    assert sum("detect.accept" in line and "try 1 failed" in line for line in said) == 1


def test_what_a_killed_demo_left_is_ended(walk: Walk) -> None:
    """Runs of our DAGs that are running or queued are marked failed before the first new one is triggered."""
    fake = FakeAirflow()
    left = [
        fake.add("detect", "left_running", "2017-10-01", state="running", start_date="2025-01-01T00:00:00Z"),
        fake.add("ingest_reports", "left_queued", "2017-10-01"),
    ]
    walk(fake, PULLS[:1])

    assert [run["state"] for run in left] == ["failed", "failed"]


def test_dags_with_import_errors_are_waited_for_and_named(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A DAG that cannot be read never comes: after the patience the message says what was waited for."""
    monkeypatch.setattr(loop_module, "_PATIENCE", 0.5)

    with pytest.raises(UnavailableError, match="the DAGs to be read"):
        walk(FakeAirflow(broken=frozenset({"detect"})), PULLS[:1])


def test_all_dags_are_switched_on(walk: Walk) -> None:
    """Airflow remembers a DAG that somebody paused; the demo needs all of them."""
    fake = FakeAirflow()
    walk(fake, PULLS[:1])
    switched = {path.removeprefix("dags/") for method, path, body in fake.asked if body == {"is_paused": False}}

    assert switched == set(DAGS)


def test_an_answer_that_is_an_error_is_told(walk: Walk, tmp_path: Path) -> None:
    """Status and path are in the message, and where to look."""
    walk(FakeAirflow(), [])
    server = serve(FakeAirflow(), passwords(airflow_place(tmp_path))["admin"])
    client = AirflowClient(airflow_place(tmp_path, server.server_port))
    with pytest.raises(UnavailableError, match="Airflow answered 404 to GET pools"):
        client.get("pools")
    server.shutdown()
    server.server_close()


def test_a_wrong_password_is_not_followed_by_calls(tmp_path: Path) -> None:
    """The token is refused at once."""
    (tmp_path / "airflow").mkdir()
    server = serve(FakeAirflow(), "another password")
    with pytest.raises(requests.HTTPError):
        AirflowClient(airflow_place(tmp_path, server.server_port))
    server.shutdown()
    server.server_close()


def test_passwords_are_made_once_and_are_the_owners_alone(tmp_path: Path) -> None:
    """Three users, each with a password of its own, the same ones at the next start, readable by nobody else."""
    (tmp_path / "airflow").mkdir()
    first = passwords(airflow_place(tmp_path))

    assert set(first) == {"admin", "reviewer", "viewer"}
    assert len(set(first.values())) == 3
    assert passwords(airflow_place(tmp_path)) == first
    assert (tmp_path / "airflow/passwords.json").stat().st_mode & 0o777 == 0o600


def test_a_secret_is_made_once_and_is_the_owners_alone(tmp_path: Path) -> None:
    """The folder is made, the secret is long, kept, and readable by nobody else."""
    file = tmp_path / "new" / "jwt.secret"
    first = secret(file)

    assert secret(file) == first
    assert len(first) > 60
    assert file.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in file.parent.iterdir()] == ["jwt.secret"]


def test_airflow_gets_a_clean_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of another Airflow in the shell do not leak in; it listens on this machine only, and asks nobody out."""
    monkeypatch.setenv("AIRFLOW__CORE__DAGS_FOLDER", "/somewhere/else")
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "CeleryExecutor")
    made = environment(airflow_place(tmp_path, 1234), {"POSTMARKET_HOME": "here"})

    assert made["AIRFLOW__CORE__DAGS_FOLDER"] == str(ROOT / "dags")
    assert "AIRFLOW__CORE__EXECUTOR" not in made
    assert (made["AIRFLOW__API__HOST"], made["AIRFLOW__API__PORT"]) == ("127.0.0.1", "1234")
    assert (made["AIRFLOW__CORE__LOAD_EXAMPLES"], made["POSTMARKET_HOME"]) == ("False", "here")
    assert made["PYTHONPATH"] == str(ROOT)
