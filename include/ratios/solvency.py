"""Solvency: how is it financed, and what claims come before the owners?"""

from __future__ import annotations

from include.ratios.arithmetic import Amount, average, positive, quotient
from include.ratios.liquidity import working_capital_to_total_assets_ratio
from include.ratios.profiles import BANK, FINANCIAL, INSURER, REAL_ESTATE, REIT
from include.ratios.ratio import ratio, solvency


@ratio("Debt-to-Assets Ratio", solvency)
def debt_to_assets_ratio(total_debt: Amount, total_assets: Amount) -> Amount:
    """Debt per unit of assets.

        debt_to_assets_ratio = total_debt / total_assets

    Units   money / money, one currency, one balance-sheet date -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Debt-to-Assets Ratio"
    """
    return quotient(total_debt, total_assets)


@ratio("Debt-to-Equity Ratio", solvency)
def debt_to_equity_ratio(total_debt: Amount, stockholders_equity: Amount) -> Amount:
    """Debt per unit of equity; negative equity gives no ratio.

        debt_to_equity_ratio = total_debt / stockholders_equity

    Units   money / money, one currency, one balance-sheet date -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Debt-to-Equity Ratio"
    """
    return quotient(total_debt, stockholders_equity)


@ratio("Debt-to-Capital Ratio", solvency)
def debt_to_capital_ratio(total_debt: Amount, stockholders_equity: Amount) -> Amount:
    """The part of debt and equity that is debt.

        debt_to_capital_ratio = total_debt / (total_debt + stockholders_equity)

    Units   money / money, one currency, one balance-sheet date -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Debt-to-Capital Ratio"
    """
    return quotient(total_debt, total_debt + stockholders_equity)


@ratio("Long Term Debt-to-Equity Ratio", solvency)
def long_term_debt_to_equity_ratio(long_term_debt: Amount, stockholders_equity: Amount) -> Amount:
    """Long-term debt per unit of equity.

        long_term_debt_to_equity_ratio = long_term_debt / stockholders_equity

    Units   money / money, one currency, one balance-sheet date -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  not in FinanceToolkit as such
    """
    return quotient(long_term_debt, stockholders_equity)


@ratio("Net Debt-to-Equity Ratio", solvency)
def net_debt_to_equity_ratio(net_debt: Amount, stockholders_equity: Amount) -> Amount:
    """Debt that cash would not repay, per unit of equity; below zero is net cash.

        net_debt_to_equity_ratio = net_debt / stockholders_equity

    Units   money / money, one currency, one balance-sheet date -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  not in FinanceToolkit as such
    """
    return quotient(net_debt, stockholders_equity)


@ratio("Equity Ratio", solvency)
def equity_ratio(stockholders_equity: Amount, total_assets: Amount) -> Amount:
    """The part of assets that belongs to the owners.

        equity_ratio = stockholders_equity / total_assets

    Units   money / money, one currency, one balance-sheet date -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  not in FinanceToolkit as such
    """
    return quotient(stockholders_equity, total_assets)


@ratio("Equity Multiplier", solvency)
def equity_multiplier(
    total_assets: Amount,
    previous_total_assets: Amount,
    stockholders_equity: Amount,
    previous_stockholders_equity: Amount,
) -> Amount:
    """Assets per unit of equity, both averaged over the period.

        equity_multiplier = average(total_assets) / average(stockholders_equity)

    Units   money / money, one currency, means of two balance-sheet dates -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Equity Multiplier"
    Note    equity of zero or below at either date gives no ratio
    """
    equity = average(positive(stockholders_equity), positive(previous_stockholders_equity))
    return quotient(average(total_assets, previous_total_assets), equity)


@ratio("Retained Earnings to Total Assets Ratio", solvency)
def retained_earnings_to_total_assets_ratio(retained_earnings: Amount, total_assets: Amount) -> Amount:
    """Profits kept so far per unit of assets: Altman's X2.

        retained_earnings_to_total_assets_ratio = retained_earnings / total_assets

    Units   money / money, one currency, one balance-sheet date -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Retained Earnings to Total Assets Ratio"
    """
    return quotient(retained_earnings, total_assets)


@ratio("Market Value of Equity to Book Value of Total Liabilities Ratio", solvency)
def market_value_of_equity_to_book_value_of_total_liabilities_ratio(
    market_cap: Amount, total_liabilities: Amount
) -> Amount:
    """Market capitalisation per unit of liabilities: Altman's X4.

        market_value_of_equity_to_book_value_of_total_liabilities_ratio = market_cap / total_liabilities

    Units   money / money, one currency -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Market Value of Equity to Book Value of Total Liabilities Ratio"
    """
    return quotient(market_cap, total_liabilities)


@ratio("Altman Z-Score", solvency, not_for=(BANK, INSURER, FINANCIAL, REIT, REAL_ESTATE))
def altman_z_score(
    current_assets: Amount,
    current_liabilities: Amount,
    retained_earnings: Amount,
    ebit: Amount,
    total_assets: Amount,
    market_cap: Amount,
    total_liabilities: Amount,
    revenue: Amount,
) -> Amount:
    """Distance from bankruptcy by Altman's 1968 formula: below 1.8 in distress, above 3 safe.

        altman_z_score = 1.2 (current_assets - current_liabilities) / total_assets
            + 1.4 retained_earnings / total_assets + 3.3 ebit / total_assets
            + 0.6 market_cap / total_liabilities + 1.0 revenue / total_assets

    Units   five quotients of money, one currency -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Altman Z-Score"; E. Altman, Journal of Finance 23 (1968)
    """
    liquid = working_capital_to_total_assets_ratio(current_assets, current_liabilities, total_assets)
    kept = retained_earnings_to_total_assets_ratio(retained_earnings, total_assets)
    earned = quotient(ebit, total_assets)
    valued = market_value_of_equity_to_book_value_of_total_liabilities_ratio(market_cap, total_liabilities)
    turned = quotient(revenue, total_assets)
    return 1.2 * liquid + 1.4 * kept + 3.3 * earned + 0.6 * valued + turned
