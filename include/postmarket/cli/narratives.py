"""Narratives on a plain CSV table, without a site: what is there twice, what has come up, which code fits."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from include.postmarket.steps import narrative_table
from include.postmarket.steps.narrative_table import NarrativeRequest

app = typer.Typer(help="Read narratives of a CSV table: duplicates, themes, codes.", no_args_is_help=True)

Source = Annotated[Path, typer.Option("--input", help="The table, CSV in UTF-8.")]
Target = Annotated[Path, typer.Option("--output", help="Where the answer is written, CSV.")]
Words = Annotated[list[str] | None, typer.Option("--param", help="A parameter as key=value; may be repeated.")]
_ERR = Console(stderr=True, soft_wrap=True, highlight=False)


@app.command("duplicates")
def duplicates(source: Source, target: Target, words: Words = None) -> None:
    """Find texts that say nearly the same: columns id,text. One row a text, with its group and its nearest text.

    Parameters: minimum_similarity=0.75, minimum_words=6. A proposal: a person links reports into a case.
    """
    request = NarrativeRequest(source=source, target=target, words=tuple(words or ()))
    _ERR.print(narrative_table.duplicates(request), markup=False)


@app.command("themes")
def themes(
    source: Source,
    target: Target,
    first: Annotated[str, typer.Option("--from", help="First period that is now; before it is the past.")],
    words: Words = None,
) -> None:
    """Find terms that more texts name now than before: columns id,text,period. One row a theme, with the ids behind it.

    Parameters: false_share=0.05, minimum_ratio=2, minimum_reports=4, minimum_texts=20, longest=3 words. The answer
    holds words of the texts: keep it like them.
    """
    request = NarrativeRequest(source=source, target=target, words=tuple(words or ()), first=first)
    _ERR.print(narrative_table.themes(request), markup=False)


@app.command("codes")
def codes(source: Source, target: Target, words: Words = None) -> None:
    """Suggest codes: columns id,text,code. Learns from rows with a code, suggests three for each row without one.

    Parameters: minimum_examples=5 of a code, folds=5, seed=0. Any code list will do, such as IMDRF annex A; a person
    decides.
    """
    request = NarrativeRequest(source=source, target=target, words=tuple(words or ()))
    _ERR.print(narrative_table.codes(request), markup=False)
