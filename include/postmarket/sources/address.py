"""A resolved connection: where another system is and who we are there. Nothing of it is ever shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from include.postmarket.model.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """What a connection says; only its name is for people.

    ``kind`` is the connection's type (postgres, mssql, http), ``database`` its schema.
    """

    name: str
    kind: str = field(default="", repr=False)
    host: str = field(default="", repr=False)
    port: int | None = field(default=None, repr=False)
    login: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    database: str = field(default="", repr=False)
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)


#: Gives a connection by its name. Raises ConfigurationError when there is none of that name.
Addresses = Callable[[str], Address]


def none_known(name: str) -> Address:
    """Give no connection: for a house that was opened without any. Raises ConfigurationError."""
    raise ConfigurationError(
        f"there is no connection {name!r}",
        where="sources.yaml, connection",
        todo=f"make it in Airflow, or set AIRFLOW_CONN_{name.upper()} to JSON with conn_type, host, login and password",
    )
