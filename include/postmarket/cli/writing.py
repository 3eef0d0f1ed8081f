"""The writing of requirements, checked from a terminal."""

import json
import shlex
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from include.postmarket.cli.output import MOST_ROWS, console, write
from include.postmarket.model.canonical import plain
from include.postmarket.model.register import Item
from include.postmarket.requirements.importing import import_file
from include.postmarket.requirements.mapping import Mapping, load_mapping
from include.postmarket.requirements.writing.check import check_writing, patterns
from include.postmarket.requirements.writing.note import MEANINGS, Note, Rule
from include.postmarket.requirements.writing.report import sarif_text
from include.postmarket.requirements.writing.reviewer import CommandReviewer, Review, review
from include.postmarket.requirements.writing.terms import load_glossary


def check(
    path: Annotated[Path, typer.Argument(help="File or folder of requirements, in any format of `import`.")],
    mapping: Annotated[Path | None, typer.Option(help="YAML: which names mean which fields.")] = None,
    glossary: Annotated[Path | None, typer.Option(help="CSV with a column `term`: what is defined.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write the findings as SARIF 2.1.0 too.")] = None,
    reviewer: Annotated[str, typer.Option(help="A program that reviews the texts and proposes; off by default.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print it as data, for programs.")] = False,
) -> None:
    """Check how requirements are written: rule, place and suggestion of each finding. Exit code 1 when there is any.

    Proposals of a reviewer are shown apart and never change the exit code.
    """
    imported = import_file(path, load_mapping(mapping) if mapping else Mapping())
    items = imported.register.items
    notes = check_writing(items, load_glossary(glossary) if glossary else ())
    said = review(items, CommandReviewer(tuple(shlex.split(reviewer)))) if reviewer.strip() else Review()
    if report:
        write(report, sarif_text(notes))
    if as_json:
        told = {
            "remarks": [str(remark) for remark in imported.listed],
            "patterns": patterns(items),
            "findings": plain(notes),
            "review": plain(said),
        }
        print(json.dumps(told, indent=1, ensure_ascii=False))
    else:
        for remark in imported.listed[:MOST_ROWS]:
            console().print(str(remark), markup=False)
        _show(items, notes, said)
    if notes:
        raise typer.Exit(1)


def _show(items: Sequence[Item], notes: Sequence[Note], said: Review) -> None:
    out = console()
    if notes:
        out.print(_findings(items, notes))
        if len(notes) > MOST_ROWS:
            out.print(f"the first {MOST_ROWS} of {len(notes)} findings; --json and --report give all")
        out.print(_summary(notes))
    if said.proposals:
        out.print(_proposals(said))
    for refused in said.refused:
        out.print(f"refused: {refused}", markup=False)
    shapes = patterns(items)
    told = ", ".join(f"{number} {name}" for name, number in shapes.most_common())
    faulty = len({note.requirement for note in notes})
    out.print(f"{shapes.total()} requirements ({told}); {len(notes)} findings in {faulty} of them", markup=False)


def _findings(items: Sequence[Item], notes: Sequence[Note]) -> Table:
    texts = {item.id: item.text for item in items}
    table = Table("place", "requirement", "rule", "finding", "suggestion")
    for note in notes[:MOST_ROWS]:
        place = f"{Path(note.file).name}:{note.line} [{note.start}-{note.end}]"
        words = texts[note.requirement][note.start : note.end]
        told = note.message if words in note.message or note.rule is Rule.NEAR else f"{note.message}: '{words[:60]}'"
        table.add_row(*map(escape, (place, note.requirement, note.rule.value, told, note.suggestion)))
    return table


def _summary(notes: Sequence[Note]) -> Table:
    table = Table("rule", "findings", "what it looks for")
    for rule, number in Counter(note.rule for note in notes).most_common():
        table.add_row(rule.value, str(number), MEANINGS[rule])
    return table


def _proposals(said: Review) -> Table:
    table = Table(
        "requirement", "words", "reason", "proposed instead", title="proposed by the reviewer, decided by nobody"
    )
    for found in said.proposals:
        table.add_row(*map(escape, (found.requirement, found.words, found.reason, found.proposal)))
    return table
