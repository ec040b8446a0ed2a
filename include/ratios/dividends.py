"""Dividends, a part of valuation: what the company gives back to its owners."""

from __future__ import annotations

from include.ratios.arithmetic import Amount, instead, quotient, sum_of_reported
from include.ratios.ratio import ratio, valuation
from include.ratios.status import Status


@ratio("Dividend Yield", valuation)
def dividend_yield(dividends_per_share: Amount, price: Amount) -> Amount:
    """Dividends of the last twelve months per unit of price.

        dividend_yield = dividends_per_share / price

    Units   money per share / money per share, one currency -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Dividend Yield"
    """
    return quotient(dividends_per_share, price)


@ratio("Weighted Dividend Yield", valuation)
def weighted_dividend_yield(
    comparable_price: Amount, market_cap: Amount, common_dividends_paid: Amount, diluted_shares: Amount
) -> Amount:
    """Dividends that were paid in cash, for one diluted share, per unit of price.

        weighted_dividend_yield = common_dividends_paid / diluted_shares / comparable_price

    Units   money / shares / (money per share), one currency -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Weighted Dividend Yield"
    Note    where the share basis is unverified: common_dividends_paid / market_cap
    """
    by_cap = quotient(common_dividends_paid, market_cap)
    per_share = quotient(common_dividends_paid, diluted_shares)
    return instead(quotient(per_share, comparable_price), by_cap, of=Status.SHARE_BASIS_UNVERIFIED)


@ratio("Dividend Payout Ratio", valuation)
def dividend_payout_ratio(dividends_paid: Amount, net_income: Amount) -> Amount:
    """The part of net income that is paid out.

        dividend_payout_ratio = dividends_paid / net_income

    Units   money / money, one currency, one period -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Dividend Payout Ratio"
    """
    return quotient(dividends_paid, net_income)


@ratio("Reinvestment Ratio", valuation)
def reinvestment_ratio(dividends_paid: Amount, net_income: Amount) -> Amount:
    """The part of net income that is kept.

        reinvestment_ratio = 1 - dividends_paid / net_income

    Units   money / money, one currency, one period -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Reinvestment Ratio"
    """
    return 1.0 - quotient(dividends_paid, net_income)


@ratio("Shareholder Yield", valuation)
def shareholder_yield(
    dividends_paid: Amount, shares_repurchased: Amount, shares_issued: Amount, market_cap: Amount
) -> Amount:
    """What owners receive, net of new shares, per unit of market capitalisation.

        shareholder_yield = (dividends_paid + shares_repurchased - shares_issued) / market_cap

    Units   money of a period / money today, one currency -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  not in FinanceToolkit as such
    Note    the parts that are reported; none of them reported is NOT_REPORTED
    """
    return quotient(sum_of_reported(dividends_paid, shares_repurchased, -shares_issued), market_cap)
