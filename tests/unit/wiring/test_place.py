"""A local run keeps its folder and its ports."""

import json
import os
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from include.postmarket.model.errors import ConfigurationError
from include.wiring.local.place import ensure_free, find_place, with_free_ports


@pytest.fixture(name="taken")
def fixture_taken() -> Iterator[int]:
    """Give a port on which another program listens."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_ports_are_kept(tmp_path: Path) -> None:
    """The ports chosen at first use are used ever after, though something may listen on them by then."""
    first = find_place({"POSTMARKET_HOME": str(tmp_path)})
    with socket.socket() as ours:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        ours.bind(("127.0.0.1", first.airflow_port))
        ours.listen()

        assert find_place({"POSTMARKET_HOME": str(tmp_path)}) == first
    assert first.airflow_port != first.jira_port
    assert first.airflow_address == f"http://127.0.0.1:{first.airflow_port}"


def test_a_new_home_takes_free_ports(tmp_path: Path) -> None:
    """While another program holds the usual ports, a first use goes to the next hundred."""
    first = find_place({"POSTMARKET_HOME": str(tmp_path / "one")})
    with socket.socket() as ours:
        ours.bind(("127.0.0.1", first.airflow_port))
        ours.listen()
        second = find_place({"POSTMARKET_HOME": str(tmp_path / "two")})

    assert second.airflow_port > first.airflow_port
    assert (second.airflow_port - first.airflow_port) % 100 == 0


def test_settings_come_before_what_was_kept(tmp_path: Path) -> None:
    """A port in the environment counts for this run; the other one stays."""
    kept = find_place({"POSTMARKET_HOME": str(tmp_path)})
    moved = find_place({"POSTMARKET_HOME": str(tmp_path), "POSTMARKET_JIRA_PORT": "54321"})

    assert (moved.airflow_port, moved.jira_port) == (kept.airflow_port, 54321)
    assert find_place({"POSTMARKET_HOME": str(tmp_path)}) == kept


def test_a_port_that_a_stranger_took_is_left_to_him(tmp_path: Path, taken: int) -> None:
    """A kept port on which another program listens is changed for this run; one that was set by hand stays."""
    kept = find_place({"POSTMARKET_HOME": str(tmp_path)})
    robbed = replace(kept, airflow_port=taken)

    moved = with_free_ports(robbed, {})

    assert moved.airflow_port not in {taken, kept.jira_port}
    assert moved.jira_port == kept.jira_port
    assert with_free_ports(robbed, {"POSTMARKET_AIRFLOW_PORT": str(taken)}) == robbed


@pytest.mark.parametrize("port", ["0", "65536", "-1", "80a", "", " "])
def test_a_setting_that_is_no_port_is_refused(tmp_path: Path, port: str) -> None:
    """The message names the variable."""
    with pytest.raises(ConfigurationError) as caught:
        find_place({"POSTMARKET_HOME": str(tmp_path), "POSTMARKET_AIRFLOW_PORT": port})

    assert caught.value.where == "POSTMARKET_AIRFLOW_PORT"


@pytest.mark.parametrize(("what", "variable"), [("Airflow", "AIRFLOW"), ("the Jira stand-in", "JIRA")])
def test_a_taken_port_is_named_with_the_setting_that_moves_it(taken: int, what: str, variable: str) -> None:
    """Which port, for what, and which variable to set."""
    with pytest.raises(ConfigurationError) as caught:
        ensure_free(taken, what)

    assert f"port {taken}, chosen for {what}, is taken" in str(caught.value)
    assert f"POSTMARKET_{variable}_PORT" in caught.value.todo


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigurationError) as caught:
        find_place({"POSTMARKET_HOME": str(tmp_path / "file" / "home")})

    assert str(tmp_path / "file" / "home") == caught.value.where
    assert "POSTMARKET_HOME" in caught.value.todo


@pytest.mark.parametrize("content", ["", '{"airflow": 8080', "[]", '{"airflow": 8080}', '{"airflow": "x", "jira": 1}'])
def test_kept_ports_that_were_spoilt_are_chosen_again(tmp_path: Path, content: str) -> None:
    """A file cut off or edited wrongly does not stop the product for ever."""
    (tmp_path / "ports.json").write_text(content)

    place = find_place({"POSTMARKET_HOME": str(tmp_path)})

    assert 0 < place.airflow_port < 65536
    assert 0 < place.jira_port < 65536
    assert json.loads((tmp_path / "ports.json").read_text()) == {
        "airflow": place.airflow_port,
        "jira": place.jira_port,
    }


def test_a_relative_home_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every process finds the same folder, wherever it is started."""
    monkeypatch.chdir(tmp_path)

    assert find_place({"POSTMARKET_HOME": "here"}).home == Path(os.path.abspath("here"))  # noqa: PTH100 - as the code does
