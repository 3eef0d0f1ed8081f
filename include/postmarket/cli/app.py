"""The command line: the same steps as the DAGs, for a terminal, a test or another scheduler.

python -m include.postmarket --help
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from include.postmarket.backlog.doctor import Verdict
from include.postmarket.cli import (
    audit,
    backtest,
    decisions,
    delay,
    method,
    narratives,
    power,
    quarantine,
    show,
    signers,
    summary,
)
from include.postmarket.cli.registers import app as requirements_app
from include.postmarket.cli.site import borrowed_database, environment, house, ledger_site, site
from include.postmarket.model.batch import Source
from include.postmarket.model.errors import ConfigurationError, PostmarketError
from include.postmarket.model.finding import FaultyContentError
from include.postmarket.model.period import Period
from include.postmarket.records import migration
from include.postmarket.steps import act, checks, detect, doctor, effects, filing, ingest, makers, planning, plans, sync
from include.postmarket.steps.power import keep as keep_power
from include.postmarket.steps.settings import from_environment
from include.postmarket.steps.status import status as status_of
from include.postmarket.steps.sync import Reach

HELP = """Watch medical devices after sale and close the loop into the backlog.

The steps run in this order, for one month: ingest -> detect -> act -> file. Each may be run again: nothing happens
twice.
Where things are is set in the environment: POSTMARKET_DATABASE_URL (records), POSTMARKET_HOME, POSTMARKET_PLANS,
POSTMARKET_SOURCES, POSTMARKET_SITE_URL, AIRFLOW_CONN_JIRA_DEFAULT (Jira, as JSON). While `make up` or `make demo` runs,
what is not set is taken from that local run.
`backtest` replays the past and changes nothing. `method` needs no site: it runs any detection method on a CSV table.
"""

app = typer.Typer(help=HELP, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
plan_app = typer.Typer(help="Check PMS plans.", no_args_is_help=True)
tickets_app = typer.Typer(help="Look at the ledger of tickets and release parked ones.", no_args_is_help=True)
checks_app = typer.Typer(help="Read what the checks said of a batch.", no_args_is_help=True)
for name, part in (("plan", plan_app), ("tickets", tickets_app), ("audit", audit.app), ("checks", checks_app)):
    app.add_typer(part, name=name)

app.add_typer(quarantine.app, name="quarantine")
power.add_commands(app, plan_app)
app.add_typer(signers.app, name="signers")
app.add_typer(decisions.app, name="decide")
app.command("sign")(decisions.sign)
app.add_typer(requirements_app, name="requirements")
app.command("method", cls=method.MethodCommand)(method.run_method)
app.add_typer(narratives.app, name="narratives")
app.command("backtest")(backtest.run_backtest)
app.command("delay")(delay.run_delay)

out = Console(soft_wrap=True, highlight=False)
Month = Annotated[str, typer.Option(help="First day of the month, as 2017-10-01.")]


@app.command()
def status(*, as_json: Annotated[bool, typer.Option("--json", help="Print it as data, for programs.")] = False) -> None:
    """Say what came in, what was found, and what waits for whom."""
    opened = house()
    state = status_of(opened, ledger_site(opened))
    if as_json:
        print(json.dumps(state, indent=1, ensure_ascii=False))
    else:
        summary.show(out, state)


@plan_app.command("check")
def plan_check(file: Annotated[Path, typer.Argument(help="The plan's YAML file.")]) -> None:
    """Check a plan with its register, risk file and methods; every fault with file, line and the nearest valid key."""
    findings = plans.check_file(file)
    for finding in findings:
        out.print(str(finding), markup=False)
    out.print(f"{file}: {len(findings)} findings, none stops it" if findings else f"{file}: in order", markup=False)


@app.command("ingest")
def ingest_source(
    source: Annotated[Source, typer.Argument(help="What to pull.")],
    month: Month,
    pull_from: Annotated[str, typer.Option("--from", help="Pull from this earlier day on (history).")] = "",
) -> None:
    """Pull one month of a source, keep the bytes, check every row, accept the good ones and quarantine the others."""
    window = ingest.pull_window(Period.from_key(month), pull_from)
    opened = house()
    with _progress(f"pulling and checking {source.value}"):
        landed = ingest.land_source(opened, source, window, datetime.now(UTC))
        outcome = ingest.accept_batch(opened, landed.batch, datetime.now(UTC))
    show.outcome(out, outcome)


@app.command("detect")
def detect_month(
    month: Month,
    plan: Annotated[str, typer.Option(help="Id of one plan; all of them otherwise.")] = "",
) -> None:
    """Evaluate the plans for a month as of its end, and reconcile alarms into signals."""
    site_house, period = house(), Period.from_key(month)
    for plan_id in [plan] if plan else sorted(site_house.dossiers):
        with _progress(f"evaluating {plan_id} for {period}"):
            run = detect.evaluate(site_house, plan_id, period, datetime.now(UTC))
            opened = detect.reconcile_run(site_house, run.run_id, datetime.now(UTC))
            keep_power(site_house, run.run_id, datetime.now(UTC))
        out.print(
            f"{plan_id} {period}: {run.evaluated} of {run.points} points evaluated, {run.alarms} alarms, "
            f"{len(opened)} new signals {' '.join(opened)}"
        )


@app.command("makers")
def list_makers(
    most: Annotated[int, typer.Option(help="List so many, those with most reports first.")] = 40,
) -> None:
    """List makers of accepted reports that no line of manufacturers.yaml knows, with their spellings."""
    found = makers.unknown_makers(house(), datetime.now(UTC).date())
    for maker in found[:most]:
        out.print(f"{maker.reports:>7,}  {maker.name}: {'; '.join(maker.spellings)}", markup=False)
    out.print(f"{len(found)} makers are not in the rules, {sum(m.reports for m in found):,} reports carry them")


@app.command("act")
def act_on_signals() -> None:
    """Draft the risk updates of open signals and plan their tickets in the ledger; nothing is sent."""
    opened, now = house(), datetime.now(UTC)
    drafted = act.draft_risk_updates(opened, now)
    planned = planning.plan_tickets(opened, site().filing.site, now)
    out.print(f"{len(drafted)} new risk updates wait for a person, {len(planned)} new tickets are planned")


@app.command("file")
def file_planned(
    *, dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be sent, and send nothing.")] = False
) -> None:
    """File what the ledger holds in Jira: each ticket once, whatever happened before."""
    if dry_run:
        show.previews(out, filing.preview(house(), site()))
        return
    with _progress("filing tickets"):
        filed = filing.file_all(house(), site())
    show.filed(out, filed)
    filing.refuse_unfinished(filed, datetime.now(UTC))


@app.command("doctor")
def examine_jira() -> None:
    """Ask Jira whether it is ready for what the plans want: token, permissions, screens, links. It is only read."""
    with _progress("asking Jira"):
        checks_made = doctor.doctor(house(), site(), datetime.now(UTC).date())
    show.checks(out, checks_made)
    if any(check.verdict is Verdict.FAULT for check in checks_made):
        raise typer.Exit(1)


@app.command("sync")
def sync_tickets(
    reach: Annotated[Reach, typer.Option(help="What changed lately, or every open ticket.")] = Reach.OPEN,
) -> None:
    """Read back where filed tickets stand in Jira, and test the effect of fixes in the field. Jira is only read."""
    opened, where, now = house(), site(), datetime.now(UTC)
    with _progress("reading tickets back"):
        synced = sync.sync(opened, where, reach, now)
        answered = effects.check_effects(opened, where.filing.site, now)
    for line in synced.words:
        out.print(line, markup=False)
    out.print(f"{synced.read} tickets read, {len(synced.changed)} stand differently, {len(answered)} effects tested")


@tickets_app.command("accept")
def tickets_accept(
    key: Annotated[str, typer.Argument(help="Key of the ticket that was closed without being done.")],
    by: Annotated[str, typer.Option(help="Who decides.")],
    reason: Annotated[str, typer.Option(help="Why it may stay so.")],
) -> None:
    """Put on record that a ticket closed undone may stay so; it comes back only with materially worse evidence."""
    new = planning.accept_rejection(house(), site().filing.site, key, (by, reason), datetime.now(UTC))
    out.print(f"{key}: the decision is on record" if new else f"{key}: there is a decision on record already")


@tickets_app.command("list")
def tickets_list() -> None:
    """List the ledger: every ticket with its state and the tracker's words."""
    opened = house()
    summary.tickets(out, status_of(opened, ledger_site(opened))["tickets"])


@tickets_app.command("release")
def tickets_release(
    keys: Annotated[list[str] | None, typer.Argument(help="Dedupe keys; all parked tickets otherwise.")] = None,
) -> None:
    """Give parked tickets back to the filer, once what parked them has been mended."""
    released = filing.release(house(), site(), tuple(keys or ()))
    out.print(f"{len(released)} tickets released; file them with `python -m include.postmarket file`")


@checks_app.command("report")
def checks_report(
    batch: Annotated[str, typer.Argument(help="Id of the batch, as the summary and the logs name it.")],
    to: Annotated[Path, typer.Option(help="File to write the report into.")] = Path("check-report.html"),
) -> None:
    """Write the readable report of a batch's checks; it needs no network and holds no personal data."""
    html = checks.report(house(), batch)
    try:
        to.write_text(html, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"the report cannot be written: {error.strerror}", where=str(to), todo="give another file with --to"
        ) from error
    out.print(f"written: {to}")


@app.command()
def migrate() -> None:
    """Bring the schema of the records up to date; the address must be the owner's."""
    migration.migrate(from_environment(environment()).database_url)
    out.print("the records are up to date")


def main() -> None:
    """Run a command; our own errors are one clear message and exit code 1."""
    try:
        with borrowed_database():
            app()
    except FaultyContentError as error:
        for finding in error.findings:
            print(finding, file=sys.stderr)
        print(f"{len(error.findings)} faults in {error.where}", file=sys.stderr)
        sys.exit(1)
    except PostmarketError as error:
        print(f"{error.what}\n  where: {error.where}\n  to do: {error.todo}", file=sys.stderr)
        sys.exit(1)


def _progress(what: str) -> Progress:
    """Give a spinner with the time on a terminal, nothing where the output is read by a program."""
    progress = Progress(
        SpinnerColumn(), TextColumn(what), TimeElapsedColumn(), transient=True, console=Console(stderr=True)
    )
    progress.add_task(what, total=None)
    return progress
