"""Liquidity: can it pay what falls due soon?"""

from __future__ import annotations

from include.ratios.arithmetic import Amount, quotient
from include.ratios.profiles import BANK, INSURER
from include.ratios.ratio import liquidity, ratio


@ratio("Current Ratio", liquidity, not_for=(BANK, INSURER))
def current_ratio(current_assets: Amount, current_liabilities: Amount) -> Amount:
    """Current assets per unit of current liabilities.

        current_ratio = current_assets / current_liabilities

    Units   money / money, one currency, one balance-sheet date -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Current Ratio"
    """
    return quotient(current_assets, current_liabilities)


@ratio("Quick Ratio", liquidity, not_for=(BANK, INSURER))
def quick_ratio(
    cash: Amount, short_term_investments: Amount, receivables: Amount, current_liabilities: Amount
) -> Amount:
    """What is money within weeks, per unit of current liabilities.

        quick_ratio = (cash + short_term_investments + receivables) / current_liabilities

    Units   money / money, one currency, one balance-sheet date -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Quick Ratio"
    """
    return quotient(cash + short_term_investments + receivables, current_liabilities)


@ratio("Cash Ratio", liquidity, not_for=(BANK, INSURER))
def cash_ratio(cash: Amount, short_term_investments: Amount, current_liabilities: Amount) -> Amount:
    """What is money today, per unit of current liabilities.

        cash_ratio = (cash + short_term_investments) / current_liabilities

    Units   money / money, one currency, one balance-sheet date -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Cash Ratio"
    """
    return quotient(cash + short_term_investments, current_liabilities)


@ratio("Working Capital", liquidity, not_for=(BANK, INSURER))
def working_capital(current_assets: Amount, current_liabilities: Amount) -> Amount:
    """Current assets that current liabilities do not claim.

        working_capital = current_assets - current_liabilities

    Units   money - money, one currency, one balance-sheet date -> money
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Working Capital"
    """
    return current_assets - current_liabilities


@ratio("Operating Cash Flow Ratio", liquidity, not_for=(BANK,))
def operating_cash_flow_ratio(operating_cash_flow: Amount, current_liabilities: Amount) -> Amount:
    """Cash from operations per unit of current liabilities.

        operating_cash_flow_ratio = operating_cash_flow / current_liabilities

    Units   money of a period / money at its end, one currency -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Operating Cash Flow Ratio"
    """
    return quotient(operating_cash_flow, current_liabilities)


@ratio("Operating Cash Flow to Sales Ratio", liquidity)
def operating_cash_flow_to_sales_ratio(operating_cash_flow: Amount, revenue: Amount) -> Amount:
    """Cash from operations per unit of revenue.

        operating_cash_flow_to_sales_ratio = operating_cash_flow / revenue

    Units   money / money, one currency, one period -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Operating Cash Flow to Sales Ratio"
    """
    return quotient(operating_cash_flow, revenue)


@ratio("Short Term Coverage Ratio", liquidity)
def short_term_coverage_ratio(
    operating_cash_flow: Amount, receivables: Amount, inventory: Amount, payables: Amount
) -> Amount:
    """Cash from operations per unit of money bound in trade.

        short_term_coverage_ratio = operating_cash_flow / (receivables + inventory - payables)

    Units   money of a period / money at its end, one currency -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Short Term Coverage Ratio" of 2.0.7; 2.3.0 divides by short-term debt
    """
    return quotient(operating_cash_flow, receivables + inventory - payables)


@ratio("Working Capital to Total Assets Ratio", liquidity, not_for=(BANK, INSURER))
def working_capital_to_total_assets_ratio(
    current_assets: Amount, current_liabilities: Amount, total_assets: Amount
) -> Amount:
    """Working capital per unit of assets: Altman's X1.

        working_capital_to_total_assets_ratio = (current_assets - current_liabilities) / total_assets

    Units   money / money, one currency, one balance-sheet date -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Working Capital to Total Assets Ratio"
    """
    return quotient(current_assets - current_liabilities, total_assets)


@ratio("Defensive Interval Ratio", liquidity)
def defensive_interval_ratio(
    cash: Amount,
    short_term_investments: Amount,
    receivables: Amount,
    total_expenses: Amount,
    depreciation_and_amortization: Amount,
    days: Amount,
) -> Amount:
    """Days that liquid assets pay the expenses that cost cash.

        defensive_interval_ratio = (cash + short_term_investments + receivables)
            / ((total_expenses - depreciation_and_amortization) / days)

    Units   money / (money / days), one currency -> days
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Defensive Interval Ratio"
    Note    days are the period's: 365 for a year, 91.25 for a quarter
    """
    daily_expenses = (total_expenses - depreciation_and_amortization) * (1.0 / days.value)
    return quotient(cash + short_term_investments + receivables, daily_expenses)
