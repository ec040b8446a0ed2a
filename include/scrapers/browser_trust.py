"""Whom the browser may trust beside the public issuers: whom the environment's CA bundle vouches for.

Chromium reads no CA bundle and no variable that names one. Behind a proxy that ends TLS (a company's, or one
that plays the source) every other client of this process would get through and the browser alone would not.
So the hosts of the page are asked for their certificates, which the bundle must vouch for, and the browser is
told their public keys. No trust store is touched, and what the bundle does not vouch for stays untrusted.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import ssl
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException, HTTPSConnection
from urllib.parse import urlsplit
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]  # typeshed leaves it out

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from include.errors import Unfit
from include.scrapers.yahoo_session import ca_bundle, proxy

log = logging.getLogger(__name__)

# What the screener's page is made of, and where consent is given.
HOSTS = (
    *("finance.yahoo.com", "query1.finance.yahoo.com", "query2.finance.yahoo.com"),
    *("guce.yahoo.com", "consent.yahoo.com", "s.yimg.com"),
)
_HTTPS = 443
_WAIT_S = 10.0


def fingerprints(env: Mapping[str, str], port: int = _HTTPS) -> tuple[str, ...]:
    """The base64 SHA-256 of the public keys to be trusted, as Chromium takes them; none without a CA bundle.

    The local market names its own key by ``STOCKS_BROWSER_SPKI``. A host that does not answer, or that the bundle
    does not vouch for, has none: the page says what is wrong when it is opened. Raises Unfit if the bundle cannot
    be read.
    """
    named = env.get("STOCKS_BROWSER_SPKI")
    if named:
        return (named,)
    bundle = ca_bundle(env)
    if bundle is None:
        return ()
    try:
        trust = ssl.create_default_context(cafile=bundle)
    except OSError as error:  # ssl.SSLError is one
        reason = error.strerror or str(error)
        raise Unfit(
            f"the CA bundle {bundle} cannot be read ({reason}); set REQUESTS_CA_BUNDLE to one that can"
        ) from error
    with ThreadPoolExecutor(len(HOSTS), thread_name_prefix="certificates") as pool:
        found = pool.map(lambda host: _fingerprint(_way_to(host, port, env), trust, host, port), HOSTS)
        return tuple(dict.fromkeys(one for one in found if one is not None))


def _way_to(host: str, port: int, env: Mapping[str, str]) -> tuple[str, int] | None:
    """The proxy for ``host``, None where there is none."""
    address = proxy(env)
    excepted = env.get("NO_PROXY") or env.get("no_proxy") or ""
    if address is None or proxy_bypass_environment(f"{host}:{port}", {"no": excepted}):
        return None
    parts = urlsplit(address if "://" in address else f"http://{address}")
    return (parts.hostname or "", parts.port or 80)


def _fingerprint(way: tuple[str, int] | None, trust: ssl.SSLContext, host: str, port: int) -> str | None:
    connection = HTTPSConnection(*(way or (host, port)), timeout=_WAIT_S, context=trust)
    if way is not None:
        connection.set_tunnel(host, port)
    try:
        connection.connect()
        shown = connection.sock.getpeercert(binary_form=True)
    except (OSError, HTTPException) as error:
        log.info("the browser gets no certificate of %s to trust (%s)", host, error)
        return None
    finally:
        connection.close()
    return None if shown is None else _spki(shown)


def _spki(certificate: bytes) -> str:
    key = x509.load_der_x509_certificate(certificate).public_key()
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(der).digest()).decode("ascii")
