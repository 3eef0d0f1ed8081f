"""Writes down what the deployment relies on in this Airflow: names of settings, command lines, stored results."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

import yaml
from airflow.cli.cli_parser import get_parser
from airflow.configuration import conf
from celery import Celery

from tests.conftest import ROOT


def option(name: str) -> tuple[str, str]:
    """Give section and key of a name like AIRFLOW__CORE__EXECUTOR."""
    section, _, key = name.removeprefix("AIRFLOW__").lower().partition("__")
    return section, key


def unknown(names: set[str]) -> list[str]:
    """Give the names that no Airflow or provider setting has."""
    known = {
        (section, key)
        for section, options in conf.configuration_description.items()
        for key in options.get("options", {})
    }
    return sorted(name for name in names if option(name) not in known)


def airflow_names(compose: dict[str, Any]) -> set[str]:
    """Give every AIRFLOW__ name of the compose file and the Dockerfile."""
    dockerfile = (ROOT / "Dockerfile").read_text()
    found = {word.partition("=")[0] for word in dockerfile.split() if word.startswith("AIRFLOW__")}
    return found | {n for s in compose["services"].values() for n in s["environment"] if n.startswith("AIRFLOW__")}


def words_of(compose: dict[str, Any]) -> list[list[str]]:
    """Give every command line of ``airflow`` in the compose file, without the name of the program."""
    found = []
    for service in compose["services"].values():
        if service["image"] == "postmarket:local" and "entrypoint" not in service:
            found.append(service["command"])
        test = service.get("healthcheck", {}).get("test", [])
        if "airflow jobs" in test[-1:].__str__():
            found.append(test[-1].split()[1:])
    script = compose["services"]["migrate"]["entrypoint"][-1]
    found += [part.split()[1:] for part in script.split(" && ") if part.startswith("airflow ")]
    return found


def understood(words: list[str]) -> str:
    """Give "" when this Airflow understands a command line, else its complaint."""
    parser = get_parser()
    try:
        parser.parse_args(words)
    except (SystemExit, argparse.ArgumentError) as error:
        return f"{words}: {error}"
    return ""


def stored_result(home: Path) -> str:
    """Give the state of a task that Celery has stored in a database, as the result backend does."""
    app = Celery("trial", backend=f"db+sqlite:///{home}/celery.db", broker="memory://")
    app.backend.store_result("trial", {}, "SUCCESS")
    return str(app.backend.get_state("trial"))


def main(answer: Path) -> None:
    """Look and write."""
    os.environ["AIRFLOW__CORE__EXECUTOR"] = "CeleryExecutor"  # the parser lists the executor's own commands
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    found = {
        "unknown": unknown(airflow_names(compose)),
        "named": sorted(airflow_names(compose)),
        "commands": words_of(compose),
        "refused": [said for words in words_of(compose) if (said := understood(words))],
        "nonsense": understood(["jobs", "check", "--no-such-option"]),
        "unknown_nonsense": unknown({"AIRFLOW__CORE__NO_SUCH_OPTION"}),
        "result": stored_result(answer.parent),
        "celery_app": bool(__import__("airflow.providers.celery.executors.celery_executor", fromlist=["app"]).app),
    }
    answer.write_text(json.dumps(found))


main(Path(sys.argv[1]))
