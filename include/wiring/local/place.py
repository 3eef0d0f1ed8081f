"""Where a local run keeps its things and on which ports it answers; chosen once and kept, so that links stay true."""

import json
import os
import socket
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from include.postmarket.model.errors import ConfigurationError
from include.postmarket.steps.settings import ROOT

_PREFERRED = {"airflow": 8080, "jira": 8090}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One local run: ``home`` holds everything that it writes."""

    home: Path
    root: Path
    airflow_port: int
    jira_port: int

    @property
    def demo(self) -> Path:
        """The demo's data as the sources see them."""
        return self.home / "demo"

    @property
    def sources(self) -> Path:
        """The file that tells the sources where to pull from."""
        return self.demo / "sources.yaml"

    @property
    def airflow_address(self) -> str:
        """Where the Airflow UI and the operators' pages answer."""
        return f"http://127.0.0.1:{self.airflow_port}"

    @property
    def jira_address(self) -> str:
        """Where the Jira stand-in answers."""
        return f"http://127.0.0.1:{self.jira_port}"


def find_place(environment: Mapping[str, str]) -> Place:
    """Give the place of the local run, with ports that were free when it was first used.

    ``POSTMARKET_HOME`` moves it; ``POSTMARKET_AIRFLOW_PORT`` and ``POSTMARKET_JIRA_PORT`` set the ports.
    Raises ConfigurationError when the folder cannot be written or a port setting is no port.
    """
    home = Path(os.path.abspath(environment.get("POSTMARKET_HOME", str(ROOT / ".postmarket"))))  # noqa: PTH100 - keep the name the user knows
    try:
        home.mkdir(parents=True, exist_ok=True)
        (home / "logs").mkdir(exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"the folder of the local run cannot be made: {error.strerror}",
            where=str(home),
            todo="make it writable, or set POSTMARKET_HOME to a folder that is",
        ) from error
    ports = _kept_ports(home / "ports.json")
    for name in _PREFERRED:
        variable = f"POSTMARKET_{name.upper()}_PORT"
        if variable in environment:
            ports[name] = _port(environment[variable], variable)
    return Place(home=home, root=ROOT, airflow_port=ports["airflow"], jira_port=ports["jira"])


def with_free_ports(place: Place, environment: Mapping[str, str]) -> Place:
    """Give the place, with other ports where another program has taken one since; a port that was set stays.

    Called when nothing of this run listens any more, so whoever does is a stranger.
    """
    ports = {"airflow_port": place.airflow_port, "jira_port": place.jira_port}
    free = {
        name: port
        if f"POSTMARKET_{name.upper()}" in environment or _is_free(port)
        else _first_free(port, except_for=set(ports.values()))
        for name, port in ports.items()
    }
    return replace(place, airflow_port=free["airflow_port"], jira_port=free["jira_port"])


def ensure_free(port: int, what: str) -> None:
    """Raise ConfigurationError when something else already listens on a port of ours."""
    if not _is_free(port):
        raise ConfigurationError(
            f"port {port}, chosen for {what}, is taken by another program",
            where="127.0.0.1",
            todo=f"stop that program, or set POSTMARKET_{'JIRA' if 'Jira' in what else 'AIRFLOW'}_PORT to a free port",
        )


def _kept_ports(file: Path) -> dict[str, int]:
    """Give the ports written down; new ones where there are none, or where the file was cut off or spoilt."""
    try:
        kept = json.loads(file.read_text())
        return {name: _port(str(kept[name]), file.name) for name in _PREFERRED}
    except (FileNotFoundError, ValueError, TypeError, KeyError, ConfigurationError):
        return _chosen_ports(file)


def _chosen_ports(file: Path) -> dict[str, int]:
    chosen = {name: _first_free(port) for name, port in _PREFERRED.items()}
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(chosen))
    fresh.replace(file)
    return chosen


def _first_free(port: int, except_for: Collection[int] = ()) -> int:
    while port in except_for or not _is_free(port):
        port += 100
    return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _port(text: str, variable: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise ConfigurationError(f"{text!r} is no port", where=variable, todo="give a number from 1 to 65535")
    return int(text)
