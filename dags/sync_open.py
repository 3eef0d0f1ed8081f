"""## Sync, open: every ticket that is not over

**What it does.** Every night. Reads each open ticket by its id, which stays when an issue moves: it finds what a search
for changes cannot see, tickets that were moved, deleted or lost their label. It only reads Jira. Afterwards the effect
of fixes in the field is tested (`check_effects`) where enough months have passed, and the answer waits for a signature.

**When it fails.** `read_back`: Jira was down, or refused the account; the message says which. A ticket that is *gone*
is not a failure: it stands on the tickets page, and a person says what is to be done.
"""

from datetime import UTC, datetime

from airflow.sdk import CronTriggerTimetable, dag, task

from include.wiring.defaults import DEFAULT_ARGS, Tag


@dag(
    schedule=CronTriggerTimetable("40 3 * * *", timezone="UTC"),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    tags=[Tag.SYNC, Tag.TIER_2],
    doc_md=__doc__,
)
def sync_open() -> None:
    """Read back every open ticket, then test the effect of what was done."""

    @task
    def read_back() -> list[str]:
        from include.wiring import tasks

        return tasks.read_back("open")

    @task
    def check_effects(_read: list[str]) -> list[str]:
        from include.wiring import tasks

        return tasks.check_effects()

    check_effects(read_back())


sync_open()
