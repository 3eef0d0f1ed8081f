"""The command that replays a plan on the past, and what it prints."""

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from include.postmarket.cli.site import house
from include.postmarket.model.errors import ConfigurationError
from include.postmarket.model.period import Period, periods
from include.postmarket.steps import backtest_report, known_events_file
from include.postmarket.steps.backtest import KnownBy, Question, replay
from include.postmarket.steps.house import House, read_dossier

Told = dict[str, Any]
_KNOWN = {
    "received": (
        "Known then: the rows received before the end of each month, by the day that they carry. A row that was "
        "corrected later is seen as corrected. A signal is raised on the day after its month."
    ),
    "pulled": (
        "Known then: the rows received before the end of each month, as far as the site had pulled them when the last "
        "source of the month came in. A signal is raised on that day."
    ),
}
_MOST_REASONS = 12


def run_backtest(  # noqa: PLR0913 - a command has as many options as its user needs
    *,
    first: Annotated[str, typer.Option("--from", help="First month to replay, by its first day, as 2017-10-01.")],
    last: Annotated[str, typer.Option("--to", help="Last month to replay, by its first day.")],
    plan: Annotated[str, typer.Argument(help="Id of one plan; all of them otherwise.")] = "",
    plan_file: Annotated[Path | None, typer.Option(help="A plan that is not in use: what would it have found?")] = None,
    known: Annotated[
        Path | None, typer.Option(help="Known events, CSV: date,label[,indicator][,subgroup]; for instance recalls.")
    ] = None,
    reach: Annotated[int, typer.Option(min=1, help="How many months before or after its day an event is found.")] = 12,
    known_by: Annotated[KnownBy, typer.Option(help="What counts as known at the end of a month.")] = KnownBy.RECEIVED,
    target: Annotated[Path | None, typer.Option("--output", help="Write signals and missed events as CSV.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it all as data, for programs.")] = False,
) -> None:
    """Replay the past month by month on what was known then, and print when each signal would have been raised.

    The code is that of the monthly run. Nothing is written to the records, and no ticket is filed.
    """
    if target and not target.parent.is_dir():  # known before the long work, not after it
        raise ConfigurationError("there is no such folder", where=str(target.parent), todo="give another --output")
    opened = house()
    told = []
    for dossier in _dossiers(opened, plan, plan_file, known):
        question = Question(
            dossier=dossier, first=Period.from_key(first), last=Period.from_key(last), known_by=known_by
        )
        indicators = {indicator.id for indicator in dossier.plan.indicators}
        events = known_events_file.read_events(known, indicators) if known else ()
        with _progress(f"replaying {dossier.plan.id}", len(periods(question.first, question.last))) as progress:
            found = replay(opened, question, lambda _: progress.advance(progress.task_ids[0]))
        told.append(backtest_report.report(found, events, reach))
    if target:
        _write(target, [row for state in told for row in backtest_report.rows(state)])
    if as_json:
        print(json.dumps(told, indent=1, ensure_ascii=False, allow_nan=False))
        return
    out = Console(soft_wrap=True, highlight=False)
    for state in told:
        show(out, state)
    if target:
        out.print(f"written: {target}")


def _dossiers(opened: House, plan: str, plan_file: Path | None, known: Path | None) -> list[Any]:
    if plan and plan_file:
        raise ConfigurationError("a plan and a plan file are given", where="backtest", todo="give one of the two")
    if plan_file:
        return [read_dossier(plan_file)]
    if plan:
        return [opened.dossier(plan)]
    if known and len(opened.dossiers) > 1:
        raise ConfigurationError(
            "known events belong to one plan",
            where="--known",
            todo=f"name it: `backtest PLAN`, one of {', '.join(sorted(opened.dossiers))}",
        )
    return [opened.dossiers[name] for name in sorted(opened.dossiers)]


def _progress(what: str, months: int) -> Progress:
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TextColumn("months"), TimeElapsedColumn())
    progress = Progress(*columns, transient=True, console=Console(stderr=True))
    progress.add_task(what, total=months)
    return progress


def _write(target: Path, rows: list[Told]) -> None:
    try:
        with target.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, backtest_report.COLUMNS)
            writer.writeheader()
            writer.writerows(rows)
    except OSError as error:
        raise ConfigurationError(
            f"the table cannot be written: {error.strerror}", where=str(target), todo="give another --output"
        ) from error


def show(out: Console, told: Told) -> None:
    """Print a back-test for people."""
    months = len(told["months"])
    out.print(f"\n[bold]Back-test of {told['plan']}[/], {told['first'][:7]} to {told['last'][:7]}: {months} months")
    out.print(_KNOWN[told["known_by"]])
    if told["pulled_late"]:
        more = "" if told["known_by"] == "pulled" else "; `--known-by pulled` shows what the site itself knew, and when"
        out.print(f"{told['pulled_late']} of {months} months were pulled more than a month after their end{more}.")
    _signals(out, told)
    _events(out, told)
    _indicators(out, told)
    _not_evaluated(out, told)


def _signals(out: Console, told: Told) -> None:
    out.print(f"\n[bold]{len(told['signals'])} signals would have been raised[/] (nobody closes one in a back-test)")
    for s in told["signals"]:
        expected = "" if s["expected"] is None else f", {s['expected']:,.4g} expected"
        limit = "" if s["limit"] is None else f", limit {s['limit']:,.4g}"
        again = f"; alarmed again {s['alarms_after']} ×, last in {s['last_alarm'][:7]}" if s["alarms_after"] else ""
        out.print(f"  [bold]{s['raised']}[/] {s['id']} {s['priority']}: {s['title']}", markup=True)
        out.print(f"    {s['month'][:7]}: {s['observed']:,.4g} {s['unit']} observed{expected}{limit}{again}")
        if told["events"] and not s["events"]:
            out.print("    no known event within reach")


def _events(out: Console, told: Told) -> None:
    if not told["events"]:
        return
    missed = sum(e["signal"] is None for e in told["events"])
    count = len(told["events"])
    out.print(
        f"\n[bold]{count - missed} of {count} known events found[/] within {told['reach_months']} months of their day"
    )
    for e in told["events"]:
        out.print(f"  {e['day']} {e['label']}: {_verdict(e)}", markup=False)


def _verdict(event: Told) -> str:
    if event["signal"] is None:
        return f"MISSED: {event['why']}"
    days = event["lead_days"]
    when = f"{abs(days)} days ({abs(days) / 30.4369:.1f} months) {'before' if days > 0 else 'after'}"
    return f"raised {event['raised']}, {when if days else 'the same day'}, by {event['found_by']} ({event['signal']})"


def _indicators(out: Console, told: Told) -> None:
    out.print("\n[bold]What it would have asked of you[/]")
    rows = [("indicator", "points evaluated", "alarms", "a year", "signals", "a year")]
    rows += [
        (
            i["indicator"],
            f"{i['evaluated']} of {i['points']}",
            str(i["alarms"]),
            f"{i['alarms_a_year']:.1f}",
            str(i["signals"]),
            f"{i['signals_a_year']:.1f}",
        )
        for i in told["indicators"]
    ]
    first, *others = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for name, *figures in rows:
        told_figures = "  ".join(f"{text:>{width}}" for text, width in zip(figures, others, strict=True))
        out.print(f"  {name:<{first}}  {told_figures}", markup=False)


def _not_evaluated(out: Console, told: Told) -> None:
    reasons = Counter[tuple[str, str]]()
    months: dict[tuple[str, str], set[str]] = {}
    for n in told["not_evaluated"]:
        key = (n["indicator"], n["reason"])
        reasons[key] += len(n["months"])
        months.setdefault(key, set()).update(n["months"])
    for key, points in reasons.most_common(_MOST_REASONS):
        span = f"{min(months[key])[:7]} to {max(months[key])[:7]}"
        out.print(f"  not evaluated, {key[0]}: {points} points in {len(months[key])} months, {span}: {key[1]}")
    if len(reasons) > _MOST_REASONS:
        out.print(f"  and {len(reasons) - _MOST_REASONS} more kinds of reason: see --json")
