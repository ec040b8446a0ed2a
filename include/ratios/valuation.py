"""Valuation: what the market pays for earnings, books, sales and cash."""

from __future__ import annotations

from include.ratios.arithmetic import Amount, growth, instead, quotient
from include.ratios.per_share import book_value_per_share, earnings_per_share
from include.ratios.ratio import ratio, valuation
from include.ratios.status import Status

_UNVERIFIED = Status.SHARE_BASIS_UNVERIFIED


@ratio("Price-to-Earnings", valuation)
def price_to_earnings(
    comparable_price: Amount,
    market_cap: Amount,
    net_income: Amount,
    preferred_dividends: Amount,
    diluted_shares: Amount,
) -> Amount:
    """What the market pays for one unit of earnings.

        price_to_earnings = comparable_price / earnings_per_share

    Units   money per share / money per share, one currency -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Price-to-Earnings", which takes the close of the period's end
    Note    where the share basis is unverified: market_cap / (net_income - preferred_dividends)
    """
    earned = earnings_per_share(net_income, preferred_dividends, diluted_shares)
    by_cap = quotient(market_cap, net_income - preferred_dividends)
    return instead(quotient(comparable_price, earned), by_cap, of=_UNVERIFIED)


@ratio("Price-to-Earnings-Growth", valuation)
def price_to_earnings_growth(
    comparable_price: Amount,
    market_cap: Amount,
    net_income: Amount,
    preferred_dividends: Amount,
    diluted_shares: Amount,
    previous_net_income: Amount,
    previous_preferred_dividends: Amount,
    previous_diluted_shares: Amount,
) -> Amount:
    """Price-to-Earnings per per cent of growth in earnings per share.

        price_to_earnings_growth = price_to_earnings / (growth(earnings_per_share) * 100)

    Units   dimensionless / per cent -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Price-to-Earnings-Growth"
    Note    growth from our own history, not from forecasts; without growth there is no ratio
    """
    multiple = price_to_earnings(comparable_price, market_cap, net_income, preferred_dividends, diluted_shares)
    earned = earnings_per_share(net_income, preferred_dividends, diluted_shares)
    before = earnings_per_share(previous_net_income, previous_preferred_dividends, previous_diluted_shares)
    pace = growth(earned, before) * 100.0
    return quotient(multiple, pace, zero=Status.NOT_MEANINGFUL, negative=Status.NOT_MEANINGFUL)


@ratio("Price-to-Book", valuation)
def price_to_book(
    comparable_price: Amount,
    market_cap: Amount,
    stockholders_equity: Amount,
    preferred_equity: Amount,
    ordinary_shares: Amount,
) -> Amount:
    """What the market pays for one unit of the owners' equity.

        price_to_book = comparable_price / book_value_per_share

    Units   money per share / money per share, one currency -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Price-to-Book"
    Note    where the share basis is unverified: market_cap / (stockholders_equity - preferred_equity)
    """
    owned = book_value_per_share(stockholders_equity, preferred_equity, ordinary_shares)
    by_cap = quotient(market_cap, stockholders_equity - preferred_equity)
    return instead(quotient(comparable_price, owned), by_cap, of=_UNVERIFIED)


@ratio("Price-to-Tangible-Book", valuation)
def price_to_tangible_book(market_cap: Amount, tangible_book_value: Amount) -> Amount:
    """What the market pays for one unit of equity without goodwill and intangibles.

        price_to_tangible_book = market_cap / tangible_book_value

    Units   money today / money at a date, one currency -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  not in FinanceToolkit as such
    """
    return quotient(market_cap, tangible_book_value)


@ratio("Price-to-Sales", valuation)
def price_to_sales(market_cap: Amount, revenue: Amount) -> Amount:
    """What the market pays for one unit of revenue.

        price_to_sales = market_cap / revenue

    Units   money today / money of a period, one currency -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Price-to-Sales"
    """
    return quotient(market_cap, revenue)


@ratio("Price-to-Cash-Flow", valuation)
def price_to_cash_flow(market_cap: Amount, operating_cash_flow: Amount) -> Amount:
    """What the market pays for one unit of cash from operations.

        price_to_cash_flow = market_cap / operating_cash_flow

    Units   money today / money of a period, one currency -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Price-to-Cash-Flow"
    """
    return quotient(market_cap, operating_cash_flow)


@ratio("Price-to-Free-Cash-Flow", valuation)
def price_to_free_cash_flow(market_cap: Amount, free_cash_flow: Amount) -> Amount:
    """What the market pays for one unit of free cash flow.

        price_to_free_cash_flow = market_cap / free_cash_flow

    Units   money today / money of a period, one currency -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Price-to-Free-Cash-Flow"
    """
    return quotient(market_cap, free_cash_flow)


@ratio("Earnings Yield", valuation)
def earnings_yield(
    comparable_price: Amount,
    market_cap: Amount,
    net_income: Amount,
    preferred_dividends: Amount,
    diluted_shares: Amount,
) -> Amount:
    """What one unit of price earns; a loss is below zero.

        earnings_yield = earnings_per_share / comparable_price

    Units   money per share / money per share, one currency -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Earnings Yield"
    Note    where the share basis is unverified: (net_income - preferred_dividends) / market_cap
    """
    earned = earnings_per_share(net_income, preferred_dividends, diluted_shares)
    by_cap = quotient(net_income - preferred_dividends, market_cap)
    return instead(quotient(earned, comparable_price), by_cap, of=_UNVERIFIED)
