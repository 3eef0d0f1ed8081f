"""The commands about the audit trail: verify it, put its head under a signature elsewhere, take it along as files."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from include.postmarket.cli import show
from include.postmarket.cli.site import house
from include.postmarket.model.errors import ConfigurationError
from include.postmarket.records.bundle import verify_bundle
from include.postmarket.steps import checks

app = typer.Typer(help="Verify the audit trail, export it, and write checkpoints of it.", no_args_is_help=True)
out = Console(soft_wrap=True, highlight=False)


@app.command("verify")
def verify(
    bundle: Annotated[Path | None, typer.Option(help="Verify this exported folder; needs no database.")] = None,
    checkpoints: Annotated[Path | None, typer.Option(help="Also hold the chain against these checkpoints.")] = None,
    key: Annotated[Path | None, typer.Option(help="Public key of the checkpoints (checkpoint.pub).")] = None,
) -> None:
    """Recompute the chain and every seal, and name the first record that does not hold."""
    if bundle is not None:
        found = verify_bundle(bundle)
    else:
        opened = house()
        found = checks.verify_audit(opened)
        if found is None and checkpoints is not None:
            if key is None:
                raise ConfigurationError(
                    "no public key is given", where="option --key", todo="give the checkpoint.pub that you kept apart"
                )
            found = checks.verify_against_checkpoints(opened, checkpoints, key)
    show.verification(out, found)
    if found is not None:
        raise typer.Exit(1)


@app.command("export")
def export(to: Annotated[Path, typer.Option(help="A new folder.")]) -> None:
    """Write the trail and every sealed row as files that open without this software."""
    made = checks.export_audit(house(), to, datetime.now(UTC))
    out.print(f"{made.records:,} records and {made.rows:,} sealed rows are in {made.folder}, up to {made.head.hash}")
    out.print(f"  verify it anywhere: python -m include.postmarket audit verify --bundle {made.folder}")


@app.command("checkpoint")
def checkpoint(
    to: Annotated[Path, typer.Option(help="A folder that the database's administrators cannot write.")],
) -> None:
    """Sign where the chain ends now, and write that outside the database."""
    made = checks.write_checkpoint(house(), to, datetime.now(UTC))
    out.print(f"record {made.head.seq:,} with hash {made.head.hash} is signed in {made.file}")
