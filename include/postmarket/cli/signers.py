"""The commands about signers: enrol, grant, reset, unlock, disable, lend a role, choose one's own password."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from include.postmarket.cli.asking import ask_password, ask_person
from include.postmarket.cli.site import house
from include.postmarket.model.errors import InputError
from include.postmarket.model.role import Role
from include.postmarket.records.signer_account import Account, SignerEventKind, why_not_sign
from include.postmarket.records.signers import Enrolment
from include.postmarket.steps import enrolment
from include.postmarket.steps.enrolment import Change

app = typer.Typer(help="Enrol who may sign, and keep their accounts (21 CFR 11.100 to 11.300).", no_args_is_help=True)
out = Console(soft_wrap=True, highlight=False)

User = Annotated[str, typer.Argument(help="Id of the signer.")]
By = Annotated[str, typer.Option("--as", help="Id of the administrator who does it; the password is asked for.")]
Why = Annotated[str, typer.Option("--reason", help="Why; it stays on record.")]


@app.command("list")
def list_signers() -> None:
    """List every account: roles, what was lent, and whether it may sign now."""
    opened, now = house(), datetime.now(UTC)
    table = Table(box=None, pad_edge=False)
    for heading in ("id", "name", "roles", "lent", "may sign"):
        table.add_column(heading, overflow="fold")  # an id is never cut
    for account in opened.signers.all():
        lent = ", ".join(f"{d.role} to {d.to_user} until {d.until:%Y-%m-%d}" for d in account.lent(now))
        why_not = why_not_sign(account, opened.signers.policy, now)
        table.add_row(account.user_id, account.printed_name, _roles(account), lent or "-", why_not or "yes")
    out.print(table if table.row_count else "no signer is enrolled; begin with `signers enrol ID --first`")


@app.command()
def enrol(
    user: User,
    name: Annotated[str, typer.Option(help="Printed name, as it stands beside the signature.")],
    proof: Annotated[str, typer.Option(help="What the identity was verified by (21 CFR 11.100(b)).")],
    by: By = "",
    *,
    first: Annotated[bool, typer.Option("--first", help="The first administrator of a new site.")] = False,
) -> None:
    """Open an account with a first password, which its owner has to change before it can sign."""
    opened, now = house(), datetime.now(UTC)
    administrator = None if first else ask_person(_required(by))
    new = Enrolment(
        user_id=user, printed_name=name, identity_proof=proof, first_password=ask_password(f"first password of {user}")
    )
    if administrator is None:
        enrolment.enrol_first_administrator(opened, new, now)
    else:
        enrolment.enrol(opened, administrator, new, now)
    out.print(f"{user} is enrolled; next: {user} chooses a password with `signers password {user}`")


@app.command()
def grant(
    user: User,
    role: Role,
    by: By,
    reason: Why,
    training: Annotated[str, typer.Option(help="Record of the training for this role (21 CFR 11.10(i)).")] = "",
) -> None:
    """Grant a role."""
    change = Change(user_id=user, kind=SignerEventKind.GRANTED, reason=reason, role=role, training=training)
    _changed(by, change)
    if not training:
        out.print("note: no training record is named for this role (21 CFR 11.10(i))")


@app.command()
def revoke(user: User, role: Role, by: By, reason: Why) -> None:
    """Take a role away, and with it what was lent of it."""
    _changed(by, Change(user_id=user, kind=SignerEventKind.REVOKED, reason=reason, role=role))


@app.command()
def unlock(user: User, by: By, reason: Why) -> None:
    """Unlock an account after failed attempts."""
    _changed(by, Change(user_id=user, kind=SignerEventKind.UNLOCKED, reason=reason))


@app.command()
def disable(user: User, by: By, reason: Why) -> None:
    """Disable an account for good; its id is never given again."""
    _changed(by, Change(user_id=user, kind=SignerEventKind.DISABLED, reason=reason))


@app.command()
def reset(user: User, by: By) -> None:
    """Set a first password again; its owner has to change it before it can sign."""
    administrator = ask_person(by)
    enrolment.reset_password(house(), administrator, user, ask_password(f"first password of {user}"), datetime.now(UTC))
    out.print(f"{user} has a first password; it signs nothing before {user} has changed it")


@app.command()
def password(user: User) -> None:
    """Choose one's own password; the old one is asked for first."""
    old, new = ask_password(f"old password of {user}"), ask_password(f"new password of {user}")
    house().signers.choose_password(user, old, new, datetime.now(UTC))
    out.print(f"{user} has a new password")


@app.command()
def lend(
    user: User,
    role: Role,
    to: Annotated[str, typer.Option(help="Id of the signer who may use the role.")],
    until: Annotated[datetime, typer.Option(help="Until when, as 2026-12-31 (UTC).")],
    reason: Why,
) -> None:
    """Lend one's own role to another signer for a time."""
    change = Change(
        user_id=user,
        kind=SignerEventKind.DELEGATED,
        reason=reason,
        role=role,
        to_user=to,
        until=until.replace(tzinfo=UTC),
    )
    enrolment.lend_role(house(), ask_person(user), change, datetime.now(UTC))
    out.print(f"{to} may act as {role} for {user} until {until:%Y-%m-%d}")


@app.command("take-back")
def take_back(user: User, role: Role, reason: Why) -> None:
    """Take back a role that one has lent."""
    change = Change(user_id=user, kind=SignerEventKind.DELEGATION_ENDED, reason=reason, role=role)
    enrolment.lend_role(house(), ask_person(user), change, datetime.now(UTC))
    out.print(f"{role} is {user}'s alone again")


def _changed(by: str, change: Change) -> None:
    account = enrolment.change_account(house(), ask_person(_required(by)), change, datetime.now(UTC))
    state = "disabled" if account.disabled else f"roles: {_roles(account)}"
    out.print(f"{account.user_id}: {state}")


def _required(by: str) -> str:
    if not by:
        raise InputError("nobody is named who does this", where="option --as", todo="give the administrator's id")
    return by


def _roles(account: Account) -> str:
    return ", ".join(sorted(f"{role}" for role in account.roles)) or "none"
