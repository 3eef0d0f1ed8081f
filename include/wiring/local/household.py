"""The processes a local run starts, and the promise that none of them outlives it.

Every process gets a session of its own, its number is written down, and the kernel is asked to kill it with its
parent. What a
SIGKILL of the parent still leaves behind (Airflow's workers are grandchildren) is found by the written sessions on
the next start.
"""

import ctypes
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import psutil

from include.postmarket.model.errors import UnavailableError

PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)


def _die_with_parent() -> None:
    """Ask the kernel to kill this process when the one that started it is gone (Linux prctl(2))."""
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Household:
    """Starts named processes from one folder, waits for them to answer, and stops all of them."""

    def __init__(self, home: Path, root: Path) -> None:
        self._book = home / "processes.json"
        self._logs = home / "logs"
        self._root = root
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._logs.mkdir(parents=True, exist_ok=True)

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start a process in the background; what it prints goes to ``logs/<name>.log``."""
        with (self._logs / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=self._root,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - one thread; the call is async-signal-safe
            )
        self._processes[name] = process
        self._write([*self._read(), process.pid])

    def check(self) -> None:
        """Raise UnavailableError, with the end of its log, when a process that should run has ended."""
        for name, process in self._processes.items():
            code = process.poll()
            if code is not None:
                raise UnavailableError(
                    f"{name} ended with code {code}: {self._last_lines(name)}",
                    where=f"logs/{name}.log",
                    todo="read the log; mend what it says and run the same command again",
                )

    def stop(self) -> None:
        """Stop everything that was started here, and everything an earlier run left behind."""
        for process in self._processes.values():
            if process.poll() is None:
                process.terminate()
        until = time.monotonic() + 10
        while self._living() and time.monotonic() < until:
            time.sleep(0.05)
        self.clear()
        for process in self._processes.values():
            process.wait()
        self._processes.clear()

    def clear(self) -> int:
        """Kill what belongs to a written session and still lives; returns how many processes that were."""
        left = list(self._leftovers(self._read()))
        for process in left:
            _kill(process)
        psutil.wait_procs(left, timeout=10)
        self._write([])
        return len(left)

    def _living(self) -> list[subprocess.Popen[bytes]]:
        return [p for p in self._processes.values() if p.poll() is None]

    def _leftovers(self, sessions: Iterable[int]) -> Iterable[psutil.Process]:
        """Give the processes of these sessions that run in this checkout; numbers are reused by strangers."""
        wanted = set(sessions)
        for process in psutil.process_iter():
            try:
                if os.getsid(process.pid) in wanted and process.cwd() == str(self._root):
                    yield process
            except (psutil.Error, ProcessLookupError, PermissionError):
                continue

    def _last_lines(self, name: str) -> str:
        text = (self._logs / f"{name}.log").read_text(errors="replace").strip().splitlines()
        return " | ".join(text[-3:]) or "it printed nothing"

    def _read(self) -> list[int]:
        if not self._book.is_file():
            return []
        try:
            return [int(n) for n in json.loads(self._book.read_text())]
        except (ValueError, TypeError):  # cut off by a kill: the kernel has already killed what it named
            return []

    def _write(self, sessions: list[int]) -> None:
        fresh = self._book.with_suffix(".new")
        fresh.write_text(json.dumps(sessions))
        fresh.replace(self._book)


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return


def wait_until(ready: Callable[[], bool], *, what: str, household: Household, seconds: float) -> None:
    """Wait until ``ready()`` is true, while nothing of the household has died.

    Raises UnavailableError after ``seconds``.
    """
    until = time.monotonic() + seconds
    while not ready():
        household.check()
        if time.monotonic() > until:
            raise UnavailableError(
                f"{what} did not answer in {seconds:.0f} s", where="start", todo="read the logs folder"
            )
        time.sleep(0.2)
