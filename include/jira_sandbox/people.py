"""The accounts of the site: the one of the credentials, and those of earlier starts on the same file."""

import hashlib
import sqlite3
from typing import Any

from include.jira_sandbox.session import Deployment, Session


def account_id_of(name: str) -> str:
    """Return the account id of a user name: stable over restarts, opaque as on Cloud."""
    return hashlib.sha256(name.encode()).hexdigest()[:24]


def add_person(db: sqlite3.Connection, name: str) -> str:
    """Make sure that the user of the credentials has an account, and return its id."""
    account_id = account_id_of(name)
    db.execute("INSERT OR IGNORE INTO person VALUES (?, ?)", (account_id, name))
    return account_id


def find_person(session: Session, given: str) -> sqlite3.Row | None:
    """Return the account with this account id or user name, None when there is none."""
    return session.row("SELECT * FROM person WHERE account_id = ?1 OR name = ?1", given)


def search_people(session: Session, part: str) -> list[dict[str, Any]]:
    """Return the users whose name contains a text, in any case; all for an empty text."""
    people = session.rows("SELECT account_id, name FROM person ORDER BY name")
    return [show_person(session, row["account_id"]) for row in people if part.casefold() in row["name"].casefold()]


def show_person(session: Session, account_id: str) -> dict[str, Any]:
    """Return the User of the contract; Data Center knows users by name, Cloud by account id."""
    row = session.row("SELECT * FROM person WHERE account_id = ?", account_id)
    name = row["name"] if row else account_id
    shown = {
        "self": f"{session.url('user')}?accountId={account_id}",
        "accountId": account_id,
        "accountType": "atlassian",
        "displayName": name,
        "active": True,
        "timeZone": "UTC",
    }
    if "@" in name:
        shown["emailAddress"] = name
    if session.caller.deployment is Deployment.SERVER:
        shown |= {"name": name, "key": name}
    return shown


def show_optional_person(session: Session, account_id: str | None) -> dict[str, Any] | None:
    """Return the User of the contract, None for nobody."""
    return None if account_id is None else show_person(session, account_id)
