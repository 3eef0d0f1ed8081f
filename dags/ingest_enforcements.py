"""## Pull enforcement reports and accept them into the lake

**What it does.** Pulls the enforcement reports that FDA published in one month (partition key = first day of the
month), keeps the bytes under their hash, checks every row, and accepts, quarantines or supersedes it. Emits the asset
`accepted_enforcements`. A site that does not name `enforcements` in its sources.yaml skips `land` and says so.

**When it fails.** `land`: openFDA did not answer; Airflow retries, then clear the task when it is back. `accept` with
*stopped*: the batch waits for a person. Read the check report named in the log. Nothing is lost either way.

**History.** Trigger with `from` set to an earlier day, or use *Backfill* for month after month.
"""

from include.postmarket.model.batch import Source
from include.wiring.ingest_dag import ingest_dag

ingest_dag(Source.ENFORCEMENTS, "25 5", __doc__)()
