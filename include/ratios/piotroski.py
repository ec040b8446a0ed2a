"""The Piotroski Score: nine tests of whether a company grew stronger."""

from __future__ import annotations

from include.ratios.arithmetic import Amount, above, quotient
from include.ratios.ratio import growth_and_scores, ratio

TESTS = (
    "return on assets above zero",
    "operating cash flow above zero",
    "return on assets rose",
    "operating cash flow above net income",
    "long-term debt to assets fell",
    "current ratio rose",
    "no new shares",
    "gross margin rose",
    "asset turnover rose",
)


def piotroski_tests(
    net_income: Amount,
    previous_net_income: Amount,
    total_assets: Amount,
    previous_total_assets: Amount,
    operating_cash_flow: Amount,
    long_term_debt: Amount,
    previous_long_term_debt: Amount,
    current_assets: Amount,
    previous_current_assets: Amount,
    current_liabilities: Amount,
    previous_current_liabilities: Amount,
    ordinary_shares: Amount,
    previous_ordinary_shares: Amount,
    revenue: Amount,
    previous_revenue: Amount,
    cost_of_revenue: Amount,
    previous_cost_of_revenue: Amount,
) -> tuple[Amount, ...]:
    """The nine tests of ``TESTS``, in order: 1 passed, 0 failed, NaN with its reason not testable."""
    earning = quotient(net_income, total_assets)
    earned = quotient(previous_net_income, previous_total_assets)
    owing = quotient(long_term_debt, total_assets)
    owed = quotient(previous_long_term_debt, previous_total_assets)
    liquid = quotient(current_assets, current_liabilities)
    was_liquid = quotient(previous_current_assets, previous_current_liabilities)
    margin = quotient(revenue - cost_of_revenue, revenue)
    margin_before = quotient(previous_revenue - previous_cost_of_revenue, previous_revenue)
    turning = quotient(revenue, total_assets)
    turned = quotient(previous_revenue, previous_total_assets)
    return (
        above(earning, 0.0),
        above(operating_cash_flow, 0.0),
        above(earning, earned),
        above(operating_cash_flow, net_income),
        above(owed, owing),
        above(liquid, was_liquid),
        1.0 - above(ordinary_shares, previous_ordinary_shares),
        above(margin, margin_before),
        above(turning, turned),
    )


@ratio("Piotroski Score", growth_and_scores)
def piotroski_score(
    net_income: Amount,
    previous_net_income: Amount,
    total_assets: Amount,
    previous_total_assets: Amount,
    operating_cash_flow: Amount,
    long_term_debt: Amount,
    previous_long_term_debt: Amount,
    current_assets: Amount,
    previous_current_assets: Amount,
    current_liabilities: Amount,
    previous_current_liabilities: Amount,
    ordinary_shares: Amount,
    previous_ordinary_shares: Amount,
    revenue: Amount,
    previous_revenue: Amount,
    cost_of_revenue: Amount,
    previous_cost_of_revenue: Amount,
) -> Amount:
    """How many of nine tests of strength it passes; without all nine there is no score.

        piotroski_score = sum(piotroski_tests)

    Units   nine tests, each 0 or 1 -> tests passed
    Shape   scalars, or arrays of one shape (n stocks); missing is NaN and stays NaN
    Source  FinanceToolkit, "Piotroski Score"; J. Piotroski, Journal of Accounting Research 38 (2000)
    Note    the provenance says how many of the nine can be tested, and how many of those are passed
    """
    tests = piotroski_tests(
        net_income,
        previous_net_income,
        total_assets,
        previous_total_assets,
        operating_cash_flow,
        long_term_debt,
        previous_long_term_debt,
        current_assets,
        previous_current_assets,
        current_liabilities,
        previous_current_liabilities,
        ordinary_shares,
        previous_ordinary_shares,
        revenue,
        previous_revenue,
        cost_of_revenue,
        previous_cost_of_revenue,
    )
    return sum(tests[1:], start=tests[0])
