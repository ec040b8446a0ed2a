"""Where requests meet vendors: who answers, what is counted, what goes wrong on purpose."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Sequence

from include.market.alpaca import Alpaca
from include.market.connection import Outcome, Socket
from include.market.faults import Faults
from include.market.profiles import Profile
from include.market.stats import Stats
from include.market.vendor import Asked, Vendor
from include.market.wire import Reply, Request, json_reply, redirect

_OWN_NAMES = ("127.0.0.1", "localhost", "")
_LATE_S = 1.5
_HUNG_S = 120.0  # longer than any client waits


class MarketDesk:
    """Answers for all vendors; used by the server's one thread."""

    def __init__(
        self,
        vendors: Sequence[Vendor],
        tls: ssl.SSLContext,
        profile: Profile,
        *,
        seed: int,
        latency_s: float = 0.0,
        max_target_bytes: int | None = None,
    ) -> None:
        self.tls = tls
        self.stats = Stats()
        self._vendors = {host: vendor for vendor in vendors for host in vendor.hosts}
        self._profile = profile
        self._faults = Faults(profile, seed)
        self._latency_s = latency_s
        self._alpaca = next((vendor for vendor in vendors if isinstance(vendor, Alpaca)), None)
        if self._alpaca is not None:
            # Frames have a limit of their own, or they would use up that of the requests.
            self._alpaca.strikes_with(lambda: self._faults.draw("alpaca-stream", Asked("stream-frame")))
        self._max_target_bytes = max_target_bytes

    def socket(self, request: Request, ended: Callable[[], None]) -> Socket | None:
        """Alpaca's streams, under its own name or the market's."""
        if self._alpaca is None or request.host not in (*self._alpaca.hosts, *_OWN_NAMES):
            return None
        successor = self._alpaca.upgraded(request, ended)
        if successor is not None:
            self.stats.count(self._alpaca.name, Asked("stream", subject=request.path), 101, None)
        return successor

    def strike(self, kind: str, faults: Sequence[str]) -> None:
        """Strike the next requests of ``kind`` with ``faults``, one each."""
        self._faults.strike(kind, faults)

    def tunnel_refusal(self, host: str) -> Reply | None:
        """A clear 403 for hosts that nobody plays: nothing is ever forwarded."""
        if host in self._vendors:
            return None
        self.stats.count_refused_host(host)
        played = ", ".join(sorted(self._vendors))
        message = f"the local market does not play {host}, and it forwards nothing; it plays {played}"
        return json_reply({"error": message}, 403)

    def outcome(self, request: Request, *, secure: bool) -> Outcome:
        """The answer of the vendor, or of the market itself, or what a fault makes of it."""
        vendor = self._vendors.get(request.host)
        at_home = request.host in _OWN_NAMES and not secure
        if at_home and self._alpaca is not None and self._alpaca.serves(request):
            vendor = self._alpaca
        elif at_home:
            return Outcome(self._own(request))
        elif vendor is None:
            return Outcome(self.tunnel_refusal(request.host))
        elif not secure:
            return Outcome(redirect(f"https://{request.host}{request.target}", status=301))
        asked = vendor.asked(request)
        if self._max_target_bytes is not None and len(request.target) > self._max_target_bytes:
            self.stats.count(vendor.name, asked, 414, "long-target")
            return Outcome(Reply(414, b"Request-URI Too Long"), self._latency_s)
        fault = self._faults.draw(vendor.name, asked)
        struck = None if fault is None else self._strike(fault, vendor, request, asked)
        if struck is None:
            reply = vendor.answer(request, asked)
            struck, fault = Outcome(reply, self._latency_s), None
        self.stats.count(vendor.name, asked, None if struck.reply is None else struck.reply.status, fault)
        return struck

    def _strike(self, fault: str, vendor: Vendor, request: Request, asked: Asked) -> Outcome | None:
        if fault == "reset":
            return Outcome(None, self._latency_s, "reset")
        if fault == "timeout":
            return Outcome(None, _HUNG_S, "reset")
        if fault == "late":
            return Outcome(vendor.answer(request, asked), self._latency_s + _LATE_S)
        if fault == "truncated":
            return Outcome(vendor.answer(request, asked), self._latency_s, "truncated")
        refusal = vendor.refuse(fault, request, asked)
        return None if refusal is None else Outcome(refusal, self._latency_s)

    def _own(self, request: Request) -> Reply:
        if request.path == "/_market/stats":
            if request.method == "POST":
                self.stats.reset()
            return json_reply(self.stats.as_json(with_symbols=request.query.get("symbols") != "0"))
        if request.path == "/_market/health":
            return json_reply({"status": "ok", "profile": self._profile.name, "hosts": sorted(self._vendors)})
        message = f"{request.path} is not here; see /_market/health and /_market/stats (POST resets the counts)"
        return json_reply({"error": message}, 404)
