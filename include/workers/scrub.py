"""No secret leaves the process: not in a header, not in a message, not in a log line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

HIDDEN = "***"
_SECRET_NAME = re.compile(r"PASSWORD|SECRET|TOKEN|API_KEY|KEY_ID|FERNET|PRIVATE|CREDENTIAL|MONGO_URL", re.IGNORECASE)
_SHORTEST = 6  # shorter values (a port, a flag) would hide half of every message
_IN_URL = re.compile(
    r"(?i)\b((?:api_?key|access_?key|token|crumb|secret|password|passwd|signature|sig|auth)=)[^&\s\"'<>]+"
)
_BEARER = re.compile(r"(?i)\b((?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{6,}")
_USER_INFO = re.compile(r"(://)[^/\s@:]+:[^/\s@]+@")


class Scrubber:
    """Hides the secret values of an environment, and whatever looks like one in an address."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        values = {v for name, v in environment.items() if _SECRET_NAME.search(name) and len(v) >= _SHORTEST}
        spellings = sorted({s for v in values for s in (v, quote(v, safe=""))}, key=len, reverse=True)
        self._values = re.compile("|".join(map(re.escape, spellings))) if spellings else None

    def __call__(self, text: str) -> str:
        """``text`` without secrets."""
        if self._values is not None:
            text = self._values.sub(HIDDEN, text)
        text = _IN_URL.sub(rf"\1{HIDDEN}", text)
        text = _BEARER.sub(rf"\1{HIDDEN}", text)
        return _USER_INFO.sub(rf"\1{HIDDEN}@", text)
