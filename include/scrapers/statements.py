"""Asking for statements: in one request, in two where one is refused, by yfinance's own calls at last."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from include.contracts.fundamentals import Fundamentals, PeriodType, Statement
from include.scrapers.fundamentals import Series, assemble, series
from include.scrapers.yahoo_failures import RequestRefused

if TYPE_CHECKING:
    import pandas

    from include.scrapers.yahoo import Yahoo

logger = logging.getLogger(__name__)

URL = "https://query2.finance.yahoo.com/ws/fundamentals-timeseries/v1/finance/timeseries/"
_SINCE = int(datetime(2016, 12, 31, tzinfo=UTC).timestamp())  # as yfinance asks; the newest four years come anyway
_TOO_LONG = (400, 414)

# yfinance's public calls: frequency by its name -> ours; balance sheets have no trailing form.
_PUBLIC: tuple[tuple[str, str, PeriodType], ...] = (
    ("get_income_stmt", "yearly", "annual"),
    ("get_balance_sheet", "yearly", "annual"),
    ("get_cash_flow", "yearly", "annual"),
    ("get_income_stmt", "quarterly", "quarterly"),
    ("get_balance_sheet", "quarterly", "quarterly"),
    ("get_cash_flow", "quarterly", "quarterly"),
    ("get_income_stmt", "trailing", "trailing"),
    ("get_cash_flow", "trailing", "trailing"),
)


class StatementSource:
    """Fetches the ``types`` (such as ``annualTotalRevenue``) of one stock after the other.

    All types go into one URL of some 5 KB. If that is refused as a bad or too long request (400, 414),
    two halves are asked instead, from then on and for the life of the process. If they are refused
    too, or the request is refused for another reason, that stock's statements are fetched by yfinance's
    public calls: eight requests, and no currency per statement. One source serves all threads.
    """

    def __init__(self, yahoo: Yahoo, types: Sequence[str]) -> None:
        self._yahoo = yahoo
        self._types = tuple(types)
        self._parts = 1

    def fetch(self, symbol: str) -> Fundamentals:
        """Every statement that Yahoo has of ``symbol``, none if it has none. Raises as ``Yahoo.ask``."""
        observed_at = datetime.now(UTC)
        try:
            return assemble(symbol, self._asked(symbol), observed_at)
        except RequestRefused as refused:
            logger.warning("%s; falling back to yfinance's call per statement for %s", refused, symbol)
            return public(self._yahoo, symbol, self._types, observed_at)

    def _asked(self, symbol: str) -> list[Series]:
        if self._parts == 1:
            try:
                return self._ask(symbol, self._types)
            except RequestRefused as refused:
                if refused.status not in _TOO_LONG:
                    raise
                logger.warning("%s; asking for the statements in two requests per stock from now on", refused)
        middle = len(self._types) // 2
        found = self._ask(symbol, self._types[:middle]) + self._ask(symbol, self._types[middle:])
        self._parts = 2
        return found

    def _ask(self, symbol: str, types: Sequence[str]) -> list[Series]:
        tomorrow = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        params = {"symbol": symbol, "type": ",".join(types), "period1": _SINCE, "period2": int(tomorrow.timestamp())}
        url = URL + quote(symbol, safe="")
        return self._yahoo.ask(url, params, f"the statements of {symbol}", lambda body: series(symbol, body))


def public(yahoo: Yahoo, symbol: str, types: Sequence[str], observed_at: datetime) -> Fundamentals:
    """The same statements by ``yfinance.Ticker``, without currencies and spans. Raises as ``Yahoo.call``."""
    import yfinance

    def frames() -> list[tuple[PeriodType, pandas.DataFrame]]:
        ticker = yfinance.Ticker(symbol)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # yfinance's own use of pandas
            return [(ours, _frame(ticker, method, theirs)) for method, theirs, ours in _PUBLIC]

    statements: dict[tuple[PeriodType, datetime], dict[str, float]] = {}
    wanted = set(types)
    for period_type, frame in yahoo.call(f"the statements of {symbol}", frames):
        for end, column in frame.items():
            lines = {name: float(v) for name, v in column.dropna().items() if period_type + name in wanted}
            if lines:
                statements.setdefault((period_type, end), {}).update(lines)
    found = (Statement(kind, end.date(), None, lines) for (kind, end), lines in statements.items())
    ordered = sorted(found, key=lambda s: (s.period_type, s.period_end))
    return Fundamentals(symbol, observed_at, tuple(ordered))


def _frame(ticker: object, method: str, frequency: str) -> pandas.DataFrame:
    import pandas

    try:
        return getattr(ticker, method)(pretty=False, freq=frequency)
    except IndexError:  # how yfinance says that there is no trailing statement
        return pandas.DataFrame()
