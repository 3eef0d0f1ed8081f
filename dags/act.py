"""## Act: draft risk updates and file tickets

**What it does.** Runs when signals have been reconciled for a month. Drafts the ISO 14971 risk update of every signal
that has none (it waits for a signature; nothing changes the risk file here), plans one ticket per signal in the
ledger, and files what is planned in Jira: exactly one ticket per signal, linked to the requirement's issue.

**When it fails.** `file_tickets`: Jira was down or answered unclearly; Airflow retries, and the ledger looks before
it sends again, so nothing is filed twice. Where Jira asks for a long wait (its quotas do), the task is *deferred*:
it holds no worker and uses up no retry. *Parked* tickets are refusals with Jira's own words (missing permission,
unknown project): mend it in Jira, release them with `python -m include.postmarket tickets release`, clear the task.
`python -m include.postmarket doctor` names what is amiss in Jira.
"""

from airflow.sdk import PartitionedAssetTimetable, dag, task

from include.wiring.assets import SIGNALS
from include.wiring.defaults import DEFAULT_ARGS, Tag
from include.wiring.deferring import DeferringOperator


def file_tickets() -> list[str]:
    """File what the ledger holds; a long wait that Jira asks for is left to the triggerer."""
    from include.wiring import tasks

    return tasks.file_tickets()


@dag(
    schedule=PartitionedAssetTimetable(assets=SIGNALS),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    tags=[Tag.ACT, Tag.TIER_1],
    doc_md=__doc__,
)
def act() -> None:
    """Draft what people will sign, decide which tickets are due, and file them."""

    @task
    def draft_risk_updates() -> list[str]:
        from include.wiring import tasks

        return tasks.draft_risk_updates()

    @task
    def plan_tickets(_drafted: list[str]) -> list[str]:
        from include.wiring import tasks

        return tasks.plan_tickets()

    filing = DeferringOperator(task_id="file_tickets", python_callable=file_tickets)
    plan_tickets(draft_risk_updates()) >> filing


act()
