"""A vendor as two pure functions; the network is somebody else's (``http``, ``socket``)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Generic, Protocol, TypeVar

import msgspec

from include.contracts.prices import FeedMessage

MessageT_co = TypeVar("MessageT_co", bound=FeedMessage, covariant=True)

_NOTHING: Mapping[str, str] = MappingProxyType({})


class PriceQuery(msgspec.Struct, frozen=True):
    """The symbols to ask for in one request, as the vendor spells them."""

    symbols: tuple[str, ...]


class Request(msgspec.Struct, frozen=True):
    """A GET of ``path`` at the vendor; the key is added where it is sent, and nowhere else."""

    path: str
    params: Mapping[str, str] = _NOTHING


class Body(msgspec.Struct, frozen=True):
    """What the vendor answered with status 200, and when (aware UTC)."""

    content: bytes
    received_at: datetime


class Reading(msgspec.Struct, Generic[MessageT_co], frozen=True):
    """What an answer holds: messages, and the symbols it names without a usable price, each with why.

    A queried symbol that is in neither is one that the answer does not mention.
    """

    messages: tuple[MessageT_co, ...]
    failures: Mapping[str, str] = _NOTHING


class Feed(Protocol[MessageT_co]):
    """A vendor as two pure functions; neither touches the network.

    ``name`` is the feed's in the catalogue; ``largest_query`` how many symbols one request may name.
    """

    name: str
    largest_query: int

    def ask(self, query: PriceQuery) -> Request:
        """The request for the prices of ``query``."""
        ...

    def read(self, query: PriceQuery, body: Body) -> Reading[MessageT_co]:
        """What ``body`` says of ``query``.

        Raises Transient when it is a refusal or garbage (the source is named if it refuses everybody),
        Permanent when no later answer to this query can be better, ConfigurationError when the key is refused.
        """
        ...
