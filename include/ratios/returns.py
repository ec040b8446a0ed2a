"""Returns, the other half of profitability: what capital earns."""

from __future__ import annotations

from include.ratios.arithmetic import Amount, average, positive, quotient
from include.ratios.profiles import BANK
from include.ratios.ratio import profitability, ratio


@ratio("Return on Assets", profitability)
def return_on_assets(net_income: Amount, total_assets: Amount, previous_total_assets: Amount) -> Amount:
    """Net income per unit of assets.

        return_on_assets = net_income / average(total_assets)

    Units   money of a period / mean of its two balance-sheet dates, one currency -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Return on Assets"
    """
    return quotient(net_income, average(total_assets, previous_total_assets))


@ratio("Return on Equity", profitability)
def return_on_equity(
    net_income_common: Amount, stockholders_equity: Amount, previous_stockholders_equity: Amount
) -> Amount:
    """What the owners earn per unit of their equity.

        return_on_equity = net_income_common / average(stockholders_equity)

    Units   money of a period / mean of its two balance-sheet dates, one currency -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Return on Equity", which takes net income and equity with minorities
    Note    equity of zero or below at either date gives no ratio
    """
    equity = average(positive(stockholders_equity), positive(previous_stockholders_equity))
    return quotient(net_income_common, equity)


@ratio("Return on Invested Capital", profitability, not_for=(BANK,))
def return_on_invested_capital(
    ebit: Amount, tax_rate: Amount, invested_capital: Amount, previous_invested_capital: Amount
) -> Amount:
    """Operating earnings after tax per unit of capital that wants a return.

        return_on_invested_capital = ebit * (1 - tax_rate) / average(invested_capital)

    Units   money of a period / mean of its two balance-sheet dates, one currency -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Return on Invested Capital", which divides by (equity + debt)
    Note    tax_rate is the source's rate for its own calculations
    """
    return quotient(ebit * (1.0 - tax_rate), average(invested_capital, previous_invested_capital))


@ratio("Return on Capital Employed", profitability, not_for=(BANK,))
def return_on_capital_employed(ebit: Amount, total_assets: Amount, current_liabilities: Amount) -> Amount:
    """Operating earnings per unit of long-term capital.

        return_on_capital_employed = ebit / (total_assets - current_liabilities)

    Units   money of a period / money at its end, one currency -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Return on Capital Employed", which takes operating income
    """
    return quotient(ebit, total_assets - current_liabilities)


@ratio("Return on Tangible Assets", profitability)
def return_on_tangible_assets(
    net_income: Amount,
    total_assets: Amount,
    goodwill_and_intangibles: Amount,
    previous_total_assets: Amount,
    previous_goodwill_and_intangibles: Amount,
) -> Amount:
    """Net income per unit of assets one can touch.

        return_on_tangible_assets = net_income / average(total_assets - goodwill_and_intangibles)

    Units   money of a period / mean of its two balance-sheet dates, one currency -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Return on Tangible Assets"
    """
    tangible = total_assets - goodwill_and_intangibles
    before = previous_total_assets - previous_goodwill_and_intangibles
    return quotient(net_income, average(tangible, before))


@ratio("Accruals Ratio", profitability)
def accruals_ratio(
    net_income: Amount, operating_cash_flow: Amount, total_assets: Amount, previous_total_assets: Amount
) -> Amount:
    """Earnings that are not cash yet, per unit of assets.

        accruals_ratio = (net_income - operating_cash_flow) / average(total_assets)

    Units   money of a period / mean of its two balance-sheet dates, one currency -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  R. Sloan, The Accounting Review 71 (1996)
    """
    return quotient(net_income - operating_cash_flow, average(total_assets, previous_total_assets))
