"""A stand-in in its own process on a free port, and a client that holds every answer against the strict contract."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from openapi_core import Config, OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse

ROOT = Path(__file__).resolve().parents[3]
USER = "engineer@example.com"
TOKEN = "contract-test-token"


@dataclass
class Running:
    """A started stand-in."""

    process: subprocess.Popen[str]
    url: str

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        """Send one request with the right credentials."""
        options.setdefault("auth", (USER, TOKEN))
        options.setdefault("timeout", 30)
        # Many requests in a row go over one connection; everything else gets its own.
        sender = options.pop("over", requests)
        answer: requests.Response = sender.request(method, f"{self.url}{path}", **options)
        return answer

    def create(self, summary: str = "A summary", **fields: Any) -> dict[str, Any]:
        """Make a bug in PMS over version 2 and return its id, key and self."""
        named = {"project": {"key": "PMS"}, "issuetype": {"name": "Bug"}, "summary": summary}
        answer = self.request("POST", "/rest/api/2/issue", json={"fields": {**named, **fields}})
        assert answer.status_code == 201, answer.text

        made: dict[str, Any] = answer.json()
        return made

    def search(self, jql: str, **options: Any) -> list[str]:
        """Return the keys that a query finds, in order."""
        answer = self.request("POST", "/rest/api/3/search/jql", json={"jql": jql, **options})
        assert answer.status_code == 200, answer.text

        return [issue["key"] for issue in answer.json()["issues"]]

    def order_fault(self, match: str, fault: str, **settings: Any) -> None:
        """Tell the stand-in to fail."""
        answer = self.request("POST", "/sandbox/faults", json={"match": match, "fault": fault, **settings})
        assert answer.status_code == 201, answer.text

    def stop(self) -> int:
        """Ask the process to end and return its exit status."""
        self.process.terminate()
        return self.process.wait(30)


def start(data: Path, *options: str) -> Running:
    """Start a stand-in on a free port and wait until it says where it is."""
    process = subprocess.Popen(
        [sys.executable, "-m", "include.jira_sandbox", "--port", "0", "--data", str(data), *options],
        cwd=ROOT,
        env={**os.environ, "JIRA_SANDBOX_USER": USER, "JIRA_SANDBOX_TOKEN": TOKEN},
        stdout=subprocess.PIPE,
        stderr=None,
        text=True,
    )
    assert process.stdout is not None
    greeting = process.stdout.readline()
    assert " at http://" in greeting, greeting

    return Running(process, greeting.rpartition(" at ")[2].strip())


@pytest.fixture(name="sandbox", scope="module")
def _sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = start(tmp_path_factory.mktemp("sandbox") / "jira.sqlite")
    yield running
    running.stop()


@pytest.fixture(name="starter")
def _starter() -> Iterator[Callable[..., Running]]:
    """Give a way to start stand-ins of one's own; those still running are stopped at the end."""
    started: list[Running] = []

    def starter(data: Path, *options: str) -> Running:
        started.append(start(data, *options))
        return started[-1]

    yield starter
    for running in started:
        if running.process.poll() is None:
            running.stop()


def merge_patch(target: Any, patch: Any) -> Any:
    """Return a JSON document with a merge patch applied (RFC 7396)."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


@dataclass
class Checked:
    """A client of one version of the API that fails on every answer the contract does not allow."""

    running: Running
    contract: OpenAPI
    version: str
    seen: set[tuple[str, str, int]] = field(default_factory=set)

    def __call__(self, method: str, path: str, **options: Any) -> requests.Response:
        """Send a request to a path below the API's root, check the answer against the contract and return it."""
        answer = self.running.request(method, f"/rest/api/{self.version}{path}", **options)
        sent = requests.Request(method, answer.request.url, headers=dict(answer.request.headers))
        asked = RequestsOpenAPIRequest(sent)
        self.contract.validate_response(asked, RequestsOpenAPIResponse(answer))
        self.seen.add((method, path, answer.status_code))
        return answer


def load_contract(shared: Path, url: str, version: str) -> OpenAPI:
    """Return Atlassian's document with the strict patch, for version 2 rewritten as jira/README.md tells."""
    document, patch = (
        json.loads((shared / "jira" / name).read_text()) for name in ("openapi.json", "strict.merge.json")
    )
    strict = merge_patch(document, patch)
    strict["servers"] = [{"url": url}]
    if version == "2":
        strict["paths"] = {path.replace("/rest/api/3/", "/rest/api/2/"): item for path, item in strict["paths"].items()}
        strict["components"]["schemas"]["Comment"]["properties"]["body"] = {"type": "string"}
    return OpenAPI.from_dict(strict, config=Config(extra_format_validators={"date-time": lambda _: True}))


@pytest.fixture(name="v3", scope="module")
def _v3(sandbox: Running, shared: Path) -> Checked:
    return Checked(sandbox, load_contract(shared, sandbox.url, "3"), "3")


@pytest.fixture(name="v2", scope="module")
def _v2(sandbox: Running, shared: Path) -> Checked:
    return Checked(sandbox, load_contract(shared, sandbox.url, "2"), "2")
