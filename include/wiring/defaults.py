"""What every DAG shares: owner, retries, tags, schedule, and who is told when a task has failed for good."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any

from airflow.sdk import CronPartitionTimetable, ExceptionRetryPolicy, RetryAction, RetryRule

from include.postmarket.model.errors import ConfigurationError, InputError, IntegrityError
from include.postmarket.model.period import KEY_FORMAT

OWNER = "pms-engineering"


class Tag(StrEnum):
    """The tags a DAG may carry: what it does, and how soon a person must look when it fails."""

    INGEST = "ingest"
    DETECT = "detect"
    ACT = "act"
    SYNC = "sync"
    TIER_1 = "tier-1: same day"
    TIER_2 = "tier-2: this week"


def notify_failure(context: Mapping[str, Any]) -> None:
    """Record that a task has failed for good, so that the summary and the pages show it."""
    from include.wiring import notices

    notices.task_failed(context)


#: Retrying helps when another system was down. It never helps a wrong plan, bad data or a record that does not hold.
RETRY_POLICY = ExceptionRetryPolicy(
    rules=[
        RetryRule(exception=ConfigurationError, action=RetryAction.FAIL, reason="retrying cannot mend a setting"),
        RetryRule(exception=InputError, action=RetryAction.FAIL, reason="retrying cannot mend data"),
        RetryRule(exception=IntegrityError, action=RetryAction.FAIL, reason="a person has to look first"),
    ]
)

DEFAULT_ARGS: dict[str, Any] = {
    "owner": OWNER,
    "retries": 3,
    "retry_delay": timedelta(seconds=20),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=30),
    "retry_policy": RETRY_POLICY,
    "on_failure_callback": notify_failure,
}


def monthly(day_hour: str) -> CronPartitionTimetable:
    """Give the schedule that runs on the first of a month, at ``minute hour`` UTC, for the month before."""
    return CronPartitionTimetable(f"{day_hour} 1 * *", timezone="UTC", run_offset=-1, key_format=KEY_FORMAT)
