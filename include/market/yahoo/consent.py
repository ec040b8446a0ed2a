"""Yahoo's consent walk: finance -> guce -> consent page -> (accept or reject) -> guce -> back, with cookies."""

from __future__ import annotations

import html
import secrets
from urllib.parse import quote, urlencode, urlsplit

from include.market.wire import HTML, Reply, Request, redirect
from include.market.yahoo.session import Session

GUCE, CONSENT, FINANCE = "guce.yahoo.com", "consent.yahoo.com", "finance.yahoo.com"
_DAY_S = 24 * 3600


class Consent:
    """The walk. Where it leads back to travels in its own addresses; nothing is kept."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def given(self, request: Request) -> bool:
        """Whether this browser has been through it."""
        return "GUC" in request.cookies and self._session.holds_cookie(request)

    def begin(self, request: Request) -> Reply:
        """Send a page's visitor away to consent first."""
        crumb = secrets.token_urlsafe(5)
        done = f"https://{request.host}{request.target}"
        query = urlencode({"brandType": "nonEu", "gcrumb": crumb, "done": done})
        cookie = f"GUCS={crumb}; Max-Age=1800; Domain=.yahoo.com; Path=/; Secure"
        return redirect(f"https://{GUCE}/consent?{query}", status=307, cookies=(cookie,))

    def answer(self, request: Request) -> Reply:
        """A step of the walk, on guce and consent."""
        done = request.query.get("done", f"https://{FINANCE}/")
        if request.host == GUCE and request.path == "/consent":
            session_id = f"3_cc-session_{secrets.token_hex(16)}"
            query = urlencode({"sessionId": session_id, "done": done})
            return redirect(f"https://{CONSENT}/v2/collectConsent?{query}")
        if request.host == GUCE and request.path == "/copyConsent":
            return redirect(_back(done), cookies=self._cookies())
        if request.host == CONSENT and request.path == "/v2/collectConsent":
            return self._collect(request, done)
        return Reply(404, b"<html><body>Not Found</body></html>", HTML)

    def _collect(self, request: Request, done: str) -> Reply:
        session_id = request.query.get("sessionId", "")
        if request.method != "POST":
            return Reply(200, _page(session_id, done).encode(), HTML)
        if request.form.get("csrfToken") != _token(session_id) or not {"agree", "reject"} & request.form.keys():
            return Reply(400, b"<html><body>Invalid request</body></html>", HTML)
        query = urlencode({"sessionId": session_id, "lang": "en-US", "done": done})
        cookie = f"CFC={secrets.token_urlsafe(12)}; Domain={CONSENT}; Path=/; Secure"
        return redirect(f"https://{GUCE}/copyConsent?{query}", cookies=(cookie,))

    def _cookies(self) -> tuple[str, ...]:
        guc = f"GUC={secrets.token_urlsafe(16)}; Max-Age={365 * _DAY_S}; Domain=yahoo.com; Path=/; Secure"
        given = f"EuConsent={secrets.token_urlsafe(40)}; Max-Age={_DAY_S}; Domain=yahoo.com; Path=/"
        a3 = self._session.cookie()
        a1 = a3.replace("A3=", "A1=", 1).replace("SameSite=None", "SameSite=Lax")
        a1s = a3.replace("A3=", "A1S=", 1).replace("SameSite=None", "SameSite=Lax").replace("; HttpOnly", "")
        return guc, a3, a1s, given, a1


def _token(session_id: str) -> str:
    return session_id[-7:]


def _back(done: str) -> str:
    """The page that was wanted, if it is one of ours: the real walk leads nowhere else either."""
    parts = urlsplit(done)
    if parts.scheme != "https" or not f".{parts.hostname}".endswith(".yahoo.com"):
        return f"https://{FINANCE}/?guccounter=1"
    return f"{done}{'&' if parts.query else '?'}guccounter=1"


def _page(session_id: str, done: str) -> str:
    wanted = html.escape(_back(done), quote=True)
    manage = quote(session_id)
    return f"""<!DOCTYPE html>
<html lang="en-US"><head><meta charset="utf-8"><title>Yahoo is part of the Yahoo family of brands</title></head>
<body class="blur-preview-tpl"><div id="consent-page" class="consent-overlay"><div class="con-wizard">
<form method="post" class="consent-form" action="">
<div class="wizard-body"><div class="consent-text" id="consent-text"><p>We, Yahoo, are part of the Yahoo family of
brands. If you click '<strong>Accept all</strong>', we and our partners will also store and access information on a
device. If you do not want that, click '<strong>Reject all</strong>'.</p></div>
<div class="actions couple">
<input type="hidden" name="csrfToken" value="{html.escape(_token(session_id), quote=True)}">
<input type="hidden" name="sessionId" value="{html.escape(session_id, quote=True)}">
<input type="hidden" name="originalDoneUrl" value="{wanted}">
<input type="hidden" name="namespace" value="yahoo">
<button type="submit" class="btn secondary accept-all " name="agree" value="agree">Accept all</button>
<button type="submit" class="btn secondary reject-all" name="reject" value="reject">Reject all</button>
<a href="/v2/partners?sessionId={manage}" class="btn secondary mng-btn manage-settings" role="button">Manage privacy
settings</a></div></div></form>
<div class="scroll-down-wrapper"><button id="scroll-down-btn" class="btn">Go to end</button></div>
</div></div></body></html>"""
