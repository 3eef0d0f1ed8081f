"""Prints how long each step of the demo takes, one process, without Airflow.

    python -m benchmarks.demo_steps [FOLDER OR FILE OF REPORTS]

The same steps that the DAGs call, on the demo's data, into a folder that is thrown away: what is left of the demo's
time is Airflow's own (start, scheduling, one process a task).
"""

import json
import os
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from include.postmarket.model.batch import Source, Window
from include.postmarket.records import migration
from include.postmarket.steps import act, detect, filing, ingest, planning
from include.postmarket.steps.filing import Site
from include.postmarket.steps.house import House
from include.postmarket.steps.settings import ROOT, Settings
from include.postmarket.steps.status import status
from include.wiring.local import demo, jira_server
from include.wiring.local.household import Household
from include.wiring.local.loop import Pull
from include.wiring.local.place import Place, find_place
from include.wiring.local.running import databases

_TIMES: dict[str, list[tuple[float, float]]] = defaultdict(list)


@contextmanager
def timed(step: str) -> Iterator[None]:
    """Add wall and CPU seconds of the block to a step."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    _TIMES[step].append((time.perf_counter() - wall, time.process_time() - cpu))


def main(words: list[str]) -> None:
    """Run every step and print the table."""
    home = Path(tempfile.mkdtemp(prefix="postmarket-benchmark-"))
    home.chmod(0o755)
    environment = {**os.environ, "POSTMARKET_HOME": str(home)}
    if words:
        environment["POSTMARKET_DEMO_REPORTS"] = words[0]
    try:
        _run(find_place(environment), environment)
    finally:
        shutil.rmtree(home)
    _print()


def _run(place: Place, environment: dict[str, str]) -> None:
    with timed("demo data (choose reports, simulate the rest)"):
        reports = demo.prepare_data(place, environment)
    with databases(place, {}) as addresses:
        with timed("records schema"):
            migration.migrate(addresses.records_owner)
        house = House(
            Settings(
                home=place.home,
                database_url=addresses.records,
                lake=place.home / "lake",
                plans=ROOT / "include" / "plans",
                sources=place.sources,
                site_url=place.airflow_address,
            )
        )
        household = Household(place.home, place.root)
        with timed("start of the Jira stand-in"):
            jira_server.start(place, household)
        try:
            requirements = [r for d in house.dossiers.values() for r in d.requirements]
            jira_server.seed_requirements(place, requirements)
            for pull in demo.pulls(reports):
                _month(house, _site(place), pull)
            with timed("status"):
                status(house, jira_server.SITE)
        finally:
            household.stop()


def _site(place: Place) -> Site:
    found = json.loads(jira_server.connection(place))
    return filing.site_of(host=found["host"], login=found["login"], password=found["password"], extra=found["extra"])


def _month(house: House, site: Site, pull: Pull) -> None:
    for source in Source:
        start = date.fromisoformat(pull.pull_from.get(source, pull.month.key))
        with timed(f"land {source.value}"):
            landed = ingest.land_source(house, source, Window(start, pull.month.end), datetime.now(UTC))
        with timed(f"check and accept {source.value}"):
            ingest.accept_batch(house, landed.batch, datetime.now(UTC))
    for plan in sorted(house.dossiers):
        with timed(f"evaluate {plan}"):
            run = detect.evaluate(house, plan, pull.month, datetime.now(UTC))
        with timed("reconcile"):
            detect.reconcile_run(house, run.run_id, datetime.now(UTC))
    with timed("draft risk updates"):
        act.draft_risk_updates(house, datetime.now(UTC))
    with timed("plan tickets"):
        planning.plan_tickets(house, site.filing.site, datetime.now(UTC))
    with timed("file tickets over HTTP"):
        filing.file_all(house, site)


def _print() -> None:
    print(f"{'step':<48}{'times':>6}{'wall s':>9}{'CPU s':>9}{'first':>9}")
    for step, taken in _TIMES.items():
        wall, cpu = (sum(t[i] for t in taken) for i in (0, 1))
        print(f"{step:<48}{len(taken):>6}{wall:>9.2f}{cpu:>9.2f}{taken[0][0]:>9.2f}")
    print(f"{'all':<54}{sum(w for t in _TIMES.values() for w, _ in t):>9.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
