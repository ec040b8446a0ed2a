"""The routes of the page about the feeds: look, and show."""

from __future__ import annotations

import msgspec
from fastapi import APIRouter
from fastapi.responses import HTMLResponse, JSONResponse, Response

from include.errors import StocksError
from include.monitor.looking import glance
from include.monitor.page import failure_page, feeds_page
from include.monitor.stylesheet import POLICY
from include.settings import environment

router = APIRouter()

_AWAY = 503


@router.get("/feeds", response_class=HTMLResponse)
def page() -> HTMLResponse:
    """The page; 503 and the reason when there is nothing to show."""
    headers = {"Content-Security-Policy": POLICY}
    try:
        return HTMLResponse(feeds_page(glance(environment())), headers=headers)
    except StocksError as error:
        return HTMLResponse(failure_page(str(error)), _AWAY, headers)


@router.get("/feeds.json")
def reading() -> Response:
    """The same reading as JSON."""
    try:
        return Response(msgspec.json.encode(glance(environment())), media_type="application/json")
    except StocksError as error:
        return JSONResponse({"detail": str(error)}, _AWAY)
