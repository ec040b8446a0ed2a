"""Our pages in Airflow's own application: nobody sees one who is not signed in, whatever the route."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from include.stack.database import database_variables
from include.stores import feed_book
from include.stores.feed_book import FeedReport
from include.stores.postgres import Database

pytestmark = [pytest.mark.airflow, pytest.mark.filterwarnings("ignore")]  # Airflow's own warnings are not ours

PASSWORDS = {"admin": "admin-word", "viewer": "viewer-word"}
_SPELLINGS = (
    "/feeds",
    "//feeds",
    "/./feeds",
    "/x/../feeds",
    "/feeds/",
    "/%66eeds",
    "/feeds%2Ejson",
    "/feeds;x",
    "/FEEDS",
    "/",
)
_HOSTILE = "<script>alert(1)</script>"
_SETTINGS = {
    "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin,viewer:viewer",
    "AIRFLOW__API_AUTH__JWT_SECRET": "a secret of at least sixty-four bytes, which only these tests use: 0123456789",
}


@pytest.fixture(scope="module")
def airflow(airflow_database: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A client of Airflow's application as the api-server runs it, with our plugin in it."""
    passwords = tmp_path_factory.mktemp("auth") / "passwords.json"
    passwords.write_text(json.dumps(PASSWORDS))
    settings = _SETTINGS | {"AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords)}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        from airflow.api_fastapi.app import create_app
        from fastapi.testclient import TestClient

        # Without its lifespan: what that starts (the execution API) is not asked here.
        yield TestClient(create_app(apps="core"), base_url="http://127.0.0.1", follow_redirects=False)


@pytest.fixture
def stranger(airflow: Any) -> Any:
    """A client that has no token."""
    airflow.cookies.clear()
    return airflow


def _signed_in(airflow: Any, user: str) -> dict[str, str]:
    answer = airflow.post("/auth/token", json={"username": user, "password": PASSWORDS[user]})
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.fixture
def viewer(stranger: Any) -> dict[str, str]:
    """The headers of a user who may look and nothing else."""
    return _signed_in(stranger, "viewer")


def _routes() -> list[tuple[str, str]]:
    from console import app, feeds

    found = [
        (method, f"/stocks{route.path}") for route in app.make_app(feeds.router).routes for method in route.methods
    ]
    assert {path for _, path in found} >= {"/stocks/feeds", "/stocks/feeds.json"}
    return found


def test_the_plugin_is_loaded_once_and_its_page_is_in_the_menu(airflow: Any) -> None:
    admin = _signed_in(airflow, "admin")
    errors = airflow.get("/api/v2/plugins/importErrors", headers=admin).json()
    assert errors["import_errors"] == []
    loaded = airflow.get("/api/v2/plugins", headers=admin).json()["plugins"]
    (ours,) = [plugin for plugin in loaded if plugin["name"] == "stocks"]
    (view,) = ours["external_views"]
    assert (view["href"], view["url_route"], view["destination"]) == ("/stocks/feeds", "feeds", "nav")
    # Airflow runs every file of the folder that it may see, by its bare name.
    assert not {"app", "feeds"} & set(sys.modules)


def test_every_route_refuses_who_is_not_signed_in(stranger: Any) -> None:
    for method, path in _routes():
        answer = stranger.request(method, path)
        assert (answer.status_code, path) == (401, path)
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        forged = stranger.request(method, path, headers={"Authorization": "Bearer forged"})
        assert forged.status_code in (401, 403)


def test_no_spelling_of_a_route_and_no_method_gets_past_the_login(stranger: Any) -> None:
    spelled = {path.replace("/feeds", other) for _method, path in _routes() for other in _SPELLINGS}
    for path in spelled:
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            answer = stranger.request(method, path, params={"token": "forged", "_token": "forged"})
            assert (answer.status_code >= 300, path, method) == (True, path, method)
            assert "<h1>Feeds" not in answer.text


def test_no_route_changes_anything_so_none_can_be_asked_to_by_another_site() -> None:
    assert {method for method, _path in _routes()} <= {"GET", "HEAD"}


def test_a_token_that_somebody_else_signed_is_refused(airflow: Any) -> None:
    import jwt

    real = _signed_in(airflow, "admin")["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(real, options={"verify_signature": False})
    airflow.cookies.clear()
    tokens = [jwt.encode(claims, "another secret of at least sixty-four bytes 0123456789 0123456789", "HS512")]
    tokens.append(jwt.encode(claims, None, "none"))
    for token in tokens:
        for headers in ({"Authorization": f"Bearer {token}"}, {"Cookie": f"_token={token}"}):
            answer = airflow.get("/stocks/feeds.json", headers=headers)
            assert answer.status_code in (401, 403), answer.text


def test_a_person_who_is_not_signed_in_is_sent_to_the_login(stranger: Any) -> None:
    answer = stranger.get("/stocks/feeds", headers={"Accept": "text/html"})
    assert answer.status_code == 307
    assert (
        answer.headers["location"].startswith("/auth/login?next=") or "/auth/login?next=" in answer.headers["location"]
    )


def test_without_a_database_the_page_says_so_and_airflow_stays_well(
    airflow: Any, viewer: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("DB_")]:
        monkeypatch.delenv(name)
    away = {"DB_USER": "x", "DB_PASSWORD": "hidden-word", "DB_HOST": "127.0.0.1", "DB_PORT": "1"}
    for name, value in (away | {"STOCKS_HOME": str(tmp_path)}).items():
        monkeypatch.setenv(name, value)
    page = airflow.get("/stocks/feeds", headers=viewer)
    assert (page.status_code, "PostgreSQL at 127.0.0.1 does not answer" in page.text) == (503, True)
    told = airflow.get("/stocks/feeds.json", headers=viewer)
    assert (told.status_code, "PostgreSQL at 127.0.0.1" in told.json()["detail"]) == (503, True)
    assert "hidden-word" not in page.text + told.text
    assert airflow.get("/api/v2/version").status_code == 200


@pytest.fixture
def known(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The database of the stack, as Airflow's processes find it."""
    for name, value in database_variables(database.parameters).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("STOCKS_HOME", str(tmp_path))
    return database


def test_names_and_words_of_others_are_text_on_the_page(
    airflow: Any, viewer: dict[str, str], known: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLYGON_API_KEY", "Kan4rie-polygon")
    monkeypatch.setenv("POLYGON_SYMBOLS", f"{_HOSTILE},AAPL")
    now = datetime.now(UTC)
    with known.transaction() as connection:
        report = FeedReport(feed="polygon", state="waiting", detail=_HOSTILE, started_at=now, sent=1, failed=1)
        feed_book.report(connection, report)
        feed_book.failed(connection, "polygon", now, {_HOSTILE.upper(): f"{_HOSTILE}\x1b[2J\u202e"})
        feed_book.open_gap(connection, "alpaca-crypto", now, f"'\"><img src=x onerror={_HOSTILE}")
    page = airflow.get("/stocks/feeds", headers=viewer)
    assert (page.status_code, "&lt;SCRIPT&gt;" in page.text) == (200, True)
    assert not [word for word in ("<script>alert", "<SCRIPT>", "<img", "\x1b", "\u202e") if word in page.text]
    told = airflow.get("/stocks/feeds.json", headers=viewer)
    assert (told.headers["content-type"], told.headers["x-content-type-options"]) == ("application/json", "nosniff")
    assert "Kan4rie" not in page.text + told.text


def test_a_viewer_may_look(airflow: Any, viewer: dict[str, str], known: Database) -> None:
    page = airflow.get("/stocks/feeds", headers=viewer)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "script-src 'sha256-" in page.headers["content-security-policy"]
    assert (page.headers["x-content-type-options"], page.headers["cache-control"]) == ("nosniff", "no-store")
    told = airflow.get("/stocks/feeds.json", headers=viewer)
    names = {feed["name"] for feed in told.json()["feeds"]}
    assert names == {"polygon", "brapi", "alpha-vantage", "alpaca-stocks", "alpaca-crypto"}
