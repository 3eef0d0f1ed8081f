"""What docker-compose.yml asks of Airflow exists in the Airflow that is installed."""

from pathlib import Path
from typing import Any

import pytest

from tests.dags.airflow_program import found_by

pytestmark = pytest.mark.airflow


@pytest.fixture(name="deployment", scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Give what ``programs/deployment.py`` found."""
    return found_by("deployment", Path(tmp_path_factory.mktemp("airflow-deployment")))


def test_every_airflow_setting_exists(deployment: dict[str, Any]) -> None:
    """Airflow silently ignores a misspelt setting, so each AIRFLOW__ name is looked up; a wrong one would be seen."""
    assert len(deployment["named"]) > 12
    assert deployment["unknown_nonsense"] == ["AIRFLOW__CORE__NO_SUCH_OPTION"]
    assert deployment["unknown"] == []


def test_every_command_line_is_understood(deployment: dict[str, Any]) -> None:
    """Airflow's own parser takes every command and health check of the file; a wrong option would be refused."""
    assert ["celery", "worker"] in [words[:2] for words in deployment["commands"]]
    assert len(deployment["commands"]) == 9
    assert deployment["nonsense"] != ""
    assert deployment["refused"] == []


def test_celery_stores_results_through_this_sqlalchemy(deployment: dict[str, Any]) -> None:
    """The result backend works with the SQLAlchemy of the lock, and the worker's application can be imported."""
    assert (deployment["result"], deployment["celery_app"]) == ("SUCCESS", True)
