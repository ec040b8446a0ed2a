"""Our pages in Airflow's own application: nobody sees one who is not signed in, whatever the route."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from include.stores.postgres import Database

pytestmark = [pytest.mark.airflow, pytest.mark.filterwarnings("ignore")]  # Airflow's own warnings are not ours

PASSWORDS = {"admin": "admin-word", "viewer": "viewer-word"}
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


def test_a_viewer_may_look(
    airflow: Any, viewer: dict[str, str], database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = database.parameters
    names = {
        "DB_DEV_NAME": "dbname",
        "DB_USER": "user",
        "DB_HOST": "host",
        "DB_PORT": "port",
        "DB_PASSWORD": "password",
    }
    for name, key in names.items():
        monkeypatch.setenv(name, str(found.get(key, "")))
    monkeypatch.setenv("STOCKS_HOME", str(tmp_path))
    page = airflow.get("/stocks/feeds", headers=viewer)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "script-src 'sha256-" in page.headers["content-security-policy"]
    assert (page.headers["x-content-type-options"], page.headers["cache-control"]) == ("nosniff", "no-store")
    told = airflow.get("/stocks/feeds.json", headers=viewer)
    names = {feed["name"] for feed in told.json()["feeds"]}
    assert names == {"polygon", "brapi", "alpha-vantage", "alpaca-stocks", "alpaca-crypto"}
