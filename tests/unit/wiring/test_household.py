"""Started processes are watched, stopped and never outlive their parent; strangers are left alone."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from include.postmarket.model.errors import UnavailableError
from include.wiring.local.household import Household, wait_until
from tests.conftest import ROOT

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]
#: A process that starts one of its own and says both numbers.
FAMILY = "import subprocess, sys, time; p = subprocess.Popen(sys.argv[1:]); print(p.pid, flush=True); time.sleep(600)"


@pytest.fixture(name="root")
def fixture_root(tmp_path: Path) -> Path:
    """Give a folder that stands for the checkout: only processes that run in it are ours."""
    root = tmp_path / "checkout"
    root.mkdir()
    return root


@pytest.fixture(name="household")
def fixture_household(tmp_path: Path, root: Path) -> Iterator[Household]:
    """Give a household that is stopped at the end, whatever the test did."""
    household = Household(tmp_path / "home", root)
    yield household
    household.stop()


def eventually(true: Callable[[], bool]) -> bool:
    """Say whether something becomes true while a patient person waits."""
    until = time.monotonic() + 60
    while not true() and time.monotonic() < until:
        time.sleep(0.02)
    return true()


def lives(pid: int) -> bool:
    """Say whether a process runs; one that has ended and was not waited for does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def sessions(tmp_path: Path) -> list[int]:
    """Give the numbers that are written down."""
    found: list[int] = json.loads((tmp_path / "home" / "processes.json").read_text())
    return found


def test_a_started_process_runs_and_is_stopped(tmp_path: Path, household: Household) -> None:
    """It runs in the background, in a session of its own that is written down; stop ends it and clears the book."""
    household.start("sleeper", SLEEPER, os.environ)
    [pid] = sessions(tmp_path)
    household.check()

    assert lives(pid)
    assert os.getsid(pid) == pid
    household.stop()

    assert not lives(pid)
    assert sessions(tmp_path) == []
    household.stop()  # twice is as good as once


def test_what_it_prints_goes_to_its_log(tmp_path: Path, household: Household) -> None:
    """Output and errors lie in logs/<name>.log, one run behind the other."""
    for word in ("first", "second"):
        household.start("talker", [sys.executable, "-c", f"import sys; print('{word}', file=sys.stderr)"], os.environ)
        assert eventually(lambda word=word: word in (tmp_path / "home/logs/talker.log").read_text())  # type: ignore[misc]

    assert (tmp_path / "home/logs/talker.log").read_text() == "first\nsecond\n"


def test_check_reports_a_process_that_ended_with_the_end_of_its_log(household: Household) -> None:
    """Name, exit code, the last lines and the log's place are in the message."""
    words = [sys.executable, "-c", "print('one\\ntwo\\nthree\\nport is taken'); raise SystemExit(7)"]
    household.start("server", words, os.environ)

    with pytest.raises(UnavailableError) as caught:
        wait_until(lambda: False, what="the server", household=household, seconds=60)

    assert "server ended with code 7: two | three | port is taken" in str(caught.value)
    assert caught.value.where == "logs/server.log"


def test_a_silent_end_is_told_too(household: Household) -> None:
    """A process that printed nothing is named all the same."""
    household.start("silent", [sys.executable, "-c", "raise SystemExit(3)"], os.environ)

    with pytest.raises(UnavailableError, match="silent ended with code 3: it printed nothing"):
        wait_until(lambda: False, what="it", household=household, seconds=60)


def test_waiting_ends_when_nothing_answers(household: Household) -> None:
    """After the patience given, the message says what did not answer."""
    household.start("sleeper", SLEEPER, os.environ)

    with pytest.raises(UnavailableError, match="the thing did not answer in 0 s"):
        wait_until(lambda: False, what="the thing", household=household, seconds=0.1)


def test_a_process_that_ignores_sigterm_is_killed(tmp_path: Path, household: Household) -> None:
    """Ten seconds of grace, then SIGKILL: stop never hangs."""
    words = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True); time.sleep(99)"
    )
    household.start("stubborn", [sys.executable, "-c", words], os.environ)
    assert eventually(lambda: "on" in (tmp_path / "home/logs/stubborn.log").read_text())
    [pid] = sessions(tmp_path)
    household.stop()

    assert not lives(pid)


def test_clear_kills_what_a_killed_parent_left_grandchildren_too(tmp_path: Path, root: Path) -> None:
    """SIGKILL of the parent: the kernel takes its child, and the grandchild in its session is found by the next run."""
    script = (
        "import os, sys, time; from pathlib import Path; from include.wiring.local.household import Household;"
        "h = Household(Path(sys.argv[1]), Path(sys.argv[2]));"
        f"h.start('family', [sys.executable, '-c', {FAMILY!r}, *{SLEEPER!r}], os.environ); print('on', flush=True);"
        "time.sleep(600)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "home"), str(root)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == "on\n"
    log = tmp_path / "home/logs/family.log"
    assert eventually(lambda: log.read_text().strip().isdigit())
    [child], grandchild = sessions(tmp_path), int(log.read_text())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert eventually(lambda: not lives(child))
    outlived = lives(grandchild)

    assert outlived
    assert Household(tmp_path / "home", root).clear() == 1
    assert eventually(lambda: not lives(grandchild))
    assert sessions(tmp_path) == []
    assert Household(tmp_path / "home", root).clear() == 0


def test_strangers_with_a_reused_number_live_on(tmp_path: Path, root: Path) -> None:
    """A session whose number was written down, but which runs elsewhere than in this checkout, is not ours."""
    stranger = subprocess.Popen(SLEEPER, start_new_session=True, cwd=tmp_path)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "processes.json").write_text(json.dumps([stranger.pid]))
    try:
        assert Household(tmp_path / "home", root).clear() == 0
        assert stranger.poll() is None
        assert sessions(tmp_path) == []
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize("content", ["", "[12, ", "{}", '"x"', "null", '["a"]'])
def test_a_book_that_was_cut_off_stops_nobody(tmp_path: Path, root: Path, content: str) -> None:
    """What a kill left half written is taken for an empty book."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "processes.json").write_text(content)

    assert Household(tmp_path / "home", root).clear() == 0
