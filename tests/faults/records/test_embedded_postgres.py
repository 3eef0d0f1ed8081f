"""The embedded server under bad treatment: killed parents, killed servers, stale files, taken ports, full disks."""

import contextlib
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import psycopg
import pytest

from include.postmarket.model.errors import ConfigurationError, UnavailableError
from include.postmarket.records.embedded_postgres import Driver, EmbeddedPostgres, Role, start
from tests.conftest import ROOT

pytestmark = pytest.mark.postgres


@pytest.fixture(name="folder")
def fixture_folder() -> Iterator[Path]:
    """Give a folder whose path is longer than a unix socket's may be; whatever runs there is stopped afterwards.

    Not below ``tmp_path``: as root the server's account has to pass through, and every new pytest closes that folder.
    """
    place = Path(tempfile.mkdtemp(prefix="postmarket-"))
    folder = place / ("long" * 30)
    yield folder
    EmbeddedPostgres(folder, port=0).stop()
    shutil.rmtree(place)


def ask(server: EmbeddedPostgres, question: str, database: str = "postgres", role: Role = Role.SUPERUSER) -> str:
    """Give the first value the server answers to a statement, as text; "" where it has no answer."""
    with psycopg.connect(server.url(database, role).replace("+psycopg", "", 1), autocommit=True) as connection:
        cursor = connection.execute(question.encode())
        row = cursor.fetchone() if cursor.description else None
    return "" if row is None else str(row[0])


def postmaster(folder: Path) -> psutil.Process:
    """Give the server's process."""
    return psutil.Process(int((folder / "data" / "postmaster.pid").read_text().split()[0]))


def kill(folder: Path) -> None:
    """Kill the server as the kernel does when memory is short; it has no time to say anything."""
    process = postmaster(folder)
    process.kill()
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)


def test_starting_and_making_databases_twice_changes_nothing(folder: Path) -> None:
    """The second start finds the first server, a second database of the same name is the first one."""
    first = start(folder)
    first.create_database("records")
    process = postmaster(folder)
    second = start(folder)
    second.create_database("records")

    assert second == first
    assert postmaster(folder) == process
    assert ask(second, "SELECT count(*) FROM pg_database WHERE datname = 'records'") == "1"


def test_stopping_twice_and_starting_again_keeps_data_and_port(folder: Path) -> None:
    """A stop is clean and may be repeated; the next start answers at the same addresses with the same data."""
    server = start(folder)
    ask(server, "CREATE TABLE kept AS SELECT 42 AS n")
    server.stop()
    server.stop()

    assert not (folder / "data" / "postmaster.pid").exists()

    again = start(folder)

    assert again == server
    assert ask(again, "SELECT n FROM kept") == "42"


def test_a_stopped_folder_that_never_was_is_fine(tmp_path: Path) -> None:
    """Stopping where nothing was ever started does nothing."""
    EmbeddedPostgres(tmp_path, port=0).stop()


def test_a_server_outlives_its_killed_starter_and_is_taken_over(folder: Path) -> None:
    """A process that started it and is killed leaves it running; the next start finds that very process."""
    script = (
        "import os, signal, sys; from pathlib import Path; "
        "from include.postmarket.records.embedded_postgres import start; "
        "start(Path(sys.argv[1])); os.kill(os.getpid(), signal.SIGKILL)"
    )
    ended = subprocess.run([sys.executable, "-c", script, str(folder)], cwd=ROOT, check=False)
    left = postmaster(folder)
    server = start(folder)

    assert ended.returncode == -signal.SIGKILL
    assert postmaster(folder) == left
    assert ask(server, "SELECT 1") == "1"


def test_a_killed_server_comes_back_with_what_was_committed(folder: Path) -> None:
    """SIGKILL right after a commit loses nothing, though clients were connected; port and passwords are the same."""
    server = start(folder)
    connection = psycopg.connect(server.url("postgres", Role.SUPERUSER).replace("+psycopg", "", 1))
    connection.execute("CREATE TABLE kept (n int)")
    connection.execute("INSERT INTO kept VALUES (1)")
    connection.commit()
    connection.execute("INSERT INTO kept VALUES (2)")
    kill(folder)
    again = start(folder)

    assert again == server
    assert ask(again, "SELECT string_agg(n::text, ',') FROM kept") == "1"
    connection.close()


def test_a_kill_that_is_still_landing_does_not_disturb_a_start(folder: Path) -> None:
    """A start in the moment of the kill may still see the old process; it must not hand it out."""
    start(folder)
    for _ in range(3):
        postmaster(folder).kill()
        server = start(folder)

        assert ask(server, "SELECT 1") == "1"


def test_a_stale_pid_file_that_names_a_stranger_is_cleared(folder: Path) -> None:
    """After a crash the number may belong to another program: here to this test, which must survive."""
    server = start(folder)
    server.stop()
    (folder / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n{folder}/data\n1\n{server.port}\n\n\n\nready\n")

    assert start(folder) == server
    assert postmaster(folder).pid != os.getpid()


@pytest.mark.parametrize("content", ["", "garbage\n", "999999\n"])
def test_a_cut_off_pid_file_is_cleared(folder: Path, content: str) -> None:
    """A pid file that was cut off by a full disk or a kill does not stand in the way."""
    start(folder).stop()
    (folder / "data" / "postmaster.pid").write_text(content)

    assert ask(start(folder), "SELECT 1") == "1"


def test_a_first_start_killed_half_way_is_made_good(folder: Path) -> None:
    """What a killed initdb left is thrown away; the cluster takes its place only when it is whole."""
    (folder / "data.new" / "base").mkdir(parents=True)
    (folder / "data.new" / "PG_VERSION").write_text("18\n")

    assert ask(start(folder), "SELECT 1") == "1"
    assert not (folder / "data.new").exists()
    assert not (folder / "superuser.tmp").exists()


def test_two_starts_at_once_make_one_server(folder: Path) -> None:
    """Processes that start together share one server and one set of passwords."""
    script = (
        "import sys; from pathlib import Path; from include.postmarket.records.embedded_postgres import start; "
        "print(start(Path(sys.argv[1])).url('postgres'))"
    )

    def run(_: int) -> str:
        words = [sys.executable, "-c", script, str(folder)]
        return subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True).stdout

    with ThreadPoolExecutor(3) as pool:
        addresses = set(pool.map(run, range(3)))

    assert len(addresses) == 1


def test_a_taken_port_is_named(folder: Path) -> None:
    """The port that was asked for belongs to another program: the message says which, and another one works."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]

        with pytest.raises(ConfigurationError, match=f"port {taken} is taken"):
            start(folder, taken)

        server = start(folder)

        assert server.port != taken
        with pytest.raises(ConfigurationError, match=f"runs on port {server.port}, not on {taken}"):
            start(folder, taken)


def test_a_kept_port_that_was_taken_meanwhile_is_given_up(folder: Path) -> None:
    """Nobody asked for that port: the server takes another one instead of failing."""
    server = start(folder)
    server.stop()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", server.port))
        other.listen()

        assert start(folder).port != server.port


def test_a_folder_that_cannot_be_one_is_a_configuration_error(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigurationError, match="cannot be used"):
        start(tmp_path / "file" / "postgres")


def test_a_data_folder_that_is_something_else_is_left_alone(folder: Path) -> None:
    """Files of someone else in the place of the cluster are never touched."""
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "thesis.txt").write_text("years of work")

    with pytest.raises(ConfigurationError):
        start(folder)

    assert (folder / "data" / "thesis.txt").read_text() == "years of work"


def test_lost_passwords_are_named(folder: Path) -> None:
    """Data without the file of passwords: new ones would not fit, so the message says to bring the file back."""
    start(folder).stop()
    (folder / "roles.json").unlink()

    with pytest.raises(ConfigurationError, match=r"put roles.json back"):
        start(folder)


def test_only_those_who_may_get_in(folder: Path) -> None:
    """The passwords' file is the owner's alone, a wrong password is refused, and Airflow cannot enter the records."""
    server = start(folder)
    server.create_database("records")
    server.create_database("airflow", owner=Role.AIRFLOW)
    wrong = server.url("records").replace("+psycopg", "", 1).replace(":", ":x", 2).replace(":x//", "://", 1)

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        ask(server, "SELECT 1", "records", Role.AIRFLOW)
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        ask(server, "SELECT 1", "airflow", Role.APP)

    assert stat.S_IMODE((folder / "roles.json").stat().st_mode) == 0o600
    assert stat.S_IMODE((folder / "data").stat().st_mode) == 0o700
    assert ask(server, "SELECT rolsuper FROM pg_roles WHERE rolname = 'postmarket_owner'") == "False"


def test_nothing_that_makes_commits_durable_is_switched_off(folder: Path) -> None:
    """The settings that a commit's safety rests on are on, and no statement of ours can reach the server's log."""
    server = start(folder)
    settings = {
        name: ask(server, f"SHOW {name}")
        for name in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums", "listen_addresses")
    }
    with pytest.raises(psycopg.Error):
        ask(server, "CREATE TABLE t (n int PRIMARY KEY); INSERT INTO t VALUES (77123), (77123)")
    log = (folder / "data" / "server.log").read_text()

    assert settings == {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "data_checksums": "on",
        "listen_addresses": "127.0.0.1",
    }
    assert "duplicate key" in log
    assert "77123" not in log


def test_every_driver_gets_its_address(folder: Path) -> None:
    """The same database for psycopg 3 (records), psycopg2 and asyncpg (Airflow)."""
    server = start(folder)

    addresses = [server.url("airflow", Role.AIRFLOW, driver) for driver in Driver]

    assert [a.split("://")[0] for a in addresses] == [
        "postgresql+psycopg",
        "postgresql+psycopg2",
        "postgresql+asyncpg",
    ]
    assert {a.split("@")[1] for a in addresses} == {f"127.0.0.1:{server.port}/airflow"}


def fill(file: Path) -> None:
    """Write to a file until its disk is full."""
    with file.open("wb", buffering=0) as filler, contextlib.suppress(OSError):
        while filler.write(bytes(65536)):
            pass


@pytest.fixture(name="small_disk")
def fixture_small_disk() -> Iterator[Path]:
    """Give a folder on a disk of 120 MB, or skip where none can be mounted."""
    place = Path(tempfile.mkdtemp(prefix="postmarket-"))
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    if subprocess.run([mount, "-t", "tmpfs", "-o", "size=120m", "tmpfs", place], check=False).returncode:
        pytest.skip("mounting is not allowed here")
    yield place
    EmbeddedPostgres(place / "postgres", port=0).stop()
    subprocess.run(["umount", place], check=True)
    place.rmdir()


def test_a_first_start_on_a_full_disk_is_named_and_can_be_repeated(small_disk: Path) -> None:
    """The message says that the disk is full; with space again the same start succeeds."""
    fill(small_disk / "filler")

    with pytest.raises(UnavailableError, match="disk is full"):
        start(small_disk / "postgres")

    (small_disk / "filler").unlink()

    assert ask(start(small_disk / "postgres"), "SELECT 1") == "1"


def test_a_disk_that_fills_up_loses_nothing_that_was_committed(small_disk: Path) -> None:
    """A write that finds no space is refused; with space again what was committed before is there."""
    folder = small_disk / "postgres"
    server = start(folder)
    ask(server, "CREATE TABLE kept AS SELECT 42 AS n")
    fill(small_disk / "filler")

    with pytest.raises(psycopg.OperationalError):
        ask(server, "INSERT INTO kept SELECT generate_series(1, 3000000)")

    (small_disk / "filler").unlink()

    assert ask(start(folder), "SELECT string_agg(n::text, ',') FROM kept") == "42"
