"""The port of every store of prices: a store is a file, and a row in tests/stores/test_every_store.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar, runtime_checkable

import msgspec

MessageT_contra = TypeVar("MessageT_contra", contravariant=True)


class Refusal(msgspec.Struct, frozen=True):
    """The message at ``position`` of the batch can never be kept, and ``why``."""

    position: int
    why: str


class Written(msgspec.Struct, frozen=True):
    """What came of a batch: how many rows are ``new`` (the others were there), and what was refused."""

    new: int
    refused: tuple[Refusal, ...] = ()


class Store(Protocol[MessageT_contra]):
    """Where messages of one kind are kept, each once however often it is written."""

    name: str

    def write(self, messages: Sequence[MessageT_contra]) -> Written:
        """Keep ``messages``: all that is not refused is durable when this returns.

        Writing the same batch again changes nothing, so a crash at any point is repaired by repeating it.
        An empty batch keeps nothing, and opens what is still to be opened.
        Raises Transient when the store is away, busy or full: then the same batch is written again later.
        """
        ...

    def close(self) -> None:
        """Let go of connections and files."""
        ...


class Ready(Protocol):
    """A batch that is ready to be written."""

    def write(self) -> Written:
        """As ``Store.write``; may be repeated."""
        ...


@runtime_checkable
class PreparingStore(Protocol[MessageT_contra]):
    """A store that makes batches ready in one thread while another thread writes the one before."""

    def prepare(self, messages: Sequence[MessageT_contra]) -> Ready:
        """Do all that needs no store: what is left is to wait for it."""
        ...
