"""The stand-in as a process: starting, refusing to start, stopping, and being killed in the middle of work."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.contract.jira_sandbox.conftest import ROOT, Running


def run(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a stand-in that is expected not to start."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("JIRA_SANDBOX_")}
    return subprocess.run(
        [sys.executable, "-m", "include.jira_sandbox", *options],
        cwd=ROOT,
        env={**plain, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_stops_cleanly_and_keeps_its_data(starter: Callable[..., Running], tmp_path: Path) -> None:
    """SIGTERM and SIGINT end it with status 0, and a new start on the same file goes on where it stopped."""
    first = starter(tmp_path / "jira.sqlite")
    assert first.create()["key"] == "PMS-1"
    assert first.stop() == 0

    second = starter(tmp_path / "jira.sqlite")
    assert second.create()["key"] == "PMS-2"
    second.process.send_signal(signal.SIGINT)
    assert second.process.wait(30) == 0


def test_a_new_one_holds_two_projects(starter: Callable[..., Running], tmp_path: Path) -> None:
    """A new store holds PMS with Bug and Task, and REQ with Requirement, and no issue."""
    running = starter(tmp_path / "jira.sqlite")
    held = {
        project["key"]: {
            kind["name"]
            for kind in running.request("GET", f"/rest/api/3/project/{project['key']}").json()["issueTypes"]
        }
        for project in running.request("GET", "/rest/api/3/project").json()
    }

    assert held == {"PMS": {"Bug", "Task"}, "REQ": {"Requirement"}}
    assert running.search("project in (PMS, REQ)") == []


def test_makes_and_prints_a_token(tmp_path: Path) -> None:
    """Without a token in the environment one is made, printed, and works; a given one is never printed."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("JIRA_SANDBOX_")}
    command = [sys.executable, "-m", "include.jira_sandbox", "--port", "0", "--data", str(tmp_path / "jira.sqlite")]
    with subprocess.Popen(command, cwd=ROOT, env=plain, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url, user, token = (process.stdout.readline().split()[-1] for _ in range(3))
        answer = requests.get(f"{url}/rest/api/3/myself", auth=(user, token), timeout=10)
        process.terminate()
        rest = process.stdout.read()

    assert answer.status_code == 200
    assert rest == ""


def test_refuses_a_port_that_is_taken(tmp_path: Path) -> None:
    """A taken port is one clear line and status 2, and no file is made."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run("--port", str(port), "--data", str(tmp_path / "jira.sqlite"))

    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert f"Port {port} of 127.0.0.1 cannot be had" in ended.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"not a database, but long enough to be one" * 100, None])
def test_refuses_a_file_of_something_else(tmp_path: Path, content: bytes | None) -> None:
    """A file that is no SQLite database, or another program's, is refused in one line and left as it was."""
    data = tmp_path / "other.sqlite"
    if content is None:
        with sqlite3.connect(data) as db:
            db.execute("CREATE TABLE theirs (x)")
        db.close()
    else:
        data.write_bytes(content)
    before = data.read_bytes()
    ended = run("--port", "0", "--data", str(data))

    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert str(data) in ended.stderr
    assert data.read_bytes() == before


def test_refuses_a_missing_folder(tmp_path: Path) -> None:
    """A folder that does not exist is named, with what to do."""
    ended = run("--port", "0", "--data", str(tmp_path / "none" / "jira.sqlite"))

    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert "none does not exist" in ended.stderr


def test_refuses_a_user_with_a_colon(tmp_path: Path) -> None:
    """A user name that Basic authentication cannot carry is refused at the start."""
    ended = run("--port", "0", "--data", str(tmp_path / "jira.sqlite"), JIRA_SANDBOX_USER="a:b")

    assert ended.returncode == 2
    assert "colon" in ended.stderr


def test_concurrent_creates_get_numbers_of_their_own(starter: Callable[..., Running], tmp_path: Path) -> None:
    """Creates from many threads all succeed, with keys in an unbroken row."""
    running = starter(tmp_path / "jira.sqlite")
    with ThreadPoolExecutor(16) as pool:
        keys = list(pool.map(lambda number: running.create(f"Number {number}")["key"], range(80)))

    assert sorted(int(key.partition("-")[2]) for key in keys) == list(range(1, 81))


def create_until_dead(running: Running) -> list[str]:
    """Create linked issues with properties until the connection fails; return the keys that were answered."""
    body = {
        "fields": {"project": {"key": "PMS"}, "issuetype": {"name": "Bug"}, "summary": "s", "labels": ["x"]},
        "update": {"issuelinks": [{"add": {"type": {"name": "Relates"}, "outwardIssue": {"key": "PMS-1"}}}]},
        "properties": [{"key": "pms.signal", "value": 1}],
    }
    keys: list[str] = []
    while True:
        try:
            answer = running.request("POST", "/rest/api/3/issue", json=body)
        except requests.RequestException:
            return keys
        keys.append(answer.json()["key"])


@pytest.mark.parametrize("answered_before_the_kill", [1, 20, 60])
def test_killed_among_concurrent_creates(
    starter: Callable[..., Running], tmp_path: Path, answered_before_the_kill: int
) -> None:
    """Killed at any moment, the store holds each answered issue, and every issue in it is whole and findable."""
    data = tmp_path / "jira.sqlite"
    running = starter(data)
    running.create()
    with ThreadPoolExecutor(8) as pool:
        work = [pool.submit(create_until_dead, running) for _ in range(8)]
        while len(running.search("labels = x", maxResults=5000)) < answered_before_the_kill:
            pass
        running.process.kill()
        answered = {key for one in work for key in one.result()}
    running.process.wait()

    again = starter(data)
    keys = again.search("labels = x", maxResults=5000)
    assert answered <= set(keys)
    assert sorted(int(key.partition("-")[2]) for key in keys) == list(range(2, len(keys) + 2))
    for key in keys:
        issue = again.request("GET", f"/rest/api/3/issue/{key}?properties=*all").json()
        assert [link["outwardIssue"]["key"] for link in issue["fields"]["issuelinks"]] == ["PMS-1"]
        assert issue["properties"] == {"pms.signal": 1}
    assert again.stop() == 0
    with sqlite3.connect(data) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    db.close()
