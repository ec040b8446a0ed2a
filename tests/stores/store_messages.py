"""Messages by number, and what is wrong with some: what the stores' trials are made of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from include.contracts.prices import (
    Price,
    PriceMovement,
    Tick,
    TradingAsset,
    identify_movement,
    identify_price,
    identify_tick,
)

START = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
PATIENCE_S = 30.0  # how long a store waits for what is slow, on a machine where anything may be


def tick(number: int, **changed: object) -> Tick:
    given: dict[str, Any] = {
        "schema_version": 1,
        "tick_id": 0,
        "feed": "alpaca-stocks",
        "symbol": f"S{number % 7}",
        "kind": "trade" if number % 2 else "quote",
        "ticked_at": START + timedelta(milliseconds=number),
        "price": 100 + number / 100,
        "exchange": "V",
        "conditions": ("@", "I") if number % 3 else (),
    }
    return identify_tick(Tick(**(given | changed)))


def price(number: int, **changed: object) -> Price:
    at = START + timedelta(minutes=number)
    given: dict[str, Any] = {
        "price_id": "",
        "source": "polygon",
        "symbol": f"S{number % 7}",
        "price": 100 + number / 100,
        "price_at": at,
        "observed_at": at,
        "currency": "USD",
    }
    return identify_price(Price(**(given | changed)))


def movement(number: int, **changed: object) -> PriceMovement:
    at = START + timedelta(minutes=number)
    given: dict[str, Any] = {
        "movement_id": "",
        "source": "polygon",
        "symbol": f"S{number % 7}",
        "window_s": 300.0,
        "percent": 5.0,
        "price_before": 100.0,
        "price_after": 105.0,
        "moved_from_at": at - timedelta(minutes=4),
        "moved_to_at": at,
    }
    return identify_movement(PriceMovement(**(given | changed)))


def asset(number: int, **changed: object) -> TradingAsset:
    given: dict[str, Any] = {
        "ticker": f"T{number % 7}",
        "name": "Petróleo",
        "short_name": None,
        "price": 30 + number / 100,
        "volume": 1.5e6,
        "updated_at": START + timedelta(minutes=number),
    }
    return TradingAsset(**(given | changed))


# What no store of prices can keep, or what would grow it without end.
POISON: tuple[dict[str, Any], ...] = (
    {"symbol": "A\0B"},
    {"symbol": "A" * 3000},
    {"price": float("nan")},
    {"price": float("inf")},
)
ENDLESS = datetime(9999, 1, 1, tzinfo=UTC)
NO_ZONE = datetime(2026, 11, 20, 15, 0)
