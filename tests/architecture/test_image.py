"""The Dockerfile: nothing but the checkout and its lock, run by a user without rights; no secret can enter."""

import fnmatch
import re

from tests.conftest import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
STAGES = DOCKERFILE.split("\nFROM ")


def test_the_process_is_no_root() -> None:
    """The last stage ends as the user that it made, after everything that needed root."""
    last = STAGES[-1]

    assert "\nUSER postmarket\n" in last
    assert "RUN " not in last.partition("\nUSER postmarket\n")[2]


def test_every_copied_path_exists() -> None:
    """What COPY names lies in the checkout, and .dockerignore lets it in."""
    copies = [line.split()[1:-1] for line in DOCKERFILE.splitlines() if line.startswith("COPY")]
    named = [word for words in copies for word in words if not word.startswith(("--", "/"))]
    ignored = (ROOT / ".dockerignore").read_text().split()

    assert {"dags", "plugins", "include", "requirements.txt", "pyproject.toml"} <= set(named)
    assert [name for name in named if not (ROOT / name).exists()] == []
    assert [name for name in named if any(fnmatch.fnmatch(name, pattern) for pattern in ignored)] == []


def test_the_code_cannot_be_changed_by_its_process() -> None:
    """The checkout belongs to root in the image: the digest in every stamp stays that of the image."""
    copies = [line for line in STAGES[-1].splitlines() if line.startswith("COPY") and "/opt/postmarket" in line]

    assert copies != []
    assert all("--chown=root:root" in line for line in copies)


def test_packages_come_from_the_lock_only() -> None:
    """Both installations demand hashes, and nothing is fetched past the package index."""
    installs = re.findall(r"(?:pip install|pip sync)[^&\n]*", DOCKERFILE)

    assert len(installs) == 2
    assert all("--require-hashes" in line for line in installs)
    assert not re.search(r"\b(curl|wget|ADD|git clone)\b", DOCKERFILE)


def test_base_images_name_their_version() -> None:
    """No stage starts from `latest`."""
    images = re.findall(r"^FROM (\S+)", DOCKERFILE, flags=re.MULTILINE)

    assert len(images) == 2
    assert all(re.search(r":\d+\.\d+-", image) for image in images)


def test_secrets_and_local_runs_stay_out() -> None:
    """What holds passwords, history or data never enters the build context."""
    ignored = set((ROOT / ".dockerignore").read_text().split())

    assert {".git", ".postmarket", ".env", ".env.*", "**/*.secret", "**/passwords.json", ".venv"} <= ignored


def test_the_import_root_is_the_checkout() -> None:
    """PYTHONPATH, DAGs and plugins are those of the one checkout."""
    assert "PYTHONPATH=/opt/postmarket " in DOCKERFILE
    assert "AIRFLOW__CORE__DAGS_FOLDER=/opt/postmarket/dags " in DOCKERFILE
    assert "AIRFLOW__CORE__PLUGINS_FOLDER=/opt/postmarket/plugins " in DOCKERFILE
