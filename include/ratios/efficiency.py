"""Efficiency: how fast does it turn assets into sales, and sales into cash?"""

from __future__ import annotations

from include.ratios.arithmetic import Amount, average, quotient
from include.ratios.ratio import efficiency, ratio


@ratio("Asset Turnover Ratio", efficiency)
def asset_turnover_ratio(revenue: Amount, total_assets: Amount, previous_total_assets: Amount) -> Amount:
    """Revenue per unit of assets.

        asset_turnover_ratio = revenue / average(total_assets)

    Units   money of a period / mean of its two balance-sheet dates, one currency -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Asset Turnover Ratio"
    """
    return quotient(revenue, average(total_assets, previous_total_assets))


@ratio("Fixed Asset Turnover", efficiency)
def fixed_asset_turnover(revenue: Amount, net_ppe: Amount, previous_net_ppe: Amount) -> Amount:
    """Revenue per unit of property, plant and equipment.

        fixed_asset_turnover = revenue / average(net_ppe)

    Units   money of a period / mean of its two balance-sheet dates, one currency -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Fixed Asset Turnover"
    """
    return quotient(revenue, average(net_ppe, previous_net_ppe))


@ratio("Inventory Turnover Ratio", efficiency)
def inventory_turnover_ratio(cost_of_revenue: Amount, inventory: Amount, previous_inventory: Amount) -> Amount:
    """How many times the inventory is sold.

        inventory_turnover_ratio = cost_of_revenue / average(inventory)

    Units   money of a period / mean of its two balance-sheet dates, one currency -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Inventory Turnover Ratio"
    """
    return quotient(cost_of_revenue, average(inventory, previous_inventory))


@ratio("Days of Inventory Outstanding", efficiency)
def days_of_inventory_outstanding(
    inventory: Amount, previous_inventory: Amount, cost_of_revenue: Amount, days: Amount
) -> Amount:
    """Days until the inventory is sold.

        days_of_inventory_outstanding = average(inventory) / cost_of_revenue * days

    Units   mean of two balance-sheet dates / money of the period x days, one currency -> days
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Days of Inventory Outstanding"
    """
    return quotient(average(inventory, previous_inventory), cost_of_revenue) * days


@ratio("Receivables Turnover", efficiency)
def receivables_turnover(revenue: Amount, receivables: Amount, previous_receivables: Amount) -> Amount:
    """How many times the receivables are collected.

        receivables_turnover = revenue / average(receivables)

    Units   money of a period / mean of its two balance-sheet dates, one currency -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Receivables Turnover"
    """
    return quotient(revenue, average(receivables, previous_receivables))


@ratio("Days of Sales Outstanding", efficiency)
def days_of_sales_outstanding(
    receivables: Amount, previous_receivables: Amount, revenue: Amount, days: Amount
) -> Amount:
    """Days until customers pay.

        days_of_sales_outstanding = average(receivables) / revenue * days

    Units   mean of two balance-sheet dates / money of the period x days, one currency -> days
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Days of Sales Outstanding"
    """
    return quotient(average(receivables, previous_receivables), revenue) * days


@ratio("Accounts Payable Turnover Ratio", efficiency)
def accounts_payable_turnover_ratio(cost_of_revenue: Amount, payables: Amount, previous_payables: Amount) -> Amount:
    """How many times suppliers are paid.

        accounts_payable_turnover_ratio = cost_of_revenue / average(payables)

    Units   money of a period / mean of its two balance-sheet dates, one currency -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Accounts Payable Turnover Ratio"
    """
    return quotient(cost_of_revenue, average(payables, previous_payables))


@ratio("Days of Accounts Payable Outstanding", efficiency)
def days_of_accounts_payable_outstanding(
    payables: Amount, previous_payables: Amount, cost_of_revenue: Amount, days: Amount
) -> Amount:
    """Days until suppliers are paid.

        days_of_accounts_payable_outstanding = average(payables) / cost_of_revenue * days

    Units   mean of two balance-sheet dates / money of the period x days, one currency -> days
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Days of Accounts Payable Outstanding"
    """
    return quotient(average(payables, previous_payables), cost_of_revenue) * days


@ratio("Operating Cycle", efficiency)
def operating_cycle(
    inventory: Amount,
    previous_inventory: Amount,
    cost_of_revenue: Amount,
    receivables: Amount,
    previous_receivables: Amount,
    revenue: Amount,
    days: Amount,
) -> Amount:
    """Days from buying the inventory to being paid for it.

        operating_cycle = days_of_inventory_outstanding + days_of_sales_outstanding

    Units   days + days -> days
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Operating Cycle"
    """
    sold = days_of_inventory_outstanding(inventory, previous_inventory, cost_of_revenue, days)
    return sold + days_of_sales_outstanding(receivables, previous_receivables, revenue, days)


@ratio("Cash Conversion Cycle", efficiency)
def cash_conversion_cycle(
    inventory: Amount,
    previous_inventory: Amount,
    cost_of_revenue: Amount,
    receivables: Amount,
    previous_receivables: Amount,
    revenue: Amount,
    payables: Amount,
    previous_payables: Amount,
    days: Amount,
) -> Amount:
    """Days from paying suppliers to being paid; below zero, suppliers finance the business.

        cash_conversion_cycle = days_of_inventory_outstanding + days_of_sales_outstanding
            - days_of_accounts_payable_outstanding

    Units   days + days - days -> days
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Cash Conversion Cycle"
    """
    sold = days_of_inventory_outstanding(inventory, previous_inventory, cost_of_revenue, days)
    collected = days_of_sales_outstanding(receivables, previous_receivables, revenue, days)
    return sold + collected - days_of_accounts_payable_outstanding(payables, previous_payables, cost_of_revenue, days)


@ratio("Cash Conversion Efficiency", efficiency)
def cash_conversion_efficiency(operating_cash_flow: Amount, revenue: Amount) -> Amount:
    """The Operating Cash Flow to Sales Ratio under its other name.

        cash_conversion_efficiency = operating_cash_flow / revenue

    Units   money / money, one currency, one period -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Cash Conversion Efficiency"
    """
    return quotient(operating_cash_flow, revenue)


@ratio("SGA-to-Revenue Ratio", efficiency)
def sga_to_revenue_ratio(selling_general_and_administration: Amount, revenue: Amount) -> Amount:
    """Selling, general and administrative expenses per unit of revenue.

        sga_to_revenue_ratio = selling_general_and_administration / revenue

    Units   money / money, one currency, one period -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "SGA-to-Revenue Ratio"
    """
    return quotient(selling_general_and_administration, revenue)


@ratio("Operating Ratio", efficiency)
def operating_ratio(operating_expense: Amount, cost_of_revenue: Amount, revenue: Amount) -> Amount:
    """All costs of operations per unit of revenue.

        operating_ratio = (operating_expense + cost_of_revenue) / revenue

    Units   money / money, one currency, one period -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Operating Ratio"
    """
    return quotient(operating_expense + cost_of_revenue, revenue)


@ratio("CAPEX-to-Depreciation Ratio", efficiency)
def capex_to_depreciation_ratio(capital_expenditure: Amount, depreciation_and_amortization: Amount) -> Amount:
    """Investments per unit of what wears out: above one it grows.

        capex_to_depreciation_ratio = capital_expenditure / depreciation_and_amortization

    Units   money / money, one currency, one period -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  not in FinanceToolkit as such
    """
    return quotient(capital_expenditure, depreciation_and_amortization)
