"""The settings of a site, read from the environment once, at the edge of a process.

Nothing below reads the environment.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from include.postmarket.model.errors import ConfigurationError

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where a site keeps its things; the openFDA key is never shown.

    ``database_url`` is the address of the records (PostgreSQL), ``lake`` the folder of the data, ``plans`` the folder
    of plan
    files, ``sources`` the file that says where each source is pulled from, and ``site_url`` where people open the
    pages.
    """

    home: Path
    database_url: str = field(repr=False)
    lake: Path
    plans: Path
    sources: Path
    site_url: str
    openfda_key: str = field(default="", repr=False)


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Give the settings; names and defaults are listed in docs/architecture.md.

    Raises ConfigurationError when the address of the records is not set.
    """
    home = Path(environment.get("POSTMARKET_HOME", str(ROOT / ".postmarket")))
    url = environment.get("POSTMARKET_DATABASE_URL", "")
    if not url:
        raise ConfigurationError(
            "the address of the records is not set",
            where="environment variable POSTMARKET_DATABASE_URL",
            todo="set it to a PostgreSQL address, or use `make demo` / `make up`, which bring a server of their own",
        )
    return Settings(
        home=home,
        database_url=url,
        lake=Path(environment.get("POSTMARKET_LAKE", str(home / "lake"))),
        plans=Path(environment.get("POSTMARKET_PLANS", str(ROOT / "include" / "plans"))),
        sources=Path(environment.get("POSTMARKET_SOURCES", str(ROOT / "include" / "plans" / "sources.yaml"))),
        site_url=environment.get("POSTMARKET_SITE_URL", "http://127.0.0.1:8080").rstrip("/"),
        openfda_key=environment.get("POSTMARKET_OPENFDA_KEY", ""),
    )
