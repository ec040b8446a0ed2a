"""A column for every ratio, and the view that analysts screen with."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Frozen: a ratio that is added or changed later comes with a migration of its own.
RATIOS = {
    "current_ratio": "Current Ratio = current_assets / current_liabilities; unit: dimensionless; not for: bank, insurer",
    "quick_ratio": "Quick Ratio = (cash + short_term_investments + receivables) / current_liabilities; unit: dimensionless; not for: bank, insurer",
    "cash_ratio": "Cash Ratio = (cash + short_term_investments) / current_liabilities; unit: dimensionless; not for: bank, insurer",
    "working_capital": "Working Capital = current_assets - current_liabilities; unit: money; not for: bank, insurer",
    "operating_cash_flow_ratio": "Operating Cash Flow Ratio = operating_cash_flow / current_liabilities; unit: dimensionless; not for: bank",
    "operating_cash_flow_to_sales_ratio": "Operating Cash Flow to Sales Ratio = operating_cash_flow / revenue; unit: dimensionless",
    "short_term_coverage_ratio": "Short Term Coverage Ratio = operating_cash_flow / (receivables + inventory - payables); unit: dimensionless",
    "working_capital_to_total_assets_ratio": "Working Capital to Total Assets Ratio = (current_assets - current_liabilities) / total_assets; unit: dimensionless; not for: bank, insurer",
    "defensive_interval_ratio": "Defensive Interval Ratio = (cash + short_term_investments + receivables) / ((total_expenses - depreciation_and_amortization) / days); unit: days",
    "debt_to_assets_ratio": "Debt-to-Assets Ratio = total_debt / total_assets; unit: dimensionless",
    "debt_to_equity_ratio": "Debt-to-Equity Ratio = total_debt / stockholders_equity; unit: dimensionless",
    "debt_to_capital_ratio": "Debt-to-Capital Ratio = total_debt / (total_debt + stockholders_equity); unit: dimensionless",
    "long_term_debt_to_equity_ratio": "Long Term Debt-to-Equity Ratio = long_term_debt / stockholders_equity; unit: dimensionless",
    "net_debt_to_equity_ratio": "Net Debt-to-Equity Ratio = net_debt / stockholders_equity; unit: dimensionless",
    "equity_ratio": "Equity Ratio = stockholders_equity / total_assets; unit: dimensionless",
    "equity_multiplier": "Equity Multiplier = average(total_assets) / average(stockholders_equity); unit: dimensionless",
    "retained_earnings_to_total_assets_ratio": "Retained Earnings to Total Assets Ratio = retained_earnings / total_assets; unit: dimensionless",
    "market_value_of_equity_to_book_value_of_total_liabilities_ratio": "Market Value of Equity to Book Value of Total Liabilities Ratio = market_cap / total_liabilities; unit: dimensionless",
    "altman_z_score": "Altman Z-Score = 1.2 (current_assets - current_liabilities) / total_assets + 1.4 retained_earnings / total_assets + 3.3 ebit / total_assets + 0.6 market_cap / total_liabilities + 1.0 revenue / total_assets; unit: dimensionless; not for: bank, insurer, financial, reit, real_estate",
    "interest_coverage_ratio": "Interest Coverage Ratio = ebit / interest_expense; unit: dimensionless; not for: bank",
    "ebitda_interest_coverage_ratio": "EBITDA Interest Coverage Ratio = ebitda / interest_expense; unit: dimensionless",
    "debt_service_coverage_ratio": "Debt Service Coverage Ratio = ebitda / (interest_expense + debt_repayment); unit: dimensionless",
    "free_cash_flow_yield": "Free Cash Flow Yield = free_cash_flow / market_cap; unit: dimensionless",
    "net_debt_to_ebitda_ratio": "Net-Debt to EBITDA Ratio = net_debt / ebitda; unit: dimensionless",
    "cash_flow_coverage_ratio": "Cash Flow Coverage Ratio = operating_cash_flow / total_debt; unit: dimensionless",
    "capex_coverage_ratio": "CAPEX Coverage Ratio = operating_cash_flow / capital_expenditure; unit: dimensionless",
    "dividend_capex_coverage_ratio": "Dividend CAPEX Coverage Ratio = operating_cash_flow / (capital_expenditure + dividends_paid); unit: dimensionless",
    "gross_margin": "Gross Margin = (revenue - cost_of_revenue) / revenue; unit: dimensionless; not for: bank, insurer",
    "operating_margin": "Operating Margin = operating_income / revenue; unit: dimensionless",
    "net_profit_margin": "Net Profit Margin = net_income / revenue; unit: dimensionless",
    "ebitda_margin": "EBITDA Margin = ebitda / revenue; unit: dimensionless; not for: bank",
    "ebit_to_revenue": "EBIT to Revenue = ebit / revenue; unit: dimensionless",
    "income_before_tax_profit_margin": "Income Before Tax Profit Margin = pretax_income / revenue; unit: dimensionless",
    "effective_tax_rate": "Effective Tax Rate = tax_provision / pretax_income; unit: dimensionless",
    "interest_burden_ratio": "Interest Burden Ratio = pretax_income / ebit; unit: dimensionless",
    "tax_burden_ratio": "Tax Burden Ratio = net_income / pretax_income; unit: dimensionless",
    "ebt_to_ebit_ratio": "EBT to EBIT Ratio = pretax_income / ebit; unit: dimensionless",
    "net_income_per_ebt": "Net Income per EBT = net_income / (net_income + tax_provision); unit: dimensionless",
    "income_quality_ratio": "Income Quality Ratio = operating_cash_flow / net_income; unit: dimensionless",
    "free_cash_flow_to_operating_cash_flow_ratio": "Free Cash Flow to Operating Cash Flow Ratio = free_cash_flow / operating_cash_flow; unit: dimensionless",
    "free_cash_flow_margin": "Free Cash Flow Margin = free_cash_flow / revenue; unit: dimensionless",
    "r_d_to_revenue_ratio": "R&D-to-Revenue Ratio = research_and_development / revenue; unit: dimensionless",
    "stock_based_compensation_to_revenue_ratio": "Stock Based Compensation-to-Revenue Ratio = stock_based_compensation / revenue; unit: dimensionless",
    "return_on_assets": "Return on Assets = net_income / average(total_assets); unit: dimensionless",
    "return_on_equity": "Return on Equity = net_income_common / average(stockholders_equity); unit: dimensionless",
    "return_on_invested_capital": "Return on Invested Capital = ebit * (1 - tax_rate) / average(invested_capital); unit: dimensionless; not for: bank",
    "return_on_capital_employed": "Return on Capital Employed = ebit / (total_assets - current_liabilities); unit: dimensionless; not for: bank",
    "return_on_tangible_assets": "Return on Tangible Assets = net_income / average(total_assets - goodwill_and_intangibles); unit: dimensionless",
    "accruals_ratio": "Accruals Ratio = (net_income - operating_cash_flow) / average(total_assets); unit: dimensionless",
    "asset_turnover_ratio": "Asset Turnover Ratio = revenue / average(total_assets); unit: dimensionless",
    "fixed_asset_turnover": "Fixed Asset Turnover = revenue / average(net_ppe); unit: dimensionless",
    "inventory_turnover_ratio": "Inventory Turnover Ratio = cost_of_revenue / average(inventory); unit: dimensionless",
    "days_of_inventory_outstanding": "Days of Inventory Outstanding = average(inventory) / cost_of_revenue * days; unit: days",
    "receivables_turnover": "Receivables Turnover = revenue / average(receivables); unit: dimensionless",
    "days_of_sales_outstanding": "Days of Sales Outstanding = average(receivables) / revenue * days; unit: days",
    "accounts_payable_turnover_ratio": "Accounts Payable Turnover Ratio = cost_of_revenue / average(payables); unit: dimensionless",
    "days_of_accounts_payable_outstanding": "Days of Accounts Payable Outstanding = average(payables) / cost_of_revenue * days; unit: days",
    "operating_cycle": "Operating Cycle = days_of_inventory_outstanding + days_of_sales_outstanding; unit: days",
    "cash_conversion_cycle": "Cash Conversion Cycle = days_of_inventory_outstanding + days_of_sales_outstanding - days_of_accounts_payable_outstanding; unit: days",
    "cash_conversion_efficiency": "Cash Conversion Efficiency = operating_cash_flow / revenue; unit: dimensionless",
    "sga_to_revenue_ratio": "SGA-to-Revenue Ratio = selling_general_and_administration / revenue; unit: dimensionless",
    "operating_ratio": "Operating Ratio = (operating_expense + cost_of_revenue) / revenue; unit: dimensionless",
    "capex_to_depreciation_ratio": "CAPEX-to-Depreciation Ratio = capital_expenditure / depreciation_and_amortization; unit: dimensionless",
    "earnings_per_share": "Earnings per Share = (net_income - preferred_dividends) / diluted_shares; unit: money per share",
    "revenue_per_share": "Revenue per Share = revenue / diluted_shares; unit: money per share",
    "book_value_per_share": "Book Value per Share = (stockholders_equity - preferred_equity) / ordinary_shares; unit: money per share",
    "interest_debt_per_share": "Interest Debt per Share = (interest_expense + total_debt) / diluted_shares; unit: money per share",
    "capex_per_share": "CAPEX per Share = capital_expenditure / diluted_shares; unit: money per share",
    "free_cash_flow_per_share": "Free Cash Flow per Share = free_cash_flow / diluted_shares; unit: money per share",
    "graham_number": "Graham Number = sqrt(22.5 * earnings_per_share * book_value_per_share); unit: money per share",
    "tangible_asset_value": "Tangible Asset Value = total_assets - total_liabilities - goodwill_and_intangibles; unit: money",
    "net_current_asset_value": "Net Current Asset Value = current_assets - total_liabilities; unit: money; not for: bank, insurer",
    "price_to_earnings": "Price-to-Earnings = comparable_price / earnings_per_share; unit: dimensionless",
    "price_to_earnings_growth": "Price-to-Earnings-Growth = price_to_earnings / (growth(earnings_per_share) * 100); unit: dimensionless",
    "price_to_book": "Price-to-Book = comparable_price / book_value_per_share; unit: dimensionless",
    "price_to_tangible_book": "Price-to-Tangible-Book = market_cap / tangible_book_value; unit: dimensionless",
    "price_to_sales": "Price-to-Sales = market_cap / revenue; unit: dimensionless",
    "price_to_cash_flow": "Price-to-Cash-Flow = market_cap / operating_cash_flow; unit: dimensionless",
    "price_to_free_cash_flow": "Price-to-Free-Cash-Flow = market_cap / free_cash_flow; unit: dimensionless",
    "earnings_yield": "Earnings Yield = earnings_per_share / comparable_price; unit: dimensionless",
    "dividend_yield": "Dividend Yield = dividends_per_share / price; unit: dimensionless",
    "weighted_dividend_yield": "Weighted Dividend Yield = common_dividends_paid / diluted_shares / comparable_price; unit: dimensionless",
    "dividend_payout_ratio": "Dividend Payout Ratio = dividends_paid / net_income; unit: dimensionless",
    "reinvestment_ratio": "Reinvestment Ratio = 1 - dividends_paid / net_income; unit: dimensionless",
    "shareholder_yield": "Shareholder Yield = (dividends_paid + shares_repurchased - shares_issued) / market_cap; unit: dimensionless",
    "market_cap": "Market Cap = price * quoted_shares; unit: money",
    "enterprise_value": "Enterprise Value = market_cap + total_debt + minority_interest + preferred_equity - cash_and_short_term_investments; unit: money; not for: bank",
    "ev_to_sales": "EV-to-Sales = enterprise_value / revenue; unit: dimensionless; not for: bank",
    "ev_to_ebitda": "EV-to-EBITDA = enterprise_value / ebitda; unit: dimensionless; not for: bank",
    "ev_to_ebit": "EV-to-EBIT = enterprise_value / ebit; unit: dimensionless; not for: bank",
    "ev_to_operating_cash_flow": "EV-to-Operating-Cash-Flow = enterprise_value / operating_cash_flow; unit: dimensionless; not for: bank",
    "revenue_growth": "Revenue Growth = revenue / previous_revenue - 1; unit: dimensionless",
    "operating_income_growth": "Operating Income Growth = operating_income / previous_operating_income - 1; unit: dimensionless",
    "earnings_per_share_growth": "Earnings per Share Growth = diluted_eps / previous_diluted_eps - 1; unit: dimensionless",
    "free_cash_flow_growth": "Free Cash Flow Growth = free_cash_flow / previous_free_cash_flow - 1; unit: dimensionless",
    "sustainable_growth_rate": "Sustainable Growth Rate = return_on_equity * reinvestment_ratio; unit: dimensionless",
    "piotroski_score": "Piotroski Score = sum(piotroski_tests); unit: tests passed",
    "net_interest_margin_proxy": "Net Interest Margin (proxy) = net_interest_income / average(total_assets); unit: dimensionless; only for: bank",
    "bank_efficiency_ratio_proxy": "Bank Efficiency Ratio (proxy) = (selling_general_and_administration + occupancy_and_equipment + other_non_interest_expense) / revenue; unit: dimensionless; only for: bank",
    "loans_to_assets_ratio": "Loans-to-Assets Ratio = net_loans / total_assets; unit: dimensionless; only for: bank",
    "loss_ratio_proxy": "Loss Ratio (proxy) = policyholder_benefits / revenue; unit: dimensionless; only for: insurer",
    "price_to_ffo": "Price-to-FFO = market_cap / (net_income + depreciation_and_amortization - gain_on_sale_of_ppe); unit: dimensionless; only for: reit",
}

# One row per stock: its trailing year, else its latest fiscal year. A fiscal year that ended more than ten days
# after the trailing year is the newer one; a trailing year whose quarters do not fit is not used.
LATEST = """
CREATE VIEW latest_ratios AS
SELECT DISTINCT ON (ratios.symbol)
    stocks.name,
    stocks.region,
    stocks.exchange,
    stocks.sector,
    stocks.industry,
    stocks.currency AS price_currency,
    ratios.provenance ->> 'currency' AS statement_currency,
    ratios.*
FROM financial_ratios AS ratios
LEFT JOIN stocks USING (symbol)
WHERE ratios.period_type IN ('trailing', 'annual')
ORDER BY
    ratios.symbol,
    coalesce(ratios.provenance ->> 'trailing', '') LIKE 'rejected%',
    ratios.period_end + CASE ratios.period_type WHEN 'trailing' THEN 10 ELSE 0 END DESC,
    ratios.period_type DESC;
COMMENT ON VIEW latest_ratios IS
    'One row per stock with its newest ratios: trailing twelve months, else the latest fiscal year. Amounts are in statement_currency';
COMMENT ON COLUMN financial_ratios.statuses IS
    'Every ratio that is not OK, with the reason; only STALE goes with a value. What is not here is OK';
"""


def upgrade() -> None:
    op.execute("ALTER TABLE financial_ratios " + ", ".join(f"ADD COLUMN {name} double precision" for name in RATIOS))
    for name, comment in RATIOS.items():
        quoted = comment.replace("'", "''")
        op.execute(f"COMMENT ON COLUMN financial_ratios.{name} IS '{quoted}'")
    op.execute(LATEST)
