"""From a company's books to the lines that Yahoo shows of them, by Yahoo's own names and signs."""

from __future__ import annotations

from include.market.world.industrial import Lines

# Lines that are no amounts of a period and do not add up over quarters.
SHARE_COUNTS = frozenset({"BasicAverageShares", "DilutedAverageShares"})


def flow_lines(flows: Lines, kind: str) -> Lines:
    """Income statement and cash flow of one period, without what depends on shares or scale."""
    if kind in ("bank", "insurer"):
        return _financial_income(flows, kind) | _income_end(flows) | _cash_flow(flows)
    return _industrial_income(flows) | _income_end(flows) | _cash_flow(flows)


def _industrial_income(f: Lines) -> Lines:
    gross, expense = f["revenue"] - f["costs"], f["research"] + f["sga"]
    net_interest = f["interest_income"] - f["interest"]
    earned = f["pretax"] + f["interest"]
    worn = f["depreciation"] + f["amortization"]
    lines = {
        "TotalRevenue": f["revenue"], "OperatingRevenue": f["revenue"], "CostOfRevenue": f["costs"],
        "ReconciledCostOfRevenue": f["costs"], "GrossProfit": gross, "SellingGeneralAndAdministration": f["sga"],
        "OperatingExpense": expense, "TotalExpenses": f["costs"] + expense, "OperatingIncome": f["operating"],
        "TotalOperatingIncomeAsReported": f["operating"], "InterestExpense": f["interest"],
        "InterestExpenseNonOperating": f["interest"], "InterestIncome": f["interest_income"],
        "InterestIncomeNonOperating": f["interest_income"], "NetInterestIncome": net_interest,
        "NetNonOperatingInterestIncomeExpense": net_interest, "OtherIncomeExpense": f["gain"],
        "TotalUnusualItems": f["gain"], "TotalUnusualItemsExcludingGoodwill": f["gain"],
        "EBIT": earned, "EBITDA": earned + worn, "NormalizedEBITDA": earned + worn - f["gain"],
    }  # fmt: skip
    if f["research"]:
        lines["ResearchAndDevelopment"] = f["research"]
    if f["gain"]:
        lines["GainOnSaleOfPPE"] = f["gain"]
    return lines


def _financial_income(f: Lines, kind: str) -> Lines:
    lines = {
        "TotalRevenue": f["revenue"], "OperatingRevenue": f["revenue"], "InterestExpense": f["interest"],
        "SellingGeneralAndAdministration": f["sga"],
    }  # fmt: skip
    if kind == "insurer":
        return lines | {"NetPolicyholderBenefitsAndClaims": f["claims"], "TotalExpenses": f["expenses"]}
    return lines | {
        "InterestIncome": f["interest_income"], "NetInterestIncome": f["net_interest"],
        "OccupancyAndEquipment": f["occupancy"],
        "OtherNonInterestExpense": f["expenses"] - f["sga"] - f["occupancy"],
    }  # fmt: skip


def _income_end(f: Lines) -> Lines:
    common = f["net"] - f["preferred"]
    lines = {
        "ReconciledDepreciation": f["depreciation"] + f["amortization"], "PretaxIncome": f["pretax"],
        "TaxProvision": f["tax"], "NetIncomeIncludingNoncontrollingInterests": f["whole"],
        "NetIncomeContinuousOperations": f["whole"], "NetIncome": f["net"], "NetIncomeCommonStockholders": common,
        "DilutedNIAvailtoComStockholders": common, "NetIncomeFromContinuingOperationNetMinorityInterest": f["net"],
        "NetIncomeFromContinuingAndDiscontinuedOperation": f["net"], "NormalizedIncome": f["net"],
    }  # fmt: skip
    if f["minority"]:
        lines["MinorityInterests"] = -f["minority"]
    if f["preferred"]:
        lines["PreferredStockDividends"] = f["preferred"]
    return lines


def _cash_flow(f: Lines) -> Lines:
    worn, borrowed = f["depreciation"] + f["amortization"], f["borrowed"] - f["repaid"]
    paid = f["dividends"] + f["preferred"]
    working = sum(f.get(k, 0) for k in ("from_receivables", "from_inventory", "from_payables", "from_other"))
    lines = {
        "OperatingCashFlow": f["operating_cash"], "CashFlowFromContinuingOperatingActivities": f["operating_cash"],
        "NetIncomeFromContinuingOperations": f["whole"], "DepreciationAndAmortization": worn,
        "DepreciationAmortizationDepletion": worn, "ChangeInWorkingCapital": working,
        "ChangeInOtherWorkingCapital": f["from_other"], "InvestingCashFlow": f["investing"],
        "CashFlowFromContinuingInvestingActivities": f["investing"], "CapitalExpenditure": -f["capex"],
        "PurchaseOfPPE": -f["capex"], "NetPPEPurchaseAndSale": f["sold"] - f["capex"],
        "NetInvestmentPurchaseAndSale": -f["invested"], "FinancingCashFlow": f["financing"],
        "CashFlowFromContinuingFinancingActivities": f["financing"], "IssuanceOfDebt": f["borrowed"],
        "RepaymentOfDebt": -f["repaid"], "LongTermDebtIssuance": f["borrowed"], "LongTermDebtPayments": -f["repaid"],
        "NetIssuancePaymentsOfDebt": borrowed, "NetLongTermDebtIssuance": borrowed, "ChangesInCash": f["change"],
        "FreeCashFlow": f["operating_cash"] - f["capex"], "InterestPaidSupplementalData": f["interest"],
        "IncomeTaxPaidSupplementalData": f["tax"],
    }  # fmt: skip
    optional = {
        "StockBasedCompensation": f["stock_pay"], "IssuanceOfCapitalStock": f["stock_issued"],
        "RepurchaseOfCapitalStock": -f["bought_back"], "CommonStockPayments": -f["bought_back"],
        "CashDividendsPaid": -paid, "CommonStockDividendPaid": -f["dividends"],
        "PreferredStockDividendPaid": -f["preferred"], "SaleOfPPE": f["sold"], "GainLossOnSaleOfPPE": -f["gain"],
        "ChangeInReceivables": f.get("from_receivables", 0), "ChangeInInventory": f.get("from_inventory", 0),
        "ChangeInAccountPayable": f.get("from_payables", 0), "NetOtherFinancingCharges": f.get("attracted", 0),
        "NetOtherInvestingChanges": -f.get("lent", 0),
    }  # fmt: skip
    return lines | {name: amount for name, amount in optional.items() if amount}


def stock_lines(s: Lines, kind: str) -> Lines:
    """The balance sheet, without what depends on scale."""
    lines = _common_balance(s)
    return lines | (_financial_balance(s, kind) if kind in ("bank", "insurer") else _industrial_balance(s))


def _common_balance(s: Lines) -> Lines:
    common = s["capital_stock"] + s["other_equity"] + s["retained"]
    equity = common + s["preferred"]
    intangible = s["goodwill"] + s.get("intangibles", 0)
    debt = s["debt"] + s.get("leases", 0)
    lines = {
        "TotalAssets": s["assets"], "CashAndCashEquivalents": s["cash"], "NetPPE": s["ppe"],
        "TotalLiabilitiesNetMinorityInterest": s["assets"] - equity - s["minority"], "StockholdersEquity": equity,
        "TotalEquityGrossMinorityInterest": equity + s["minority"], "CommonStockEquity": common,
        "RetainedEarnings": s["retained"], "CapitalStock": s["capital_stock"] + s["preferred"],
        "CommonStock": s["capital_stock"], "GainsLossesNotAffectingRetainedEarnings": s["other_equity"],
        "TangibleBookValue": common - intangible, "NetTangibleAssets": equity - intangible,
        "InvestedCapital": common + s["debt"], "TotalCapitalization": equity + s["debt"] - s["debt"] // 8,
        "TotalDebt": debt, "LongTermDebt": s["debt"] - s["debt"] // 8,
    }  # fmt: skip
    optional = {
        "MinorityInterest": s["minority"], "PreferredStockEquity": s["preferred"], "Goodwill": s["goodwill"],
        "GoodwillAndOtherIntangibleAssets": intangible, "OtherIntangibleAssets": s.get("intangibles", 0),
        "CurrentDebt": s["debt"] // 8, "NetDebt": max(0, s["debt"] - s["cash"]),
    }  # fmt: skip
    return lines | {name: amount for name, amount in optional.items() if amount}


def _industrial_balance(s: Lines) -> Lines:
    leases_now, debt_now = s["leases"] // 5, s["debt"] // 8
    owed_now = s["payables"] + s["deferred_revenue"] + s["other_current_liabilities"] + debt_now + leases_now
    owed_later = s["debt"] - debt_now + s["leases"] - leases_now + s["other_liabilities"]
    lines = {
        "CurrentAssets": s["current_assets"], "CurrentLiabilities": owed_now,
        "WorkingCapital": s["current_assets"] - owed_now, "AccountsReceivable": s["receivables"],
        "Receivables": s["receivables"], "OtherCurrentAssets": s["other_current_assets"],
        "CashCashEquivalentsAndShortTermInvestments": s["cash"] + s["short_term_investments"],
        "TotalNonCurrentAssets": s["assets"] - s["current_assets"], "OtherNonCurrentAssets": s["other_assets"],
        "AccountsPayable": s["payables"], "Payables": s["payables"],
        "OtherCurrentLiabilities": s["other_current_liabilities"],
        "TotalNonCurrentLiabilitiesNetMinorityInterest": owed_later,
        "OtherNonCurrentLiabilities": s["other_liabilities"],
        "CurrentDebtAndCapitalLeaseObligation": debt_now + leases_now,
        "LongTermDebtAndCapitalLeaseObligation": s["debt"] - debt_now + s["leases"] - leases_now,
    }  # fmt: skip
    optional = {
        "OtherShortTermInvestments": s["short_term_investments"], "Inventory": s["inventory"],
        "CurrentDeferredRevenue": s["deferred_revenue"], "CapitalLeaseObligations": s["leases"],
    }  # fmt: skip
    return lines | {name: amount for name, amount in optional.items() if amount}


def _financial_balance(s: Lines, kind: str) -> Lines:
    if kind == "bank":
        return {"NetLoan": s["loans"], "CashCashEquivalentsAndFederalFundsSold": s["cash"]}
    return {"InvestmentsAndAdvances": s["investments"]}
