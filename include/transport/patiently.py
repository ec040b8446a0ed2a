"""Asking Kafka again while it is settling: a broker that has just started, a leader or a coordinator that moves."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from confluent_kafka import KafkaException

from include.errors import Transient

T = TypeVar("T")

_PATIENCE_S = 20.0
_AGAIN_S = 0.2


def patiently(ask: Callable[[], T], question: str) -> T:
    """The answer of ``ask``, which is repeated for some seconds while it fails. Raises Transient naming the question.

    Every refusal is repeated: the client does not mark all that pass by themselves as such.
    """
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return ask()
        except KafkaException as error:
            if time.monotonic() > deadline:
                raise Transient(f"Kafka does not say {question}: {error.args[0].str()}") from error
            time.sleep(_AGAIN_S)
