"""Failure notices: a task that has failed for good is put on record, where the summary and the pages show it."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import structlog

from include.postmarket.model.errors import PostmarketError
from include.postmarket.records.audit import Entry
from include.postmarket.steps.house import House
from include.postmarket.steps.settings import from_environment

log = structlog.get_logger(__name__)


def task_failed(context: Mapping[str, Any]) -> None:
    """Put the failure on record; our own errors are quoted (they hold no data).

    Of others only the kind is kept (G4).
    """
    instance, error = context["ti"], context.get("exception")
    facts = {
        "dag": instance.dag_id,
        "task": instance.task_id,
        "run": instance.run_id,
        "try": instance.try_number,
        "error": str(error) if isinstance(error, PostmarketError) else type(error).__name__,
    }
    log.error("task failed for good", **facts)
    entry = Entry(
        at=datetime.now(UTC),
        actor="airflow",
        action="task failed",
        kind="task",
        subject=f"{instance.dag_id}.{instance.task_id}",
        payload=facts,
    )
    try:
        House(from_environment(os.environ)).audit.tell(entry)
    except PostmarketError as unrecorded:  # the records may be what is down: the log above then has to do
        # No traceback: it would print the task's own error, which may hold data (G4).
        log.error("the failure could not be put on record", error=str(unrecorded))  # noqa: TRY400 - see above
