"""Expected values: recorded answers of the real source, and the contract's words."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from include.errors import Transient
from include.scrapers.quotes import read

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


def test_a_quote_says_what_the_source_said_and_nothing_else() -> None:
    body = json.dumps({"quoteResponse": {"result": [{"symbol": "TSCO.L", "currency": "GBp"}], "error": None}}).encode()
    (quote,) = read(body, "gb", NOW)
    assert (quote.symbol, quote.region, quote.currency) == ("TSCO.L", "gb", "GBp")
    assert (quote.price, quote.price_at, quote.market_cap, quote.shares_outstanding) == (None, None, None, None)


def test_an_unknown_symbol_is_absent() -> None:
    assert read(b'{"quoteResponse": {"result": [], "error": null}}', "us", NOW) == []


def test_a_refusal_in_a_200_is_a_failure() -> None:
    with pytest.raises(Transient, match="refused"):
        read(b'{"quoteResponse": {"result": null, "error": null}}', "us", NOW)


def test_the_recorded_quotes_of_a_stock_and_an_adr() -> None:
    folder = os.environ.get("STOCKS_RECORDINGS")
    if not folder:
        pytest.skip("STOCKS_RECORDINGS names no folder of recorded answers")
    recorded = json.loads((Path(folder) / "yahoo/quote/2025-AAPL-BABA.json").read_text())["body"]
    apple, alibaba = read(json.dumps(recorded).encode(), "us", NOW)
    assert (apple.name, apple.exchange, apple.quote_type) == ("Apple Inc.", "NMS", "EQUITY")
    assert apple.price == 244.6
    assert apple.price_at == datetime(2025, 2, 14, 21, tzinfo=UTC)  # the close in New York
    assert (apple.market_cap, apple.shares_outstanding) == (3674405863424, 15022100480)
    assert (alibaba.currency, alibaba.financial_currency) == ("USD", "CNY")
    assert alibaba.trailing_dividend_per_share == 7.221  # CNY: 1.00 USD an ADS was paid
