"""Any method of the catalogue on a plain CSV table, without a site."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperCommand

from include.postmarket.model.errors import ConfigurationError
from include.postmarket.steps import method_parameters, method_table

Words = Annotated[list[str] | None, typer.Option("--param", help="A parameter as key=value; may be repeated.")]


class MethodCommand(TyperCommand):
    """A command whose help, after a method's name, also explains that method."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Answer ``NAME --help``; everything else is read as usual."""
        if "--help" in args and not args[0].startswith("-"):
            explained = method_parameters.explanation(args[0])
            print(ctx.get_help())
            print(explained)
            ctx.exit()
        return super().parse_args(ctx, args)


def run_method(
    name: Annotated[str, typer.Argument(help="Name of the method; default and screen are the recommended ones.")] = "",
    source: Annotated[Path | None, typer.Option("--input", help="The table, CSV in UTF-8.")] = None,
    target: Annotated[Path | None, typer.Option("--output", help="Where the answer is written, CSV.")] = None,
    words: Words = None,
    first: Annotated[str, typer.Option("--from", help="Evaluate from this period on; before is history.")] = "",
    listed: Annotated[bool, typer.Option("--list", help="Print the methods and their parameters.")] = False,
) -> None:
    """Run a method on a table: series,period,count[,exposure] over time; product,event,n or report,product,event.

    Measurements are device,period[,group] and a column for each metric, with --from: what lies before is the baseline.
    Periods are months (2017-10), ISO weeks (2017-W05), days or whole numbers. A missing one was not observed: never a
    zero.
    """
    if listed:
        for method, use, parameters, history in method_parameters.listing():
            print(f"{method}\n  {use}\n  parameters: {parameters}\n  needs: {history}")
        return
    if not name or source is None or target is None:
        raise ConfigurationError(
            "method, input or output is missing",
            where="method",
            todo="give `method NAME --input FILE.csv --output FILE.csv`; `method --list` prints the names",
        )
    request = method_table.Request(name=name, source=source, target=target, words=tuple(words or ()), first=first)
    outcome = method_table.run(request)
    err = Console(stderr=True, soft_wrap=True, highlight=False)
    for note in outcome.notes:
        err.print(note, markup=False)
    err.print(
        f"{outcome.method}: {outcome.rows} rows, {outcome.evaluated} evaluated, {outcome.alarms} alarms: {target}",
        markup=False,
    )
