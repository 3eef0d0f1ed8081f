"""The whole loop in one process: pull to ticket, month by month, as the DAGs call the steps, over a real stand-in."""

import contextlib
import io
import json
import logging
import shutil
import socket
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import func, select

from include.postmarket.model.batch import NEEDED, Window
from include.postmarket.records.engine import reading
from include.postmarket.records.tables import METADATA
from include.postmarket.steps import act, detect, filing, ingest, planning
from include.postmarket.steps.filing import Filed, Site
from include.postmarket.steps.house import House
from include.postmarket.steps.settings import ROOT, Settings
from include.postmarket.steps.status import status
from include.wiring.local import demo, demo_reports, jira_server
from include.wiring.local.demo_reports import DemoReports
from include.wiring.local.household import Household
from include.wiring.local.loop import Pull
from include.wiring.local.place import Place
from tests.postgres import RecordsDatabase, drop, new_database

FIRST_DAY = datetime(2026, 3, 1, tzinfo=UTC)
SITE_URL = "http://pages.example"


@dataclass(frozen=True, kw_only=True)
class World:
    """A site on which the loop was walked: its place, reports, records, stand-in, and all that it said."""

    place: Place
    reports: DemoReports
    database: RecordsDatabase
    told: str = field(repr=False)

    def house(self) -> House:
        """Give the house as a new process would open it."""
        return House(
            Settings(
                home=self.place.home,
                database_url=self.database.url(),
                lake=self.place.home / "lake",
                plans=self.place.home / "plans",
                sources=self.place.sources,
                site_url=SITE_URL,
            )
        )

    def site(self) -> Site:
        """Give the stand-in as the filer's site."""
        connection = json.loads(jira_server.connection(self.place))
        words = {name: connection[name] for name in ("host", "login", "password", "extra")}
        return filing.site_of(**words)

    def status(self) -> dict[str, Any]:
        """Give the status as a program reads it: through JSON."""
        found: dict[str, Any] = json.loads(json.dumps(status(self.house(), jira_server.SITE), allow_nan=False))
        return found

    def truth(self) -> dict[str, Any]:
        """Give what was planted in the simulated data."""
        found: dict[str, Any] = json.loads((self.place.demo / "simulated" / "truth.json").read_text())
        return found

    def ask(self, path: str) -> Any:
        """Give the stand-in's answer to a GET."""
        auth = (jira_server.USER, jira_server.token(self.place))
        answer = requests.get(f"{self.place.jira_address}{path}", auth=auth, timeout=30)
        assert answer.ok, answer.text

        return answer.json()

    def rows(self) -> dict[str, int]:
        """Give the number of rows of every table of the records, and of the stand-in's database."""
        with reading(self.house().engine) as connection:
            found = {
                t.name: connection.execute(select(func.count()).select_from(t)).scalar_one()
                for t in METADATA.sorted_tables
            }
        with contextlib.closing(sqlite3.connect(self.place.home / "jira.sqlite")) as jira:
            names = [n for (n,) in jira.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
            found |= {f"jira {n}": jira.execute(f'SELECT count(*) FROM "{n}"').fetchone()[0] for n in names}
        return found

    def files(self) -> dict[str, int]:
        """Give the size of every file of the lake."""
        lake = self.place.home / "lake"
        return {str(p.relative_to(lake)): p.stat().st_size for p in sorted(lake.rglob("*")) if p.is_file()}


@contextmanager
def walked(home: Path, reports: Path | None) -> Iterator[World]:
    """Give a world in which the demo's months were walked through, on these reports or on the reconstructed sample."""
    place = Place(home=home, root=ROOT, airflow_port=1, jira_port=free_port())
    shutil.copytree(ROOT / "include" / "plans", home / "plans")  # a plan edited while this runs is another plan
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo_reports, "OPENFDA", "http://127.0.0.1:9/")  # nobody answers there: the sample is taken
        chosen = demo.prepare_data(place, {"POSTMARKET_DEMO_REPORTS": str(reports)} if reports else {})
    database = new_database()
    household = Household(home, ROOT)
    try:
        world = World(place=place, reports=chosen, database=database, told="")
        jira_server.start(place, household)
        jira_server.seed_requirements(place, [r for d in world.house().dossiers.values() for r in d.requirements])
        with listening() as said:
            walk(world, demo.pulls(chosen), FIRST_DAY)
        yield World(place=place, reports=chosen, database=database, told=said.getvalue())
    finally:
        household.stop()
        drop(database)


def walk(world: World, pulls: Sequence[Pull], now: datetime) -> list[Filed]:
    """Walk through the months as the DAGs do: ingest all sources, detect with every plan, act, file."""
    house, site = world.house(), world.site()
    filed = []
    for pull in pulls:
        for source in NEEDED:
            begin = pull.pull_from.get(source)
            start = date.fromisoformat(begin) if begin else pull.month.start
            landed = ingest.land_source(house, source, Window(start, pull.month.end), now)
            ingest.accept_batch(house, landed.batch, now)
        runs = [detect.evaluate(house, plan, pull.month, now).run_id for plan in sorted(house.dossiers)]
        for run in sorted(runs):
            detect.reconcile_run(house, run, now)
        act.draft_risk_updates(house, now)
        planning.plan_tickets(house, site.filing.site, now)
        filed.append(filing.file_all(house, site))
        filing.refuse_unfinished(filed[-1], now)
    house.engine.dispose()
    return filed


@contextmanager
def listening() -> Iterator[io.StringIO]:
    """Give everything that is logged, at any level, or printed while this is open."""
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    handler.setLevel(logging.DEBUG)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            yield said
    finally:
        root.setLevel(level)
        root.removeHandler(handler)


def free_port() -> int:
    """Give a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
