"""Coverage, the other half of solvency: do earnings and cash carry the debt?"""

from __future__ import annotations

from include.ratios.arithmetic import Amount, quotient
from include.ratios.profiles import BANK
from include.ratios.ratio import ratio, solvency
from include.ratios.status import Status


@ratio("Interest Coverage Ratio", solvency, not_for=(BANK,))
def interest_coverage_ratio(ebit: Amount, interest_expense: Amount) -> Amount:
    """How many times operating earnings pay the interest.

        interest_coverage_ratio = ebit / interest_expense

    Units   money / money, one currency, one period -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Interest Coverage Ratio", which divides operating income
    """
    return quotient(ebit, interest_expense, zero=Status.NO_DEBT_COST)


@ratio("EBITDA Interest Coverage Ratio", solvency)
def ebitda_interest_coverage_ratio(ebitda: Amount, interest_expense: Amount) -> Amount:
    """How many times earnings before depreciation pay the interest.

        ebitda_interest_coverage_ratio = ebitda / interest_expense

    Units   money / money, one currency, one period -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  not in FinanceToolkit as such (its earlier "Interest Coverage Ratio")
    """
    return quotient(ebitda, interest_expense, zero=Status.NO_DEBT_COST)


@ratio("Debt Service Coverage Ratio", solvency)
def debt_service_coverage_ratio(ebitda: Amount, interest_expense: Amount, debt_repayment: Amount) -> Amount:
    """How many times earnings before depreciation pay interest and repayments.

        debt_service_coverage_ratio = ebitda / (interest_expense + debt_repayment)

    Units   money / money, one currency, one period -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Debt Service Coverage Ratio", which takes (operating income + D&A)
    """
    return quotient(ebitda, interest_expense + debt_repayment)


@ratio("Free Cash Flow Yield", solvency)
def free_cash_flow_yield(free_cash_flow: Amount, market_cap: Amount) -> Amount:
    """Free cash flow per unit of market capitalisation.

        free_cash_flow_yield = free_cash_flow / market_cap

    Units   money of a period / money today, one currency -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Free Cash Flow Yield"
    """
    return quotient(free_cash_flow, market_cap)


@ratio("Net-Debt to EBITDA Ratio", solvency)
def net_debt_to_ebitda_ratio(net_debt: Amount, ebitda: Amount) -> Amount:
    """Years of earnings before depreciation that repay the debt beyond cash.

        net_debt_to_ebitda_ratio = net_debt / ebitda

    Units   money at a date / money of a period, one currency -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Net-Debt to EBITDA Ratio"
    """
    return quotient(net_debt, ebitda)


@ratio("Cash Flow Coverage Ratio", solvency)
def cash_flow_coverage_ratio(operating_cash_flow: Amount, total_debt: Amount) -> Amount:
    """Cash from operations per unit of debt.

        cash_flow_coverage_ratio = operating_cash_flow / total_debt

    Units   money of a period / money at its end, one currency -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Cash Flow Coverage Ratio"
    """
    return quotient(operating_cash_flow, total_debt, zero=Status.NO_DEBT)


@ratio("CAPEX Coverage Ratio", solvency)
def capex_coverage_ratio(operating_cash_flow: Amount, capital_expenditure: Amount) -> Amount:
    """How many times cash from operations pays the investments.

        capex_coverage_ratio = operating_cash_flow / capital_expenditure

    Units   money / money, one currency, one period -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "CAPEX Coverage Ratio"
    """
    return quotient(operating_cash_flow, capital_expenditure)


@ratio("Dividend CAPEX Coverage Ratio", solvency)
def dividend_capex_coverage_ratio(
    operating_cash_flow: Amount, capital_expenditure: Amount, dividends_paid: Amount
) -> Amount:
    """How many times cash from operations pays investments and dividends.

        dividend_capex_coverage_ratio = operating_cash_flow / (capital_expenditure + dividends_paid)

    Units   money / money, one currency, one period -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Dividend CAPEX Coverage Ratio"
    """
    return quotient(operating_cash_flow, capital_expenditure + dividends_paid)
