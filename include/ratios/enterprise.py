"""Enterprise value, the last part of valuation: the price of the whole, debt included."""

from __future__ import annotations

from include.ratios.arithmetic import Amount, quotient
from include.ratios.profiles import BANK
from include.ratios.ratio import ratio, valuation


@ratio("Market Cap", valuation)
def market_cap(price: Amount, quoted_shares: Amount) -> Amount:
    """What all shares cost at the quoted price.

        market_cap = price * quoted_shares

    Units   money per share x shares -> money
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Market Cap", which takes the statements' average shares
    Note    refused where the source's own market capitalisation differs by more than 5 %
    """
    return price * quoted_shares


@ratio("Enterprise Value", valuation, not_for=(BANK,))
def enterprise_value(
    market_cap: Amount,
    total_debt: Amount,
    minority_interest: Amount,
    preferred_equity: Amount,
    cash_and_short_term_investments: Amount,
) -> Amount:
    """What it costs to buy everything: owners, lenders, minorities, less the cash that comes along.

        enterprise_value = market_cap + total_debt + minority_interest + preferred_equity
            - cash_and_short_term_investments

    Units   money + money + money + money - money, one currency -> money
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Enterprise Value", which leaves short-term investments in
    """
    return market_cap + total_debt + minority_interest + preferred_equity - cash_and_short_term_investments


@ratio("EV-to-Sales", valuation, not_for=(BANK,))
def ev_to_sales(
    market_cap: Amount,
    total_debt: Amount,
    minority_interest: Amount,
    preferred_equity: Amount,
    cash_and_short_term_investments: Amount,
    revenue: Amount,
) -> Amount:
    """Enterprise value per unit of revenue.

        ev_to_sales = enterprise_value / revenue

    Units   money today / money of a period, one currency -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "EV-to-Sales"
    """
    worth = enterprise_value(
        market_cap, total_debt, minority_interest, preferred_equity, cash_and_short_term_investments
    )
    return quotient(worth, revenue)


@ratio("EV-to-EBITDA", valuation, not_for=(BANK,))
def ev_to_ebitda(
    market_cap: Amount,
    total_debt: Amount,
    minority_interest: Amount,
    preferred_equity: Amount,
    cash_and_short_term_investments: Amount,
    ebitda: Amount,
) -> Amount:
    """Enterprise value per unit of earnings before depreciation.

        ev_to_ebitda = enterprise_value / ebitda

    Units   money today / money of a period, one currency -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "EV-to-EBITDA"
    """
    worth = enterprise_value(
        market_cap, total_debt, minority_interest, preferred_equity, cash_and_short_term_investments
    )
    return quotient(worth, ebitda)


@ratio("EV-to-EBIT", valuation, not_for=(BANK,))
def ev_to_ebit(
    market_cap: Amount,
    total_debt: Amount,
    minority_interest: Amount,
    preferred_equity: Amount,
    cash_and_short_term_investments: Amount,
    ebit: Amount,
) -> Amount:
    """Enterprise value per unit of operating earnings.

        ev_to_ebit = enterprise_value / ebit

    Units   money today / money of a period, one currency -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "EV-to-EBIT"
    """
    worth = enterprise_value(
        market_cap, total_debt, minority_interest, preferred_equity, cash_and_short_term_investments
    )
    return quotient(worth, ebit)


@ratio("EV-to-Operating-Cash-Flow", valuation, not_for=(BANK,))
def ev_to_operating_cash_flow(
    market_cap: Amount,
    total_debt: Amount,
    minority_interest: Amount,
    preferred_equity: Amount,
    cash_and_short_term_investments: Amount,
    operating_cash_flow: Amount,
) -> Amount:
    """Enterprise value per unit of cash from operations.

        ev_to_operating_cash_flow = enterprise_value / operating_cash_flow

    Units   money today / money of a period, one currency -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "EV-to-Operating-Cash-Flow"
    """
    worth = enterprise_value(
        market_cap, total_debt, minority_interest, preferred_equity, cash_and_short_term_investments
    )
    return quotient(worth, operating_cash_flow)
