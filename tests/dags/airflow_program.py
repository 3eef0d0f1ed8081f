"""Runs a program of ``tests/dags/programs`` in an Airflow of its own and gives what it found, as plain data.

Airflow reads its settings once, at import, and keeps them for the life of the process; so each program gets a process
and an environment of its own, and no other test sees either.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

PROGRAMS = Path(__file__).parent / "programs"
SETTINGS = {
    "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
    "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
    "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
}


def found_by(program: str, home: Path) -> dict[str, Any]:
    """Give what a program found, with ``home`` as AIRFLOW_HOME; fails with the program's output when it fails.

    The environment is made from nothing: no connection, no address of a database of ours, no POSTMARKET_ name.
    """
    answer = home / f"{program}.json"
    environment = SETTINGS | {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "HOME": str(home),
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [sys.executable, str(PROGRAMS / f"{program}.py"), str(answer)],
        env=environment,
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (
        f"{program} ended with {done.returncode}:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    )
    found: dict[str, Any] = json.loads(answer.read_text())
    return found | {"printed": done.stdout + done.stderr}
