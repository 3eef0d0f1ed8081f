"""The assets the DAGs meet at; an event carries the period in its partition key, batch or run in its ``extra``."""

from airflow.sdk import Asset

from include.postmarket.model.batch import Source

REPORTS = Asset(name="accepted_reports", uri="postmarket://lake/reports", group="lake")
COMPLAINTS = Asset(name="accepted_complaints", uri="postmarket://lake/complaints", group="lake")
EXPOSURE = Asset(name="accepted_exposure", uri="postmarket://lake/exposure", group="lake")
PERFORMANCE = Asset(name="accepted_performance", uri="postmarket://lake/performance", group="lake")
#: All sources that the plans need have accepted the period: sent by whichever ingest comes last, and by any that
# comes again.
READY = Asset(name="period_ready", uri="postmarket://lake/period-ready", group="lake")
SIGNALS = Asset(name="signals", uri="postmarket://records/signals", group="records")

ACCEPTED: dict[Source, Asset] = {
    Source.REPORTS: REPORTS,
    Source.COMPLAINTS: COMPLAINTS,
    Source.EXPOSURE: EXPOSURE,
    Source.PERFORMANCE: PERFORMANCE,
}
