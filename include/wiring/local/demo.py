"""`make demo`: the whole loop once, through the real scheduler, on the demo's data, with a summary at the end."""

import json
import time
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from include.postmarket.cli import summary
from include.postmarket.model.batch import NEEDED, Label, Source
from include.postmarket.model.canonical import canonical_json
from include.postmarket.model.errors import ConfigurationError
from include.postmarket.model.period import Period
from include.postmarket.model.ticket import TicketState
from include.postmarket.steps.house import House
from include.postmarket.steps.settings import from_environment
from include.postmarket.steps.status import status
from include.sample import reconstruct_reports, simulate_own_data
from include.sample.fleet import Month
from include.wiring.local import jira_server
from include.wiring.local.airflow_server import RUNS_DAGS, AirflowClient
from include.wiring.local.demo_reports import DemoReports, choose, described, months_between, runs_of
from include.wiring.local.household import Household
from include.wiring.local.loop import Loop, Pull
from include.wiring.local.place import Place, with_free_ports
from include.wiring.local.running import Running, alone, running

#: Months of simulated history before the first month that is walked through.
HISTORY = 20
RECONSTRUCTION_SEED = 2017


def run(place: Place, environment: Mapping[str, str], console: Console) -> None:
    """Run the demo; files nothing twice, however often it is run or killed.

    Raises PostmarketError with what, where and what to do.
    """
    began = time.monotonic()
    environment = {k: v for k, v in environment.items() if k != "POSTMARKET_SOURCES"}  # the demo has sources of its own

    def say(text: str) -> None:
        console.print(f"[dim]{time.monotonic() - began:6.1f} s[/]  {text}", highlight=False, soft_wrap=True)

    with alone(place):
        Household(place.home, place.root).clear()  # what a killed run left; its database server is taken over
        place = with_free_ports(place, environment)
        reports = prepare_data(place, environment)
        say(f"reports: {reports.told} ({reports.label.value}); own data: simulated, seeded")
        with running(place, environment, RUNS_DAGS, say) as product:
            house = House(from_environment(product.environment))
            made = jira_server.seed_requirements(place, [r for d in house.dossiers.values() for r in d.requirements])
            say(f"requirement issues in the tracker: {made} made" if made else "requirement issues are in the tracker")
            site = site_name(product.environment)
            before = _counts(house, site)
            Loop(AirflowClient(product.airflow), product.household, say).run(pulls(reports))
            state = status(house, site)
            summary.show(console, state)
            _tell_where(console, product)
            _tell_what_is_new(console, before, _counts(house, site))
        say("everything that was started has been stopped")


def prepare_data(place: Place, environment: Mapping[str, str]) -> DemoReports:
    """Choose the reports, simulate what no public source offers, and write where the sources lie.

    Raises ConfigurationError when the demo has already run here on other reports: they would be mixed.
    """
    place.demo.mkdir(parents=True, exist_ok=True)
    sample = reconstruct_reports.write_reports(place.demo / "reconstructed", RECONSTRUCTION_SEED)
    reports = _kept_choice(place, environment, sample)
    own = place.demo / "simulated"
    first, last = reports.months[0], reports.months[-1]
    simulate_own_data.write_own_data(
        own, Month(last.start.year, last.start.month), HISTORY + months_between(first, last)
    )
    paths = {
        Source.REPORTS: (reports.path, reports.label),
        Source.COMPLAINTS: (own / "complaints.csv", Label.SIMULATED),
        Source.EXPOSURE: (own / "exposure.csv", Label.SIMULATED),
        Source.PERFORMANCE: (own / "performance.parquet", Label.SIMULATED),
    }
    lines = [f"{s.value}: {{path: {json.dumps(str(p))}, label: {label.value}}}\n" for s, (p, label) in paths.items()]
    place.sources.write_text("# Written by the demo.\n" + "".join(lines))
    return reports


def _kept_choice(place: Place, environment: Mapping[str, str], sample: Path) -> DemoReports:
    """Give the reports this home runs on: chosen at the first run, the same ever after, whatever openFDA does then."""
    kept = place.demo / "reports.json"
    before = json.loads(kept.read_text()) if kept.is_file() else None
    if before and not environment.get("POSTMARKET_DEMO_REPORTS"):
        return described(place.home / before["path"], Label(before["label"]), before["told"])
    reports = choose(environment, place.demo, sample)
    if before and place.home / before["path"] != reports.path:
        raise ConfigurationError(
            f"the demo already ran here on other reports ({Path(before['path']).name})",
            where=str(place.home),
            todo="set POSTMARKET_HOME to another folder to keep both, or run `make clean` to start over",
        )
    # What lies in the home is kept by its place there, so that a home may be moved.
    path = reports.path.relative_to(place.home) if reports.path.is_relative_to(place.home) else reports.path
    fresh = kept.with_suffix(".new")
    fresh.write_bytes(canonical_json({"path": str(path), "label": reports.label, "told": reports.told}))
    fresh.replace(kept)
    return reports


def pulls(reports: DemoReports) -> list[Pull]:
    """Give what is pulled for each month: the first of neighbours brings its history, the others their own days."""
    found: list[Pull] = []
    for neighbours in runs_of(reports.months):
        for month in neighbours:
            begin: dict[Source, str] = {}
            if month == neighbours[0]:
                begin = {source: _earlier(month, HISTORY).key for source in NEEDED if source is not Source.REPORTS}
            if month == reports.months[0]:
                begin[Source.REPORTS] = reports.history.key
            found.append(Pull(month=month, pull_from=begin))
    return found


def site_name(environment: Mapping[str, str]) -> str:
    """Give the ledger's name of the tracker in a connection written as JSON."""
    connection = json.loads(environment["AIRFLOW_CONN_JIRA_DEFAULT"])
    return str(connection.get("extra", {}).get("site") or connection["host"])


def _earlier(month: Period, by: int) -> Period:
    for _ in range(by):
        month = month.previous()
    return month


def _counts(house: House, site: str) -> dict[str, int]:
    return {
        "rows accepted": sum(o.accepted for source in Source for o in house.batches.outcomes(source)),
        "signals": len(house.signals.all()),
        "tickets": len(house.tickets.entries(site, tuple(TicketState))),
        "risk updates": len(house.risk_updates.all()),
    }


def _tell_what_is_new(console: Console, before: Mapping[str, int], after: Mapping[str, int]) -> None:
    new = {name: after[name] - before[name] for name in after}
    if any(new.values()):
        console.print("\nNew in this run: " + ", ".join(f"{n} {name}" for name, n in new.items()), highlight=False)
    else:
        console.print(
            "\n[bold]Nothing new:[/] everything was on record already, so nothing was filed or drafted twice."
        )


def _tell_where(console: Console, product: Running) -> None:
    place = product.place
    told = {
        "keep it running": "make up",
        "operators' pages (then)": f"{place.airflow_address}/postmarket/",
        "tickets in the Jira stand-in (then)": place.jira_address,
        "this summary again, or as data": "make status, or python -m include.postmarket status --json",
        "data, logs, records": str(place.home),
    }
    console.print("\n[bold]Where to look[/]")
    for name, where in told.items():
        console.print(f"  {name}: {where}", highlight=False, soft_wrap=True)
