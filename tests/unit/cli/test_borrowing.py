"""A command borrows the embedded server: it is stopped by the last borrower, and never when a local run owns it."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.postmarket.records import borrowing, embedded_postgres
from include.postmarket.records.borrowing import borrowed
from include.postmarket.records.embedded_postgres import EmbeddedPostgres, Role
from include.postmarket.records.migration import migrate
from tests.conftest import ROOT
from tests.unit.cli.conftest import run_command

pytestmark = pytest.mark.postgres

HOLD = (
    "import sys; from pathlib import Path; from include.postmarket.records.borrowing import borrowed\n"
    "with borrowed(Path(sys.argv[1])): print('held', flush=True); sys.stdin.readline()"
)


@pytest.fixture(name="folder")
def fixture_folder() -> Iterator[Path]:
    """Give the folder of a server that is down; not below pytest's folders, which other accounts cannot enter."""
    home = Path(tempfile.mkdtemp(prefix="postmarket-"))
    home.chmod(0o755)
    folder = home / "postgres"
    embedded_postgres.start(folder).stop()
    yield folder
    EmbeddedPostgres(folder, port=0).stop()
    shutil.rmtree(home)


def up(folder: Path) -> bool:
    """Say whether the server runs."""
    return embedded_postgres.is_running(folder)


def test_a_borrowed_server_is_stopped_afterwards(folder: Path) -> None:
    """It runs inside and is down outside, and no mark is left."""
    with borrowed(folder):
        inside = up(folder)

    assert inside
    assert not up(folder)
    assert not (folder / "borrowed").exists()


def test_it_is_stopped_when_the_borrower_fails(folder: Path) -> None:
    """An error inside goes on its way, and the server is down."""
    with pytest.raises(RuntimeError, match="of the command"), borrowed(folder):
        raise RuntimeError("of the command")

    assert not up(folder)


@pytest.mark.parametrize("first_out", ["first", "second"])
def test_of_two_borrowers_the_last_one_stops_it(folder: Path, first_out: str) -> None:
    """Whoever leaves first leaves it on for the other."""
    holders = [
        subprocess.Popen(
            [sys.executable, "-c", HOLD, str(folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for holder in holders:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
    leaving, staying = holders if first_out == "first" else reversed(holders)
    leaving.communicate("\n", timeout=60)
    between = up(folder)
    staying.communicate("\n", timeout=60)

    assert between
    assert not up(folder)


def test_a_server_that_ran_before_keeps_running(folder: Path) -> None:
    """A local run started it: a borrower does not stop it."""
    server = embedded_postgres.start(folder)
    with borrowed(folder) as found:
        assert found == server

    assert up(folder)


def test_a_server_that_a_local_run_takes_over_is_left_to_it(folder: Path) -> None:
    """`make up` starts while a command has borrowed the server: it is the run's from then on."""
    with borrowed(folder):
        borrowing.keep(folder)

    assert up(folder)


def test_what_a_killed_borrower_left_on_is_stopped_by_the_next(folder: Path) -> None:
    """SIGKILL leaves server and mark; the next borrower uses it and stops it."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    holder.kill()
    holder.wait()
    left = up(folder)
    with borrowed(folder):
        pass

    assert left
    assert not up(folder)


def test_a_command_starts_and_stops_the_server_of_its_home(folder: Path) -> None:
    """`status --json` when nothing runs: it answers, and afterwards nothing runs."""
    server = embedded_postgres.start(folder)
    server.create_database("postmarket")
    migrate(server.url("postmarket", Role.OWNER))
    server.stop()
    jira = '{"conn_type": "jira", "host": "http://127.0.0.1:9", "login": "me", "password": "t"}'
    done = run_command({"POSTMARKET_HOME": str(folder.parent), "AIRFLOW_CONN_JIRA_DEFAULT": jira}, "status", "--json")

    assert (done.returncode, done.stderr) == (0, "")
    assert '"signals": []' in done.stdout
    assert not up(folder)
