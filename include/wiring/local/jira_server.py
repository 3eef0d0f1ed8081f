"""The Jira stand-in of a local run, and the requirement issues that a company would already have in its Jira."""

import json
import os
import sys
from collections.abc import Mapping, Sequence

import requests

from include.postmarket.model.errors import IntegrityError, UnavailableError
from include.postmarket.model.requirement import Requirement
from include.wiring.local.airflow_server import secret
from include.wiring.local.household import Household, wait_until
from include.wiring.local.place import Place, ensure_free

USER = "postmarket"
#: The ledger's name for the stand-in: unlike its port it never changes, so nothing is filed twice after a move.
SITE = "jira-stand-in"


def token(place: Place) -> str:
    """Give the stand-in's token, made on first use."""
    return secret(place.home / "jira.secret", 24)


def connection(place: Place, address: str | None = None) -> str:
    """Give the Airflow connection to the stand-in, as the JSON of AIRFLOW_CONN_JIRA_DEFAULT."""
    return json.dumps(
        {
            "conn_type": "jira",
            "host": address or place.jira_address,
            "login": USER,
            "password": token(place),
            # The stand-in answers at once and its index does not lag, so the waits can be short.
            "extra": {"site": SITE, "timeout_seconds": 4, "sending_limit_seconds": 9, "settle_seconds": 12},
        }
    )


def start(place: Place, household: Household) -> None:
    """Start the stand-in and wait until it answers."""
    ensure_free(place.jira_port, "the Jira stand-in")
    household.start(
        "jira-stand-in",
        [
            sys.executable,
            "-m",
            "include.jira_sandbox",
            "--port",
            str(place.jira_port),
            "--data",
            str(place.home / "jira.sqlite"),
        ],
        {**os.environ, "PYTHONPATH": str(place.root), "JIRA_SANDBOX_USER": USER, "JIRA_SANDBOX_TOKEN": token(place)},
    )
    wait_until(lambda: _answers(place), what="the Jira stand-in", household=household, seconds=60)


def _answers(place: Place) -> bool:
    try:
        return requests.get(f"{place.jira_address}/sandbox/health", timeout=2).ok
    except requests.RequestException:
        return False


def seed_requirements(place: Place, requirements: Sequence[Requirement]) -> int:
    """Make the issues of the requirement register that the stand-in does not have yet; returns how many were made.

    Issue keys are numbered by creation, so they are made in the order of their number. Raises IntegrityError when the
    stand-in numbers them otherwise: its file then belongs to something else.
    """
    made = 0
    with requests.Session() as session:
        session.auth = (USER, token(place))
        for requirement in sorted((r for r in requirements if r.issue), key=lambda r: int(r.issue.rpartition("-")[2])):
            seen = session.get(f"{place.jira_address}/rest/api/3/issue/{requirement.issue}", timeout=30)
            if seen.status_code != requests.codes.not_found:
                _expect_ok(seen)
                continue
            answer = session.post(
                f"{place.jira_address}/rest/api/3/issue", json={"fields": _fields(requirement)}, timeout=30
            )
            _expect_ok(answer)
            if answer.json()["key"] != requirement.issue:
                raise IntegrityError(
                    f"{requirement.id} became {answer.json()['key']}, the register says {requirement.issue}",
                    where="Jira stand-in, project REQ",
                    todo="run `make clean` and start again: this stand-in file was used for something else",
                )
            made += 1
    return made


def _fields(requirement: Requirement) -> Mapping[str, object]:
    return {
        "project": {"key": requirement.issue.rpartition("-")[0]},
        "issuetype": {"name": "Requirement"},
        "summary": f"{requirement.id}: {requirement.text}"[:255],
        "labels": [requirement.id],
        "description": {
            "type": "doc",
            "version": 1,
            "content": [{"type": "paragraph", "content": [{"type": "text", "text": requirement.text}]}],
        },
    }


def _expect_ok(answer: requests.Response) -> None:
    if not answer.ok:
        raise UnavailableError(
            f"the Jira stand-in answered {answer.status_code}: {answer.text[:200]}",
            where="Jira stand-in",
            todo="see logs/jira-stand-in.log",
        )
