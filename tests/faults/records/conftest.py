"""The fixtures of the tests on a real PostgreSQL."""

from tests.postgres import engine, records

__all__ = ["engine", "records"]
