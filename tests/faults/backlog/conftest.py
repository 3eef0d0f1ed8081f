"""The stand-in and a PostgreSQL, for the faults that are tried on the real things."""

from tests.contract.backlog.conftest import _jira, _site
from tests.postgres import engine, records

__all__ = ["_jira", "_site", "engine", "records"]
