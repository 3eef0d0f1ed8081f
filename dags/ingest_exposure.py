"""## Pull exposure figures and accept them into the lake

**What it does.** Pulls the units in use and device-days of one month (partition key = first day of the month), keeps
the bytes under their hash, checks every row with Great Expectations, and puts each row into exactly one place:
accepted, quarantined (with the rule it broke) or superseded (already known). Emits the asset `accepted_exposure`, and
`period_ready` when it was the last source that the plans waited for; else `announce` is skipped and says which source
is missing.

**When it fails.** `land`: the source did not answer; Airflow retries, then clear the task when the source is back.
`accept` with *stopped*: the batch waits for a person. Read the check report named in the log, mend the source or the
plan's limit, clear the task. Nothing is lost either way: the bytes are kept, and clearing a task twice changes
nothing twice.

**History.** Trigger with `from` set to an earlier day to pull everything from there to the end of the key's month, or
use *Backfill* for month after month.
"""

from include.postmarket.model.batch import Source
from include.wiring.ingest_dag import ingest_dag

ingest_dag(Source.EXPOSURE, "10 5", __doc__)()
