"""Where commands print and write."""

import sys
from pathlib import Path

from rich.console import Console

from include.postmarket.model.errors import ConfigurationError

#: A table of more rows is no longer read; the data of `--json` hold all of them.
MOST_ROWS = 200


def console() -> Console:
    """Give the console of a table: a terminal has its own width, a file and a pipe have room."""
    return Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else 200)


def write(path: Path, text: str) -> None:
    """Write a file. Raises ConfigurationError when that is not possible."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"the file cannot be written: {error.strerror}", where=str(path), todo="give another file"
        ) from error
