"""A program of the stack sees the secrets that it works with, and no others."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from include.settings.environment import VENDOR_VARIABLES
from include.stack import trust

_PLAIN = {"PATH": "/bin", "STOCKS_HOME": "/home/ada/.stocks", "HTTPS_PROXY": "http://127.0.0.1:8089", "DB_USER": "ada"}
_SECRET = {
    *("DB_PASSWORD", "MONGO_URL", "AIRFLOW_PASSWORD", "AIRFLOW__CORE__FERNET_KEY", "KAFKA_SASL_PASSWORD"),
    *("POLYGON_API_KEY", "BRAPI_TOKEN", "ALPHAVANTAGE_API_KEY", "APCA_API_KEY_ID", "APCA_API_SECRET_KEY"),
    *("AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN"),
}
_STORES = {"DB_PASSWORD", "KAFKA_SASL_PASSWORD"}
_ALPACA = {"APCA_API_KEY_ID", "APCA_API_SECRET_KEY"}


@pytest.mark.parametrize(
    ("of", "secrets"),
    [
        (trust.worker, _STORES),
        (trust.sink, _STORES | {"MONGO_URL"}),
        (trust.stream, _STORES | _ALPACA),
        (trust.orchestrator, _STORES | (_SECRET & set(VENDOR_VARIABLES)) | {"AIRFLOW__CORE__FERNET_KEY"}),
        (trust.nobody, set[str]()),
    ],
)
def test_a_program_sees_its_own_secrets_and_everything_that_is_none(
    of: Callable[[Mapping[str, str]], Mapping[str, str]], secrets: set[str]
) -> None:
    seen = of(_PLAIN | dict.fromkeys(_SECRET, "x" * 9))
    assert set(seen) - set(_PLAIN) == secrets
    assert {name: seen[name] for name in _PLAIN} == _PLAIN
