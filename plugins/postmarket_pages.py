"""The operators' pages inside the Airflow UI: a navigation entry, and the application under Airflow's login and rights.

Every Airflow process loads this file, so it imports nothing heavy: the application is built at the first request, which
only the API server gets. Who may read the DAG ``detect`` may read what it found.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from functools import cache
from typing import TYPE_CHECKING, Any

from airflow.plugins_manager import AirflowPlugin

if TYPE_CHECKING:
    from fastapi import FastAPI, Request

PREFIX = "/postmarket"
Message = MutableMapping[str, Any]


@cache
def build() -> "FastAPI":
    """Give the application with Airflow's door; settings and records are opened by the first page that needs them."""
    import os
    from datetime import UTC, datetime

    from airflow.api_fastapi.auth.managers.models.resource_details import AccessView
    from airflow.api_fastapi.core_api.security import requires_access_dag, requires_access_view

    from include.postmarket.pages.app import make_app
    from include.postmarket.pages.door import Door, lead_to
    from include.postmarket.pages.ports import Ports
    from include.postmarket.steps.house import House
    from include.postmarket.steps.settings import from_environment

    guards = (requires_access_view(AccessView.WEBSITE), requires_access_dag("GET", param_dag_id="detect"))
    ports = Ports(
        house=cache(lambda: House(from_environment(os.environ))),
        now=lambda: datetime.now(UTC),
        jira=jira_address,
    )
    return make_app(ports, Door(guards=guards, ask=lead_to(login_address)))


def login_address(request: "Request") -> str:
    """Give Airflow's login, which brings people back to the page they asked for."""
    from urllib.parse import urlencode

    base = str(request.scope.get("root_path", "")).rstrip("/").removesuffix(PREFIX)
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{base}/api/v2/auth/login?{urlencode({'next': f'{request.url.path}{query}'})}"


def jira_address(site: str) -> str:
    """Give where people open the tickets of a site: the host of Airflow's Jira connection, if that is its site."""
    from airflow.models import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        connection = Connection.get_connection_from_secrets("jira_default")  # noqa: AIR311 - see above
    except AirflowNotFoundException:
        return ""
    host = connection.host or ""
    return host if site == (connection.extra_dejson.get("site") or host.rstrip("/")) else ""


class Pages:
    """The application, built in a thread at the first request, so that the server goes on answering meanwhile."""

    async def __call__(
        self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        """Answer a request (ASGI)."""
        import anyio.to_thread

        app = await anyio.to_thread.run_sync(build)
        await app(scope, receive, send)


class PostmarketPages(AirflowPlugin):
    """Mounts the pages at ``/postmarket`` and shows them in the navigation."""

    name = "postmarket_pages"
    fastapi_apps: list[Any] = [{"app": Pages(), "url_prefix": PREFIX, "name": "postmarket"}]  # noqa: RUF012 - the shape Airflow asks for
    external_views: list[Any] = [  # noqa: RUF012 - the shape Airflow asks for
        {
            "name": "Postmarket",
            "href": f"{PREFIX}/",
            "url_route": "postmarket",
            "destination": "nav",
            "nav_top_level": True,
        }
    ]
