"""## Act: draft risk updates and file tickets

**What it does.** Runs when signals have been reconciled for a month. Drafts the ISO 14971 risk update of every signal
that has none (it waits for a signature; nothing changes the risk file here), plans one ticket per signal in the
ledger, and files what is planned in Jira: exactly one ticket per signal, linked to the requirement's issue.

**When it fails.** `file_tickets`: Jira was down or answered unclearly; Airflow retries, and the ledger looks before
it sends again, so nothing is filed twice. *Parked* tickets are refusals with Jira's own words (missing permission,
unknown project): mend it in Jira, release them with `python -m include.postmarket tickets release`, clear the task.
"""

from airflow.sdk import PartitionedAssetTimetable, dag, task

from include.wiring.assets import SIGNALS
from include.wiring.defaults import DEFAULT_ARGS, Tag


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

    @task
    def file_tickets(_planned: list[str]) -> list[str]:
        from include.wiring import tasks

        return tasks.file_tickets()

    file_tickets(plan_tickets(draft_risk_updates()))


act()
