"""## Sync, recent: where the tickets that moved lately stand

**What it does.** Every hour. Asks Jira which of our tickets have changed within the last three hours (an overlap, so
that a late search index or a missed run loses nothing), and puts on record what stands differently than before: status,
resolution, fix version, project. What that means to us (open, done, closed undone) is said by the plan's lists `done`
and `rejected`. It only reads Jira.

**When it fails.** `read_back`: Jira was down, or refused the account; the message says which. Nothing is lost: the next
run overlaps, and the daily *sync_open* reads every open ticket.
"""

from datetime import UTC, datetime

from airflow.sdk import CronTriggerTimetable, dag, task

from include.wiring.defaults import DEFAULT_ARGS, Tag


@dag(
    schedule=CronTriggerTimetable("25 * * * *", timezone="UTC"),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    tags=[Tag.SYNC, Tag.TIER_2],
    doc_md=__doc__,
)
def sync_recent() -> None:
    """Read back the tickets that have changed lately."""

    @task
    def read_back() -> list[str]:
        from include.wiring import tasks

        return tasks.read_back("recent")

    read_back()


sync_recent()
