"""The MongoDB store: what a document looks like, how long it is kept, and what is said of an address."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from pydantic import SecretStr
from pymongo import MongoClient

from include.contracts.prices import TradingAsset
from include.errors import ConfigurationError, Transient
from include.stores.mongo import MongoStore

UPDATED_AT = datetime(2026, 11, 20, 20, 7, 45, 123000, tzinfo=UTC)
PETR4 = TradingAsset(
    ticker="PETR4",
    name="Petróleo Brasileiro S.A.",
    short_name="PETROBRAS",
    price=38.21,
    volume=None,
    updated_at=UPDATED_AT,
)


def documents(url: str, query: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    with MongoClient[dict[str, Any]](url, tz_aware=True) as client:
        return list(client.get_default_database()["price_history"].find(query or {}))


def test_a_document_has_the_fields_that_were_promised(mongo: str) -> None:
    store = MongoStore(SecretStr(mongo))
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    store.write([PETR4])
    store.close()
    (found,) = documents(mongo)
    del found["_id"]
    created_at = found.pop("created_at")
    assert found == {
        "ticker": "PETR4",
        "name": "Petróleo Brasileiro S.A.",
        "short_name": "PETROBRAS",
        "price": 38.21,
        "volume": None,
        "updated_at": UPDATED_AT,
    }
    assert before <= created_at <= datetime.now(UTC)


def test_created_at_stays_when_the_same_asset_comes_again(mongo: str) -> None:
    store = MongoStore(SecretStr(mongo))
    store.write([PETR4])
    (first,) = documents(mongo)
    store.write([PETR4])
    store.close()
    assert documents(mongo) == [first]


def test_ticker_and_moment_are_unique_by_an_index(mongo: str) -> None:
    store = MongoStore(SecretStr(mongo))
    store.write([])
    store.close()
    with MongoClient[dict[str, Any]](mongo) as client:
        indexes = client.get_default_database()["price_history"].index_information()
    assert [i["key"] for i in indexes.values() if i.get("unique")] == [[("ticker", 1), ("updated_at", 1)]]


def test_documents_of_long_ago_go(mongo: str) -> None:
    store = MongoStore(SecretStr(mongo))
    store.write([PETR4])
    store.close()
    with MongoClient[dict[str, Any]](mongo) as client:
        kept = client.get_default_database()["price_history"]
        kept.update_one({}, {"$set": {"created_at": datetime.now(UTC) - timedelta(days=11)}})
    store = MongoStore(SecretStr(mongo), kept_days=10)
    store.write([])
    store.close()
    assert documents(mongo) == []


def test_documents_that_are_doubled_already_are_waited_for(mongo: str) -> None:
    with MongoClient[dict[str, Any]](mongo) as client:
        doubled = [{"ticker": "PETR4", "updated_at": UPDATED_AT} for _ in range(2)]
        client.get_default_database()["price_history"].insert_many(doubled)
    store = MongoStore(SecretStr(mongo))
    with pytest.raises(Transient, match="doubled"):
        store.write([PETR4])
    with MongoClient[dict[str, Any]](mongo) as client:
        client.get_default_database()["price_history"].delete_many({})
    assert store.write([msgspec.structs.replace(PETR4, ticker="VALE3")]).new == 1
    store.close()


def test_an_address_without_a_database_means_stocks(mongo: str) -> None:
    server = mongo.rpartition("/")[0]
    store = MongoStore(SecretStr(server))
    store.write([PETR4])
    store.close()
    with MongoClient[dict[str, Any]](server) as client:
        assert client["stocks"]["price_history"].count_documents({}) == 1
        client.drop_database("stocks")


@pytest.mark.parametrize(
    "url",
    ["mongodb://ana:s3cret:canary@h:1/x", "http://ana:s3cret-canary@h", "mongodb://ana:s3cret/canary@h", "s3cret"],
)
def test_a_malformed_address_is_named_and_not_repeated(url: str) -> None:
    with pytest.raises(ConfigurationError, match="MONGO_URL is malformed") as refusal:
        MongoStore(SecretStr(url))
    assert "s3cret" not in str(refusal.value)
    assert refusal.value.__cause__ is None


def test_a_server_that_is_away_is_said_without_its_password() -> None:
    store = MongoStore(SecretStr("mongodb://ana:s3cret-canary@127.0.0.1:1/x?serverSelectionTimeoutMS=300"))
    with pytest.raises(Transient, match=r"127\.0\.0\.1:1") as failure:
        store.write([PETR4])
    store.close()
    assert "canary" not in str(failure.value)
