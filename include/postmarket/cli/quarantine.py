"""The quarantine desk at a terminal: list, see why, release, repair, reject. For an authorised person's eyes."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console

from include.postmarket.cli import show
from include.postmarket.cli.site import house
from include.postmarket.model.batch import Source
from include.postmarket.model.errors import ConfigurationError
from include.postmarket.model.quarantine import Grounds
from include.postmarket.steps import quarantine

HELP = """The quarantine desk: rows that broke a rule, and batches that stopped, wait here for a person.

A decision is final and on record with who, when and why. Rows that are released or repaired become a batch of their
own: runs from then on see them, earlier ones stay as they were. `show BATCH ROW` prints a row as it was received: it
may hold personal data.
"""

app = typer.Typer(help=HELP, no_args_is_help=True)
out = Console(soft_wrap=True, highlight=False)

Batch = Annotated[str, typer.Argument(help="Id of the batch, as `quarantine list` names it.")]
Rows = Annotated[
    list[str] | None,
    typer.Argument(help="Numbers of rows, as 3 or 5-9. None for a stopped batch: it is decided as a whole."),
]
By = Annotated[str, typer.Option("--by", help="Who decides: a name that stands on record.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it stands on record, so no personal data.")]


@app.command("list")
def list_waiting(
    source: Annotated[Source | None, typer.Option(help="Of one source; all of them otherwise.")] = None,
) -> None:
    """List the batches that have rows waiting, with the rules that were broken."""
    found = quarantine.waiting(house(), [source] if source else list(Source))
    for batch in found:
        landing = batch.outcome.landing
        out.print(
            f"{landing.batch}  {landing.source.value}, {landing.window.start} to {landing.window.end} (end excluded), "
            f"pulled {landing.pulled_at:%Y-%m-%d}: {batch.rows:,} of {batch.outcome.pulled:,} rows wait",
            markup=False,
        )
        if batch.stopped:
            out.print(f"  stopped as a whole: {batch.stopped}", markup=False)
        for rule, rows in batch.rules.items():
            out.print(f"  {rows} × {rule.replace('_', ' ')}", markup=False)
    if not found:
        out.print("nothing waits")


@app.command("show")
def show_rows(batch: Batch, row: Annotated[int | None, typer.Argument(help="Number of one row.")] = None) -> None:
    """Show why the rows of a batch wait; of one row also its values and the text as received."""
    found = quarantine.show(house(), batch)
    if row is None:
        for waiting in found:
            out.print(f"row {waiting.row}: {', '.join(waiting.rules).replace('_', ' ')}", markup=False)
        out.print(f"{len(found)} rows wait; `quarantine show {batch} ROW` prints one as it was received")
        return
    chosen = [waiting for waiting in found if waiting.row == row]
    if not chosen:
        raise ConfigurationError(f"row {row} does not wait", where=f"batch {batch}", todo="see `quarantine show`")
    out.print(f"row {row}: {', '.join(chosen[0].rules).replace('_', ' ')}", markup=False)
    for column, value in chosen[0].values.items():
        out.print(f"  {column}: {'(none)' if value is None else value}", markup=False)
    out.print(f"  as received: {chosen[0].received}", markup=False)


@app.command()
def release(batch: Batch, by: By, reason: Reason, rows: Rows = None) -> None:
    """Use rows as they are, or let a stopped batch through: its sound rows are used, the others wait one by one."""
    show.outcome(out, quarantine.release(house(), batch, _numbers(rows), _grounds(by, reason)))


@app.command()
def repair(
    batch: Batch,
    row: Annotated[int, typer.Argument(help="Number of the row.")],
    by: By,
    reason: Reason,
    values: Annotated[list[str], typer.Option("--set", help="A new value as column=value; may be repeated.")],
) -> None:
    """Use a row with corrected values, once it breaks no rule any more; the row as received is kept."""
    given = dict(_pair(word) for word in values)
    show.outcome(out, quarantine.repair(house(), batch, row, given, _grounds(by, reason)))


@app.command()
def reject(batch: Batch, by: By, reason: Reason, rows: Rows = None) -> None:
    """Keep rows, or a stopped batch, out for good; what was received is kept."""
    decision = quarantine.reject(house(), batch, _numbers(rows), _grounds(by, reason))
    out.print(f"{len(decision.rows):,} rows of batch {batch} are rejected")


@app.command()
def history(source: Annotated[Source, typer.Argument(help="Of which source.")]) -> None:
    """List what was decided, oldest first: who, when, why, and the values that were corrected."""
    for decision in house().batches.decisions(source):
        grounds = decision.grounds
        out.print(
            f"{grounds.at:%Y-%m-%d %H:%M} {grounds.by}: {decision.verdict.value} of {len(decision.rows):,} row(s) of "
            f"batch {decision.batch}{f', now batch {decision.became}' if decision.became else ''}: {grounds.reason}",
            markup=False,
        )
        for change in decision.changes:
            out.print(f"  row {change.row}, {change.column}: {change.old} -> {change.new}", markup=False)


def _grounds(by: str, reason: str) -> Grounds:
    return Grounds(by=by, reason=reason, at=datetime.now(UTC))


def _numbers(words: list[str] | None) -> tuple[int, ...]:
    found: list[int] = []
    for word in words or ():
        first, _, last = word.partition("-")
        if not (first.isdigit() and (last or first).isdigit()):
            raise ConfigurationError(f"{word!r} is no row", where="quarantine", todo="give numbers as 3 or 5-9")
        found += range(int(first), int(last or first) + 1)
    return tuple(found)


def _pair(word: str) -> tuple[str, str | None]:
    column, equals, value = word.partition("=")
    if not equals:
        raise ConfigurationError("a correction without =", where="--set", todo="give it as column=value")
    return column.strip(), value or None
