"""What all our pages have in common: nobody sees one without being signed in, and none runs what is not its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import AccessView
from airflow.api_fastapi.core_api.security import requires_access_view
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

# A page that needs a style or a script of its own brings a policy that names them.
_POLICY = "default-src 'none'; frame-ancestors 'self'"
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def make_app(*routers: APIRouter) -> FastAPI:
    """The application of all our pages. Every route needs a user who may see Airflow's own pages (a viewer may)."""
    signed_in = Depends(requires_access_view(AccessView.WEBSITE))
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, dependencies=[signed_in])
    app.add_exception_handler(HTTPException, _refuse)
    app.middleware("http")(_guard)
    for router in routers:
        app.include_router(router)
    return app


async def _refuse(request: Request, error: Exception) -> Response:
    """To the login where a person looks, else a plain refusal."""
    if not isinstance(error, HTTPException):
        raise error
    wants_page = request.method == "GET" and "text/html" in request.headers.get("accept", "")
    if error.status_code == 401 and wants_page:  # noqa: PLR2004  Unauthorized
        return RedirectResponse(get_auth_manager().get_url_login(next_url=str(request.url)), 307)
    return JSONResponse({"detail": error.detail}, error.status_code, error.headers)


async def _guard(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await answer(request)
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response
