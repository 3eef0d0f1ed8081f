"""Requirement registers from a terminal: import, compare, look after links, export."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from include.postmarket.cli import writing
from include.postmarket.cli.output import MOST_ROWS, console, write
from include.postmarket.cli.site import house
from include.postmarket.model.canonical import plain
from include.postmarket.model.register import Difference, LinkCondition, LinkKey, LinkState
from include.postmarket.records.requirement_book import Clearing
from include.postmarket.requirements.exchange import register_text
from include.postmarket.requirements.importing import Format
from include.postmarket.requirements.mapping import Mapping, load_mapping
from include.postmarket.steps import registers
from include.postmarket.steps.registers import Comparison, Source

app = typer.Typer(help="Import requirement registers, check their writing, and look after links.", no_args_is_help=True)
app.command("check")(writing.check)
out = Console(soft_wrap=True, highlight=False)

Where = Annotated[Path, typer.Argument(help="File or folder: ReqIF, Doorstop, StrictDoc, needs.json, CSV, XLSX, ...")]
Register = Annotated[str, typer.Option("--register", help="Name of the register, for example pump.")]
MappingFile = Annotated[Path | None, typer.Option("--mapping", help="YAML: which names mean which fields.")]
AsFormat = Annotated[Format | None, typer.Option("--format", help="The format, where the file does not tell it.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print it as data, for programs.")]


def source_of(path: Path, register: str, mapping: Path | None, form: Format | None) -> Source:
    """Give what is to be imported, with its mapping read."""
    return Source(path=path, register=register, mapping=load_mapping(mapping) if mapping else Mapping(), format=form)


@app.command("import")
def import_(
    path: Where, register: Register, mapping: MappingFile = None, form: AsFormat = None, as_json: AsJson = False
) -> None:
    """Read a file into a register, or add evidence to it (JUnit, git log, pull requests): all of it, or nothing."""
    opened = house()
    compared = registers.compare(opened, source_of(path, register, mapping, form))
    written = registers.take(opened, compared, datetime.now(UTC))
    _show(compared, as_json, f"import {compared.record.sequence} is on record" if written else "nothing is new")


@app.command("diff")
def diff(
    path: Where, register: Register, mapping: MappingFile = None, form: AsFormat = None, as_json: AsJson = False
) -> None:
    """Say what an import would change: new, changed and removed items. Nothing is written."""
    _show(registers.compare(house(), source_of(path, register, mapping, form)), as_json, "nothing was written")


@app.command("links")
def links(
    register: Register,
    every: Annotated[bool, typer.Option("--all", help="Also those that are in order.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the links that are suspect or lead nowhere, with the stamp of what they point to now."""
    found = registers.states(house(), register)
    wanted = {LinkCondition.SUSPECT, LinkCondition.DANGLING} | (set(LinkCondition) if every else set())
    chosen = [state for state in found if state.condition in wanted]
    if as_json:
        print(json.dumps(plain(chosen), indent=1, ensure_ascii=False))
        return
    if chosen:
        console().print(_link_table(chosen))
    count = {c: sum(state.condition is c for state in found) for c in LinkCondition}
    out.print(f"{len(found)} links: " + ", ".join(f"{number} {name}" for name, number in count.items()))


@app.command("clear")
def clear(
    item: Annotated[str, typer.Argument(help="The item that holds the link.")],
    target: Annotated[str, typer.Argument(help="The item it points to.")],
    register: Register,
    by: Annotated[str, typer.Option(help="Who looked at it.")],
    reason: Annotated[str, typer.Option(help="Why the link still holds.")],
    stamp: Annotated[str, typer.Option(help="The target's stamp as `links` shows it: what was looked at.")],
) -> None:
    """Clear a suspect link after looking at both ends; who, when, why and at which stamp stay on record."""
    key = LinkKey(register=register, item=item, role="", target=target)
    for done in registers.clear(house(), Clearing(key=key, stamp=stamp, by=by, reason=reason), datetime.now(UTC)):
        out.print(f"cleared: {done.item} {done.role} {done.target}", markup=False)


@app.command("export")
def export(register: Register, to: Annotated[Path, typer.Option(help="File to write, JSON.")]) -> None:
    """Write a register as it is now; a plan can name that file as its `requirements_file`."""
    found = registers.export(house(), register)
    write(to, register_text(found))
    out.print(f"{len(found.items)} items: {to}", markup=False)


def _show(compared: Comparison, as_json: bool, end: str) -> None:
    if as_json:
        found = compared.difference
        told: dict[str, Any] = {
            "import": plain(compared.record),
            "new": [item.id for item in found.new],
            "changed": [item.id for item in found.changed],
            "reworded": list(found.reworded),
            "removed": [item.id for item in found.removed],
            "unchanged": found.unchanged,
            "outcome": end,
        }
        print(json.dumps(told, indent=1, ensure_ascii=False))
        return
    for finding in compared.listed[:MOST_ROWS]:
        out.print(str(finding), markup=False)
    if compared.difference.new or compared.difference.changed or compared.difference.removed:
        console().print(_difference_table(compared.difference))
    record = compared.record
    out.print(
        f"{record.source} ({record.format}): {record.new} new, {record.changed} changed, {record.removed} removed, "
        f"{compared.difference.unchanged} as before; {len(compared.listed)} remarks; {end}",
        markup=False,
    )


def _difference_table(found: Difference) -> Table:
    table = Table("change", "item", "kind", "title or text")
    reworded = set(found.reworded)
    rows = [("removed", item) for item in found.removed]
    rows += [("reworded" if item.id in reworded else "changed", item) for item in found.changed]
    rows += [("new", item) for item in found.new]
    for change, item in rows[:MOST_ROWS]:
        table.add_row(*map(escape, (change, item.id, item.kind.value, (item.title or item.text)[:80])))
    return table


def _link_table(states: list[LinkState]) -> Table:
    table = Table("condition", "item", "role", "target", "stamp now")
    for state in states[:MOST_ROWS]:
        key = state.key
        table.add_row(*map(escape, (state.condition.value, key.item, key.role, key.target, state.now[:12])))
    return table
