"""A demo in a process and a folder of its own, and what it leaves behind there."""

import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from include.postmarket.records.embedded_postgres import EmbeddedPostgres
from tests.conftest import ROOT

#: Longer than any run: what has not ended by then hangs, and is killed so that its logs can be shown.
PATIENCE = 900.0
_TAIL = 15


@dataclass(frozen=True, kw_only=True)
class Ran:
    """How a run of the demo ended."""

    code: int
    said: str
    seconds: float


@dataclass(frozen=True)
class DemoHome:
    """The folder of one demo and the environment it runs in."""

    home: Path
    environment: dict[str, str] = field(repr=False)

    def run(self) -> Ran:
        """Run the demo to its end."""
        began = time.monotonic()
        process = self._start()
        said = _Listener(process)
        try:
            code = process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        return Ran(code=code, said=said.text(), seconds=time.monotonic() - began)

    def kill_after(self, line: str, delay: float) -> Ran:
        """Run the demo and kill its main process ``delay`` seconds after it has printed ``line``, or when it ends."""
        began = time.monotonic()
        process = self._start()
        said = _Listener(process)
        said.wait_for(line, lambda: process.poll() is not None)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        return Ran(code=process.wait(), said=said.text(), seconds=time.monotonic() - began)

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the package on what the demo left."""
        return subprocess.run(
            [sys.executable, "-m", "include.postmarket", *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def status(self) -> dict[str, Any]:
        """Give what ``status --json`` prints when nothing runs."""
        done = self.command("status", "--json")
        assert (done.returncode, done.stderr) == (0, ""), done.stderr

        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def living(self) -> list[str]:
        """Give every process that still works for this demo: it names the folder, or has it in its environment."""
        found = []
        for process in psutil.process_iter():
            try:
                ours = str(self.home) in " ".join(process.cmdline())
                if ours or process.environ().get("POSTMARKET_HOME") == str(self.home):
                    found.append(f"{process.pid} {' '.join(process.cmdline())[:120]}")
            except psutil.Error:
                continue
        return found

    def issues(self) -> list[tuple[str, str, int]]:
        """Give summary, ticket label and number of comments of every ticket in the stand-in, in order of its key."""
        query = (
            "SELECT i.summary, i.labels, (SELECT count(*) FROM comment c WHERE c.issue_id = i.id) FROM issue i "
            "JOIN project p ON p.id = i.project_id WHERE p.key = 'PMS' ORDER BY i.number"
        )
        with sqlite3.connect(self.home / "jira.sqlite") as connection:
            return list(connection.execute(query))

    def tail(self) -> str:
        """Give the ends of all logs, for the message of a failed test."""
        logs = sorted((self.home / "logs").glob("*.log"))
        tasks = sorted((self.home / "airflow" / "logs").rglob("*.log"), key=lambda log: log.stat().st_mtime)[-6:]
        return "\n".join(f"--- {log.relative_to(self.home)}\n{_end(log)}" for log in [*logs, *tasks])

    def clear(self) -> None:
        """Stop whatever still runs here and remove the folder."""
        subprocess.run(
            [sys.executable, "-m", "include.wiring.local", "stop"],
            cwd=ROOT,
            env=self.environment,
            check=False,
            capture_output=True,
        )
        EmbeddedPostgres(self.home / "postgres", port=0).stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "include.wiring.local", "demo"],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


class _Listener:
    """Reads what a process prints while it runs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._lines: list[str] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        self._lines.extend(iter(self._process.stdout.readline, ""))

    def wait_for(self, line: str, ended: Callable[[], bool]) -> None:
        """Wait until a line was printed that holds some words, or the process has ended."""
        until = time.monotonic() + PATIENCE
        while not any(line in said for said in self._lines) and not ended() and time.monotonic() < until:
            time.sleep(0.02)

    def text(self) -> str:
        """Give everything that was printed; call it when the process has ended."""
        self._thread.join(10)
        return "".join(self._lines)


def new_home(reports: Path | None) -> DemoHome:
    """Give an empty home with ports of its own, on some reports, or on the sample in the repository.

    Not below pytest's folders: as root, PostgreSQL runs as another account that has to reach it. openFDA is never
    asked: without reports of ours the way out is closed.
    """
    home = Path(tempfile.mkdtemp(prefix="postmarket-demo-"))
    home.chmod(0o755)
    airflow, jira = _free_ports()
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("POSTMARKET_", "AIRFLOW_", "COV_"))}
    ours = {
        "POSTMARKET_HOME": str(home),
        "POSTMARKET_AIRFLOW_PORT": str(airflow),
        "POSTMARKET_JIRA_PORT": str(jira),
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "NO_PROXY": "127.0.0.1,localhost",
    }
    if reports is not None:
        ours["POSTMARKET_DEMO_REPORTS"] = str(reports)
    return DemoHome(home, kept | ours)


def moments(seed: int, up_to: tuple[float, ...]) -> list[float]:
    """Give one random delay for each upper bound; the same seed gives the same ones."""
    generator = random.Random(seed)
    return [generator.uniform(0.0, bound) for bound in up_to]


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def _end(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-_TAIL:])
