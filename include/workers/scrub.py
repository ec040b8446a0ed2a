"""No secret leaves the process: not in a header, not in a message, not in a log line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from include.feeds.masking import masking

HIDDEN = "***"
_SECRET_NAME = re.compile(r"PASSWORD|SECRET|TOKEN|API_KEY|KEY_ID|FERNET|PRIVATE|CREDENTIAL|MONGO_URL", re.IGNORECASE)
_SHORTEST = 6  # shorter values (a port, a flag) would hide half of every message
_IN_URL = re.compile(
    r"(?i)\b((?:api_?key|access_?key|token|crumb|secret|password|passwd|signature|sig|auth)=)[^&\s\"'<>]+"
)
_BEARER = re.compile(r"(?i)\b((?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{6,}")
_USER_INFO = re.compile(r"(://)[^/\s@:]+:[^/\s@]+@")


def is_secret(name: str) -> bool:
    """Whether the variable ``name`` holds a secret, as far as a name can tell."""
    return bool(_SECRET_NAME.search(name))


class Scrubber:
    """Hides the secret values of an environment, however they are escaped, and what looks like one in an address."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        values = {part for name, value in environment.items() if is_secret(name) for part in _parts(value)}
        self._mask = masking([SecretStr(value) for value in values if len(value) >= _SHORTEST])

    def __call__(self, text: str) -> str:
        """``text`` without secrets."""
        text = self._mask(text)
        text = _IN_URL.sub(rf"\1{HIDDEN}", text)
        text = _BEARER.sub(rf"\1{HIDDEN}", text)
        return _USER_INFO.sub(rf"\1{HIDDEN}@", text)


def _parts(value: str) -> Iterator[str]:
    """A secret, and the password in it if it is an address: a driver's message may show that alone."""
    yield value
    try:
        password = urlsplit(value).password
    except ValueError:
        return
    if password:
        yield password
        yield unquote(password)
