"""Every address an application answers, found from its routes: a list kept by hand would miss the next one."""

from collections.abc import Iterable, Iterator

from starlette.routing import BaseRoute, Mount

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ELSEWHERE = ("/nothing", "/docs", "/redoc", "/openapi.json", "/static/../app.py", "/signals/", "//signals", "/login")


def paths(routes: Iterable[BaseRoute], prefix: str = "") -> Iterator[str]:
    """Give an address for each route, those of mounted applications included."""
    for route in routes:
        if isinstance(route, Mount):
            yield from paths(route.routes, prefix + route.path)
        else:
            path = str(getattr(route, "path", ""))
            for name, value in {"{signal_id}": "SIG-0-1", "{batch}": "0" * 32, "{name}": "postmarket.css"}.items():
                path = path.replace(name, value)
            yield prefix + path.replace("{path:path}", "anything/at/all")
