"""Airflow's REST API, as far as the command line needs it: trigger a run, ask how its DAG run is."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit

import httpx

from include.errors import ConfigurationError, Transient
from include.settings import AirflowSettings

DAG_ID = "regional_scrape"
_TIMEOUT_S = 30.0
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class AirflowApi:
    """A signed-in client; a new token is asked for when the old one is refused."""

    def __init__(self, settings: AirflowSettings) -> None:
        self._settings = settings
        # The proxy of the environment may be the local market, which forwards nothing.
        elsewhere = urlsplit(settings.url).hostname not in _LOOPBACK
        self._client = httpx.Client(base_url=settings.url.rstrip("/"), timeout=_TIMEOUT_S, trust_env=elsewhere)
        self._token: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def trigger(self, form: Mapping[str, Any]) -> str:
        """Start a run with those values of the form; -> its id. Raises ConfigurationError or Transient."""
        answer = self._ask("POST", f"/api/v2/dags/{DAG_ID}/dagRuns", {"logical_date": None, "conf": dict(form)})
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise Transient(f"Airflow at {self._settings.url} does not know {DAG_ID} yet; try again in some seconds")
        if answer.status_code in (httpx.codes.BAD_REQUEST, httpx.codes.UNPROCESSABLE_ENTITY):
            raise ConfigurationError(f"Airflow refuses the run: {_detail(answer)}")
        self._check(answer)
        return str(answer.json()["dag_run_id"])

    def state(self, run_id: str) -> str | None:
        """The state of the run's DAG run; None when Airflow has none. Raises ConfigurationError or Transient."""
        answer = self._ask("GET", f"/api/v2/dags/{DAG_ID}/dagRuns/{quote(run_id, safe='')}")
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        self._check(answer)
        return str(answer.json()["state"])

    def page(self, run_id: str) -> str:
        """Where a person looks at the run."""
        return f"{self._settings.url.rstrip('/')}/dags/{DAG_ID}/runs/{quote(run_id, safe='')}"

    def _ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        try:
            answer = self._client.request(method, path, json=body, headers=self._signed())
            if answer.status_code == httpx.codes.UNAUTHORIZED:
                self._token = None
                answer = self._client.request(method, path, json=body, headers=self._signed())
        except httpx.HTTPError as error:
            raise self._silent(error) from error
        return answer

    def _signed(self) -> dict[str, str]:
        if self._token is None:
            credentials = {
                "username": self._settings.username,
                "password": self._settings.password.get_secret_value(),
            }
            answer = self._client.post("/auth/token", json=credentials)
            if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
                raise ConfigurationError(
                    f"Airflow at {self._settings.url} does not let {self._settings.username} in: "
                    "check AIRFLOW_USERNAME and AIRFLOW_PASSWORD"
                )
            self._check(answer)
            self._token = str(answer.json()["access_token"])
        return {"Authorization": f"Bearer {self._token}"}

    def _check(self, answer: httpx.Response) -> None:
        if answer.status_code == httpx.codes.FORBIDDEN:
            raise ConfigurationError(f"{self._settings.username} may not do that in Airflow: {_detail(answer)}")
        if not answer.is_success:
            raise Transient(f"Airflow at {self._settings.url} answers {answer.status_code}: {_detail(answer)}")

    def _silent(self, error: httpx.HTTPError) -> Transient:
        return Transient(
            f"Airflow does not answer at {self._settings.url} ({type(error).__name__}). "
            "Is the stack up (stocks up), and is AIRFLOW_URL right?"
        )


def _detail(answer: httpx.Response) -> str:
    try:
        detail = answer.json().get("detail", answer.text)
    except ValueError:
        detail = answer.text
    return str(detail).strip()[:500]
