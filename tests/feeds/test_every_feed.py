"""One suite for every polled feed: what it asks, what it reads, and that no answer can hurt it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from include.contracts.prices import Price, TradingAsset
from include.errors import Permanent, Transient
from include.feeds.alpha_vantage import AlphaVantage
from include.feeds.base import Body, Feed, PriceQuery, Reading
from include.feeds.brapi import Brapi
from include.feeds.polygon import Polygon

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)

BAR: dict[str, Any] = {"T": "AAPL", "v": 95595226.0, "vw": 158.6, "o": 162.25, "c": 156.8, "h": 162.34, "l": 156.72}
POLYGON: dict[str, Any] = {
    "ticker": "AAPL",
    "resultsCount": 1,
    "results": [BAR | {"t": 1651003200000, "n": 899965}],
    "status": "OK",
}
QUOTE: dict[str, Any] = {
    "symbol": "AAPL",
    "shortName": "A",
    "longName": "Apple",
    "regularMarketPrice": 48.93,
    "regularMarketVolume": 12548700,
    "regularMarketTime": "2026-09-11T16:00:30.000Z",
}
BRAPI: dict[str, Any] = {"results": [QUOTE], "requestedAt": "2026-09-11T16:00:31.000Z", "took": 3}
ALPHA: dict[str, Any] = {
    "Global Quote": {
        "01. symbol": "AAPL",
        "05. price": "112.1300",
        "06. volume": "29062853",
        "07. latest trading day": "2018-10-05",
        "10. change percent": "-0.5852%",
    }
}

Case = tuple[Feed[Any], dict[str, Any], str]
CASES: list[Case] = [
    (Polygon(), POLYGON, "c"),
    (Brapi(), BRAPI, "regularMarketPrice"),
    (AlphaVantage(), ALPHA, "05. price"),
]
every_feed = pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].name)


def read(feed: Feed[Any], answer: Any, *symbols: str) -> Reading[Any]:
    content = answer if isinstance(answer, bytes) else msgspec.json.encode(answer)
    return feed.read(PriceQuery(symbols or ("AAPL",)), Body(content, NOW))


def price_holder(answer: dict[str, Any]) -> dict[str, Any]:
    """The innermost object of an answer, where the price is."""
    found = answer.get("Global Quote") or answer["results"][0]
    assert isinstance(found, dict)
    return found


@every_feed
def test_the_same_answer_twice_is_one_row(case: Case) -> None:
    feed, answer, _ = case
    (first,), (second,) = read(feed, answer).messages, read(feed, answer).messages
    if isinstance(first, Price):
        assert first.price_id == second.price_id
    else:
        assert (first.ticker, first.updated_at) == (second.ticker, second.updated_at)


@every_feed
def test_another_price_is_another_row(case: Case) -> None:
    feed, answer, name = case
    changed = copy.deepcopy(answer)
    price_holder(changed)[name] = "99.5" if feed.name == "alpha-vantage" else 99.5
    (before,), (after,) = read(feed, answer).messages, read(feed, changed).messages
    assert after.price == 99.5
    if isinstance(before, Price):
        assert before.price_id != after.price_id


@every_feed
@pytest.mark.parametrize("value", [None, 0, -1.5, "soon", [], {}, True, "NaN", "inf", "1e999"])
def test_an_impossible_price_fails_its_symbol_by_name(case: Case, value: Any) -> None:
    feed, answer, name = case
    changed = copy.deepcopy(answer)
    price_holder(changed)[name] = value
    reading = read(feed, changed)
    assert not reading.messages
    assert set(reading.failures) == {"AAPL"}


@every_feed
def test_a_volume_below_nothing_fails_its_symbol_by_name(case: Case) -> None:
    feed, answer, _ = case
    field = {"polygon": "v", "brapi": "regularMarketVolume", "alpha-vantage": "06. volume"}[feed.name]
    changed = copy.deepcopy(answer)
    price_holder(changed)[field] = "-1" if feed.name == "alpha-vantage" else -1
    reading = read(feed, changed)
    assert (reading.messages, dict(reading.failures)) == ((), {"AAPL": f"{field} is -1, which is below nothing"})


@every_feed
def test_a_missing_price_fails_its_symbol_by_name(case: Case) -> None:
    feed, answer, name = case
    changed = copy.deepcopy(answer)
    del price_holder(changed)[name]
    assert name in read(feed, changed).failures["AAPL"]


@every_feed
def test_a_price_of_the_future_is_refused(case: Case) -> None:
    feed, answer, _ = case
    changed = copy.deepcopy(answer)
    times: dict[str, tuple[str, object]] = {
        "polygon": ("t", 4102444800000),
        "brapi": ("regularMarketTime", "2100-01-01T00:00:00Z"),
        "alpha-vantage": ("07. latest trading day", "2100-01-01"),
    }
    field, value = times[feed.name]
    price_holder(changed)[field] = value
    assert field in read(feed, changed).failures["AAPL"]


@every_feed
@pytest.mark.parametrize("content", [b"", b"<html>Bad Gateway</html>", b'{"results": [{"c"', b"\xff\xfe", b"[" * 5000])
def test_what_is_no_json_may_be_better_next_time(case: Case, content: bytes) -> None:
    with pytest.raises(Transient):
        read(case[0], content)


@every_feed
@pytest.mark.parametrize(
    "answer",
    [
        {"Information": "We have detected your API key as *** and our limit is 25 requests per day."},
        {"Note": "Thank you for using us!"},
        {"message": "come back later"},
        {"status": "ERROR", "error": "You've exceeded the maximum requests per minute"},
        {"error": True, "message": "limite"},
        {"something": "that nobody has ever seen"},
        {},
    ],
)
def test_absence_of_data_is_a_refusal_whatever_the_wording(case: Case, answer: dict[str, Any]) -> None:
    with pytest.raises(Transient) as refusal:
        read(case[0], answer)
    assert refusal.value.source == case[0].name


@every_feed
@pytest.mark.parametrize("symbol", ["BRK.B", "../../admin", "A B", "A?x=1&apikey=2", "Ã", "A/B#c"])
def test_a_symbol_cannot_change_what_is_asked(case: Case, symbol: str) -> None:
    request = case[0].ask(PriceQuery((symbol,)))
    assert request.path.count("/") == case[0].ask(PriceQuery(("AAPL",))).path.count("/")
    assert "?" not in request.path
    assert "#" not in request.path


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@every_feed
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_answer_crashes_a_reader(case: Case, data: st.DataObject) -> None:
    feed, answer, _ = case
    changed = copy.deepcopy(answer)
    holders: list[Callable[[], dict[str, Any]]] = [lambda: changed, lambda: price_holder(changed)]
    for _number in range(data.draw(st.integers(1, 3))):
        holder = data.draw(st.sampled_from(holders))()
        name = data.draw(st.sampled_from(sorted(holder)))
        if holder is not changed or data.draw(st.booleans()):
            holder[name] = data.draw(json_values)
        if not _has_holder(changed):
            break
    check(feed, msgspec.json.encode(changed))


@every_feed
@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=200) | json_values.map(msgspec.json.encode))
def test_no_bytes_crash_a_reader(case: Case, content: bytes) -> None:
    check(case[0], content)


def _has_holder(answer: dict[str, Any]) -> bool:
    found = answer.get("Global Quote")
    if not found and isinstance(answer.get("results"), list) and answer["results"]:
        found = answer["results"][0]
    return isinstance(found, dict) and bool(found)


def check(feed: Feed[Any], content: bytes) -> None:
    """Either messages that can be sent, or named failures."""
    try:
        reading = read(feed, content)
    except (Transient, Permanent) as failure:
        assert str(failure)
        return
    assert set(reading.failures) <= {"AAPL"}
    for message in reading.messages:
        assert isinstance(message, Price | TradingAsset)
        assert message.price > 0
        assert msgspec.json.decode(msgspec.json.encode(message), type=type(message)) == message
