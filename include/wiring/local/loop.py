"""Runs the loop once through the Airflow scheduler, month by month, and follows it from pull to ticket."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from include.postmarket.model.batch import NEEDED, Source
from include.postmarket.model.errors import UnavailableError
from include.postmarket.model.period import Period
from include.wiring.local.airflow_server import AirflowClient
from include.wiring.local.household import Household

Say = Callable[[str], None]
_DAGS = frozenset({*(f"ingest_{source}" for source in NEEDED), "detect", "act"})
_OVER = frozenset({"success", "failed"})
_PATIENCE = 600.0
_LOOK_EVERY = 5.0
_POLL = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """One month to walk through, and the day that each source is pulled from."""

    month: Period
    pull_from: dict[Source, str]


class Loop:
    """Follows the runs that belong to one demo by what triggered them.

    So that older runs are never mistaken for them.
    """

    def __init__(self, client: AirflowClient, household: Household, say: Say) -> None:
        self._client = client
        self._household = household
        self._say = say
        self._mark = f"{time.time():.0f}"
        self._told: set[str] = set()
        self._look_again = 0.0

    def run(self, pulls: Sequence[Pull]) -> None:
        """Walk through the months: the next is pulled while the one before is still being evaluated.

        Raises UnavailableError, naming DAG, task and log, when a run fails or nothing moves for ten minutes.
        """
        self._wait_for_dags()
        self._end_interrupted_runs()
        ingested_of: list[set[str]] = []
        for pull in pulls:
            ingested = [self._trigger(source, pull) for source in NEEDED]
            for run in ingested:
                self._wait(run)
            self._say(f"{pull.month}: pulled, checked and accepted")
            ingested_of.append({run["dag_run_id"] for run in ingested})
        for pull, causes in zip(pulls, ingested_of, strict=True):
            detection = self._caused_by("detect", pull.month, causes)
            self._wait(detection)
            self._say(f"{pull.month}: indicators evaluated, signals reconciled")
            self._wait(self._caused_by("act", pull.month, {detection["dag_run_id"]}))
            self._say(f"{pull.month}: risk updates drafted, tickets filed")
        self._until(lambda: not self._unfinished(), "the last runs to end")

    def _wait_for_dags(self) -> None:
        def found() -> bool:
            answer = self._client.get("dags", limit=100)
            known = {dag["dag_id"] for dag in answer["dags"] if not dag["has_import_errors"]}
            return known >= _DAGS

        self._until(found, "the DAGs to be read")
        for dag_id in _DAGS:
            self._client.send("PATCH", f"dags/{dag_id}", {"is_paused": False})

    def _end_interrupted_runs(self) -> None:
        """Mark what a killed demo left unfinished as failed; the steps are idempotent, so this run does them again."""
        for run in self._unfinished():
            self._client.send("PATCH", f"dags/{run['dag_id']}/dagRuns/{run['dag_run_id']}", {"state": "failed"})

    def _unfinished(self) -> list[dict[str, Any]]:
        return [
            run
            for state in ("running", "queued")
            for run in self._client.get("dags/~/dagRuns", state=state, limit=100)["dag_runs"]
            if run["dag_id"] in _DAGS
        ]

    def _trigger(self, source: Source, pull: Pull) -> dict[str, Any]:
        begin = pull.pull_from.get(source)
        return self._client.send(
            "POST",
            f"dags/ingest_{source}/dagRuns",
            {
                "dag_run_id": f"demo__{pull.month.key}__{self._mark}",
                "logical_date": None,
                "partition_key": pull.month.key,
                "conf": {"from": begin} if begin else {},
            },
        )

    def _caused_by(self, dag_id: str, month: Period, causes: set[str]) -> dict[str, Any]:
        """Give the run of a DAG that the asset events of these runs caused."""
        found: list[dict[str, Any]] = []

        def caused() -> bool:
            runs = self._client.get(f"dags/{dag_id}/dagRuns", limit=100, order_by="-run_after")["dag_runs"]
            # Airflow 3.3 cannot list the events of a run that has not started (its answer refuses a missing start).
            started = [r for r in runs if r["partition_key"] == month.key and r["start_date"]]
            found.extend(r for r in started if causes & self._sources_of(r))
            return bool(found)

        self._until(caused, f"{dag_id} of {month} to start")
        return found[0]

    def _sources_of(self, run: dict[str, Any]) -> set[str]:
        answer = self._client.get(f"dags/{run['dag_id']}/dagRuns/{run['dag_run_id']}/upstreamAssetEvents")
        return {event["source_run_id"] for event in answer["asset_events"]}

    def _wait(self, run: dict[str, Any]) -> None:
        path = f"dags/{run['dag_id']}/dagRuns/{run['dag_run_id']}"
        last: dict[str, Any] = {}

        def over() -> bool:
            last.update(self._client.get(path))
            if time.monotonic() > self._look_again:
                self._tell_retries(path)
            return last["state"] in _OVER

        self._until(over, f"{run['dag_id']} of {run['partition_key']} to end")
        if last["state"] == "failed":
            tasks = self._client.get(f"{path}/taskInstances")["task_instances"]
            failed = ", ".join(task["task_id"] for task in tasks if task["state"] == "failed") or "a task"
            raise UnavailableError(
                f"{failed} of {run['dag_id']} ({run['partition_key']}) failed",
                where=f"airflow/logs/dag_id={run['dag_id']}/run_id={run['dag_run_id']}",
                todo="read the log of the task: its last line says what, where and what to do",
            )

    def _tell_retries(self, path: str) -> None:
        """Say once which tasks have failed and will be tried again: a wait without a word looks like a hang."""
        self._look_again = time.monotonic() + _LOOK_EVERY
        for found in self._client.get(f"{path}/taskInstances", state="up_for_retry")["task_instances"]:
            failed = f"{found['dag_id']}.{found['task_id']} ({found['dag_run_id']}), try {found['try_number']}"
            if failed not in self._told:
                self._told.add(failed)
                self._say(f"{failed} failed and will be tried again; its log is in airflow/logs")

    def _until(self, done: Callable[[], bool], what: str) -> None:
        until = time.monotonic() + _PATIENCE
        while not done():
            self._household.check()
            if time.monotonic() > until:
                raise UnavailableError(f"waited {_PATIENCE:.0f} s for {what}", where="Airflow", todo="see logs/")
            time.sleep(_POLL)
