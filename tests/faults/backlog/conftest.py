"""The stand-in, for the faults that are tried over a real socket."""

from tests.contract.backlog.conftest import _jira, _site

__all__ = ["_jira", "_site"]
