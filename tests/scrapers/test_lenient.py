"""What a source says against its own form costs that value alone."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import msgspec
import pytest

from include.scrapers import fundamentals, quotes
from include.scrapers.lenient import number, text

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
GOOD = '{"asOfDate":"2024-12-31","periodType":"12M","currencyCode":"USD","reportedValue":{"raw":5,"fmt":"5"}}'


def lines(points: str) -> dict[str, float]:
    body = (
        '{"timeseries":{"result":[{"meta":{},"annualTotalRevenue":[' + GOOD + "]},"
        '{"meta":{"symbol":["X"],"type":["annualNetIncome"]},"annualNetIncome":' + points + '}],"error":null}}'
    )
    (statement,) = fundamentals.read("X", body.encode(), NOW).statements
    assert statement.period_end == date(2024, 12, 31)
    assert statement.lines["TotalRevenue"] == 5
    return {name: value for name, value in statement.lines.items() if name != "TotalRevenue"}


@pytest.mark.parametrize("raw", ['"12"', '{"raw":12}', "12.0"])
def test_a_number_in_another_form_is_a_number(raw: str) -> None:
    assert lines(f"[{GOOD.replace(':5,', f':{raw},')}]") == {"NetIncome": 12}


def test_a_bare_number_for_a_reported_value_is_one() -> None:
    assert lines('[{"asOfDate":"2024-12-31","reportedValue":12}]') == {"NetIncome": 12}


@pytest.mark.parametrize("raw", ["NaN", "Infinity", "-Infinity", "1e999", '"n/a"', '""', "true", "[]", "{}", "null"])
def test_what_is_no_number_is_missing_and_not_zero(raw: str) -> None:
    assert lines(f"[{GOOD.replace(':5,', f':{raw},')}]") == {}


@pytest.mark.parametrize("series", ["null", "{}", "[]", '"none"', "[null]", "[7]", '["?"]'])
def test_a_series_without_points_is_no_series(series: str) -> None:
    assert lines(series) == {}


@pytest.mark.parametrize("day", ["2024-12-31T00:00:00Z", "2024-12-31 00:00", "20241231"])
def test_a_day_may_be_written_in_several_ways(day: str) -> None:
    assert lines(f"[{GOOD.replace('2024-12-31', day)}]") == {"NetIncome": 5}


@pytest.mark.parametrize("day", ["2024-13-45", "last year", ""])
def test_a_point_of_no_day_is_left_out(day: str) -> None:
    assert lines(f"[{GOOD.replace('2024-12-31', day)}]") == {}


def test_an_odd_quote_keeps_what_can_be_read_and_costs_no_other() -> None:
    odd = {"symbol": "ODD", "regularMarketPrice": {"raw": 1.5, "fmt": "1.50"}, "marketCap": "1200", "currency": 7}
    odd |= {"sharesOutstanding": {}, "regularMarketTime": "yesterday"}
    listed = [{"symbol": "ONE", "regularMarketPrice": 2.0}, odd, {"symbol": None}, None, {"longName": "nameless"}]
    one, two = quotes.read(json.dumps({"quoteResponse": {"result": listed, "error": None}}).encode(), "us", NOW)

    assert (one.symbol, one.price) == ("ONE", 2.0)
    assert (two.symbol, two.price, two.market_cap) == ("ODD", 1.5, 1200.0)
    assert (two.currency, two.shares_outstanding, two.price_at) == (None, None, None)


@pytest.mark.parametrize("seconds", [1_739_577_600_000, 1e18, -1e18])
def test_a_moment_that_cannot_be_is_unknown(seconds: float) -> None:
    listed = [{"symbol": "ODD", "regularMarketPrice": 1.5, "regularMarketTime": seconds}]
    (quote,) = quotes.read(json.dumps({"quoteResponse": {"result": listed, "error": None}}).encode(), "us", NOW)

    assert (quote.price, quote.price_at) == (1.5, None)


@pytest.mark.parametrize("body", [b"<html>Too Many Requests", b'{"quoteResponse":{"result":[{"symb', b"", b"[]"])
def test_what_is_no_such_answer_is_still_none(body: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        quotes.read(body, "us", NOW)
    with pytest.raises(msgspec.DecodeError):
        fundamentals.read("X", body, NOW)


def test_truth_values_and_blanks_say_nothing() -> None:
    assert number(True) is number([1]) is number(None) is number(10**400) is None
    assert text("  ") is text(5) is text(None) is None
