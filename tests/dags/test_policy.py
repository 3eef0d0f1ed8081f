"""The house policy of DAGs, held against what Airflow parses: with no connection, no database of ours, no setting."""

import re
from typing import Any

import pytest

from include.postmarket.model.period import KEY_FORMAT
from tests.conftest import ROOT

pytestmark = pytest.mark.airflow

DAGS = sorted(file.stem for file in (ROOT / "dags").glob("*.py"))
INGEST = [name for name in DAGS if name.startswith("ingest_")]
SYNC = [name for name in DAGS if name.startswith("sync_")]
#: What a parse must not pay for; SQLAlchemy and structlog are not here, because Airflow itself imports them first.
HEAVY = {
    "great_expectations",
    "pandas",
    "numpy",
    "scipy",
    "sklearn",
    "ibis",
    "duckdb",
    "pyarrow",
    "requests",
    "fastapi",
    "include.wiring.tasks",
    "include.wiring.notices",
    "include.postmarket.steps",
    "include.postmarket.pages",
}


def test_every_file_is_one_dag_of_its_name(parsed: dict[str, Any]) -> None:
    """Each file of dags/ parses without a fault and gives one DAG, named as the file."""
    assert {} == parsed["import_errors"]
    assert {name: f"{name}.py" for name in DAGS} == {name: dag["file"] for name, dag in parsed["dags"].items()}


@pytest.mark.parametrize("by", ["imported_by_dags", "imported_by_plugins"])
def test_parsing_imports_nothing_heavy(parsed: dict[str, Any], by: str) -> None:
    """Neither a DAG file nor the plugin imports a heavy library or a working room of ours when it is read."""
    assert HEAVY & set(parsed[by]) == set()


def test_tags_say_the_job_and_one_tier(parsed: dict[str, Any]) -> None:
    """Each DAG carries its job and exactly one tier, both from the list of tags."""
    jobs = {"ingest", "detect", "act", "sync"}
    tiers = {"tier-1: same day", "tier-2: this week"}

    for name, dag in parsed["dags"].items():
        tags = set(dag["tags"])

        assert {name.partition("_")[0]} == tags & jobs
        assert len(tags & tiers) == 1
        assert tags <= jobs | tiers


@pytest.mark.parametrize("name", DAGS)
def test_a_dag_brings_its_runbook(parsed: dict[str, Any], name: str) -> None:
    """The page of a DAG has a title, says what it does, and what to do when it fails; it names each step that fails."""
    dag = parsed["dags"][name]

    assert dag["doc"].startswith("## ")
    assert "**What it does.**" in dag["doc"]
    assert "**When it fails.**" in dag["doc"]
    tasks_named = set(re.findall(r"`(\w+)`", dag["doc"].partition("**When it fails.**")[2])) & set(dag["tasks"])

    assert tasks_named != set()


@pytest.mark.parametrize("name", DAGS)
def test_a_dag_runs_one_period_at_a_time(parsed: dict[str, Any], name: str) -> None:
    """Nothing is caught up unasked, and two runs of one DAG never overlap."""
    dag = parsed["dags"][name]

    assert (False, 1) == (dag["catchup"], dag["max_active_runs"])


@pytest.mark.parametrize("name", DAGS)
def test_every_task_has_owner_retries_and_notice(parsed: dict[str, Any], name: str) -> None:
    """Each task has the house's owner, retries under the policy, and a notice when it has failed for good."""
    for task in parsed["dags"][name]["tasks"].values():
        assert task["owner"] == "pms-engineering"
        assert task["retries"] == 3
        assert task["retry_policy"] == "ExceptionRetryPolicy"
        assert task["on_failure"] == ["include.wiring.defaults.notify_failure"]


@pytest.mark.parametrize("name", DAGS)
def test_tasks_hand_on_keys_only(parsed: dict[str, Any], name: str) -> None:
    """A task returns an id or a list of ids: rows, frames and results stay in lake and records."""
    returned = {task["returns"] for task in parsed["dags"][name]["tasks"].values()}

    assert returned <= {"<class 'str'>", "list[str]"}


@pytest.mark.parametrize("name", INGEST)
def test_ingest_runs_on_the_first_for_the_month_before(parsed: dict[str, Any], name: str) -> None:
    """The run of 1 November carries October's key, in the one format of keys."""
    schedule = parsed["dags"][name]["schedule"]

    assert schedule["kind"] == "CronPartitionTimetable"
    assert schedule["key_format"] == KEY_FORMAT
    assert schedule["first_run"].startswith("2017-11-01 05:")
    assert schedule["first_key"] == "2017-10-01"


def test_ingests_do_not_start_at_the_same_minute(parsed: dict[str, Any]) -> None:
    """The sources are pulled one after the other, so that a small machine is not asked for four at once."""
    starts = [parsed["dags"][name]["schedule"]["expression"] for name in INGEST]

    assert len(starts) == len(set(starts))


@pytest.mark.parametrize("name", SYNC)
def test_reading_back_belongs_to_no_month(parsed: dict[str, Any], name: str) -> None:
    """Where tickets stand is a matter of now: by the clock, without a partition, and nothing is emitted."""
    dag = parsed["dags"][name]

    assert ("CronTriggerTimetable", False) == (dag["schedule"]["kind"], dag["schedule"]["partitioned"])
    assert [task["outlets"] for task in dag["tasks"].values()] == [[]] * len(dag["tasks"])


@pytest.mark.parametrize("name", [name for name in DAGS if name not in SYNC])
def test_every_schedule_is_partitioned(parsed: dict[str, Any], name: str) -> None:
    """Every run belongs to a partition; asset schedules take the key as it is, so no two formats can differ."""
    schedule = parsed["dags"][name]["schedule"]

    assert schedule["partitioned"]
    if name not in INGEST:
        assert ("PartitionedAssetTimetable", "IdentityMapper", 0) == (
            schedule["kind"],
            schedule["mapper"],
            schedule["own_mappers"],
        )


def test_the_dags_meet_at_assets(parsed: dict[str, Any]) -> None:
    """Ingests emit what they accepted, and that the month is ready; this starts detect, what that emits starts act."""
    dags = parsed["dags"]
    emitted = {name: sorted(o for t in dag["tasks"].values() for o in t["outlets"]) for name, dag in dags.items()}

    assert all(emitted[name] == [f"accepted_{name.removeprefix('ingest_')}", "period_ready"] for name in INGEST)
    assert dags["detect"]["schedule"]["assets"] == ["period_ready"]  # one asset: two of a moment meet at its lock
    assert dags["act"]["schedule"]["assets"] == emitted["detect"]
    assert emitted["act"] == []


def test_an_asset_is_emitted_by_the_last_task_only(parsed: dict[str, Any]) -> None:
    """The event means that all is done: nothing comes after the task that emits it but the announcement."""
    for name, dag in parsed["dags"].items():
        followed = {before for task in dag["tasks"].values() for before in task["upstream"]}
        emitting = {task_id for task_id, task in dag["tasks"].items() if task["outlets"]}

        assert emitting & followed == ({"accept"} if name in INGEST else set())


def test_only_a_busy_system_is_tried_again(parsed: dict[str, Any]) -> None:
    """The policy fails at once what retrying cannot mend, and leaves the rest to Airflow's retries."""
    expected = {
        "ConfigurationError": "fail",
        "FaultyContentError": "fail",
        "InputError": "fail",
        "IntegrityError": "fail",
        "UnavailableError": "default",
        "OSError": "default",
        "ValueError": "default",
    }

    assert expected == parsed["decisions"]


def test_the_plugin_loads(parsed: dict[str, Any]) -> None:
    """Airflow's plugin manager loads the pages without a fault: one application, one entry in the navigation."""
    assert {"errors": {}, "apps": ["/postmarket"], "views": ["/postmarket/"]} == parsed["plugins"]
