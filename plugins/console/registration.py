"""The door between Airflow and us: what is registered, and nothing of what it does."""

from __future__ import annotations

from functools import cache
from typing import Any

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin


class RunListener:
    """Marking a run of ``regional_scrape`` as failed cancels it."""

    @hookimpl
    def on_dag_run_failed(self, dag_run: Any, msg: str) -> None:
        from include.orchestration.marking import cancel_if_marked

        cancel_if_marked(dag_run.dag_id, dag_run.run_id, msg)


@cache
def _console() -> Any:
    from console import app, feeds

    return app.make_app(feeds.router)


async def console(scope: Any, receive: Any, send: Any) -> None:
    """Our pages, imported at their first question: every process of Airflow loads this file, one serves pages."""
    await _console()(scope, receive, send)


class StocksPlugin(AirflowPlugin):
    """Everything of ours that Airflow's own processes load."""

    name = "stocks"
    # Airflow reads all of these from the class.
    listeners = [RunListener()]  # noqa: RUF012
    fastapi_apps = [{"name": "Stocks", "app": console, "url_prefix": "/stocks"}]  # noqa: RUF012
    external_views = [  # noqa: RUF012
        {
            "name": "Feeds",
            "href": "/stocks/feeds",
            "destination": "nav",
            "category": "browse",
            "url_route": "feeds",
        }
    ]
