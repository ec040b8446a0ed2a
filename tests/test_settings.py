"""Settings are read once, and what is wrong is one clear line."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.errors import ConfigurationError
from include.settings import (
    AirflowSettings,
    AlphaVantageSettings,
    DatabaseSettings,
    KafkaSettings,
    RunSettings,
    ScrapeSettings,
    Settings,
    environment,
)

DATABASE = {"DB_USER": "stocks", "DB_HOST": "db.example", "DB_PASSWORD": "s3cret-canary"}
STACK = ("DB_USER", "DB_HOST", "KAFKA_BOOTSTRAP_SERVERS", "AIRFLOW_URL", "AIRFLOW_USERNAME", "AIRFLOW_PASSWORD")


@pytest.mark.parametrize("name", ["DB_USER", "DB_HOST", "DB_PASSWORD"])
def test_a_missing_variable_is_named_with_what_it_expects(name: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"{name} is not set.*It expects"):
        DatabaseSettings.from_env({k: v for k, v in DATABASE.items() if k != name})


@pytest.mark.parametrize("settings", [DatabaseSettings, KafkaSettings, AirflowSettings])
@pytest.mark.parametrize("nothing", [{}, dict.fromkeys(STACK, "")], ids=["unset", "empty"])
def test_where_no_stack_runs_a_person_learns_how_to_start_one_or_point_to_one(
    settings: type[Settings], nothing: dict[str, str]
) -> None:
    with pytest.raises(ConfigurationError, match=r"no stack runs here.* not set.*`stocks up`.*STOCKS_HOME") as refusal:
        settings.from_env(nothing | {"STOCKS_HOME": "/srv/stocks"})
    assert "/srv/stocks" in str(refusal.value)


def test_an_empty_variable_counts_as_missing() -> None:
    with pytest.raises(ConfigurationError, match="ALPHAVANTAGE_API_KEY is not set"):
        AlphaVantageSettings.from_env({"ALPHAVANTAGE_API_KEY": ""})


def test_a_unix_socket_needs_no_password() -> None:
    settings = DatabaseSettings.from_env({"DB_USER": "stocks", "DB_HOST": "/run/stocks"})
    assert "password" not in settings.connection


@pytest.mark.parametrize(
    ("variable", "value", "settings"),
    [
        ("DB_PORT", "http", DatabaseSettings),
        ("RUN_FAILURE_THRESHOLD", "5 of 100", RunSettings),
        ("RUN_FAILURE_THRESHOLD", "7", RunSettings),
        ("RUN_STALL_MINUTES", "0", RunSettings),
        ("SCRAPE_TIMEZONE", "Mars/Olympus", ScrapeSettings),
        ("SCRAPE_MARKET_CAP_MIN", "a lot", ScrapeSettings),
        ("SCREENER", "telepathy", ScrapeSettings),
    ],
)
def test_a_malformed_value_is_named(variable: str, value: str, settings: type[ScrapeSettings]) -> None:
    with pytest.raises(ConfigurationError, match=f"{variable} is malformed"):
        settings.from_env(DATABASE | {variable: value})


def test_bounds_that_cross_are_refused() -> None:
    settings = ScrapeSettings.from_env({"SCRAPE_MARKET_CAP_MIN": "1B", "SCRAPE_MARKET_CAP_MAX": "100M"})
    with pytest.raises(ConfigurationError, match="SCRAPE_MARKET_CAP_MIN and SCRAPE_MARKET_CAP_MAX"):
        _ = settings.band


def test_secrets_are_hidden_wherever_settings_are_shown() -> None:
    settings = DatabaseSettings.from_env(DATABASE)
    kafka = KafkaSettings.from_env({"KAFKA_BOOTSTRAP_SERVERS": "k:9092", "KAFKA_SASL_PASSWORD": "s3cret-canary"})
    assert "s3cret-canary" not in f"{settings!r} {settings} {settings.model_dump_json()} {kafka!r} {kafka}"


def test_a_malformed_secret_is_not_repeated() -> None:
    with pytest.raises(ConfigurationError) as refusal:
        DatabaseSettings.from_env(DATABASE | {"DB_PORT": "s3cret-canary"})
    assert "s3cret-canary" not in str(refusal.value).replace("unable to parse string as an integer", "")


def test_every_librdkafka_security_setting_is_passed_on() -> None:
    settings = KafkaSettings.from_env(
        {
            "KAFKA_BOOTSTRAP_SERVERS": "k:9092",
            "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
            "KAFKA_SASL_USERNAME": "u",
            "KAFKA_SASL_PASSWORD": "p",
            "KAFKA_SSL_CA_LOCATION": "/etc/ssl/ca.pem",
            "KAFKA_PORT": "9092",
        }
    )
    assert settings.librdkafka() == {
        "bootstrap.servers": "k:9092",
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "u",
        "sasl.password": "p",
        "ssl.ca.location": "/etc/ssl/ca.pem",
    }


def test_regions_are_split_and_lowered() -> None:
    assert ScrapeSettings.from_env({"SCRAPE_REGIONS": "US, gb,"}).regions == ("us", "gb")


def test_a_schedule_can_be_switched_off() -> None:
    assert ScrapeSettings.from_env({"SCRAPE_SCHEDULE": "off"}).schedule is None


def test_what_a_person_exports_wins_over_the_running_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "stack.env").write_text("DB_USER=stack\nDB_HOST=/run/stack\n")
    monkeypatch.setenv("STOCKS_HOME", str(tmp_path))
    monkeypatch.setenv("DB_USER", "person")
    assert (environment()["DB_USER"], environment()["DB_HOST"]) == ("person", "/run/stack")


def test_the_local_market_is_found_and_trusted_whatever_the_machine_exports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = "HTTPS_PROXY=http://127.0.0.1:8089\nREQUESTS_CA_BUNDLE=/market.pem\nSTOCKS_BROWSER_SPKI=abc\n"
    (tmp_path / "stack.env").write_text(market)
    monkeypatch.setenv("STOCKS_HOME", str(tmp_path))
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/ssl/certs/ca-certificates.crt")
    found = environment()
    assert (found["HTTPS_PROXY"], found["REQUESTS_CA_BUNDLE"]) == ("http://127.0.0.1:8089", "/market.pem")


def test_a_symbol_that_is_listed_twice_is_watched_once() -> None:
    settings = AlphaVantageSettings.from_env({"ALPHAVANTAGE_API_KEY": "key", "ALPHAVANTAGE_SYMBOLS": "IBM, ko,ibm,,KO"})
    assert settings.symbols == ("IBM", "KO")
