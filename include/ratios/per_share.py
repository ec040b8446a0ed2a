"""Per share, the first part of valuation: what one share earns, owns and is worth."""

from __future__ import annotations

from include.ratios.arithmetic import Amount, positive, quotient, square_root
from include.ratios.profiles import BANK, INSURER
from include.ratios.ratio import ratio, valuation
from include.ratios.status import Status


@ratio("Earnings per Share", valuation)
def earnings_per_share(net_income: Amount, preferred_dividends: Amount, diluted_shares: Amount) -> Amount:
    """What one share earns, after preferred dividends and dilution.

        earnings_per_share = (net_income - preferred_dividends) / diluted_shares

    Units   money / shares, one currency -> money per share
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Earnings per Share"
    Note    share counts are averaged over a trailing year, never summed
    """
    return quotient(net_income - preferred_dividends, diluted_shares)


@ratio("Revenue per Share", valuation)
def revenue_per_share(revenue: Amount, diluted_shares: Amount) -> Amount:
    """Revenue for one share.

        revenue_per_share = revenue / diluted_shares

    Units   money / shares, one currency -> money per share
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Revenue per Share"
    """
    return quotient(revenue, diluted_shares)


@ratio("Book Value per Share", valuation)
def book_value_per_share(stockholders_equity: Amount, preferred_equity: Amount, ordinary_shares: Amount) -> Amount:
    """Equity of the ordinary owners for one share at the period's end.

        book_value_per_share = (stockholders_equity - preferred_equity) / ordinary_shares

    Units   money / shares, one currency -> money per share
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Book Value per Share", which divides by average shares
    """
    return quotient(stockholders_equity - preferred_equity, ordinary_shares)


@ratio("Interest Debt per Share", valuation)
def interest_debt_per_share(interest_expense: Amount, total_debt: Amount, diluted_shares: Amount) -> Amount:
    """Debt and its interest for one share.

        interest_debt_per_share = (interest_expense + total_debt) / diluted_shares

    Units   money / shares, one currency -> money per share
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Interest Debt per Share"
    """
    return quotient(interest_expense + total_debt, diluted_shares)


@ratio("CAPEX per Share", valuation)
def capex_per_share(capital_expenditure: Amount, diluted_shares: Amount) -> Amount:
    """Investments for one share.

        capex_per_share = capital_expenditure / diluted_shares

    Units   money / shares, one currency -> money per share
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "CAPEX per Share"
    """
    return quotient(capital_expenditure, diluted_shares)


@ratio("Free Cash Flow per Share", valuation)
def free_cash_flow_per_share(free_cash_flow: Amount, diluted_shares: Amount) -> Amount:
    """Free cash flow for one share.

        free_cash_flow_per_share = free_cash_flow / diluted_shares

    Units   money / shares, one currency -> money per share
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  not in FinanceToolkit as such
    """
    return quotient(free_cash_flow, diluted_shares)


@ratio("Graham Number", valuation)
def graham_number(
    net_income: Amount,
    preferred_dividends: Amount,
    diluted_shares: Amount,
    stockholders_equity: Amount,
    preferred_equity: Amount,
    ordinary_shares: Amount,
) -> Amount:
    """The price that 15 times earnings and 1.5 times book value allow together.

        graham_number = sqrt(22.5 * earnings_per_share * book_value_per_share)

    Units   square root of (money per share x money per share), one currency -> money per share
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  B. Graham, The Intelligent Investor (1949)
    Note    earnings and book value must both be above zero
    """
    earned = earnings_per_share(net_income, preferred_dividends, diluted_shares)
    owned = book_value_per_share(stockholders_equity, preferred_equity, ordinary_shares)
    wanted = Status.NOT_MEANINGFUL
    return square_root(
        22.5 * positive(earned, zero=wanted, negative=wanted) * positive(owned, zero=wanted, negative=wanted)
    )


@ratio("Tangible Asset Value", valuation)
def tangible_asset_value(total_assets: Amount, total_liabilities: Amount, goodwill_and_intangibles: Amount) -> Amount:
    """What is left for all owners without goodwill and intangibles.

        tangible_asset_value = total_assets - total_liabilities - goodwill_and_intangibles

    Units   money - money - money, one currency, one balance-sheet date -> money
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Tangible Asset Value"
    """
    return total_assets - total_liabilities - goodwill_and_intangibles


@ratio("Net Current Asset Value", valuation, not_for=(BANK, INSURER))
def net_current_asset_value(current_assets: Amount, total_liabilities: Amount) -> Amount:
    """Graham's net-net: current assets after all liabilities.

        net_current_asset_value = current_assets - total_liabilities

    Units   money - money, one currency, one balance-sheet date -> money
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Net Current Asset Value"; B. Graham, Security Analysis (1934)
    """
    return current_assets - total_liabilities
