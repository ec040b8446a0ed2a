"""The quote's side of a ratio: price, market cap, shares and dividends, in the statements' currency.

One request brings no historical price, so the quote belongs to one period of a stock: its trailing year, or
its latest fiscal year where there is none or the trailing year is older.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TypeGuard

import msgspec
import numpy as np

from include.contracts.quotes import Quote
from include.ratios.arithmetic import Amount, Statuses, Values
from include.ratios.currency import Conversion, conversion, major
from include.ratios.periods import TOLERANCE_DAYS, Period
from include.ratios.statement import QUOTE_INPUTS
from include.ratios.status import Status
from include.ratios.stock import StockInput

RECONCILES_WITHIN = 0.05
# The statements' share counts are weeks or months older than the quote's: buybacks and issues move them by some
# per cent, a depositary receipt or a split by a third at least, up or down.
SAME_SHARES_WITHIN = 1.4
_SAME = Conversion(1.0)


class Quoted(msgspec.Struct, frozen=True):
    """The quote of one stock in the statements' currency; what is not known is NaN, with its status."""

    values: dict[str, float]
    statuses: dict[str, Status]
    rates: tuple[Conversion, ...]
    shares_reconcile: float | None  # market cap / (price x shares) by the count that fits best
    by_market_cap: bool = False  # whether per-share valuation has to use the market cap instead


def price_period(periods: Sequence[Period]) -> Period | None:
    """The period of one stock that the quote belongs to."""
    annual = [p for p in periods if p.reported and p.period_type == "annual"]
    trailing = [p for p in periods if p.reported and p.period_type == "trailing" and not p.mismatch]
    latest = annual[-1] if annual else None
    if not trailing:
        return latest
    newer = latest is not None and (latest.end - trailing[-1].end).days > TOLERANCE_DAYS
    return latest if newer else trailing[-1]


def quoted(stock: StockInput, currency: str | None, *reported_shares: float) -> Quoted:
    """The quote in ``currency``; ``reported_shares`` are the statements' share counts, NaN where unknown."""
    quote = stock.quote
    if quote is None:
        return Quoted(
            dict.fromkeys(QUOTE_INPUTS, math.nan), dict.fromkeys(QUOTE_INPUTS, Status.MISSING_INPUT), (), None
        )
    of_price = conversion(quote.currency, currency, stock.rates)
    of_cap = conversion(major(quote.currency)[0] if quote.currency else None, currency, stock.rates)
    of_dividend = conversion(quote.financial_currency, currency, stock.rates)
    shares, fit = _shares(quote)
    stale = Status.STALE if stock.stale_since else Status.OK
    found = {
        "price": _converted(_above_zero(quote.price), of_price, stale),
        "market_cap": _converted(_above_zero(quote.market_cap), of_cap, stale),
        "quoted_shares": _converted(_above_zero(shares), _SAME, Status.OK),
        "dividends_per_share": _converted(quote.trailing_dividend_per_share, of_dividend, Status.OK),
    }
    values = {name: value for name, (value, _) in found.items()}
    statuses = {name: status for name, (_, status) in found.items()}
    comparable = _is_comparable(fit, values, reported_shares)
    values["comparable_price"] = values["price"] if comparable else math.nan
    statuses["comparable_price"] = (
        statuses["price"] if comparable else max(statuses["price"], Status.SHARE_BASIS_UNVERIFIED)
    )
    if fit is not None and not _reconciles(fit):
        values["quoted_shares"], statuses["quoted_shares"] = math.nan, Status.SHARE_BASIS_UNVERIFIED
    return Quoted(values, statuses, _distinct(of_price, of_cap, of_dividend), fit, not comparable)


def spread(stocks: Sequence[Quoted | None], at: Sequence[int], length: int, name: str) -> Amount:
    """One input of the quote over ``length`` periods: NO_PRICE_FOR_PERIOD but at the quotes' own periods."""
    value: Values = np.full(length, np.nan)
    status: Statuses = np.full(length, Status.NO_PRICE_FOR_PERIOD, np.uint8)
    known = [(position, one) for position, one in zip(at, stocks, strict=True) if one is not None]
    places = [position for position, _ in known]
    value[places] = [one.values[name] for _, one in known]
    status[places] = [one.statuses[name] for _, one in known]
    return Amount(value, status)


def _shares(quote: Quote) -> tuple[float | None, float | None]:
    """The quote's share count that fits its market cap best, and market cap / (price x shares) with it.

    A company with several classes of shares gives one class in ``shares_outstanding`` and all of them in
    ``implied_shares_outstanding``; its market cap covers all.
    """
    counts = [n for n in (quote.shares_outstanding, quote.implied_shares_outstanding) if _is_positive(n)]
    if not counts:
        return None, None
    if not quote.currency or not _is_positive(quote.price) or not _is_positive(quote.market_cap):
        return counts[0], None
    all_shares = quote.market_cap / quote.price / major(quote.currency)[1]
    fits = [(count, all_shares / count) for count in counts if _is_positive(all_shares / count)]
    return min(fits, key=lambda found: abs(math.log(found[1])), default=(counts[0], None))


def _reconciles(fit: float) -> bool:
    return abs(fit - 1) <= RECONCILES_WITHIN


def _is_comparable(fit: float | None, quote: Mapping[str, float], reported_shares: Sequence[float]) -> bool:
    """Whether one quoted share is one share of the statements, by every count of them that is known.

    The quote's own count must explain its market cap; without a market cap it must be like a reported one.
    """
    known = [count for count in reported_shares if count > 0]
    if not math.isnan(quote["market_cap"]):
        quoted_shares = quote["market_cap"] / quote["price"] if quote["price"] > 0 else math.nan
        verified = fit is not None and _reconciles(fit)
    else:
        quoted_shares = quote["quoted_shares"]
        verified = bool(known) and not math.isnan(quoted_shares)
    return verified and all(_is_about(quoted_shares, count) for count in known)


def _is_about(quoted_shares: float, reported_shares: float) -> bool:
    return 1 / SAME_SHARES_WITHIN <= quoted_shares / reported_shares <= SAME_SHARES_WITHIN


def _above_zero(value: float | None) -> float | None:
    """What stands for a price, a worth or a number of shares; zero is how some sources say that they have none."""
    return value if _is_positive(value) else None


def _is_positive(value: float | None) -> TypeGuard[float]:
    return value is not None and 0 < value < math.inf


def _converted(value: float | None, used: Conversion, otherwise: Status) -> tuple[float, Status]:
    if value is None or not math.isfinite(value):
        return math.nan, Status.MISSING_INPUT
    if not used.is_known:
        return math.nan, Status.CURRENCY_UNRESOLVED
    converted = value * used.factor
    return (converted, otherwise) if math.isfinite(converted) else (math.nan, Status.MISSING_INPUT)


def _distinct(*used: Conversion) -> tuple[Conversion, ...]:
    return tuple({one.rates: one for one in used if one.rates}.values())
