"""Yahoo's cookie and crumb, checked strictly: the crumb belongs to the cookie, the cookie to this world.

Nothing is remembered: a cookie carries its own signature, so a client may keep one over a restart of
the market, and one of another market is refused.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from include.market.wire import TEXT, Reply, Request, json_reply

_YEAR_S = 365 * 24 * 3600
_CRUMB_CHARS = 11


class Session:
    """Gives out cookies and crumbs, and knows its own."""

    def __init__(self, seed: int) -> None:
        self._secret = hashlib.sha256(f"yahoo:{seed}".encode()).digest()

    def cookie(self) -> str:
        """A fresh ``Set-Cookie`` of an A3."""
        token = secrets.token_urlsafe(24)
        value = f"d={token}&S={self._sign('A3', token)}"
        return f"A3={value}; Max-Age={_YEAR_S}; Domain=.yahoo.com; Path=/; SameSite=None; Secure; HttpOnly"

    def holds_cookie(self, request: Request) -> bool:
        """Whether the request carries an A3 of ours."""
        value = request.cookies.get("A3", "").strip('"')
        token, _, signature = value.removeprefix("d=").partition("&S=")
        return hmac.compare_digest(signature.encode(), self._sign("A3", token).encode())

    def crumb_reply(self, request: Request) -> Reply:
        """The crumb of the request's cookie."""
        if not self.holds_cookie(request):
            return unauthorized("Invalid Cookie")
        return Reply(200, self._crumb(request).encode(), TEXT)

    def refusal(self, request: Request, *, required: bool) -> Reply | None:
        """Why the request's crumb is no good. Where none is ``required``, one that is sent must be right."""
        crumb = request.query.get("crumb")
        if crumb is None and not required:
            return None
        if not self.holds_cookie(request):
            return unauthorized("Invalid Cookie")
        if crumb is None or not hmac.compare_digest(crumb.encode(), self._crumb(request).encode()):
            return unauthorized("Invalid Crumb")
        return None

    def _crumb(self, request: Request) -> str:
        return self._sign("crumb", request.cookies["A3"].strip('"'))[:_CRUMB_CHARS]

    def _sign(self, purpose: str, text: str) -> str:
        digest = hmac.new(self._secret, f"{purpose}:{text}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest[:18]).decode()


def unauthorized(description: str) -> Reply:
    """Yahoo's 401."""
    return json_reply({"finance": {"result": None, "error": {"code": "Unauthorized", "description": description}}}, 401)
