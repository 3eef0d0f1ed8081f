"""Which site a command works on: what the environment says, completed by what a local run has written down."""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from include.postmarket.model.errors import ConfigurationError
from include.postmarket.records import borrowing
from include.postmarket.sources.address import Address, none_known
from include.postmarket.steps import filing
from include.postmarket.steps.filing import Site
from include.postmarket.steps.house import House
from include.postmarket.steps.settings import ROOT, from_environment

#: What a local run writes down for the commands: where its things are, and its Jira (readable by the owner only).
KEPT = "environment.json"

_stack = ExitStack()


@contextmanager
def borrowed_database() -> Iterator[None]:
    """Give back, at the end of a command, the embedded server that it started; one that ran before keeps running."""
    with _stack:
        yield


def environment() -> dict[str, str]:
    """Give the environment, completed by the settings of the local run; its database is started when it is down."""
    home = Path(os.environ.get("POSTMARKET_HOME", str(ROOT / ".postmarket")))
    kept = home / KEPT
    found: dict[str, str] = json.loads(kept.read_text()) if kept.is_file() else {}
    found |= os.environ
    if "POSTMARKET_DATABASE_URL" not in found and (home / "postgres" / "data").is_dir():
        found["POSTMARKET_DATABASE_URL"] = _stack.enter_context(borrowing.borrowed(home / "postgres")).url("postmarket")
    return found


def house() -> House:
    """Give the opened house of the site."""
    return House(from_environment(environment()), address)


def address(name: str) -> Address:
    """Give a connection as Airflow reads it from the environment, written as JSON.

    Raises ConfigurationError when it is not set or no JSON object; its message repeats nothing of it.
    """
    variable = f"AIRFLOW_CONN_{name.upper()}"
    text = environment().get(variable, "")
    if not text:
        return none_known(name)
    found = _json_object(text)
    if found is None:
        raise ConfigurationError(
            f"the connection {name!r} is no JSON object",
            where=f"environment variable {variable}",
            todo='set it to {"conn_type": "...", "host": "...", "login": "...", "password": "..."}',
        )
    extra = found.get("extra") or {}
    return Address(
        name=name,
        kind=str(found.get("conn_type", "")),
        host=str(found.get("host") or ""),
        port=int(found["port"]) if found.get("port") else None,
        login=str(found.get("login") or ""),
        password=str(found.get("password") or ""),
        database=str(found.get("schema") or ""),
        extra=json.loads(extra) if isinstance(extra, str) else extra,
    )


def site() -> Site:
    """Give the Jira of the site. Raises ConfigurationError when its connection is not set or no JSON object."""
    found = _json_object(environment().get("AIRFLOW_CONN_JIRA_DEFAULT", ""))
    if found is None:
        raise ConfigurationError(
            "the Jira connection is not set, or is no JSON object",
            where="environment variable AIRFLOW_CONN_JIRA_DEFAULT",
            todo='set it to {"conn_type": "jira", "host": "https://...", "login": "...", "password": "<API token>"}',
        )
    return filing.site_of(
        host=str(found.get("host", "")),
        login=str(found.get("login", "")),
        password=str(found.get("password", "")),
        extra=found.get("extra") or {},
    )


def ledger_site(opened: House) -> str:
    """Give the ledger's name of the tracker: the connection's, else the only one the ledger knows, else none.

    Raises ConfigurationError when the ledger knows several and no connection says which.
    """
    if environment().get("AIRFLOW_CONN_JIRA_DEFAULT"):
        return site().filing.site
    known = sorted({entry.site for entry in opened.tickets.all()})
    if len(known) > 1:
        raise ConfigurationError(
            f"the ledger holds tickets of several trackers: {', '.join(known)}",
            where="environment variable AIRFLOW_CONN_JIRA_DEFAULT",
            todo="set it to the connection of the one that is meant",
        )
    return known[0] if known else ""


def _json_object(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
