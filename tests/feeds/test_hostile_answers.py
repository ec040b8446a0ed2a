"""Answers as the vendors' documents and users describe them, and worse: what becomes of every symbol."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from include.errors import ConfigurationError, Permanent, StocksError, Transient
from include.feeds import polygon
from include.feeds.alpha_vantage import AlphaVantage
from include.feeds.base import Feed, PriceQuery, Reading, Request
from include.feeds.brapi import Brapi
from include.feeds.http import Key, Sender
from include.feeds.polygon import Polygon
from include.feeds.refusals import PlanRefusal

KEY = "CANARY+k3y/4711"
BAR: dict[str, Any] = {"T": "AAPL", "c": 156.8, "t": 1651003200000}
QUOTE: dict[str, Any] = {
    "symbol": "PETR4",
    "regularMarketPrice": 48.93,
    "regularMarketTime": "2026-09-11T16:00:30.000Z",
}
GLOBAL: dict[str, Any] = {"01. symbol": "IBM", "05. price": "112.13", "07. latest trading day": "2018-10-05"}


def sender(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Sender:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    transport = httpx.MockTransport(lambda _r: httpx.Response(status, headers=headers, content=content))
    key = Key("VENDOR_KEY", SecretStr(KEY), "query", "apikey")
    return Sender("vendor", "https://vendor.example", [key], transport=transport)


def read(feed: Feed[Any], symbols: str, body: Any, status: int = 200) -> Reading[Any]:
    query = PriceQuery(tuple(symbols.split(",")))
    return feed.read(query, sender(status, body).send(Request("/")))


def failing(status: int, body: Any, headers: Mapping[str, str] | None = None) -> StocksError:
    with pytest.raises(StocksError) as failure:
        sender(status, body, headers).send(Request("/"))
    return failure.value


def test_a_delayed_plan_of_polygon_gives_prices() -> None:
    (price,) = read(Polygon(), "AAPL", {"status": "DELAYED", "resultsCount": 1, "results": [BAR]}).messages
    assert price.price == 156.8


@pytest.mark.parametrize("results", [{}, {"results": None}, {"results": []}])
def test_a_ticker_without_a_bar_fails_alone(results: dict[str, Any]) -> None:
    with pytest.raises(Permanent, match="no bar of AAPL"):
        read(Polygon(), "AAPL", {"status": "OK", "resultsCount": 0} | results)


@pytest.mark.parametrize(("status", "kind"), [("NOT_AUTHORIZED", PlanRefusal), ("NOT_FOUND", Permanent)])
def test_a_200_of_polygon_about_one_ticker_pauses_nobody(status: str, kind: type[StocksError]) -> None:
    answer = {"status": status, "request_id": "1", "message": "You are not entitled to this data."}
    with pytest.raises(kind, match="not entitled"):
        read(Polygon(), "AAPL", answer)
    with pytest.raises(kind, match="not entitled"):
        polygon.read_reference(sender(200, answer).send(Request("/")))


def test_an_error_of_polygon_in_a_200_is_a_refusal_of_everybody() -> None:
    with pytest.raises(Transient, match="maximum requests") as refusal:
        read(Polygon(), "AAPL", {"status": "ERROR", "error": "You've exceeded the maximum requests per minute"})
    assert refusal.value.source == "polygon"


def test_a_count_that_says_results_where_there_are_none_is_no_answer() -> None:
    with pytest.raises(Transient, match="an answer without data"):
        read(Polygon(), "AAPL", {"status": "OK", "resultsCount": 1, "results": None})


@pytest.mark.parametrize(("said", "trades"), [(8, 8), (8.0, 8), (None, None)])
def test_a_number_of_trades_may_be_written_as_a_decimal(said: Any, trades: int | None) -> None:
    (price,) = read(Polygon(), "AAPL", {"status": "OK", "results": [BAR | {"n": said}]}).messages
    assert price.trades == trades


def test_a_number_of_trades_that_no_column_holds_fails_its_ticker() -> None:
    assert "n is 1e+30" in read(Polygon(), "AAPL", {"status": "OK", "results": [BAR | {"n": 1e30}]}).failures["AAPL"]


@pytest.mark.parametrize(
    "answer",
    [
        {"error": "Não encontramos a ação VVAR3"},
        {"error": True, "message": "Nenhum resultado encontrado para os simbolos informados", "code": "NOT_FOUND"},
    ],
)
def test_a_200_of_brapi_about_one_ticker_pauses_nobody(answer: dict[str, Any]) -> None:
    with pytest.raises(Permanent, match="brapi answered"):
        read(Brapi(), "VVAR3", answer)


@pytest.mark.parametrize("said", ["2.4970168e+07", "24970168", "24970168.0"])
def test_a_volume_may_be_written_with_an_exponent(said: str) -> None:
    body = f'{{"status": "OK", "results": [{{"T": "MSFT", "c": 243.08, "v": {said}, "t": 1651003200000}}]}}'.encode()
    (price,) = read(Polygon(), "MSFT", body).messages
    assert price.volume == 24970168


@pytest.mark.parametrize("time", [1651003200, 1651003200000000, 1651003200000000000, -1, 1e300])
def test_seconds_microseconds_and_nanoseconds_where_milliseconds_were_agreed_are_no_time(time: float) -> None:
    assert "t is" in read(Polygon(), "AAPL", {"status": "OK", "results": [BAR | {"t": time}]}).failures["AAPL"]


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE html><html><title>Just a moment...</title></html>",
        b"",
        b'{"status": "OK", "results": [{"T": "AA',
        b"[]",
        b'"maintenance"',
        b"null",
        b'{"status": "OK", "results": [{"T": "AAPL", "c": NaN, "t": 1}]}',
    ],
)
def test_what_is_no_answer_at_all_may_be_better_the_next_time(body: bytes) -> None:
    for feed, symbol in ((Polygon(), "AAPL"), (Brapi(), "PETR4"), (AlphaVantage(), "IBM")):
        with pytest.raises(Transient):
            read(feed, symbol, body)


@pytest.mark.parametrize("greeting", ["Note", "Information"])
def test_a_greeting_beside_a_quote_of_alpha_vantage_refuses_nothing(greeting: str) -> None:
    said = "Welcome to Alpha Vantage! Our standard API limit is 25 requests per day."
    assert len(read(AlphaVantage(), "IBM", {"Global Quote": GLOBAL, greeting: said}).messages) == 1


def test_a_symbol_that_alpha_vantage_has_no_numbers_for_costs_nothing_but_itself() -> None:
    zeros = {"05. price": "0.0000", "06. volume": "0", "10. change percent": "0%"}
    assert "no price" in read(AlphaVantage(), "IBM", {"Global Quote": GLOBAL | zeros}).failures["IBM"]


def test_prices_beside_an_error_of_brapi_are_prices() -> None:
    answer = {"error": True, "message": "Não encontramos a ação VALE9", "results": [QUOTE]}
    reading = read(Brapi(), "PETR4,VALE9", answer)
    assert [asset.ticker for asset in reading.messages] == ["PETR4"]
    assert not reading.failures


def test_a_ticker_that_brapi_explains_within_its_results_fails_in_brapis_words() -> None:
    broken = {"symbol": "VALE9", "error": True, "message": "Não encontramos a ação VALE9"}
    reading = read(Brapi(), "PETR4,VALE9", {"results": [QUOTE, broken]})
    assert [asset.ticker for asset in reading.messages] == ["PETR4"]
    assert "Não encontramos" in reading.failures["VALE9"]


def test_a_ticker_named_twice_is_sent_or_failed_and_never_both() -> None:
    reading = read(Brapi(), "PETR4", {"results": [QUOTE, QUOTE | {"regularMarketPrice": None}]})
    assert ([asset.ticker for asset in reading.messages], dict(reading.failures)) == (["PETR4"], {})


def test_brapi_may_spell_a_ticker_in_small_letters_and_send_nothing_or_others_beside_it() -> None:
    results = [None, 7, {}, QUOTE | {"symbol": "petr4"}, QUOTE | {"symbol": "VALE3"}]
    assert [asset.ticker for asset in read(Brapi(), "PETR4,ITUB4", {"results": results}).messages] == ["PETR4"]


@pytest.mark.parametrize("moment", [1757606430, "2026-09-11T16:00:30.000Z", "2026-09-11T13:00:30-03:00"])
def test_brapis_moments_come_in_several_spellings(moment: Any) -> None:
    (asset,) = read(Brapi(), "PETR4", {"results": [QUOTE | {"regularMarketTime": moment}]}).messages
    expected = datetime(2025, 9, 11, 16, 0, 30, tzinfo=UTC) if isinstance(moment, int) else None
    assert asset.updated_at == (expected or datetime(2026, 9, 11, 16, 0, 30, tzinfo=UTC))


@pytest.mark.parametrize("moment", [1757606430000, "1757606430", "11/09/2026", None, "", -1])
def test_what_is_no_moment_fails_its_ticker(moment: Any) -> None:
    reading = read(Brapi(), "PETR4", {"results": [QUOTE | {"regularMarketTime": moment}]})
    assert "regularMarketTime" in reading.failures["PETR4"]


@pytest.mark.parametrize("nothing", ["N/A", "None", "", "-", "null", " ", None])
def test_alpha_vantages_words_for_nothing_are_no_number_and_no_failure(nothing: Any) -> None:
    (price,) = read(AlphaVantage(), "IBM", {"Global Quote": GLOBAL | {"02. open": nothing}}).messages
    assert price.open is None
    lacking = read(AlphaVantage(), "IBM", {"Global Quote": GLOBAL | {"05. price": nothing}})
    assert lacking.failures == {"IBM": "05. price is missing"}


def test_alpha_vantages_numbering_and_order_mean_nothing() -> None:
    quoted = {"3. latest trading day": "2018-10-05", "09. price": "112.13", "symbol": "IBM"}
    (price,) = read(AlphaVantage(), "IBM", {"Meta": {}, "Global Quote - DATA DELAYED BY 15 MINUTES": quoted}).messages
    assert (price.price, price.price_at) == (112.13, datetime(2018, 10, 5, tzinfo=UTC))


@pytest.mark.parametrize("quoted", [{}, None, [], "soon", 7])
def test_a_note_beside_an_empty_quote_is_a_refusal(quoted: Any) -> None:
    with pytest.raises(Transient, match="5 calls per minute") as refusal:
        read(AlphaVantage(), "IBM", {"Global Quote": quoted, "Note": "our limit is 5 calls per minute"})
    assert refusal.value.source == "alpha-vantage"


def test_a_wrong_key_of_alpha_vantage_names_its_variable() -> None:
    said = "the parameter apikey is invalid or missing. Please claim your free API key on (https://example)."
    with pytest.raises(ConfigurationError, match="ALPHAVANTAGE_API_KEY is refused"):
        read(AlphaVantage(), "IBM", {"Error Message": said})


@pytest.mark.parametrize(
    "spelled",
    [
        KEY,
        KEY.lower(),
        KEY.replace("/", "\\/"),  # as PHP encodes it
        KEY.replace("+", "\\u002b").replace("/", "\\u002F"),
        "\\u0043ANARY+k3y/4711",
        "CANARY%2bk3y%2F4711",
        "CANARY+k3y%2F4711",
        "CANARY&#43;k3y&#x2f;4711",
    ],
)
def test_a_key_is_masked_however_it_is_spelled(spelled: str) -> None:
    body = f'{{"Information": "We have detected your API key as {spelled} and"}}'.encode()
    with pytest.raises(Transient) as refusal:
        read(AlphaVantage(), "IBM", body)
    assert str(refusal.value) == "alpha-vantage refuses: We have detected your API key as *** and"
    assert "4711" not in str(failing(400, body))


@pytest.mark.parametrize("before", range(180, 204))
def test_no_part_of_a_key_is_left_where_an_answer_is_cut(before: int) -> None:
    shown = str(failing(500, b"x" * before + KEY.encode()))
    assert "CA" not in shown.partition(": ")[2]


@pytest.mark.parametrize("body", [b"bad\x00gate\x1b[2Jway\r\nnow", {"message": "bad\x00gate\x1b[2Jway\r\nnow"}])
def test_what_is_shown_of_an_answer_is_one_line_that_a_terminal_and_a_table_take(body: Any) -> None:
    assert str(failing(404, body)).endswith(": bad gate [2Jway now")


def test_names_and_words_within_data_are_cleaned_too() -> None:
    (asset,) = read(
        Brapi(), "PETR4", {"results": [QUOTE | {"longName": "Petro\x00bras\n", "shortName": "\x00"}]}
    ).messages
    assert (asset.name, asset.short_name) == ("Petro bras", None)
    details = {"status": "OK", "results": {"name": "Apple\x00 Inc."}}
    assert polygon.read_reference(sender(200, details).send(Request("/"))).name == "Apple Inc."


def test_words_that_are_nested_are_found() -> None:
    assert "no such ticker" in str(failing(404, {"error": {"message": "no such ticker", "code": 7}}))


@pytest.mark.parametrize(
    ("value", "wait_s"),
    [("7", 7), ("1.5", 1.5), ("9" * 400, 86400), ("0", None), ("-5", None), ("inf", None), ("1e9", None), (",", None)],
)
def test_retry_after_is_believed_within_reason(value: str, wait_s: float | None) -> None:
    found = failing(429, {}, {"Retry-After": value})
    assert isinstance(found, Transient)
    assert (found.retry_after_s, found.source) == (wait_s, "vendor")


def test_retry_after_may_be_a_date() -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    found = failing(503, b"", {"Retry-After": at})
    assert isinstance(found, Transient)
    assert found.retry_after_s == pytest.approx(90, abs=30)
    long_ago = failing(503, b"", {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"})
    assert isinstance(long_ago, Transient)
    assert (long_ago.retry_after_s, long_ago.source) == (None, None)  # as any 503


def test_an_address_that_is_none_is_said() -> None:
    key = Key("VENDOR_KEY", SecretStr(KEY), "query", "apikey")
    for address in ("api.massive.com", "htps://api.massive.com", "http://[::1"):
        with pytest.raises(ConfigurationError, match="address"):
            Sender("polygon", address, [key]).send(Request("/v2"))


def test_the_client_below_logs_no_headers_of_answers() -> None:
    assert not logging.getLogger("httpcore.http11").isEnabledFor(logging.DEBUG)
