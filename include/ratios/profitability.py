"""Profitability by margins: what is left of revenue, and who gets it."""

from __future__ import annotations

from include.ratios.arithmetic import Amount, quotient
from include.ratios.profiles import BANK, INSURER
from include.ratios.ratio import profitability, ratio


@ratio("Gross Margin", profitability, not_for=(BANK, INSURER))
def gross_margin(revenue: Amount, cost_of_revenue: Amount) -> Amount:
    """The part of revenue that the cost of what was sold leaves.

        gross_margin = (revenue - cost_of_revenue) / revenue

    Units   money / money, one currency, one period -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Gross Margin"
    """
    return quotient(revenue - cost_of_revenue, revenue)


@ratio("Operating Margin", profitability)
def operating_margin(operating_income: Amount, revenue: Amount) -> Amount:
    """The part of revenue that is left after the cost of operations.

        operating_margin = operating_income / revenue

    Units   money / money, one currency, one period -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Operating Margin"
    """
    return quotient(operating_income, revenue)


@ratio("Net Profit Margin", profitability)
def net_profit_margin(net_income: Amount, revenue: Amount) -> Amount:
    """The part of revenue that is left after everything.

        net_profit_margin = net_income / revenue

    Units   money / money, one currency, one period -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Net Profit Margin"
    """
    return quotient(net_income, revenue)


@ratio("EBITDA Margin", profitability, not_for=(BANK,))
def ebitda_margin(ebitda: Amount, revenue: Amount) -> Amount:
    """The part of revenue that is left before interest, tax and depreciation.

        ebitda_margin = ebitda / revenue

    Units   money / money, one currency, one period -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "EBITDA Margin", which takes (operating income + D&A)
    """
    return quotient(ebitda, revenue)


@ratio("EBIT to Revenue", profitability)
def ebit_to_revenue(ebit: Amount, revenue: Amount) -> Amount:
    """The part of revenue that is left before interest and tax.

        ebit_to_revenue = ebit / revenue

    Units   money / money, one currency, one period -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "EBIT to Revenue"
    """
    return quotient(ebit, revenue)


@ratio("Income Before Tax Profit Margin", profitability)
def income_before_tax_profit_margin(pretax_income: Amount, revenue: Amount) -> Amount:
    """The part of revenue that is left before tax.

        income_before_tax_profit_margin = pretax_income / revenue

    Units   money / money, one currency, one period -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Income Before Tax Profit Margin"
    """
    return quotient(pretax_income, revenue)


@ratio("Effective Tax Rate", profitability)
def effective_tax_rate(tax_provision: Amount, pretax_income: Amount) -> Amount:
    """Tax per unit of pretax income; a loss has no tax rate.

        effective_tax_rate = tax_provision / pretax_income

    Units   money / money, one currency, one period -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Effective Tax Rate"
    """
    return quotient(tax_provision, pretax_income)


@ratio("Interest Burden Ratio", profitability)
def interest_burden_ratio(pretax_income: Amount, ebit: Amount) -> Amount:
    """The part of EBIT that interest leaves.

        interest_burden_ratio = pretax_income / ebit

    Units   money / money, one currency, one period -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Interest Burden Ratio", which divides by operating income
    """
    return quotient(pretax_income, ebit)


@ratio("Tax Burden Ratio", profitability)
def tax_burden_ratio(net_income: Amount, pretax_income: Amount) -> Amount:
    """The part of pretax income that tax leaves.

        tax_burden_ratio = net_income / pretax_income

    Units   money / money, one currency, one period -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Tax Burden Ratio"
    """
    return quotient(net_income, pretax_income)


@ratio("EBT to EBIT Ratio", profitability)
def ebt_to_ebit_ratio(pretax_income: Amount, ebit: Amount) -> Amount:
    """The Interest Burden Ratio under its other name.

        ebt_to_ebit_ratio = pretax_income / ebit

    Units   money / money, one currency, one period -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "EBT to EBIT Ratio"
    """
    return quotient(pretax_income, ebit)


@ratio("Net Income per EBT", profitability)
def net_income_per_ebt(net_income: Amount, tax_provision: Amount) -> Amount:
    """The part of net income and tax that is net income.

        net_income_per_ebt = net_income / (net_income + tax_provision)

    Units   money / money, one currency, one period -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Net Income per EBT"
    """
    return quotient(net_income, net_income + tax_provision)


@ratio("Income Quality Ratio", profitability)
def income_quality_ratio(operating_cash_flow: Amount, net_income: Amount) -> Amount:
    """Cash from operations per unit of net income.

        income_quality_ratio = operating_cash_flow / net_income

    Units   money / money, one currency, one period -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Income Quality Ratio"
    """
    return quotient(operating_cash_flow, net_income)


@ratio("Free Cash Flow to Operating Cash Flow Ratio", profitability)
def free_cash_flow_to_operating_cash_flow_ratio(free_cash_flow: Amount, operating_cash_flow: Amount) -> Amount:
    """The part of cash from operations that investments leave.

        free_cash_flow_to_operating_cash_flow_ratio = free_cash_flow / operating_cash_flow

    Units   money / money, one currency, one period -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Free Cash Flow to Operating Cash Flow Ratio"
    """
    return quotient(free_cash_flow, operating_cash_flow)


@ratio("Free Cash Flow Margin", profitability)
def free_cash_flow_margin(free_cash_flow: Amount, revenue: Amount) -> Amount:
    """Free cash flow per unit of revenue.

        free_cash_flow_margin = free_cash_flow / revenue

    Units   money / money, one currency, one period -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Free Cash Flow Margin"
    """
    return quotient(free_cash_flow, revenue)


@ratio("R&D-to-Revenue Ratio", profitability)
def r_d_to_revenue_ratio(research_and_development: Amount, revenue: Amount) -> Amount:
    """Research and development per unit of revenue; who reports none has no ratio, not zero.

        r_d_to_revenue_ratio = research_and_development / revenue

    Units   money / money, one currency, one period -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "R&D Intensity Ratio"
    """
    return quotient(research_and_development, revenue)


@ratio("Stock Based Compensation-to-Revenue Ratio", profitability)
def stock_based_compensation_to_revenue_ratio(stock_based_compensation: Amount, revenue: Amount) -> Amount:
    """Pay in shares per unit of revenue.

        stock_based_compensation_to_revenue_ratio = stock_based_compensation / revenue

    Units   money / money, one currency, one period -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "SBC to Revenue Ratio"
    """
    return quotient(stock_based_compensation, revenue)
