"""A task that gives its worker back while another system asks for a long wait, and goes on when the wait is over."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.providers.standard.operators.python import PythonOperator

from include.postmarket.model.errors import UnavailableError

#: From this wait on a worker is not held: shorter ones are left to Airflow's retries.
LONG = timedelta(minutes=1)


class DeferringOperator(PythonOperator):
    """A Python task whose `UnavailableError` with a long ``retry_after`` is waited for by the triggerer.

    A deferral uses up no retry: Jira's quotas may ask for half an hour, and more than once.
    """

    def execute(self, context: Any) -> Any:
        """Call the function; give the worker back for as long as it asks to."""
        try:
            return super().execute(context)
        except UnavailableError as busy:
            wait = timedelta(seconds=busy.retry_after or 0.0)
            if wait < LONG:
                raise
            self._wait(datetime.now(UTC) + wait)

    def again(self, context: Any, event: Mapping[str, Any] | None = None) -> Any:  # noqa: ARG002 - Airflow gives it
        """Go on after the wait."""
        return self.execute(context)

    def _wait(self, until: datetime) -> None:
        from airflow.providers.standard.triggers.temporal import DateTimeTrigger

        self.defer(trigger=DateTimeTrigger(moment=until), method_name="again")
