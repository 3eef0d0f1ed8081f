"""Airflow on this machine: its settings, its processes, and its REST API as the demo uses it."""

import json
import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from include.postmarket.model.errors import UnavailableError
from include.wiring.local.household import Household, wait_until

#: Who may log in to the local Airflow, and as what; passwords are made once and kept beside the metadata.
USERS = {"admin": "admin", "reviewer": "user", "viewer": "viewer"}
_FRESH_SECONDS = 120.0

Programs = tuple[tuple[str, ...], ...]
#: What runs DAGs; deferred tasks need the triggerer besides, which the demo has none of.
RUNS_DAGS: Programs = (("api-server",), ("scheduler", "--skip-serve-logs"), ("dag-processor",))
ALL: Programs = (*RUNS_DAGS, ("triggerer", "--skip-serve-logs"))


@dataclass(frozen=True, slots=True, kw_only=True)
class AirflowPlace:
    """Where the local Airflow keeps its things and answers."""

    home: Path
    root: Path
    port: int
    database_url: str
    database_url_async: str

    @property
    def address(self) -> str:
        """The address of the UI and the REST API."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def passwords_file(self) -> Path:
        """The users' passwords, readable by the owner only."""
        return self.home / "passwords.json"


def secret(file: Path, size: int = 64) -> str:
    """Give the secret kept in a file, made on first use; the file is readable by its owner only."""
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(size))
        fresh.replace(file)
    return file.read_text().strip()


def passwords(place: AirflowPlace) -> dict[str, str]:
    """Give the users' passwords, made on first use."""
    if not place.passwords_file.is_file():
        made = {user: secrets.token_urlsafe(12) for user in USERS}
        fresh = place.passwords_file.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(made))
        fresh.replace(place.passwords_file)
    found: dict[str, str] = json.loads(place.passwords_file.read_text())
    return found


def environment(place: AirflowPlace, extra: Mapping[str, str]) -> dict[str, str]:
    """Give the environment of every Airflow process: this checkout is the one import root.

    Nothing listens but on 127.0.0.1.
    """
    place.home.mkdir(parents=True, exist_ok=True)
    passwords(place)
    kept = {k: v for k, v in os.environ.items() if not k.startswith("AIRFLOW__")}
    return kept | {
        "AIRFLOW_HOME": str(place.home),
        "PYTHONPATH": str(place.root),
        "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}",
        "AIRFLOW__CORE__DAGS_FOLDER": str(place.root / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(place.root / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__FERNET_KEY": "",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{place.address}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{u}:{r}" for u, r in USERS.items()),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(place.passwords_file),
        # Workers are forked from a server that has imported the heavy libraries once: 5 s of CPU a task saved.
        "AIRFLOW__SCHEDULER__MP_START_METHOD": "forkserver",
        "AIRFLOW__CORE__MP_FORKSERVER_PRELOAD": "airflow.executors.local_executor,include.wiring.preload",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": place.database_url,
        **({"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": place.database_url_async} if place.database_url_async else {}),
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(place.port),
        "AIRFLOW__API__BASE_URL": place.address,
        "AIRFLOW__API__SECRET_KEY": secret(place.home / "api.secret"),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API_AUTH__JWT_SECRET": secret(place.home / "jwt.secret"),
        # Reading a DAG file costs a second of CPU; nobody edits them here while they run.
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "300",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": os.environ.get("AIRFLOW__LOGGING__LOGGING_LEVEL", "INFO"),
        "GX_ANALYTICS_ENABLED": "false",
        "OMP_NUM_THREADS": "1",
        **extra,
    }


def start(place: AirflowPlace, household: Household, env: Mapping[str, str], programs: Programs) -> None:
    """Start Airflow's programs; returns when all answer.

    Raises UnavailableError with the end of the log when one of them ends.
    """
    airflow = str(Path(sys.executable).parent / "airflow")
    for program in programs:
        household.start(program[0], [airflow, *program], env)
    wait_until(lambda: _healthy(place), what="Airflow", household=household, seconds=_FRESH_SECONDS)


def _healthy(place: AirflowPlace) -> bool:
    try:
        health = requests.get(f"{place.address}/api/v2/monitor/health", timeout=2).json()
    except (requests.RequestException, ValueError):
        return False
    return all(health[part]["status"] == "healthy" for part in ("metadatabase", "scheduler", "dag_processor"))


class AirflowClient:
    """The few calls of Airflow's REST API that the demo makes, as the user ``admin``."""

    def __init__(self, place: AirflowPlace) -> None:
        self._base = place.address
        self._session = requests.Session()
        token = self._session.post(
            f"{self._base}/auth/token",
            json={"username": "admin", "password": passwords(place)["admin"]},
            timeout=30,
        )
        token.raise_for_status()
        self._session.headers["Authorization"] = f"Bearer {token.json()['access_token']}"

    def get(self, path: str, **params: str | int) -> dict[str, Any]:
        """Give the JSON answer of a GET below /api/v2."""
        return self._call("GET", path, params=params)

    def send(self, method: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Send a JSON body and give the JSON answer."""
        return self._call(method, path, json=body)

    def _call(self, method: str, path: str, **how: Any) -> dict[str, Any]:
        answer = self._session.request(method, f"{self._base}/api/v2/{path}", timeout=30, **how)
        if not answer.ok:
            raise UnavailableError(
                f"Airflow answered {answer.status_code} to {method} {path}: {answer.text[:300]}",
                where="Airflow REST API",
                todo="see logs/api-server.log",
            )
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found
