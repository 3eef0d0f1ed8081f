"""## Pull device identifiers and accept them into the lake

**What it does.** Pulls the records of GUDID whose version is dated in one month (partition key = first day of the
month), keeps the bytes under their hash, checks every row, and accepts, quarantines or supersedes it. Emits the asset
`accepted_devices`. A site that does not name `devices` in its sources.yaml skips `land` and says so.

**When it fails.** `land`: openFDA did not answer; Airflow retries, then clear the task when it is back. `accept` with
*stopped*: the batch waits for a person. Read the check report named in the log. Nothing is lost either way.

**History.** Trigger with `from` set to an earlier day, or use *Backfill* for month after month.
"""

from include.postmarket.model.batch import Source
from include.wiring.ingest_dag import ingest_dag

ingest_dag(Source.DEVICES, "45 5", __doc__)()
