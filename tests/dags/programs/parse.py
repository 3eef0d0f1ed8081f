"""Parses the DAGs and the plugin as Airflow does, and writes down what they are."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pendulum
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG, PartitionedAssetTimetable
from airflow.serialization.encoders import coerce_to_core_timetable
from airflow.timetables.base import TimeRestriction

#: Taken before any file of ours is read: what is here, Airflow itself has imported.
BEFORE = set(sys.modules)


def schedule_of(dag: DAG) -> dict[str, Any]:
    """Give what starts a DAG, and which partition a start belongs to."""
    timetable = dag.timetable
    core = coerce_to_core_timetable(timetable)
    found: dict[str, Any] = {"kind": type(timetable).__name__, "partitioned": core.partitioned}
    if isinstance(timetable, PartitionedAssetTimetable):
        found["waits_for_all"] = type(timetable.asset_condition).__name__ in {"Asset", "AssetAll"}
        found["assets"] = sorted(asset.name for _, asset in core.asset_condition.iter_assets())
        found["mapper"] = type(timetable.default_partition_mapper).__name__
        found["own_mappers"] = len(timetable.partition_mapper_config)
        return found
    serialized = core.serialize()
    if not core.partitioned:
        return found | {"expression": serialized["expression"]}
    found |= {name: serialized[name] for name in ("expression", "key_format", "run_offset")}
    asked = TimeRestriction(earliest=pendulum.datetime(2017, 10, 31), latest=None, catchup=True)
    first = core.next_dagrun_info_v2(last_dagrun_info=None, restriction=asked)
    assert first is not None, "this schedule never starts"
    found |= {"first_run": str(first.run_after), "first_key": first.partition_key}
    return found


def callbacks(given: Any) -> list[str]:
    """Give the names of callbacks, however Airflow keeps them."""
    listed: Iterable[Any] = given if isinstance(given, (list, tuple)) else [given]
    return [f"{callback.__module__}.{callback.__name__}" for callback in listed if callback]


def task_of(task: Any) -> dict[str, Any]:
    """Give the policy of a task and where it stands."""
    return {
        "owner": task.owner,
        "retries": task.retries,
        "retry_policy": type(task.retry_policy).__name__,
        "on_failure": callbacks(task.on_failure_callback),
        "returns": str(task.python_callable.__annotations__.get("return")),
        "outlets": [asset.name for asset in task.outlets],
        "upstream": sorted(task.upstream_task_ids),
        "mapped": task.is_mapped,
    }


def decisions() -> dict[str, str]:
    """Give what the retry policy says to each kind of error."""
    from include.postmarket.model import errors
    from include.postmarket.model.finding import FaultyContentError
    from include.wiring.defaults import RETRY_POLICY

    kinds = (errors.ConfigurationError, errors.InputError, errors.IntegrityError, errors.UnavailableError)
    raised: list[Exception] = [kind("it broke", where="here", todo="mend it") for kind in kinds]
    raised += [FaultyContentError([], where="plan.yaml"), OSError("disk"), ValueError("x")]
    return {type(e).__name__: RETRY_POLICY.evaluate(e, 1, 3).action.value for e in raised}


def plugins() -> dict[str, Any]:
    """Give the plugins that Airflow's manager loads, and their faults."""
    from airflow import plugins_manager

    apps, _ = plugins_manager.get_fastapi_plugins()
    views, _ = plugins_manager._get_ui_plugins()
    return {
        "errors": plugins_manager.get_import_errors(),
        "apps": [app["url_prefix"] for app in apps if app.get("name") == "postmarket"],
        "views": [view["href"] for view in views if view["name"] == "Postmarket"],
    }


def main(answer: Path) -> None:
    """Parse and write."""
    bag = DagBag(bundle_path=None)
    ours = sorted(set(sys.modules) - BEFORE)
    dags = {
        dag.dag_id: {
            "file": Path(dag.fileloc).name,
            "owner": dag.owner,
            "tags": sorted(str(tag) for tag in dag.tags),
            "doc": dag.doc_md or "",
            "description": dag.description,
            "catchup": dag.catchup,
            "max_active_runs": dag.max_active_runs,
            "schedule": schedule_of(dag),
            "tasks": {task.task_id: task_of(task) for task in dag.tasks},
        }
        for dag in bag.dags.values()
    }
    loaded = plugins()
    facts = {
        "import_errors": bag.import_errors,
        "imported_by_dags": ours,
        "imported_by_plugins": sorted(set(sys.modules) - BEFORE - set(ours)),
        "dags": dags,
        "decisions": decisions(),
        "plugins": loaded,
    }
    answer.write_text(json.dumps(facts, default=str))


main(Path(sys.argv[1]))
