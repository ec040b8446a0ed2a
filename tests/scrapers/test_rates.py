"""Expected values by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from include.contracts.quotes import Quote
from include.scrapers.quotes import PER_REQUEST
from include.scrapers.rates import BASKET, between, read

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
EARLIER = datetime(2026, 11, 20, 22, tzinfo=UTC)


def _quote(symbol: str, price: float | None, price_at: datetime | None = NOW) -> Quote:
    return Quote(symbol=symbol, region="", observed_at=NOW, price=price, price_at=price_at)


def test_the_more_exact_of_the_two_quotes_is_used() -> None:
    (yen,) = read(["JPY"], [_quote("JPYUSD=X", 0.0067), _quote("JPY=X", 150.0)])
    assert yen.rate == pytest.approx(1 / 150)
    (pound,) = read(["GBP"], [_quote("GBPUSD=X", 1.25), _quote("GBP=X", 0.8)])
    assert (pound.currency, pound.quoted_in, pound.rate, pound.rate_at) == ("GBP", "USD", 1.25, NOW)


def test_an_unknown_currency_has_no_rate() -> None:
    assert read(["XXX"], []) == []
    assert read(["XXX"], [_quote("XXXUSD=X", None), _quote("XXX=X", 0.0)]) == []


def test_any_two_currencies_meet_in_the_dollar() -> None:
    legs = {r.currency: r for r in read(["GBP", "JPY"], [_quote("GBPUSD=X", 1.25, EARLIER), _quote("JPY=X", 150.0)])}
    pairs = between(["GBP", "JPY", "USD", "XXX"], legs)
    assert pairs["GBP", "JPY"].rate == pytest.approx(187.5)  # 1.25 dollars at 150 yen
    assert pairs["GBP", "JPY"].rate_at == EARLIER
    assert pairs["USD", "JPY"].rate == pytest.approx(150)
    assert pairs["GBP", "USD"].rate == 1.25
    assert len(pairs) == 6
    assert not [pair for pair in pairs if "XXX" in pair]


def test_all_usual_currencies_fit_into_one_request() -> None:
    assert 2 * len(BASKET) <= PER_REQUEST
