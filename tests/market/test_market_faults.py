"""Faults on purpose: the same seed, the same faults; and each of them is what it says."""

from __future__ import annotations

import time

import httpx
import pytest

from include.errors import ConfigurationError
from include.market.faults import Faults
from include.market.profiles import PROFILES, Limit, Profile, profile
from include.market.vendor import Asked
from tests.market.conftest import PAGE, QUERY

SERIES = "/ws/fundamentals-timeseries/v1/finance/timeseries/"


def _drawn(seed: int, name: str = "hostile") -> list[str | None]:
    faults = Faults(Profile(name, PROFILES[name].rates), seed)
    return [faults.draw("yahoo", Asked("fundamentals", (s,), s)) for s in "ABCDEFGH" for _ in range(50)]


def test_the_same_seed_strikes_the_same_requests() -> None:
    assert _drawn(1) == _drawn(1)
    assert _drawn(1) != _drawn(2)


def test_other_requests_in_between_change_nothing() -> None:
    alone, busy = Faults(PROFILES["flaky"], 1), Faults(PROFILES["flaky"], 1)
    drawn = []
    for number in range(300):
        busy.draw("yahoo", Asked("quote", subject=f"other {number}"))
        drawn.append(busy.draw("yahoo", Asked("fundamentals", subject="A")))
    assert drawn == [alone.draw("yahoo", Asked("fundamentals", subject="A")) for _ in range(300)]


def test_a_calm_market_strikes_nothing() -> None:
    assert set(_drawn(1, "calm")) == {None}


def test_flaky_is_survivable_four_tries_hardly_ever_all_fail() -> None:
    faults = Faults(PROFILES["flaky"], 1)
    failed = 0
    for number in range(2000):
        tries = [faults.draw("yahoo", Asked("fundamentals", subject=str(number))) for _ in range(4)]
        failed += all(tries)
    assert failed <= 2


def test_more_requests_than_the_limit_are_refused_until_time_passes() -> None:
    now = [0.0]
    faults = Faults(Profile("tight", limit=Limit(requests=2, seconds=1.0)), 1, clock=lambda: now[0])
    asked = Asked("quote")
    assert [faults.draw("yahoo", asked) for _ in range(3)] == [None, None, "rate-limited"]
    assert faults.draw("another", asked) is None
    now[0] = 1.1
    assert faults.draw("yahoo", asked) is None


def test_an_unknown_profile_is_named() -> None:
    with pytest.raises(ConfigurationError, match="'nasty'; choose one of calm, rate-limited, flaky, hostile"):
        profile("nasty")


@pytest.mark.parametrize(
    ("fault", "status", "headers", "text"),
    [
        ("429", 429, {}, "Too Many Requests"),
        ("429-retry-after", 429, {"Retry-After": "2"}, "Too Many Requests"),
        ("500", 500, {}, "Request denied"),
        ("503", 503, {"Retry-After": "1"}, "right back"),
        ("refusal-200", 200, {}, '"result":null'),
        ("bad-crumb", 401, {}, "Invalid Crumb"),
        ("bad-cookie", 401, {}, "Invalid Cookie"),
    ],
)
def test_refusals_come_in_the_vendors_words(running, signed_in, fault, status, headers, text) -> None:
    market = running()
    client, crumb = signed_in(market)
    market.strike("quote", fault)
    answer = client.get(f"{QUERY}/v7/finance/quote", params={"symbols": "EURUSD=X,A", "crumb": crumb})
    assert (answer.status_code, {k: answer.headers.get(k) for k in headers}) == (status, headers)
    assert text in answer.text
    again = client.get(f"{QUERY}/v7/finance/quote", params={"symbols": "EURUSD=X,A", "crumb": crumb})
    assert again.json()["quoteResponse"]["result"]


def test_a_reset_is_no_answer(running, client_of) -> None:
    market = running()
    market.strike("cookie", "reset")
    with pytest.raises(httpx.TransportError):
        client_of(market).get("https://fc.yahoo.com/")
    assert market.stats()["vendors"]["yahoo"]["kinds"]["cookie"]["statuses"] == {"none": 1}


def test_a_truncated_answer_ends_in_the_middle(running, client_of) -> None:
    market = running()
    market.strike("fundamentals", "truncated")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        client_of(market).get(QUERY + SERIES + "A", params={"type": "annualEBIT"})


def test_a_time_out_is_silence(running, client_of) -> None:
    market = running()
    market.strike("fundamentals", "timeout")
    client = client_of(market)
    with pytest.raises(httpx.ReadTimeout):
        client.get(QUERY + SERIES + "A", params={"type": "annualEBIT"}, timeout=httpx.Timeout(60, read=0.5))


def test_latency_delays_every_answer_of_a_vendor(running, client_of) -> None:
    market = running(latency_ms=120)
    client = client_of(market)
    client.get("https://fc.yahoo.com/")
    began = time.monotonic()
    client.get("https://fc.yahoo.com/")
    assert time.monotonic() - began >= 0.12


def test_missing_fields_are_absent_not_null(running, signed_in) -> None:
    market = running()
    client, crumb = signed_in(market)
    symbol = next(iter(_symbols(client, crumb)))
    market.strike("quote", "missing-fields")
    ask = {"symbols": symbol, "crumb": crumb}
    lacking = client.get(f"{QUERY}/v7/finance/quote", params=ask).json()["quoteResponse"]["result"][0]
    whole = client.get(f"{QUERY}/v7/finance/quote", params=ask).json()["quoteResponse"]["result"][0]
    assert set(whole) - set(lacking) == {"marketCap", "longName", "regularMarketTime"}


def test_duplicate_rows_take_the_place_of_others(running, signed_in) -> None:
    market = running()
    client, crumb = signed_in(market)
    market.strike("screener", "duplicate-rows")
    twice, once = _symbols(client, crumb), _symbols(client, crumb)
    assert len(twice) == len(once)
    assert len(set(twice)) == len(once) - 1


def test_a_changed_layout_has_other_names_for_everything(running, client_of) -> None:
    market = running()
    client = client_of(market, follow_redirects=True)
    consent = client.get(PAGE)
    client.post(consent.url, data={"agree": "agree", "csrfToken": str(consent.url.params["sessionId"])[-7:]})
    market.strike("page", "changed-layout")
    changed, usual = client.get(PAGE).text, client.get(PAGE).text
    assert "data-testid" in usual
    assert "data-testid" not in changed


def test_a_long_address_is_refused_where_that_is_asked_for(running, client_of) -> None:
    market = running(max_target_bytes=500)
    client = client_of(market)
    types = ",".join(f"annualLine{n}" for n in range(50))
    assert client.get(QUERY + SERIES + "A", params={"type": types}).status_code == 414
    assert client.get(QUERY + SERIES + "A", params={"type": "annualEBIT"}).status_code == 200


def _symbols(client: httpx.Client, crumb: str) -> list[str]:
    query = {"operator": "EQ", "operands": ["region", "gb"]}
    answer = client.post(f"{QUERY}/v1/finance/screener?crumb={crumb}", json={"query": query, "size": 20})
    return [quote["symbol"] for quote in answer.json()["finance"]["result"][0]["quotes"]]
