"""The assets the DAGs meet at; an event carries the period in its partition key, batch or run in its ``extra``."""

from airflow.sdk import Asset

from include.postmarket.model.batch import Source

ACCEPTED: dict[Source, Asset] = {
    source: Asset(name=f"accepted_{source}", uri=f"postmarket://lake/{source}", group="lake") for source in Source
}
#: All sources that the plans need have accepted the period: sent by whichever ingest comes last, and by any that
# comes again.
READY = Asset(name="period_ready", uri="postmarket://lake/period-ready", group="lake")
SIGNALS = Asset(name="signals", uri="postmarket://records/signals", group="records")
