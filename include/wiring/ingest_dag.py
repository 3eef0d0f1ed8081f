"""The one shape of an ingest DAG: land, accept, announce. Each source has its file in dags/, with its runbook."""

from collections.abc import Callable
from typing import Any

from airflow.sdk import Param, dag, task

from include.postmarket.model.batch import Source
from include.wiring.assets import ACCEPTED, READY
from include.wiring.defaults import DEFAULT_ARGS, Tag, monthly


def ingest_dag(source: Source, day_hour: str, runbook: str | None) -> Callable[[], Any]:
    """Give the DAG of a source, to be called in its own file: Airflow notes where a DAG was made.

    It runs on the first of a month at ``minute hour`` UTC for the month before.
    """

    @dag(
        dag_id=f"ingest_{source}",
        schedule=monthly(day_hour),
        catchup=False,
        max_active_runs=1,
        default_args=DEFAULT_ARGS,
        tags=[Tag.INGEST, Tag.TIER_2],
        params={"from": Param(None, type=["null", "string"], format="date", description="Pull from this day on.")},
        doc_md=runbook,
    )
    def ingest() -> None:
        """Pull, keep, check and accept one month of a source."""

        @task
        def land() -> str:
            from include.wiring import tasks

            return tasks.land(source)

        @task(outlets=[ACCEPTED[source]])
        def accept(batch: str) -> str:
            from include.wiring import tasks

            return tasks.accept(source, batch)

        @task(outlets=[READY])
        def announce(batch: str) -> str:
            from include.wiring import tasks

            return tasks.announce(batch)

        announce(accept(land()))

    return ingest
