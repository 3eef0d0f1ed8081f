"""`python -m include.jira_sandbox --port N --data FILE`: start the stand-in alone.

User and token come from JIRA_SANDBOX_USER and JIRA_SANDBOX_TOKEN, else they are made, and a made token is printed.
"""

import argparse
import os
import secrets
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from include.jira_sandbox.app import Settings, create_app, open_site
from include.jira_sandbox.errors import StartError
from include.jira_sandbox.server import open_port, serve
from include.jira_sandbox.session import Deployment

DEFAULT_USER = "postmarket@example.com"


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Serve until told to stop; return the exit status: 0 when stopped, 2 when it could not start."""
    given = _read_arguments(arguments)
    user = environment.get("JIRA_SANDBOX_USER") or DEFAULT_USER
    token = environment.get("JIRA_SANDBOX_TOKEN") or ""
    made_token = "" if token else secrets.token_urlsafe(24)
    settings = Settings(given.data, user, token or made_token, Deployment(given.deployment), given.search_lag)
    try:
        with open_port(given.host, given.port) as listener:
            site = open_site(settings, lambda: datetime.now(UTC))
            address = f"http://{_bracket(given.host)}:{listener.getsockname()[1]}"
            greeting = f"Jira stand-in ({settings.deployment.value}) at {address}\nuser  {user}"
            if made_token:
                greeting += f"\ntoken {made_token}"
            serve(create_app(site), listener, greeting)
            site.store.close()
    except StartError as problem:
        print(f"jira_sandbox: {problem}", file=sys.stderr)  # noqa: T201
        return 2
    return 0


def _bracket(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _read_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m include.jira_sandbox", description="The embedded Jira stand-in.")
    parser.add_argument("--port", type=_read_port, required=True, help="port to listen on; 0 picks a free one")
    parser.add_argument("--data", type=Path, required=True, help="SQLite file; made when it does not exist")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--deployment",
        choices=[one.value for one in Deployment],
        default=Deployment.CLOUD.value,
        help="which Jira to play: cloud has removed the old search, server keeps it (default: %(default)s)",
    )
    parser.add_argument(
        "--search-lag", type=_read_lag, default=0.0, help="seconds until search sees a change (default: 0)"
    )
    return parser.parse_args(arguments)


def _read_port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65_535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return port


def _read_lag(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= 3_600:
        raise argparse.ArgumentTypeError("the lag is 0 to 3600 seconds")
    return seconds


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
