"""Walks every route of the pages mounted in a real Airflow API server: as nobody, forged, refused, and as a viewer."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

PREFIX = "/postmarket"
SIGNAL = f"{PREFIX}/signals/SIG-0-1"


def main(answer: Path) -> None:
    """Write what every route said to whom."""
    settle(Path(os.environ["AIRFLOW_HOME"]) / "passwords.json")  # Airflow reads its settings when it is imported
    import jwt
    from airflow import plugins_manager
    from airflow.api_fastapi.app import create_app
    from airflow.utils.db import initdb
    from fastapi.testclient import TestClient

    from tests.unit.pages.walking import ELSEWHERE, METHODS, paths

    initdb()
    client = TestClient(create_app(apps="core"), follow_redirects=False, raise_server_exceptions=False)
    mounted = next(a for a in plugins_manager.get_fastapi_plugins()[0] if a["url_prefix"] == PREFIX)
    routes = sys.modules[type(mounted["app"]).__module__].build().routes
    every = [PREFIX + path for path in (*paths(routes), *ELSEWHERE)]
    login = client.post("/auth/token", json={"username": "victor", "password": "victor"})
    viewer = {"Authorization": f"Bearer {login.json()['access_token']}"}
    forged = {"Authorization": f"Bearer {jwt.encode({'sub': 'victor', 'role': 'admin'}, 'x' * 64, 'HS512')}"}

    def said(headers: dict[str, str]) -> list[int]:
        return sorted({client.request(m, path, headers=headers).status_code for path in every for m in METHODS})

    found: dict[str, Any] = {"routes": len(every), "nobody": said({}), "forged": said(forged)}
    found["cookie"] = client.get(SIGNAL, headers={"Cookie": f"_token={login.json()['access_token']}"}).status_code
    found["viewer"] = {
        path: client.get(f"{PREFIX}/{path}", headers=viewer).status_code for path in ("", "static/mark.svg")
    }
    found["told"] = client.get(f"{PREFIX}/", headers=viewer).text
    found["door"] = client.get(f"{SIGNAL}?x=1").text
    for right in ("is_authorized_view", "is_authorized_dag"):
        found[right] = refused(right, lambda: said(viewer))
    answer.write_text(json.dumps(found))


def settle(passwords: Path) -> None:
    """Let one viewer log in."""
    passwords.write_text(json.dumps({"victor": "victor"}))
    os.environ |= {
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "victor:viewer",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "AIRFLOW__API_AUTH__JWT_SECRET": "only-for-this-test-" * 4,
    }


def refused(right: str, say: Callable[[], list[int]]) -> list[int]:
    """Give what is said while the auth manager refuses one right."""
    from airflow.api_fastapi.app import get_auth_manager

    manager = get_auth_manager()
    setattr(manager, right, lambda **_: False)
    try:
        return say()
    finally:
        delattr(manager, right)


main(Path(sys.argv[1]))
