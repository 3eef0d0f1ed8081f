"""## Detect: what has changed for the worse

**What it does.** Runs when the last of the sources that the plans need has accepted a month (asset `period_ready`),
and again when one of them is pulled again. For each plan it takes a snapshot of the lake as of the end of the month,
counts the series, runs the plan's methods, controls false discoveries, and turns new alarms into signals. Every
result is stamped with snapshot, plan version and code digest, so it can be computed again. Emits the asset `signals`.
Beside that, once for each version of a plan and half a year, it says what the plan can see: false alarms a year, and
the smallest rise that each indicator sees in time.

**When it fails.** `evaluate` fails for one plan only (the others go on): the message names the plan, line and what to
do; clear the task afterwards. A point that could not be evaluated is not a failure: it is a result with its reason,
shown in the summary. `power` holds up nothing: no signal waits for it; clear it once what it names is mended.

**A source is late.** Nothing runs until it has arrived; the task `announce` of the other ingests says what is
missing. To go on without one, trigger this DAG by hand with the month's partition key: what depends on the missing
source is then reported as *not observed*, never as quiet.
"""

from airflow.sdk import PartitionedAssetTimetable, dag, task

from include.wiring.assets import READY, SIGNALS
from include.wiring.defaults import DEFAULT_ARGS, Tag


@dag(
    schedule=PartitionedAssetTimetable(assets=READY),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    tags=[Tag.DETECT, Tag.TIER_1],
    doc_md=__doc__,
)
def detect() -> None:
    """Evaluate every plan for one month, then reconcile its alarms into signals."""

    @task
    def plans() -> list[str]:
        from include.wiring import tasks

        return tasks.plans()

    @task(map_index_template="{{ plan }}")
    def evaluate(plan: str) -> str:
        from include.wiring import tasks

        return tasks.evaluate(plan)

    @task(outlets=[SIGNALS])
    def reconcile(runs: list[str]) -> list[str]:
        from include.wiring import tasks

        return tasks.reconcile(list(runs))

    @task
    def power(runs: list[str]) -> list[str]:
        from include.wiring import tasks

        return tasks.power(list(runs))

    evaluated = evaluate.expand(plan=plans())
    reconcile(evaluated)
    power(evaluated)


detect()
