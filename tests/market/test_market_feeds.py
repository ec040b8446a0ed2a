"""The vendors of prices that the local market plays: as strict as they are, and worded as they word it."""

from __future__ import annotations

import json
import os
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from include.market.plans import Plans, Window
from include.market.server import Market, MarketSettings
from include.market.tape import Tape

FREE, PAID = "free-key-1", "paid-key-1"


@pytest.fixture
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    with Market(MarketSettings(home=tmp_path_factory.mktemp("market"), stocks_per_region=1)) as running:
        yield running


@pytest.fixture
def client(market: Market) -> Iterator[httpx.Client]:
    trust = ssl.create_default_context(cafile=str(market.certificates.bundle_file))
    with httpx.Client(proxy=market.url, verify=trust, trust_env=False, timeout=60) as found:
        yield found


def polygon(client: httpx.Client, path: str, key: str = PAID) -> httpx.Response:
    return client.get(f"https://api.polygon.io{path}", params={"apiKey": key})


def brapi(client: httpx.Client, tickers: str, token: str = PAID) -> httpx.Response:
    return client.get(f"https://brapi.dev/api/quote/{tickers}", headers={"Authorization": f"Bearer {token}"})


def alpha(client: httpx.Client, symbol: str, key: str = PAID) -> dict[str, Any]:
    params = {"function": "GLOBAL_QUOTE", "symbol": symbol, "apikey": key}
    answer = client.get("https://www.alphavantage.co/query", params=params)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def shape(value: Any) -> Any:
    """The names and kinds of an answer; int and float are one kind, as JSON has it."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value[:1]]
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def recorded(name: str) -> Any:
    folder = os.environ.get("STOCKS_RECORDINGS")
    if not folder:
        pytest.skip("STOCKS_RECORDINGS names no folder of recorded answers")
    return json.loads((Path(folder) / name).read_text("utf-8"))


def test_polygons_bar_has_the_shape_of_a_recorded_one(client: httpx.Client) -> None:
    played = polygon(client, "/v2/aggs/ticker/AAPL/prev").json()
    assert shape(played) == shape(recorded("polygon/v2_aggs_ticker_AAPL_prev.json"))


def test_polygons_reference_says_nothing_that_a_recorded_one_does_not(client: httpx.Client) -> None:
    played = shape(polygon(client, "/v3/reference/tickers/AAPL").json())
    real = shape(recorded("polygon/v3_reference_tickers_AAPL.json"))
    assert played["results"].items() <= real["results"].items()
    assert played.keys() == real.keys()


def test_brapis_quote_has_the_shape_of_a_recorded_one(client: httpx.Client) -> None:
    played = brapi(client, "PETR4").json()
    assert shape(played["results"]) == shape(recorded("brapi/quote_PETR4_2026-09.json")["results"])


def test_alpha_vantages_quote_has_the_shape_of_a_recorded_one(client: httpx.Client) -> None:
    assert shape(alpha(client, "MSFT")) == shape(recorded("alphavantage/global_quote.json"))


@pytest.mark.parametrize(
    ("fault", "kind", "status", "file"),
    [
        ("429", "previous-bar", 429, "polygon/err_rate_limit_429.json"),
        (None, "", 401, "polygon/err_unknown_key_401.json"),
    ],
)
def test_polygons_refusals_are_worded_as_recorded(
    market: Market, client: httpx.Client, fault: str | None, kind: str, status: int, file: str
) -> None:
    real = recorded(file)
    if fault:
        market.strike(kind, fault)
    answer = polygon(client, "/v2/aggs/ticker/AAPL/prev", PAID if fault else "short")
    assert answer.status_code == status == real["status"]
    assert answer.json()["error"] == real["body"]["error"]
    assert shape(answer.json()) == shape(real["body"])


def test_brapis_refusals_are_worded_as_recorded(client: httpx.Client) -> None:
    assert brapi(client, "PETR4", "short").json() == recorded("brapi/err_401_token.json")["body"]


def test_an_unknown_ticker_is_each_vendors_own_nothing(client: httpx.Client) -> None:
    bar = polygon(client, "/v2/aggs/ticker/NOZZZ/prev").json()
    assert (bar["status"], bar["resultsCount"], "results" in bar) == ("OK", 0, False)
    assert polygon(client, "/v3/reference/tickers/NOZZZ").json()["status"] == "NOT_FOUND"
    assert brapi(client, "PETR4,NOZZZ3").status_code == 404
    assert alpha(client, "NOZZZ") == {"Global Quote": {}}


def test_free_plans_are_limited_as_the_vendors_limit_them(client: httpx.Client) -> None:
    answers = [polygon(client, "/v2/aggs/ticker/AAPL/prev", FREE).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]
    assert brapi(client, "PETR4", FREE).status_code == 200
    assert brapi(client, "PETR4,VALE3", FREE).json()["code"] == "FEATURE_NOT_AVAILABLE"
    assert "Global Quote" in alpha(client, "IBM", FREE)
    # Two requests of which one was held up for a second are no burst: the next ones are.
    refusals = (alpha(client, "IBM", FREE).get("Information") for _ in range(20))
    assert "1 request per second" in next(filter(None, refusals))


def test_a_days_limit_repeats_the_key(client: httpx.Client, market: Market) -> None:
    market.strike("global-quote", "refusal-200")
    assert FREE in alpha(client, "IBM", FREE)["Information"]


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_each_window_of_a_plan_is_kept_by_itself() -> None:
    clock = Clock()
    plans = Plans((Window(3, 86_400, "day"), Window(1, 1, "second")), clock)
    assert [plans.exceeded(FREE), plans.exceeded(FREE)] == [None, "second"]
    for second in (1, 2):
        clock.now = second
        assert plans.exceeded(FREE) is None
    clock.now = 3
    assert plans.exceeded(FREE) == "day"
    assert plans.exceeded("another-key") is None
    clock.now = 86_400.5
    assert plans.exceeded(FREE) is None


def test_the_tape_is_the_same_however_it_is_cut() -> None:
    tape, start = Tape(7), 1_795_000_000 * 10**9
    whole = list(tape.between("AAPL", start, start + 10**10))
    cut = [tick for n in range(10) for tick in Tape(7).between("AAPL", start + n * 10**9, start + (n + 1) * 10**9)]
    assert cut == whole
    assert len(whole) == 40
    assert whole != list(Tape(8).between("AAPL", start, start + 10**10))
