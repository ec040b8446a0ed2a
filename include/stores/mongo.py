"""MongoDB: Brapi's trading assets in the collection ``price_history``, one document per (ticker, updated_at).

MongoDB keeps milliseconds, so two moments within one are the same. What is older than ``kept_days`` is removed
by the store itself once a day: a TTL index would need another right to change, and not every server has them.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr
from pymongo import ASCENDING, MongoClient, UpdateOne, errors
from pymongo.collection import Collection

from include.contracts.prices import TradingAsset
from include.errors import ConfigurationError, Transient
from include.stores.base import Refusal, Written
from include.stores.keepable import fault

COLLECTION = "price_history"
DATABASE = "stocks"  # where the address names none

_SCHEMES = ("mongodb://", "mongodb+srv://")
_INDEX = [("ticker", ASCENDING), ("updated_at", ASCENDING)]
_DAY_S = 24 * 3600
# Milliseconds, unless the address says otherwise.
_PATIENCE: Mapping[str, Any] = {
    "serverSelectionTimeoutMS": 3_000,
    "connectTimeoutMS": 3_000,
    "socketTimeoutMS": 20_000,
    "wTimeoutMS": 20_000,
}
# The server's own numbers.
_DUPLICATE = 11000
_NOT_ALLOWED = frozenset({13, 18, 8000})
_UNACCEPTABLE = frozenset({2, 9, 22, 121, 10334, 17280})  # of the document itself: the same every time

Document = Mapping[str, Any]


class MongoStore:
    """Trading assets, each once; ``created_at`` is when its document was first stored.

    ``url`` is a ``mongodb://`` address, which may name the database. Nothing is connected before the first write.
    Raises ConfigurationError if the address is malformed.
    """

    name = "mongo"

    def __init__(self, url: SecretStr, *, kept_days: float = 365) -> None:
        self._client = _client(url)
        self._documents: Collection[Document] = self._client.get_default_database(DATABASE)[COLLECTION]
        self._kept = timedelta(days=kept_days)
        self._indexed = False
        self._tidy_at = 0.0

    def write(self, messages: Sequence[TradingAsset]) -> Written:
        """Keep what is not there yet, acknowledged by a majority and journalled.

        Raises Transient: MongoDB is away, busy or full, or refuses us, which a person can mend while the batch waits.
        """
        fit, refused = _sifted(messages)
        with _explained():
            self._prepare()
            if not fit:
                return Written(0, tuple(refused))
            try:
                new = self._documents.bulk_write(
                    [_upsert(asset) for _position, asset in fit], ordered=False
                ).upserted_count
            except errors.BulkWriteError as error:
                new = error.details["nUpserted"]
                self._confirm(fit[index][1] for index in _duplicates(error.details))
                refused += [Refusal(fit[index][0], why) for index, why in _refusals(error.details)]
        return Written(new, tuple(sorted(refused, key=lambda refusal: refusal.position)))

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def _confirm(self, assets: Iterable[TradingAsset]) -> None:
        """Another process may have stored ``assets`` a moment before. Raises Transient if they are not there."""
        for asset in assets:
            if self._documents.find_one(_key(asset)) is None:
                raise Transient(f"MongoDB refuses {asset.ticker} as a duplicate of a document that is not there")

    def _prepare(self) -> None:
        if not self._indexed:
            self._documents.create_index(_INDEX, unique=True)
            self._documents.create_index("created_at")
            self._indexed = True
        if time.monotonic() >= self._tidy_at:
            self._documents.delete_many({"created_at": {"$lt": datetime.now(UTC) - self._kept}})
            self._tidy_at = time.monotonic() + _DAY_S


def _client(url: SecretStr) -> MongoClient[Document]:
    """A client that fails fast; the driver itself retries a write once where the server supports it."""
    try:
        if not url.get_secret_value().startswith(_SCHEMES):  # the driver would take it for the name of a host
            raise errors.InvalidURI
        asked = url.get_secret_value().partition("?")[2].lower()
        return MongoClient(
            url.get_secret_value(),
            appname="stocks",
            connect=False,
            tz_aware=True,
            w="majority",
            journal=True,
            **{name: value for name, value in _PATIENCE.items() if f"{name}=".lower() not in asked},
        )
    except (errors.PyMongoError, ValueError, TypeError) as error:
        # The driver's own words may repeat a part of the address, and with it of the password.
        raise ConfigurationError(
            f"MONGO_URL is malformed ({type(error).__name__}). It expects: mongodb://user:password@host:port/database, "
            "with special characters of the password percent-encoded; mongodb+srv:// needs the package dnspython"
        ) from None


def _sifted(assets: Sequence[TradingAsset]) -> tuple[list[tuple[int, TradingAsset]], list[Refusal]]:
    """The assets that can be documents, each with its position, and the others."""
    faults = [(position, fault(asset)) for position, asset in enumerate(assets)]
    fit = [(position, assets[position]) for position, why in faults if why is None]
    return fit, [Refusal(position, why) for position, why in faults if why is not None]


def _key(asset: TradingAsset) -> dict[str, Any]:
    return {"ticker": asset.ticker, "updated_at": asset.updated_at}


def _upsert(asset: TradingAsset) -> UpdateOne:
    first = {
        "name": asset.name,
        "short_name": asset.short_name,
        "price": asset.price,
        "volume": asset.volume,
        "created_at": datetime.now(UTC),
    }
    return UpdateOne(_key(asset), {"$setOnInsert": first}, upsert=True)


def _duplicates(details: Mapping[str, Any]) -> list[int]:
    return [error["index"] for error in details["writeErrors"] if error["code"] == _DUPLICATE]


def _refusals(details: Mapping[str, Any]) -> list[tuple[int, str]]:
    """What the server will never take of a bulk that failed in parts. Raises Transient for any other part."""
    failed = [error for error in details["writeErrors"] if error["code"] != _DUPLICATE]
    for error in failed:
        if error["code"] not in _UNACCEPTABLE:
            raise _failure(error["code"], error["errmsg"])
    if details["writeConcernErrors"]:
        raise Transient(f"MongoDB did not confirm a write: {details['writeConcernErrors'][0]['errmsg']}")
    return [(error["index"], f"MongoDB refuses it: {error['errmsg']}") for error in failed]


@contextmanager
def _explained() -> Iterator[None]:
    """The driver's failures as Transient."""
    try:
        yield
    except errors.OperationFailure as error:
        raise _failure(error.code, str(error.details["errmsg"] if error.details else error)) from error
    except errors.ConfigurationError as error:  # found out when connecting: a version that is too old, no such name
        raise Transient(f"MongoDB cannot be used as MONGO_URL says: {error}") from error
    except errors.PyMongoError as error:
        said = str(error).partition(" (configured timeouts:")[0].partition(", Timeout:")[0]
        raise Transient(f"MongoDB does not answer: {said or type(error).__name__}") from error


def _failure(code: int | None, said: str) -> Transient:
    if code in _NOT_ALLOWED:
        return Transient(
            f"MongoDB does not let the user of MONGO_URL write: {said}. Check its name, password and roles"
        )
    if code == _DUPLICATE:
        said = f"{said}. Remove the documents that are doubled"
        return Transient(f"the unique index of {COLLECTION} cannot be made: {said}")
    return Transient(f"MongoDB could not write ({code}): {said}")
