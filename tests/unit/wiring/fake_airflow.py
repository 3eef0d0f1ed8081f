"""A small Airflow of its own: the few REST answers that the demo reads, with runs that a test can let fail or wait."""

import http.server
import json
import re
import threading
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

DAGS = ("ingest_reports", "ingest_complaints", "ingest_exposure", "ingest_performance", "detect", "act")
Run = dict[str, Any]


@dataclass
class FakeAirflow:
    """Runs by DAG; a downstream run appears, queued without a start first, when its upstream runs are over.

    ``fails`` names the DAG whose runs fail, ``retries`` the one with a task to be tried again, and ``broken`` the
    DAGs with import errors; ``asked`` keeps every request.
    """

    fails: str = ""
    retries: str = ""
    broken: frozenset[str] = frozenset()
    runs: dict[str, list[Run]] = field(default_factory=lambda: {dag: [] for dag in DAGS})
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    sources: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:  # noqa: PLR0911 - one return a path of the API
        """Give status and JSON answer of one request below /api/v2."""
        self.asked.append((method, path, body))
        if path == "dags":
            return 200, {"dags": [{"dag_id": dag, "has_import_errors": dag in self.broken} for dag in DAGS]}
        if path == "dags/~/dagRuns":
            return 200, {"dag_runs": [r for rs in self.runs.values() for r in rs if r["state"] == query["state"]]}
        if found := re.fullmatch(r"dags/(\w+)", path):
            return 200, {"dag_id": found[1]}
        if found := re.fullmatch(r"dags/(\w+)/dagRuns", path):
            return self._trigger(found[1], body) if method == "POST" else (200, {"dag_runs": self._seen(found[1])})
        if found := re.fullmatch(r"dags/(\w+)/dagRuns/([^/]+)", path):
            return 200, self._change(found[1], found[2], body)
        if found := re.fullmatch(r"dags/(\w+)/dagRuns/([^/]+)/taskInstances", path):
            return 200, {"task_instances": self._tasks(found[1], found[2], query.get("state", ""))}
        if found := re.fullmatch(r"dags/(\w+)/dagRuns/([^/]+)/upstreamAssetEvents", path):
            return self._events(found[1], found[2])
        return 404, {"detail": f"no such path: {path}"}

    def add(self, dag: str, run_id: str, month: str, **fields: Any) -> Run:
        """Put a run on the list."""
        run = {"dag_id": dag, "dag_run_id": run_id, "partition_key": month, "state": "queued", "start_date": None}
        self.runs[dag].append(run | fields)
        return self.runs[dag][-1]

    def _trigger(self, dag: str, body: Any) -> tuple[int, Run]:
        run = self.add(dag, body["dag_run_id"], body["partition_key"], conf=body["conf"])
        if dag == "ingest_performance":  # the last of the four: detection is now due
            causes = [self.runs[d][-1]["dag_run_id"] for d in DAGS[:4]]
            self._follow("detect", body["partition_key"], causes)
        return 200, run

    def _follow(self, dag: str, month: str, causes: list[str]) -> None:
        run = self.add(dag, f"{dag}__{month}__{len(self.runs[dag])}", month)
        self.sources[dag, run["dag_run_id"]] = causes

    def _seen(self, dag: str) -> list[Run]:
        """List the runs, newest first, as they are; each moves on by one state after it was seen."""
        told = [dict(run) for run in reversed(self.runs[dag])]
        for run in list(self.runs[dag]):
            self._move(run)
        return told

    def _change(self, dag: str, run_id: str, body: Any) -> Run:
        run = next(r for r in self.runs[dag] if r["dag_run_id"] == run_id)
        if body:
            run |= body
        told = dict(run)
        if not body:
            self._move(run)
        return told

    def _move(self, run: Run) -> None:
        if run["state"] == "queued":
            run |= {"state": "running", "start_date": "2026-01-01T00:00:00Z"}
        elif run["state"] == "running":
            run["state"] = "failed" if run["dag_id"] == self.fails else "success"
            if run["dag_id"] == "detect" and run["state"] == "success":
                self._follow("act", run["partition_key"], [run["dag_run_id"]])

    def _tasks(self, dag: str, run_id: str, state: str) -> list[Run]:
        """List two tasks of a run: the first went well, the second failed; or those that will be tried again."""
        if state:
            retries = {"dag_id": dag, "dag_run_id": run_id, "task_id": "accept", "try_number": 1}
            return [retries] if dag == self.retries else []
        if dag == "detect" and dag != self.fails:
            return [{"task_id": "plans", "state": "success"}, {"task_id": "reconcile", "state": "success"}]
        return [{"task_id": "land", "state": "success"}, {"task_id": "accept", "state": "failed"}]

    def _events(self, dag: str, run_id: str) -> tuple[int, Any]:
        run = next(r for r in self.runs[dag] if r["dag_run_id"] == run_id)
        if run["start_date"] is None:  # as Airflow 3.3 does
            return 500, {"detail": "start_date: none is not an allowed value"}
        return 200, {"asset_events": [{"source_run_id": cause} for cause in self.sources.get((dag, run_id), [])]}


def serve(fake: FakeAirflow, password: str) -> http.server.ThreadingHTTPServer:
    """Serve a fake on a free port; it wants the token that it gives for the password of ``admin``."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            parts = urlsplit(self.path)
            if parts.path == "/auth/token":
                right = body == {"username": "admin", "password": password}
                self._send(201 if right else 401, {"access_token": "a-token"} if right else {})
            elif self.headers.get("Authorization") != "Bearer a-token":
                self._send(401, {})
            else:
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                self._send(*fake.answer(self.command, parts.path.removeprefix("/api/v2/"), query, body))

        do_GET = do_POST = do_PATCH = _answer  # noqa: N815 - the base class's names

        def _send(self, status: int, told: Any) -> None:
            content = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
