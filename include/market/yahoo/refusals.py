"""Yahoo's refusals, in its own words, and answers that are not what they should be."""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import msgspec

from include.market.wire import HTML, TEXT, Reply, Request, json_reply
from include.market.yahoo.screen import BadQuery, Query, Screen
from include.market.yahoo.session import unauthorized

_RETRY_AFTER = (("Retry-After", "2"),)
_TOO_MANY = Reply(429, b"Edge: Too Many Requests", TEXT)
_REFUSAL = {"finance": {"result": None, "error": {"code": "internal-error", "description": "Request denied"}}}


def unknown(envelope: str, description: str) -> Reply:
    """Yahoo's 404."""
    return json_reply({envelope: {"result": None, "error": {"code": "Not Found", "description": description}}}, 404)


def bad_request(envelope: str, description: str) -> Reply:
    """Yahoo's 400."""
    error = {"code": "Bad Request", "description": description}
    return json_reply({envelope: {"result": None, "error": error}}, 400)


def not_found(request: Request) -> Reply:
    """A path that nobody plays."""
    return unknown("finance", f"No such path: {request.path}")


def worded(fault: str) -> Reply | None:
    """A refusal that stands in the place of an answer; None for a fault that Yahoo knows nothing of."""
    refused = {
        "429": _TOO_MANY,
        "rate-limited": _TOO_MANY,
        "429-retry-after": Reply(429, _TOO_MANY.body, TEXT, _RETRY_AFTER),
        "500": json_reply(_REFUSAL, 500),
        "502": Reply(502, b"<html><body><h1>502 Bad Gateway</h1></body></html>", HTML),
        "503": Reply(503, b"<html><body><h1>Will be right back...</h1></body></html>", HTML, (("Retry-After", "1"),)),
        "refusal-200": json_reply(_REFUSAL),
        "bad-crumb": unauthorized("Invalid Crumb"),
        "bad-cookie": unauthorized("Invalid Cookie"),
    }
    return refused.get(fault)


def _without_fields(reply: Reply) -> Reply:
    """Every third field of a quote, or point of a series, is gone."""
    if reply.status != HTTPStatus.OK:
        return reply
    body: Any = msgspec.json.decode(reply.body)
    if "quoteResponse" in body:
        for quote in body["quoteResponse"]["result"]:
            for name in ("marketCap", "longName", "regularMarketTime"):
                quote.pop(name, None)
    for entry in body.get("timeseries", {}).get("result", [])[::3]:
        for name in [key for key in entry if key != "meta"]:
            del entry[name]
    return json_reply(body)


def _without_quotes(reply: Reply) -> Reply:
    """None of the symbols is known: what a refusal of quotes looks like, and an unknown currency too."""
    return json_reply({"quoteResponse": {"result": [], "error": None}}) if reply.status == HTTPStatus.OK else reply


def _with_duplicates(reply: Reply) -> Reply:
    """The last row is the first one again: what a listing that moved between two pages looks like."""
    if reply.status != HTTPStatus.OK:
        return reply
    body: Any = msgspec.json.decode(reply.body)
    if "finance" in body:
        quotes = body["finance"]["result"][0]["quotes"]
        quotes[-1:] = quotes[:1]
    elif isinstance(body.get("rows"), str):
        rows = re.findall(r"<tr .*?</tr>", body["rows"], re.DOTALL)
        body["rows"] = "".join(rows[:-1] + rows[:1])
    return json_reply(body)


def _changed_layout(reply: Reply) -> Reply:
    """The same page after a relaunch: other names for everything."""
    body = reply.body.replace(b"data-testid", b"data-qa").replace(b"<table", b"<div").replace(b"<tr ", b"<div ")
    return Reply(reply.status, body, reply.content_type, reply.headers)


ALTERED: dict[str, Callable[[Reply], Reply]] = {
    "missing-fields": _without_fields,
    "none-known": _without_quotes,
    "duplicate-rows": _with_duplicates,
    "changed-layout": _changed_layout,
}


def saved_screen(query: dict[str, str]) -> Screen:
    """A predefined screen as a query. Raises BadQuery."""
    name = query.get("scrIds", "")
    if name not in _SAVED:
        raise BadQuery(f"Invalid scrIds: {name}")
    field, order, *conditions = _SAVED[name]
    us = Query("EQ", ["region", "us"])
    size = int(query["count"]) if query.get("count", "").isdigit() else 25
    offset = int(query["start"]) if query.get("start", "").isdigit() else 0
    node = Query("AND", [us, *(Query(op, [what, value]) for what, op, value in conditions)])
    return Screen(node, offset=offset, size=size, sort_field=field, sort_type=order)


_SAVED: dict[str, tuple[Any, ...]] = {
    "most_actives": ("dayvolume", "DESC", ("intradaymarketcap", "GTE", 2e9)),
    "day_gainers": ("percentchange", "DESC", ("percentchange", "GT", 3.0), ("intradaymarketcap", "GTE", 2e9)),
    "day_losers": ("percentchange", "ASC", ("percentchange", "LT", -2.5), ("intradaymarketcap", "GTE", 2e9)),
    "aggressive_small_caps": ("eodvolume", "DESC", ("intradaymarketcap", "LT", 2e9)),
}
