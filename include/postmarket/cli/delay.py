"""Reporting delay on a plain CSV table, without a site: how much of the latest periods is known yet."""

import csv
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from include.postmarket.model.errors import ConfigurationError
from include.postmarket.model.period import Cadence
from include.postmarket.steps.delay_table import Asked, Nowcast, Nowcasts, nowcasts


def run_delay(
    *,
    source: Annotated[Path, typer.Option("--input", help="One row an event, CSV: event,received[,series] as days.")],
    target: Annotated[Path | None, typer.Option("--output", help="Write every period as CSV.")] = None,
    period: Annotated[Cadence, typer.Option(help="What events are counted by.")] = Cadence.MONTH,
    longest: Annotated[int, typer.Option(min=1, help="Reports later than this many periods are left out.")] = 12,
    as_of: Annotated[str, typer.Option(help="Day after the last whole period; by default that of the last row.")] = "",
) -> None:
    """Print how much of each period of event has been reported by now, and how many events it will have in the end.

    Of each series the periods that are not complete yet; with --output all of them. The interval holds the final count
    with 95 % probability when delays stay as they were.
    """
    found = nowcasts(Asked(source=source, cadence=period, longest=longest, as_of=_day(as_of)))
    if target:
        _write(target, found)
    print(f"as of {found.as_of}; {found.too_late} rows reported later than {longest} periods are left out")
    for line in found.periods:
        if line.reason:
            print(f"{line.series:<20} {line.period!s:>8}  {line.reported:>7} known; not evaluated: {line.reason}")
        elif line.share is not None and line.share < 1:
            print(
                f"{line.series:<20} {line.period!s:>8}  {line.reported:>7} known, {line.share:6.1%} reported; "
                f"{line.expected:,.1f} expected in the end ({line.lower:,.0f} to {line.upper:,.0f})"
            )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ConfigurationError(f"{text!r} is no day", where="--as-of", todo="give it as 2017-10-01") from None


def _write(target: Path, found: Nowcasts) -> None:
    try:
        with target.open("w", encoding="utf-8", newline="") as file:
            names = [field.name for field in fields(Nowcast)]
            writer = csv.writer(file)
            writer.writerow(names)
            writer.writerows([getattr(line, name) for name in names] for line in found.periods)
    except OSError as error:
        raise ConfigurationError(
            f"the table cannot be written: {error.strerror}", where=str(target), todo="give another --output"
        ) from error
