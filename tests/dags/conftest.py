"""What the DAG tests look at: the DAGs as Airflow parses them, and runs of them with the steps replaced by fakes."""

from pathlib import Path
from typing import Any

import pytest

from tests.dags.airflow_program import found_by
from tests.postgres import engine, records  # noqa: F401 - fixtures


@pytest.fixture(name="parsed", scope="session")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Give what ``programs/parse.py`` found."""
    return found_by("parse", Path(tmp_path_factory.mktemp("airflow-parse")))


@pytest.fixture(name="runs", scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Give what ``programs/runs.py`` found."""
    return found_by("runs", Path(tmp_path_factory.mktemp("airflow-runs")))
