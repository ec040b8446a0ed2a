"""Growth: how much more than in the period before."""

from __future__ import annotations

from include.ratios.arithmetic import Amount, growth
from include.ratios.dividends import reinvestment_ratio
from include.ratios.ratio import growth_and_scores, ratio
from include.ratios.returns import return_on_equity


@ratio("Revenue Growth", growth_and_scores)
def revenue_growth(revenue: Amount, previous_revenue: Amount) -> Amount:
    """How much revenue grew on the period before.

        revenue_growth = revenue / previous_revenue - 1

    Units   money / money, one currency, two periods of one length -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  not in FinanceToolkit as such
    """
    return growth(revenue, previous_revenue)


@ratio("Operating Income Growth", growth_and_scores)
def operating_income_growth(operating_income: Amount, previous_operating_income: Amount) -> Amount:
    """How much operating income grew; out of or into a loss is no rate.

        operating_income_growth = operating_income / previous_operating_income - 1

    Units   money / money, one currency, two periods of one length -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  not in FinanceToolkit as such
    """
    return growth(operating_income, previous_operating_income)


@ratio("Earnings per Share Growth", growth_and_scores)
def earnings_per_share_growth(diluted_eps: Amount, previous_diluted_eps: Amount) -> Amount:
    """How much reported diluted earnings per share grew; out of or into a loss is no rate.

        earnings_per_share_growth = diluted_eps / previous_diluted_eps - 1

    Units   money per share / money per share, one currency, two periods of one length -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  not in FinanceToolkit as such
    """
    return growth(diluted_eps, previous_diluted_eps)


@ratio("Free Cash Flow Growth", growth_and_scores)
def free_cash_flow_growth(free_cash_flow: Amount, previous_free_cash_flow: Amount) -> Amount:
    """How much free cash flow grew; out of or into a drain is no rate.

        free_cash_flow_growth = free_cash_flow / previous_free_cash_flow - 1

    Units   money / money, one currency, two periods of one length -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  not in FinanceToolkit as such
    """
    return growth(free_cash_flow, previous_free_cash_flow)


@ratio("Sustainable Growth Rate", growth_and_scores)
def sustainable_growth_rate(
    net_income_common: Amount,
    stockholders_equity: Amount,
    previous_stockholders_equity: Amount,
    dividends_paid: Amount,
    net_income: Amount,
) -> Amount:
    """The growth that kept earnings alone can finance.

        sustainable_growth_rate = return_on_equity * reinvestment_ratio

    Units   dimensionless x dimensionless -> dimensionless
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  not in FinanceToolkit as such
    """
    earned = return_on_equity(net_income_common, stockholders_equity, previous_stockholders_equity)
    return earned * reinvestment_ratio(dividends_paid, net_income)
