"""What a plan or a method can see: false alarms a year, smallest rises, and thresholds that keep within a budget."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from include.postmarket.cli.method import Words
from include.postmarket.cli.site import house
from include.postmarket.detection.power import WITHIN
from include.postmarket.model.canonical import plain
from include.postmarket.model.errors import ConfigurationError
from include.postmarket.model.period import Period
from include.postmarket.model.plan import Plan
from include.postmarket.model.power import IndicatorPower, PlanPower, SeriesPower
from include.postmarket.steps import power, power_table, tuning
from include.postmarket.steps.house import House
from include.postmarket.steps.power_text import figure, findings, fold, sight
from include.postmarket.steps.tuning import Proposal

AsOf = Annotated[str, typer.Option(help="Last month whose data are used, by its first day; else the latest evaluated.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print it as data, for programs.")]
_MOST_SERIES = 12

out = Console(soft_wrap=True, highlight=False)


def add_commands(app: typer.Typer, plan_app: typer.Typer) -> None:
    """Add `power` to the commands, and `power` and `tune` to those of a plan."""
    app.command("power")(table_power)
    plan_app.command("power")(plan_power)
    plan_app.command("tune")(plan_tune)


def plan_power(
    plan: Annotated[str, typer.Argument(help="Id of one plan; all of them otherwise.")] = "",
    as_of: AsOf = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Say what each indicator of a plan can see and what it costs in false alarms, by simulation on its own history.

    Nothing is written. The figures hold for the plan file as it lies there, so a change can be tried before it is made.
    """
    opened = house()
    told = [
        power.compute(opened, plan_id, _period(opened, plan_id, as_of))
        for plan_id in ([plan] if plan else sorted(opened.dossiers))
    ]
    if as_json:
        print(json.dumps([plain(one) | {"findings": findings(one)} for one in told], indent=1, allow_nan=False))
        return
    for one in told:
        _show_plan(one, opened.dossier(one.plan_id).plan)


def plan_tune(
    plan: Annotated[str, typer.Argument(help="Id of the plan.")],
    as_of: AsOf = "",
) -> None:
    """Propose thresholds at which a plan keeps within its alarm budget; a person puts them into the plan and signs it.

    The budget stands in the plan: `alarm_budget`, false alarms a year, of the plan or of an indicator.
    """
    opened = house()
    period = _period(opened, plan, as_of)
    for proposal in tuning.propose(opened, plan, period):
        _show_proposal(proposal, opened.dossier(plan).plan)


def table_power(
    name: Annotated[str, typer.Argument(help="Name of a method over time; default is the recommended one.")],
    source: Annotated[Path, typer.Option("--input", help="The table, CSV: series,period,count[,exposure].")],
    words: Words = None,
    minimum_events: Annotated[int, typer.Option(min=0, help="Alarms on fewer events are held back.")] = 0,
    year: Annotated[int, typer.Option(min=0, help="Periods of a year, where the file numbers its periods.")] = 0,
    *,
    as_json: AsJson = False,
) -> None:
    """Say what a method would see on the series of a table: false alarms a year, smallest rises. No site is needed."""
    found = power_table.run(
        power_table.PowerRequest(
            name=name, source=source, words=tuple(words or ()), minimum_events=minimum_events, year=year
        )
    )
    if as_json:
        print(json.dumps(plain(found), indent=1, allow_nan=False))
        return
    _show_series(f"{found.method}, {found.replicates} simulated futures of each series", found.series, WITHIN)


def _period(opened: House, plan_id: str, as_of: str) -> Period:
    """Give the month asked for, else the newest that the plan was evaluated for."""
    if as_of:
        return Period.from_key(as_of)
    opened.dossier(plan_id)
    newest = max((run.period for run in opened.detections.runs(plan_id)), default=None)
    if newest is None:
        raise ConfigurationError(
            f"plan {plan_id} has not been evaluated yet", where="detection log", todo="give a month with --as-of"
        )
    return newest


def _show_plan(found: PlanPower, plan: Plan) -> None:
    accepted = "no budget is stated" if found.budget is None else f"accepted: {figure(found.budget)}"
    out.print(f"\n[bold]{plan.title}[/], {found.stamp.plan}, on data received before {found.stamp.as_of}")
    out.print(f"about {figure(found.false_alarms)} false alarms a year; {accepted}")
    titles = {i.id: i.title for i in plan.indicators}
    for indicator in found.indicators:
        out.print()
        _show_indicator(indicator, titles[indicator.indicator_id])
    told = findings(found)
    out.print(f"\n[bold]{len(told)} {'finding' if len(told) == 1 else 'findings'}[/]" if told else "\nno findings")
    for line in told:
        out.print(f"  {line}", markup=False)


def _show_indicator(found: IndicatorPower, title: str) -> None:
    cost = "" if found.false_alarms is None else f", {figure(found.false_alarms)} ± {found.error or 0:.2g} false alarms"
    budget = "" if found.budget is None else f" (accepted: {figure(found.budget)})"
    heading = f"{found.indicator_id} {title}: {found.method}{cost}{' a year' if cost else ''}{budget}"
    if found.reason:
        out.print(f"{heading}: not known, {found.reason}", markup=False)
    else:
        within = [rise.within for s in found.series for rise in s.rises]
        _show_series(heading, found.series, sorted(set(within)))
    for seen in found.sights:
        out.print(f"  {sight(seen)}", markup=False)


def _show_series(title: str, series: tuple[SeriesPower, ...], within: Iterable[int]) -> None:
    columns = tuple(within)
    table = Table(title=title, title_justify="left")
    table.add_column("series", overflow="fold")  # never cut: the name says which series it is
    for heading in ("expected", "spread", "false\nalarms", *(f"seen\nwithin {w}" for w in columns)):
        table.add_column(heading, justify="right", no_wrap=True)
    for one in series[:_MOST_SERIES]:
        table.add_row(one.subgroup or "all", *_cells(one, columns))
    if len(series) > _MOST_SERIES:
        table.caption = f"and {len(series) - _MOST_SERIES} more; --json has all"
    out.print(table)
    for one in series[:_MOST_SERIES]:
        if one.reason:
            out.print(f"  {one.subgroup or 'all'}: {one.reason}", markup=False)


def _cells(found: SeriesPower, within: tuple[int, ...]) -> list[str]:
    if found.reason:
        return ["not known", "", "", *("" for _ in within)]
    rises = {rise.within: fold(rise) for rise in found.rises}
    return [
        figure(found.expected),
        "" if found.dispersion is None else f"{found.dispersion:.1f}",
        figure(found.false_alarms),
        *(rises.get(w, "") for w in within),
    ]


def _show_proposal(found: Proposal, plan: Plan) -> None:
    indicator = next(i for i in plan.indicators if i.id == found.before.indicator_id)
    if found.value is None:
        out.print(f"# {indicator.id}: {found.reason}", markup=False)
        return
    method = replace(indicator.method, parameters=indicator.method.parameters | {found.parameter: found.value})
    before = found.before.series[0].rises if found.before.series else ()
    words = ", ".join(
        f"{key}: {value:g}" if isinstance(value, float) else f"{key}: {value}"
        for key, value in method.parameters.items()
    )
    out.print(f"- id: {indicator.id}", markup=False)
    out.print("  method:", markup=False)
    out.print(f"    name: {method.name}", markup=False)
    out.print(f"    parameters: {{{words}}}", markup=False)
    out.print(
        f"    # its share is {figure(found.share)} false alarms a year: {figure(found.before.false_alarms)} -> "
        f"{figure(found.false_alarms)}; seen within 13 periods: {fold(before[-1]) if before else 'not known'} -> "
        f"{fold(found.rises[-1])}",
        markup=False,
    )
