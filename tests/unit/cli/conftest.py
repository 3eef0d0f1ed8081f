"""A small site for commands, run in this process or in one of their own as a user runs them."""

import io
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from include.postmarket.cli.app import main
from tests.conftest import ROOT
from tests.faults.loop.small_site import SmallSite, make_site
from tests.postgres import RecordsDatabase, engine, records

__all__ = ["Run", "engine", "records"]

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]


def run_command(environment: dict[str, str], *words: str) -> Done:
    """Run a command with this environment and nothing of ours from outside."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("POSTMARKET_", "AIRFLOW_"))}
    return subprocess.run(
        [sys.executable, "-m", "include.postmarket", *words],
        cwd=ROOT,
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def call_command(environment: dict[str, str], *words: str) -> Done:
    """Run a command in this process, which is faster: the same entry, exit code and output."""
    said, warned = io.StringIO(), io.StringIO()
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("POSTMARKET_", "AIRFLOW_"))}
    code = 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(said), redirect_stderr(warned):
        patch.setattr(os, "environ", kept | environment)
        patch.setattr(sys, "argv", ["postmarket", *words])
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
    return Done([*words], code, said.getvalue(), warned.getvalue())


def refused(done: Done) -> str:
    """Give what a refused command said: exit code 1, one message on stderr, no traceback, nothing on stdout."""
    assert done.returncode == 1, done
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return done.stderr


@pytest.fixture(name="small_site")
def fixture_small_site(tmp_path: Path, records: RecordsDatabase) -> SmallSite:
    """Give a site with good data that nothing was pulled from yet."""
    return make_site(tmp_path, records.url())


@pytest.fixture(name="run")
def fixture_run(small_site: SmallSite) -> Run:
    """Give a way to run commands on the small site, with a Jira that nobody answers for."""
    jira = '{"conn_type": "jira", "host": "http://127.0.0.1:9", "login": "me", "password": "a-token"}'
    environment = small_site.environment() | {"AIRFLOW_CONN_JIRA_DEFAULT": jira}

    def run(*words: str, **changed: str) -> Done:
        return call_command(environment | changed, *words)

    return run
