"""docker-compose.yml: valid, hardened, and in step with what the code reads. No container is started here."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.architecture.source_tree import modules
from tests.conftest import ROOT

FILE = ROOT / "docker-compose.yml"
OURS = {"migrate", "api-server", "scheduler", "dag-processor", "triggerer", "worker", "cli"}
THEIRS = {"postgres", "redis"}
#: What the code reads and the compose file need not set, with the reason.
LOCAL_ONLY = {
    "POSTMARKET_AIRFLOW_PORT": "make demo, make up",
    "POSTMARKET_JIRA_PORT": "make demo, make up",
    "POSTMARKET_JIRA_URL": "make demo, make up and the pages on their own; in Airflow the connection says it",
    "POSTMARKET_DEMO_REPORTS": "make demo",
    "POSTMARKET_PAGES_HOST": "the pages on their own; in Airflow the api-server serves them",
    "POSTMARKET_PAGES_PORT": "the pages on their own",
    "POSTMARKET_PAGES_TOKEN": "the pages on their own",
}


@pytest.fixture(name="compose", scope="module")
def compose() -> dict[str, Any]:
    """Give the compose file, read."""
    found: dict[str, Any] = yaml.safe_load(FILE.read_text())
    return found


def names_read() -> set[str]:
    """Give every POSTMARKET_ name that stands alone in a string of the product."""
    return {
        str(node.value)
        for module in modules("include", "plugins")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and re.fullmatch(r"POSTMARKET_[A-Z_]+[A-Z]", str(node.value))
    } | {"POSTMARKET_AIRFLOW_PORT", "POSTMARKET_JIRA_PORT"}  # place.py builds these two


def test_it_is_a_compose_file() -> None:
    """The file holds to the Compose specification's schema, which comes with check-jsonschema: no network."""
    checker = Path(sys.executable).parent / "check-jsonschema"
    words = [str(checker), "--builtin-schema", "vendor.compose-spec", str(FILE)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_it_has_every_process(compose: dict[str, Any]) -> None:
    """Airflow's five processes, the migration, the command line, and the two servers they need."""
    assert set(compose["services"]) == OURS | THEIRS


def test_every_process_of_ours_is_the_same_image(compose: dict[str, Any]) -> None:
    """One image, one import root: no process can run other code than the rest."""
    services = compose["services"]

    assert {(services[name]["image"], services[name]["build"]) for name in OURS} == {("postmarket:local", ".")}
    assert all(not re.search(r":latest$|^[^:]+$", service["image"]) for service in services.values())


def test_no_process_is_root_or_may_become_it(compose: dict[str, Any]) -> None:
    """Each service names a user, drops every capability, and cannot gain privileges."""
    for name, service in compose["services"].items():
        assert service.get("user", "root").split(":")[0] not in {"root", "0"}, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert not service.get("privileged"), name


def test_the_root_file_system_is_read_only(compose: dict[str, Any]) -> None:
    """Nothing but volumes and /tmp can be written by our processes; HOME and AIRFLOW_HOME lie there."""
    for name in OURS | {"redis"}:
        service = compose["services"][name]

        assert service["read_only"], name
        assert service["tmpfs"] == ["/tmp"], name
    writable = {v.split(":")[1] for v in compose["services"]["worker"]["volumes"] if not v.endswith(":ro")}
    environment = compose["services"]["worker"]["environment"]

    assert writable == {"/var/lib/postmarket/lake", "/var/lib/postmarket/airflow"}
    assert environment["HOME"] == "/tmp"
    assert environment["POSTMARKET_LAKE"] in writable
    assert "AIRFLOW_HOME=/var/lib/postmarket/airflow" in (ROOT / "Dockerfile").read_text()


def test_volumes_belong_to_the_user_who_writes_them(compose: dict[str, Any]) -> None:
    """A new volume takes its owner from the image: the Dockerfile makes each mounted folder for user 50000."""
    dockerfile = (ROOT / "Dockerfile").read_text()
    made = re.search(r"install -d -o postmarket -g postmarket (.*)", dockerfile)
    mounted = {v.split(":")[1] for v in compose["services"]["worker"]["volumes"] if not v.endswith(":ro")}

    assert made is not None
    assert mounted <= set(made[1].split())
    assert compose["services"]["worker"]["user"].split(":")[0] == "50000"
    assert "useradd --uid 50000" in dockerfile


def test_every_server_says_when_it_is_well(compose: dict[str, Any]) -> None:
    """All that keeps running has a health check with a time limit."""
    for name, service in compose["services"].items():
        if service["restart"] == "unless-stopped":
            assert {"test", "interval", "timeout", "retries"} <= set(service["healthcheck"]), name


def test_postgres_is_well_only_after_its_first_start(compose: dict[str, Any]) -> None:
    """While roles and databases are made, the server answers on its socket only: the check asks over TCP."""
    test = compose["services"]["postgres"]["healthcheck"]["test"]

    assert ("pg_isready", "-h", "127.0.0.1") == tuple(test[1:4])


def test_nothing_starts_before_what_it_needs(compose: dict[str, Any]) -> None:
    """Every process waits for a migration that succeeded, the migration for healthy servers; every name exists."""
    services = compose["services"]
    for name in OURS - {"migrate"}:
        assert services[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    for needed, how in services["migrate"]["depends_on"].items():
        assert how == {"condition": "service_healthy"}
        assert "healthcheck" in services[needed]
    assert services["migrate"]["restart"] == "no"


def test_only_the_pages_are_reachable_and_from_this_machine_only(compose: dict[str, Any]) -> None:
    """One port is published, on 127.0.0.1: what is seen from outside is the TLS proxy in front of it."""
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}

    assert published == {"api-server": ["127.0.0.1:8080:8080"]}


def test_no_secret_is_written_down(compose: dict[str, Any]) -> None:
    """Whatever is named a secret, or stands as a password in an address, comes from outside and must be given."""
    given = r"\$\{[A-Z_]+:\?[^}]+\}"
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD$|SECRET|_KEY$|TOKEN|CONN_", name) and name != "POSTMARKET_OPENFDA_KEY":
                assert re.search(given, value), name
            if "://" in str(value) and "@" in str(value):
                assert re.search(rf":{given}@", value), name


def test_every_setting_of_a_site_is_set(compose: dict[str, Any]) -> None:
    """Each POSTMARKET_ name that the code reads is set for every process, or has a reason not to be; none is unread."""
    read = names_read()
    for name in OURS:
        set_here = {n for n in compose["services"][name]["environment"] if n.startswith("POSTMARKET_")}

        assert read - set(LOCAL_ONLY) == set_here
    assert set(LOCAL_ONLY) <= read


def test_the_migration_alone_has_the_owners_address(compose: dict[str, Any]) -> None:
    """The processes write as postmarket_app, which may append and read; only the migration may make tables."""
    for name in OURS:
        role = re.match(
            r"postgresql\+psycopg://(\w+):", compose["services"][name]["environment"]["POSTMARKET_DATABASE_URL"]
        )

        assert role is not None
        assert role[1] == ("postmarket_owner" if name == "migrate" else "postmarket_app")


def test_the_passwords_of_people_are_a_file_that_airflow_may_open(compose: dict[str, Any]) -> None:
    """Airflow opens its password file for writing, so the secret is copied to the volume before anything starts."""
    services = compose["services"]
    file = services["api-server"]["environment"]["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"]
    script = services["migrate"]["entrypoint"][-1]

    assert [name for name, service in services.items() if service.get("secrets")] == ["migrate"]
    assert script.startswith(f"install -m 600 /run/secrets/airflow_passwords {file} && ")


def test_no_content_config_for_a_read_only_service(compose: dict[str, Any]) -> None:
    """Compose cannot put configs or secrets that are no file into a read-only container (docker/compose#12031)."""
    inline = {name for name, config in compose["configs"].items() if "content" in config}
    for name, service in compose["services"].items():
        used = {c if isinstance(c, str) else c["source"] for c in service.get("configs", [])}

        assert not (service.get("read_only") and used & inline), name


def test_the_sources_come_with_the_files_they_name(compose: dict[str, Any]) -> None:
    """Paths in sources.yaml are relative to it, so its whole folder is mounted, and read-only."""
    for name in OURS:
        service = compose["services"][name]
        mounts = {v.rsplit(":", 2)[-2]: v for v in service["volumes"] if v.endswith(":ro")}

        assert set(mounts) == {"/etc/postmarket/sources", "/etc/postmarket/plans"}
        assert service["environment"]["POSTMARKET_SOURCES"] == "/etc/postmarket/sources/sources.yaml"
        assert service["environment"]["POSTMARKET_PLANS"] == "/etc/postmarket/plans"
