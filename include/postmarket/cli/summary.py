"""The summary a quality engineer reads at the end of the demo: what came in, what was found, what waits for whom."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from rich.console import Console
from rich.table import Table

State = dict[str, Any]
_MOST_REASONS = 8


def show(console: Console, state: State) -> None:
    """Print the summary of a state as `steps.status.status` gives it."""
    _sources(console, state["sources"])
    _series(console, state["series"])
    _powers(console, state["powers"])
    _signals(console, state["signals"])
    tickets(console, state["tickets"])
    _risk_updates(console, state["risk_updates"])


def _sources(console: Console, sources: Iterable[State]) -> None:
    told = list(sources)
    table = Table(title="Rows pulled, and where each of them ended", title_justify="left")
    for heading in ("source", "data", "pulled", "accepted", "quarantined", "already known"):
        table.add_column(heading, justify="left" if heading in {"source", "data"} else "right")
    why: list[str] = []
    for s in told:
        numbers = (s["pulled"], s["accepted"], s["quarantined"], s["superseded"])
        table.add_row(s["source"], s["label"] or "nothing pulled", *(f"{n:,}" for n in numbers))
        why += [f"  {s['source']}: {rows} × {rule.replace('_', ' ')}" for rule, rows in s["rules"].items()]
        why += [f"  {s['source']}: {s['rejected']} rejected by a person"] if s["rejected"] else []
        why += [f"  {s['source']}: [bold]stopped[/], waits for a person: {stop['why']}" for stop in s["stopped"]]
    console.print()
    console.print(table)
    if why:
        console.print("Quarantined because (a row can break several rules; it waits, nothing is lost):")
        _lines(console, why)


def _series(console: Console, series: list[State]) -> None:
    last: dict[tuple[str, str, str], State] = {}
    for point in series:
        last[point["plan"], point["indicator"], point["subgroup"]] = point
    evaluated = [p for p in series if p["evaluated"]]
    console.print(
        f"\n[bold]{len(last)} series[/] (plan, indicator, subgroup) looked at in {len({p['period'] for p in series})} "
        f"months: {len(evaluated)} points evaluated, {len(series) - len(evaluated)} not evaluated"
    )
    reasons = Counter((p["reason"].split(":")[0], p["plan"]) for p in series if not p["evaluated"])
    for (reason, plan), n in reasons.most_common(_MOST_REASONS):
        console.print(f"  not evaluated, {plan}: {n} × {reason}", highlight=False)


def _powers(console: Console, powers: list[State]) -> None:
    for p in powers:
        accepted = "no budget stated" if p["budget"] is None else f"{p['budget']:g} accepted"
        console.print(
            f"\n[bold]{p['plan']} raises about {p['false_alarms']:.2g} false alarms a year[/] ({accepted}), by "
            f"simulation on its own history; what it can see: python -m include.postmarket plan power {p['plan']}",
            highlight=False,
            soft_wrap=True,
        )
        _lines(console, (f"  {line}" for line in p["findings"]))


def _signals(console: Console, signals: list[State]) -> None:
    console.print(f"\n[bold]{len(signals)} signals found[/]")
    for s in signals:
        again = f"; again in {', '.join(p[:7] for p in s['seen_again'])}" if s["seen_again"] else ""
        console.print(f"  [bold]{s['id']}[/] {s['priority']}: {s['title']}", highlight=False, soft_wrap=True)
        console.print(f"    {s['period'][:7]}: {_numbers(s)}{again}", highlight=False, soft_wrap=True)
        console.print(
            f"    data: {', '.join(s['label'])}; {s['ticket'] or 'no ticket yet'} <- {', '.join(s['requirements'])} "
            f"<- {', '.join(s['risks'])}",
            highlight=False,
            soft_wrap=True,
        )


def _numbers(signal: State) -> str:
    n = signal["numbers"]
    parts = [f"{_figure(n['observed'])} {n['unit']} observed"]
    if n["expected"] is not None:
        parts.append(f"{_figure(n['expected'])} expected")
    if n["limit"] is not None:
        parts.append(f"limit {_figure(n['limit'])}")
    if n["p_value"] is not None:
        parts.append(f"p = {n['p_value']:.2g}" if n["p_value"] > 1e-12 else "p below 1e-12")
    if n["exposure"] is not None:
        parts.append(f"exposure {n['exposure']:,.0f}")
    elif n["unit"] in {"reports", "cases"}:
        parts.append("a reporting count, not a rate")
    return ", ".join(parts)


def tickets(console: Console, found: list[State]) -> None:
    """Print the ledger."""
    console.print(f"\n[bold]{sum(t['state'] == 'filed' for t in found)} tickets filed[/]")
    for t in found:
        why = f" ({t['message']})" if t["message"] else ""
        what = f"{t['key'] if t['state'] == 'filed' else t['state']}: {t['summary']}{why}"
        console.print(f"  {what}", highlight=False, soft_wrap=True)
        console.print(f"    linked to {', '.join(t['requirement_issues']) or 'no requirement issue'}", highlight=False)
        if t["untraceable"]:
            console.print("    no requirement found: somebody has to trace it", highlight=False)
        if t["standing"]:
            s = t["standing"]
            ended = f" ({s['resolution']})" if s["resolution"] else ""
            console.print(f"    in Jira: {s['status'] or 'not there'}{ended}, {s['phase']}", highlight=False)


def _risk_updates(console: Console, updates: list[State]) -> None:
    waiting = [u for u in updates if u["estimable"] and u["state"] != "signed"]
    signed = sum(u["state"] == "signed" for u in updates)
    if signed:
        console.print(f"\n[bold]{signed} risk updates are signed[/]")
    console.print(f"\n[bold]{len(waiting)} risk updates wait for a signature[/]; nothing changes the risk file before")
    for u in waiting:
        before, after = u["before"], u["after"]
        console.print(
            f"  {u['id']} {u['risk']} ({u['signal']}): P1 {_figure(before['p1'])} -> {_figure(after['p1'])}, "
            f"{u['acceptability']['before']} -> {u['acceptability']['after']}",
            highlight=False,
            soft_wrap=True,
        )
    _lines(console, _not_estimable(updates))


def _not_estimable(updates: list[State]) -> Iterator[str]:
    reasons = Counter(u["reason"] for u in updates if not u["estimable"] and u["state"] != "signed")
    for reason, n in reasons.items():
        yield f"  {n} × waits for a person's assessment, no estimate possible: {reason}"


def _lines(console: Console, lines: Iterable[str]) -> None:
    for line in lines:
        console.print(line, highlight=False, soft_wrap=True)


def _figure(value: float | None) -> str:
    if value is None:
        return "none"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.3g}"
