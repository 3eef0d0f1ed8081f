"""Nobody sees anything without an authenticated user who may see it (G9): every route is tried, none is listed here."""

from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.exceptions import HTTPException

from include.postmarket.model.errors import ConfigurationError
from include.postmarket.pages.app import make_app
from include.postmarket.pages.door import Door, lead_to
from include.postmarket.pages.standalone import COOKIE, SESSION, Access, make_standalone
from include.postmarket.steps.house import House
from tests.unit.pages import stage
from tests.unit.pages.walking import ELSEWHERE, METHODS, paths

pytestmark = pytest.mark.postgres
TOKEN = "a-token-of-more-than-24-characters"


def statuses(app: FastAPI, **headers: str) -> dict[tuple[str, str], int]:
    """Give what every route and more says to every method."""
    client = TestClient(app, raise_server_exceptions=False, follow_redirects=False)
    found = [*paths(app.routes), *ELSEWHERE]
    return {(m, path): client.request(m, path, headers=headers).status_code for path in found for m in METHODS}


@pytest.fixture(name="standalone", scope="module")
def _standalone(filled: House) -> FastAPI:
    return make_standalone(stage.ports_of(filled), Access(token=TOKEN, secure_cookie=False))


def test_every_route_is_found(standalone: FastAPI) -> None:
    """The walk sees the pages behind both mounts; else the next tests would prove nothing."""
    found = set(paths(standalone.routes))

    assert {"/signals", "/postmarket/signals", "/data/" + "0" * 32 + "/report", "/static/postmarket.css"} <= found
    assert len(found) >= 26


def test_nobody_gets_nothing(standalone: FastAPI) -> None:
    """Without a session every route answers every method with 401, static files and unknown addresses too."""
    assert {401} == set(statuses(standalone).values())


@pytest.mark.parametrize(
    "given", ["Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer", f"Bearer {TOKEN[:-1]}"]
)
def test_wrong_token_gets_nothing(standalone: FastAPI, given: str) -> None:
    """Neither a wrong token nor a cut one opens anything."""
    assert {401} == set(statuses(standalone, authorization=given).values())


def test_missing_right_gets_nothing(filled: House) -> None:
    """Someone who is known and has not the right is refused at every route (403), with words that say whom to ask."""

    def refuse() -> None:
        raise HTTPException(403)

    app = make_app(stage.ports_of(filled), Door(guards=(refuse,), ask=lead_to(lambda _: "/login")))
    answer = TestClient(app).get("/")

    assert {403} == set(statuses(app).values())
    assert "You may not see these pages" in answer.text


def test_right_token_may_read(standalone: FastAPI) -> None:
    """With the token the pages answer, at the root and where tickets link to."""
    client = TestClient(standalone, headers={"Authorization": f"Bearer {TOKEN}"})

    assert [200, 200] == [client.get(path).status_code for path in ("/signals", "/postmarket/signals")]
    assert 'href="/postmarket/signals"' in client.get("/postmarket/").text


def test_door_leads_to_the_login_and_back(filled: House) -> None:
    """Where the login is elsewhere, the 401 page takes people there by itself, and shows a link as well."""
    app = make_app(
        stage.ports_of(filled),
        Door(guards=(_nobody,), ask=lead_to(lambda request: f"/auth/login?next={request.url.path}&a=<b>")),
    )
    answer = TestClient(app).get("/signals/SIG-0-1")

    assert answer.status_code == 401
    assert '<a href="/auth/login?next=/signals/SIG-0-1&amp;a=&lt;b&gt;">Log in</a>' in answer.text
    assert 'http-equiv="refresh"' in answer.text
    assert "'sha256-" in answer.headers["content-security-policy"]


def test_login_brings_people_to_the_page_they_asked_for(standalone: FastAPI) -> None:
    """The form holds the address that was asked for; the session cookie is out of reach of scripts."""
    client = TestClient(standalone)
    asked = client.get("/postmarket/signals?x=1")
    answer = client.post("/login", data={"token": TOKEN, "next": "/postmarket/signals?x=1"}, follow_redirects=False)

    assert 'value="/postmarket/signals?x=1"' in asked.text
    assert (303, "/postmarket/signals?x=1") == (answer.status_code, answer.headers["location"])
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=lax" in answer.headers["set-cookie"]
    assert client.get("/postmarket/signals?x=1").status_code == 200


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\r\nSet-Cookie: a=b"],
)
def test_login_never_leads_elsewhere(standalone: FastAPI, wanted: str) -> None:
    """An address of another server becomes the front page."""
    answer = TestClient(standalone).post("/login", data={"token": TOKEN, "next": wanted}, follow_redirects=False)

    assert answer.headers["location"] == "/"


def test_wrong_login_is_asked_again(standalone: FastAPI) -> None:
    """A wrong token gives the form again, says so and sets nothing."""
    answer = TestClient(standalone).post("/login", data={"token": "wrong", "next": "/signals"})

    assert answer.status_code == 401
    assert "That is not the token." in answer.text
    assert "set-cookie" not in answer.headers


def test_login_reads_no_more_than_a_form(standalone: FastAPI) -> None:
    """A body larger than a form is refused unread."""
    assert TestClient(standalone).post("/login", content=b"x" * 100_000).status_code == 413


def test_logout_ends_the_session(standalone: FastAPI) -> None:
    """After leaving, the browser has to log in again."""
    client = TestClient(standalone)
    client.post("/login", data={"token": TOKEN})
    client.post("/logout", follow_redirects=False)

    assert client.get("/").status_code == 401


def test_session_ends_by_itself(filled: House) -> None:
    """A session holds for twelve hours, and a forged end does not lengthen it."""
    access = Access(token=TOKEN, secure_cookie=True)
    session = access.session(stage.NOW)
    ends, _, seal = session.partition(".")

    assert access.holds(session, stage.NOW + SESSION - timedelta(seconds=1))
    assert not access.holds(session, stage.NOW + SESSION)
    assert not access.holds(f"{int(ends) + 1}.{seal}", stage.NOW)
    assert not access.holds("", stage.NOW)
    assert not Access(token=TOKEN[::-1], secure_cookie=True).holds(session, stage.NOW)


def test_expired_cookie_gets_nothing(filled: House) -> None:
    """The cookie of yesterday is asked to log in."""
    access = Access(token=TOKEN, secure_cookie=False)
    ports = replace(stage.ports_of(filled), now=lambda: stage.NOW + SESSION)
    client = TestClient(make_standalone(ports, access), cookies={COOKIE: access.session(stage.NOW)})

    assert client.get("/signals").status_code == 401


def test_token_that_could_be_guessed_is_refused() -> None:
    """A short token is a configuration error that says how to make a good one, and does not repeat it."""
    with pytest.raises(ConfigurationError, match="shorter than 24") as refused:
        Access(token="hunter2", secure_cookie=False)

    assert "hunter2" not in str(refused.value)
    assert TOKEN not in repr(Access(token=TOKEN, secure_cookie=False))


def _nobody() -> None:
    raise HTTPException(401)
