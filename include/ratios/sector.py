"""Sector ratios: what stands in for the others at banks, insurers and property trusts."""

from __future__ import annotations

from include.ratios.arithmetic import Amount, average, quotient
from include.ratios.profiles import BANK, INSURER, REIT
from include.ratios.ratio import ratio, sector


@ratio("Net Interest Margin (proxy)", sector, only_for=(BANK,))
def net_interest_margin_proxy(
    net_interest_income: Amount, total_assets: Amount, previous_total_assets: Amount
) -> Amount:
    """Net interest income per unit of all assets, because earning assets are not in the source.

        net_interest_margin_proxy = net_interest_income / average(total_assets)

    Units   money of a period / mean of its two balance-sheet dates, one currency -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  not in FinanceToolkit as such
    """
    return quotient(net_interest_income, average(total_assets, previous_total_assets))


@ratio("Bank Efficiency Ratio (proxy)", sector, only_for=(BANK,))
def bank_efficiency_ratio_proxy(
    selling_general_and_administration: Amount,
    occupancy_and_equipment: Amount,
    other_non_interest_expense: Amount,
    revenue: Amount,
) -> Amount:
    """Costs of running the bank per unit of revenue: lower is better.

        bank_efficiency_ratio_proxy = (selling_general_and_administration + occupancy_and_equipment
            + other_non_interest_expense) / revenue

    Units   money / money, one currency, one period -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  not in FinanceToolkit as such
    """
    costs = selling_general_and_administration + occupancy_and_equipment + other_non_interest_expense
    return quotient(costs, revenue)


@ratio("Loans-to-Assets Ratio", sector, only_for=(BANK,))
def loans_to_assets_ratio(net_loans: Amount, total_assets: Amount) -> Amount:
    """The part of assets that is lent out.

        loans_to_assets_ratio = net_loans / total_assets

    Units   money / money, one currency, one balance-sheet date -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  not in FinanceToolkit as such
    """
    return quotient(net_loans, total_assets)


@ratio("Loss Ratio (proxy)", sector, only_for=(INSURER,))
def loss_ratio_proxy(policyholder_benefits: Amount, revenue: Amount) -> Amount:
    """Benefits and claims per unit of all revenue, because premiums are not in the source.

        loss_ratio_proxy = policyholder_benefits / revenue

    Units   money / money, one currency, one period -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  not in FinanceToolkit as such
    """
    return quotient(policyholder_benefits, revenue)


@ratio("Price-to-FFO", sector, only_for=(REIT,))
def price_to_ffo(
    market_cap: Amount, net_income: Amount, depreciation_and_amortization: Amount, gain_on_sale_of_ppe: Amount
) -> Amount:
    """What the market pays for one unit of funds from operations.

        price_to_ffo = market_cap / (net_income + depreciation_and_amortization - gain_on_sale_of_ppe)

    Units   money today / money of a period, one currency -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  Nareit, "Funds From Operations" (2018)
    """
    funds = net_income + depreciation_and_amortization - gain_on_sale_of_ppe
    return quotient(market_cap, funds)
