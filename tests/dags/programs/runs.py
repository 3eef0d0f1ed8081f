"""Runs the DAGs with ``dag.test()``, the steps replaced by written fakes, and writes down what happened.

Everything of the wiring is real: contexts, partition keys, parameters, XComs, asset events, retries and callbacks.
"""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import airflow.models.dagrun as dagruns
from airflow import settings
from airflow.dag_processing.dagbag import DagBag
from airflow.jobs.job import Job
from airflow.jobs.scheduler_job_runner import SchedulerJobRunner
from airflow.models.asset import AssetEvent
from airflow.models.dagrun import DagRun
from airflow.models.xcom import XComModel
from airflow.utils.db import initdb
from sqlalchemy import select
from sqlalchemy.orm import Session

from include.postmarket.backlog.report import FilingReport, Outcome, Result
from include.postmarket.model.batch import NEEDED, Label, Landing, Media, RuleCount, Source, Window
from include.postmarket.model.batch import Outcome as BatchOutcome
from include.postmarket.model.errors import ConfigurationError, InputError, IntegrityError, UnavailableError
from include.postmarket.model.period import Period
from include.postmarket.steps import filing
from include.postmarket.steps.detect import RunResult
from include.postmarket.steps.filing import Filed
from include.postmarket.steps.ingest import pull_window
from include.wiring import deferring, notices, tasks

KEY = "2017-10-01"
#: Stands for a patient's name: it may appear in nothing that Airflow keeps of a task (G4).
CANARY = "Wilhelmina Canary"
RUNS = {"bone-cement": "RUN-1111111111111111", "infusion-pump": "RUN-2222222222222222"}
Call = tuple[str, ...]


class House:
    """A house with the two plans that a run may name."""

    dossiers = dict.fromkeys(sorted(RUNS))


@dataclass
class Steps:
    """All steps of the loop; each call is noted, and the errors given are raised first, one a call."""

    calls: list[Call] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    waits: list[Exception] = field(default_factory=list)  # raised by filing, one a call
    missing: tuple[Source, ...] = ()
    last: bool = True

    def missing_sources(self, _house: House, _period: Period) -> tuple[Source, ...]:
        """Pretend to look which sources have accepted the period."""
        return self.missing

    def came_last(self, _house: House, _batch: str, _period: Period) -> bool:
        """Pretend that this batch was the last."""
        return self.last

    def _called(self, *words: str) -> None:
        self.calls.append(words)
        if self.errors:
            raise self.errors.pop(0)

    def sources_of(self, _house: House) -> tuple[Source, ...]:
        """Give the sources that every site has."""
        return NEEDED

    def land_source(self, _house: House, source: Source, window: Window, _now: datetime) -> Landing:
        """Pretend to pull."""
        self._called("land", source.value, str(window.start), str(window.end))
        return Landing(
            source=source,
            window=window,
            sha256="a" * 64,
            size=3,
            media=Media.CSV,
            origin="file.csv",
            label=Label.SIMULATED,
            pulled_at=datetime(2017, 11, 1, tzinfo=UTC),
        )

    def pull_window(self, period: Period, begin: str) -> Window:
        """Give the days to pull: no step, but a rule of the step that is faked here."""
        return pull_window(period, begin)

    def accept_batch(self, house: House, batch: str, now: datetime) -> BatchOutcome:
        """Pretend to accept."""
        self._called("accept", batch)
        return BatchOutcome(
            landing=Steps().land_source(house, Source.REPORTS, Window(date(2017, 10, 1), date(2017, 11, 1)), now),
            pulled=3,
            accepted=2,
            quarantined=1,
            superseded=0,
            rules=(RuleCount(rule="dated", rows=1),),
            stopped="",
            evidence="e" * 64,
        )

    def evaluate(self, _house: House, plan: str, period: Period, _now: datetime) -> RunResult:
        """Pretend to evaluate."""
        self._called("evaluate", plan, period.key)
        return RunResult(run_id=RUNS[plan], points=2, evaluated=1, alarms=1)

    def reconcile_run(self, _house: House, run: str, _now: datetime) -> list[str]:
        """Pretend to reconcile."""
        self._called("reconcile", run)
        return [f"SIG-{run[4:12]}"]

    def keep(self, _house: House, run: str, _now: datetime) -> str:
        """Pretend to look at what a plan can see."""
        self._called("power", run)
        return f"POW-{run[4:12]}"

    def draft_risk_updates(self, _house: House, _now: datetime) -> list[str]:
        """Pretend to draft."""
        self._called("draft")
        return ["RU-1"]

    def plan_tickets(self, _house: House, site: str, _now: datetime) -> list[str]:
        """Pretend to plan."""
        self._called("plan", site)
        return ["pm-1"]

    def file_all(self, _house: House, _site: object) -> Filed:
        """Pretend to file."""
        self._called("file")
        if self.waits:
            raise self.waits.pop(0)
        filed = Outcome(dedupe_key="pm-1", signal_id="SIG-1", result=Result.FILED, issue_key="CAPA-7", reason=CANARY)
        return Filed(tickets=FilingReport(outcomes=(filed,), gaps=()), comments=())


class Trail:
    """Notes what the failure notice would have put on record."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    def tell(self, entry: Any) -> None:
        """Note an entry."""
        self.told.append({"subject": entry.subject, "actor": entry.actor, **entry.payload})


@dataclass
class HouseWithTrail:
    """The part of the house that the failure notice uses."""

    audit: Trail


def put(module: ModuleType, **fakes: object) -> None:
    """Put fakes in the place of what a module has under these names."""
    for name, fake in fakes.items():
        setattr(module, name, fake)


def session() -> Session:
    """Give a session on Airflow's metadata."""
    found: Session = settings.Session()  # type: ignore[misc] # set by Airflow when it starts
    return found


class Stage:
    """The DAGs, the fakes in place of the steps, and the partition key that the next run gets."""

    def __init__(self) -> None:
        self.key: str | None = KEY
        self.missing: tuple[Source, ...] = ()
        self.last = True
        self.waits: list[Exception] = []
        self.trail = Trail()
        self.dags = DagBag(bundle_path=None).dags
        for dag in self.dags.values():
            for task in dag.tasks:
                task.retry_delay = timedelta(0) if not task.is_mapped else task.retry_delay
        self._make_run = dagruns.get_or_create_dagrun
        put(dagruns, get_or_create_dagrun=self._keyed)
        put(tasks, _house=House)
        put(notices, House=lambda _settings: HouseWithTrail(self.trail), from_environment=dict)

    def play(self, dag_id: str, *errors: Exception, conf: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run a DAG and give its state, the calls of its steps, its XComs and what was told."""
        steps = Steps(errors=list(errors), missing=self.missing, last=self.last, waits=self.waits)
        put(tasks, ingest=steps, detect=steps, act=steps, planning=steps, power_step=steps)
        put(filing, file_all=steps.file_all)
        told = len(self.trail.told)
        run = self.dags[dag_id].test(run_conf=conf)
        return {
            "state": str(run.state.value),
            "calls": steps.calls,
            "xcoms": xcoms(run.run_id),
            "told": self.trail.told[told:],
        }

    def _keyed(self, **given: Any) -> DagRun:
        run = self._make_run(**given)
        run.partition_key = self.key
        given["session"].commit()
        return run


def xcoms(run_id: str) -> dict[str, list[Any]]:
    """Give what the tasks of a run have handed on."""
    found: dict[str, list[Any]] = {}
    query = select(XComModel.task_id, XComModel.value).where(
        XComModel.run_id == run_id, XComModel.key == "return_value"
    )
    for task_id, value in session().execute(query.order_by(XComModel.task_id, XComModel.map_index)):
        found.setdefault(task_id, []).append(value)
    return found


def events() -> list[dict[str, Any]]:
    """Give every asset event: where it came from, its partition and what it carries."""
    query = select(AssetEvent).order_by(AssetEvent.id)
    return [
        {"asset": e.asset.name, "dag": e.source_dag_id, "key": e.partition_key, "extra": e.extra}
        for e in session().scalars(query)
    ]


def scheduled() -> list[list[str]]:
    """Let the scheduler look once at the waiting partitions; give the runs that it has made of them so far."""
    at = session()
    scheduler = SchedulerJobRunner(job=Job())  # type: ignore[no-untyped-call]
    scheduler._update_asset_orphanage(session=at)
    scheduler._create_dagruns_for_partitioned_asset_dags(at)
    at.commit()
    query = select(DagRun.dag_id, DagRun.partition_key).where(DagRun.run_type == "asset_triggered")
    return [[dag_id, key or ""] for dag_id, key in at.execute(query)]


def chain(stage: Stage) -> dict[str, Any]:
    """Run the loop once, in its order, and note when the scheduler would have started detect and act."""
    found: dict[str, Any] = {}
    for source in NEEDED:
        found[f"scheduled before {source.value}"] = scheduled()
        stage.missing = () if source is NEEDED[-1] else (NEEDED[-1],)
        found[f"ingest_{source.value}"] = stage.play(f"ingest_{source.value}")
    found["scheduled after all sources"] = scheduled()
    found["detect"] = stage.play("detect")
    found["scheduled after detect"] = scheduled()
    found["act"] = stage.play("act")
    return found


def failures(stage: Stage) -> dict[str, Any]:
    """Break a step in every way and note how often it was tried, how the run ended and what was told."""
    words = {"where": "here", "todo": "mend it"}
    kinds: dict[str, Callable[[], Exception]] = {
        "ConfigurationError": lambda: ConfigurationError("a setting is wrong", **words),
        "InputError": lambda: InputError("data are wrong", **words),
        "IntegrityError": lambda: IntegrityError("a record is wrong", **words),
    }
    found = {name: stage.play("ingest_reports", *(make() for _ in range(4))) for name, make in kinds.items()}
    down = UnavailableError("the source is down", where="here", todo="mend it")
    found["UnavailableError, then up"] = stage.play("ingest_reports", down, down)
    found["UnavailableError for good"] = stage.play("ingest_reports", *[down] * 4)
    put(deferring, LONG=timedelta(seconds=1))
    stage.waits = [UnavailableError("a quota", where="Jira", todo="wait", retry_after=1.5) for _ in range(5)]
    found["long waits"] = stage.play("act")
    found["ValueError for good"] = stage.play("ingest_reports", *[ValueError(CANARY)] * 4)
    return found


def parameters(stage: Stage) -> dict[str, Any]:
    """Run with other keys and parameters than the usual ones."""
    found = {"history": stage.play("ingest_reports", conf={"from": "2017-01-01"})}
    found["from after the period"] = stage.play("ingest_reports", conf={"from": "2017-10-02"})
    stage.missing = (Source.EXPOSURE,)
    found["another source is late"] = stage.play("ingest_reports", conf={"from": None})
    stage.missing, stage.last = (), False
    found["another source came last"] = stage.play("ingest_reports", conf={"from": None})
    stage.last = True
    for name, key in (("no key", None), ("no first day", "2017-10-02"), ("no date", "October")):
        stage.key = key
        found[name] = {dag: stage.play(dag) for dag in ("ingest_reports", "detect")}
    return found


def main(answer: Path) -> None:
    """Run everything and write."""
    os.environ["AIRFLOW_CONN_JIRA_DEFAULT"] = json.dumps(
        {"conn_type": "jira", "host": "https://jira.invalid", "login": "u", "password": "p", "extra": {"site": "jira"}}
    )
    initdb()
    stage = Stage()
    found = {"chain": chain(stage), "failures": failures(stage), "events": events(), "parameters": parameters(stage)}
    answer.write_text(json.dumps(found))


main(Path(sys.argv[1]))
