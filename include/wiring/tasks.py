"""What each task of the DAGs does: reads partition key and parameters from Airflow, opens the house, calls one step."""

import os
from datetime import UTC, datetime

import structlog
from airflow.sdk import Connection, get_current_context
from airflow.sdk.exceptions import AirflowNotFoundException, AirflowSkipException

from include.postmarket.model.batch import Source
from include.postmarket.model.errors import ConfigurationError
from include.postmarket.model.period import Cadence, Period
from include.postmarket.sources.address import Address, none_known
from include.postmarket.steps import act, detect, effects, filing, ingest, planning, sync
from include.postmarket.steps import power as power_step
from include.postmarket.steps.filing import Site
from include.postmarket.steps.house import House
from include.postmarket.steps.settings import from_environment
from include.postmarket.steps.sync import Reach
from include.wiring.assets import ACCEPTED, READY, SIGNALS

log = structlog.get_logger(__name__)


def land(source: Source) -> str:
    """Pull one period of a source and keep the bytes; gives the batch id. Skipped where the site has no such source."""
    period, house = _period(), _house()
    if source not in ingest.sources_of(house):
        raise AirflowSkipException(f"this site has no {source}: sources.yaml does not name it")
    begin = (get_current_context().get("params") or {}).get("from") or ""
    landed = ingest.land_source(house, source, ingest.pull_window(period, begin), datetime.now(UTC))
    log.info(
        "landed", source=source.value, batch=landed.batch, period=str(period), bytes=landed.size, origin=landed.origin
    )
    return landed.batch


def accept(source: Source, batch: str) -> str:
    """Check a landed batch and accept its good rows; gives the batch id and puts it into the asset event.

    A stopped batch that a person has let through goes on as the batch that it became.
    """
    outcome = ingest.accept_batch(_house(), batch, datetime.now(UTC))
    if outcome.landing.media.by_hand:
        batch = outcome.landing.batch
    log.info(
        "accepted",
        source=source.value,
        batch=batch,
        pulled=outcome.pulled,
        accepted=outcome.accepted,
        quarantined=outcome.quarantined,
        superseded=outcome.superseded,
        rules={r.rule: r.rows for r in outcome.rules},
    )
    get_current_context()["outlet_events"][ACCEPTED[source]].extra = {"batch": batch}
    return batch


def announce(batch: str) -> str:
    """Say that the period is ready once every source that the plans need has accepted it; skipped until then."""
    house, period = _house(), _period()
    missing = ", ".join(source.value for source in detect.missing_sources(house, period))
    if missing:
        log.info("waiting", period=str(period), missing=missing)
        raise AirflowSkipException(f"{period} waits for {missing}")
    if not detect.came_last(house, batch, period):
        raise AirflowSkipException(f"{period} is announced by the source that came last")
    get_current_context()["outlet_events"][READY].extra = {"batch": batch}
    return batch


def plans() -> list[str]:
    """Give the ids of the plans of this site."""
    return sorted(_house().dossiers)


def evaluate(plan: str) -> str:
    """Run a plan's methods for the period; gives the run id."""
    run = detect.evaluate(_house(), plan, _period(), datetime.now(UTC))
    log.info("evaluated", plan=plan, run=run.run_id, points=run.points, evaluated=run.evaluated, alarms=run.alarms)
    return run.run_id


def reconcile(runs: list[str]) -> list[str]:
    """Turn the alarms of the runs into signals.

    Gives the ids of signals that are new and puts the runs into the event.
    """
    opened = [signal for run in sorted(runs) for signal in detect.reconcile_run(_house(), run, datetime.now(UTC))]
    log.info("reconciled", runs=len(runs), opened=opened)
    get_current_context()["outlet_events"][SIGNALS].extra = {"runs": ",".join(sorted(runs))}
    return opened


def power(runs: list[str]) -> list[str]:
    """Keep on record what the plans of the runs can see; gives the ids, old or new."""
    kept = [power_step.keep(_house(), run, datetime.now(UTC)) for run in sorted(runs)]
    log.info("power", kept=kept)
    return kept


def draft_risk_updates() -> list[str]:
    """Draft the risk updates that open signals propose; gives the ids of those that are new."""
    drafted = act.draft_risk_updates(_house(), datetime.now(UTC))
    log.info("drafted", risk_updates=drafted)
    return drafted


def plan_tickets() -> list[str]:
    """Write the due tickets and comments into the ledger; gives the dedupe keys that are new."""
    planned = planning.plan_tickets(_house(), _site().filing.site, datetime.now(UTC))
    log.info("planned", tickets=planned)
    return planned


def file_tickets() -> list[str]:
    """File what the ledger holds; gives the keys of the issues that this run filed."""
    filed = filing.file_all(_house(), _site())
    log.info("filed", **filed.counts())
    filing.refuse_unfinished(filed, datetime.now(UTC))
    return sorted(outcome.issue_key for outcome in filed.tickets.outcomes if outcome.issue_key)


def read_back(reach: str) -> list[str]:
    """Read back where filed tickets stand; gives the keys of those that stand differently than before."""
    synced = sync.sync(_house(), _site(), Reach(reach), datetime.now(UTC))
    log.info("read back", reach=reach, read=synced.read, changed=[kept.standing.key for kept in synced.changed])
    return sorted(kept.standing.key for kept in synced.changed)


def check_effects() -> list[str]:
    """Test the fixes whose months have come; gives the ids of the signals that were answered."""
    answered = effects.check_effects(_house(), _site().filing.site, datetime.now(UTC))
    log.info("effects tested", signals=answered)
    return answered


def _house() -> House:
    return House(from_environment(os.environ), _address)


def _address(name: str) -> Address:
    """Give an Airflow connection. Raises ConfigurationError when there is none of that name."""
    try:
        found = Connection.get(name)
    except AirflowNotFoundException:
        return none_known(name)
    return Address(
        name=name,
        kind=found.conn_type or "",
        host=found.host or "",
        port=found.port,
        login=found.login or "",
        password=found.password or "",
        database=found.schema or "",
        extra=found.extra_dejson,
    )


def _period() -> Period:
    key = get_current_context()["dag_run"].partition_key
    if not key:
        raise ConfigurationError(
            "this run has no partition key, so nobody knows which month it is for",
            where="DAG run",
            todo="trigger it with a partition key: the first day of the month, as 2017-10-01",
        )
    return Period.from_key(key, Cadence.MONTH)


def _site() -> Site:
    found = Connection.get("jira_default")
    return filing.site_of(
        host=found.host or "", login=found.login or "", password=found.password or "", extra=found.extra_dejson
    )
