"""Reported statements, exactly as observed: what is missing stays missing."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

PeriodType = Literal["annual", "quarterly", "trailing"]
PERIOD_TYPES: tuple[PeriodType, ...] = ("annual", "quarterly", "trailing")


class Statement(msgspec.Struct, frozen=True, omit_defaults=True):
    """Every line that one symbol reported for one period type and period end.

    ``lines`` maps the source's raw name without its period prefix (``TotalRevenue``) to the amount
    in ``currency`` (shares for share counts), with the source's own signs (capex is negative).
    ``currencies`` holds only the lines reported in another currency than ``currency``.
    ``months`` is the span the source states for flows (12, 6, 3), None where it states none; ``spans``
    holds only the lines that it states another span for.
    """

    period_type: PeriodType
    period_end: date
    currency: str | None
    lines: dict[str, float]
    currencies: dict[str, str] = {}
    months: int | None = None
    spans: dict[str, int] = {}


class Fundamentals(msgspec.Struct, frozen=True):
    """All statements of one symbol from one observation, newest last within a period type."""

    symbol: str
    observed_at: datetime
    statements: tuple[Statement, ...]


class ExchangeRate(msgspec.Struct, frozen=True):
    """One unit of ``currency`` cost ``rate`` units of ``quoted_in`` at ``rate_at``; both in major units."""

    currency: str
    quoted_in: str
    rate: float
    rate_at: datetime


class RatioRow(msgspec.Struct, frozen=True):
    """One row of ``financial_ratios``.

    ``values`` holds the ratios that have a number, by snake_case name; ``statuses`` the reason of every
    ratio that is not OK. No ratio is in both, except for one reason: ``STALE``, whose price is older than
    the last session, keeps its value and says so. ``provenance`` holds the currency of the row's amounts,
    and the rows, periods, prices and rates that were used where they are not the first choice.
    """

    symbol: str
    period_type: PeriodType
    period_end: date
    values: dict[str, float]
    statuses: dict[str, str]
    provenance: dict[str, object]
