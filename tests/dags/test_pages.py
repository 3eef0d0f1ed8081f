"""The pages in a real Airflow: under its login and its rights, at every route (G9)."""

from pathlib import Path
from typing import Any

import pytest

from tests.dags.airflow_program import found_by

pytestmark = [pytest.mark.airflow, pytest.mark.slow]


@pytest.fixture(name="pages", scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Give what ``programs/pages.py`` found."""
    return found_by("pages", Path(tmp_path_factory.mktemp("airflow-pages")))


def test_nobody_sees_anything(pages: dict[str, Any]) -> None:
    """Every route, known or not, answers every method with 401 when nobody is logged in."""
    assert pages["routes"] > 20
    assert [401] == pages["nobody"]


def test_forged_token_sees_nothing(pages: dict[str, Any]) -> None:
    """A token that Airflow did not sign is refused at every route."""
    assert set(pages["forged"]) <= {401, 403}


@pytest.mark.parametrize("right", ["is_authorized_view", "is_authorized_dag"])
def test_missing_right_sees_nothing(pages: dict[str, Any], right: str) -> None:
    """Someone who may not see the UI, or not read the DAG ``detect``, is refused at every route."""
    assert [403] == pages[right]


def test_viewer_is_let_in(pages: dict[str, Any]) -> None:
    """A viewer gets the files and the pages; without an address of the records these say what to set."""
    assert {"": 503, "static/mark.svg": 200} == pages["viewer"]
    assert "POSTMARKET_DATABASE_URL" in pages["told"]


def test_cookie_of_the_ui_is_enough(pages: dict[str, Any]) -> None:
    """The link in a ticket opens in a browser that is logged in to Airflow."""
    assert pages["cookie"] == 503


def test_link_in_a_ticket_leads_through_the_login(pages: dict[str, Any]) -> None:
    """Who is not logged in is taken to Airflow's login, with the way back."""
    address = "/api/v2/auth/login?next=%2Fpostmarket%2Fsignals%2FSIG-0-1%3Fx%3D1"

    assert f'content="0; url={address}"' in pages["door"]
    assert f'href="{address}"' in pages["door"]
