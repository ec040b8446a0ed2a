"""Statement lines: what a formula may ask for, the source's rows behind it, and what their absence means."""

from __future__ import annotations

import re
from enum import StrEnum

import msgspec

from include.ratios.rows import ROW_INDEX, ROWS, Kind, Part


class Absence(StrEnum):
    """What it means that the source has no such row although it has that statement."""

    MISSING = "missing"  # every company has one: MISSING_INPUT
    NOT_REPORTED = "not_reported"  # many companies have none: NOT_REPORTED, which is not zero either
    NONE = "none"  # an adjustment that most companies do not need: taken as none, and said in the provenance


class Term(msgspec.Struct, frozen=True):
    """One signed operand of an alternative: a source row (CamelCase) or an earlier line (snake_case)."""

    name: str
    sign: int = 1


class Line(msgspec.Struct, frozen=True):
    """A line that formulas ask for by ``name``.

    ``alternatives`` are tried in order, row by row; the first whose terms are all there is used, and all but
    the first are recorded as fallbacks. Signs are normalised here: money that goes out is positive. What only
    ever ``goes_out`` and came in for once is a slip of its source: NOT_MEANINGFUL.
    """

    name: str
    alternatives: tuple[tuple[Term, ...], ...]
    text: tuple[str, ...]
    absence: Absence
    part: Part
    kind: Kind
    goes_out: bool = False


def _line(name: str, *text: str, absence: Absence = Absence.MISSING, goes_out: bool = False) -> Line:
    alternatives = tuple(_terms(alternative) for alternative in text)
    first = next(term.name for chain in alternatives for term in chain if term.name in ROW_INDEX)
    row = ROWS[ROW_INDEX[first]]
    return Line(name, alternatives, text, absence, row.part, row.kind, goes_out)


def _terms(text: str) -> tuple[Term, ...]:
    found = re.findall(r"([+-]?)\s*(\w+)", text)
    return tuple(Term(name, -1 if sign == "-" else 1) for sign, name in found)


_OPTIONAL = Absence.NOT_REPORTED
_NONE = Absence.NONE

_DECLARED = (
    # Income statement
    _line("revenue", "TotalRevenue", "OperatingRevenue"),
    _line("cost_of_revenue", "CostOfRevenue", "ReconciledCostOfRevenue", "revenue - GrossProfit"),
    _line("total_expenses", "TotalExpenses"),
    _line("operating_expense", "OperatingExpense"),
    _line("operating_income", "OperatingIncome"),
    _line("interest_expense", "InterestExpense", "InterestExpenseNonOperating", "InterestPaidSupplementalData"),
    _line("pretax_income", "PretaxIncome"),
    _line("ebit", "EBIT", "OperatingIncome", "PretaxIncome + interest_expense"),
    _line("ebitda", "EBITDA"),
    _line("tax_provision", "TaxProvision"),
    _line("tax_rate", "TaxRateForCalcs"),
    _line("net_income", "NetIncome"),
    _line("net_income_common", "NetIncomeCommonStockholders"),
    _line("preferred_dividends", "PreferredStockDividends", absence=_NONE),
    _line("diluted_shares", "DilutedAverageShares"),
    _line("diluted_eps", "DilutedEPS"),
    _line("research_and_development", "ResearchAndDevelopment", absence=_OPTIONAL),
    _line("selling_general_and_administration", "SellingGeneralAndAdministration", absence=_OPTIONAL),
    _line("net_interest_income", "NetInterestIncome", absence=_OPTIONAL),
    _line("occupancy_and_equipment", "OccupancyAndEquipment", absence=_OPTIONAL),
    _line("other_non_interest_expense", "OtherNonInterestExpense", absence=_OPTIONAL),
    _line("policyholder_benefits", "NetPolicyholderBenefitsAndClaims", absence=_OPTIONAL),
    _line("gain_on_sale_of_ppe", "GainOnSaleOfPPE", absence=_NONE),
    # Cash flow: what goes out is negative at the source and positive here
    _line("operating_cash_flow", "OperatingCashFlow"),
    _line("free_cash_flow", "FreeCashFlow"),
    _line("capital_expenditure", "-CapitalExpenditure", goes_out=True),
    _line("dividends_paid", "-CashDividendsPaid", absence=_OPTIONAL, goes_out=True),
    _line("common_dividends_paid", "-CommonStockDividendPaid", "-CashDividendsPaid", absence=_OPTIONAL, goes_out=True),
    _line("debt_repayment", "-RepaymentOfDebt", absence=_OPTIONAL, goes_out=True),
    _line("shares_repurchased", "-RepurchaseOfCapitalStock", absence=_OPTIONAL),
    _line("shares_issued", "IssuanceOfCapitalStock", absence=_OPTIONAL),
    _line("stock_based_compensation", "StockBasedCompensation", absence=_OPTIONAL),
    _line(
        "depreciation_and_amortization",
        "DepreciationAndAmortization",
        "DepreciationAmortizationDepletion",
        "ReconciledDepreciation",
    ),
    # Balance sheet
    _line("current_assets", "CurrentAssets"),
    _line("current_liabilities", "CurrentLiabilities"),
    _line("cash", "CashAndCashEquivalents"),
    _line(
        "short_term_investments",
        "OtherShortTermInvestments",
        "CashCashEquivalentsAndShortTermInvestments - CashAndCashEquivalents",
    ),
    _line(
        "cash_and_short_term_investments",
        "CashCashEquivalentsAndShortTermInvestments",
        "CashAndCashEquivalents + OtherShortTermInvestments",
        "CashAndCashEquivalents",
    ),
    _line("receivables", "AccountsReceivable", "Receivables"),
    _line("inventory", "Inventory", absence=_OPTIONAL),
    _line("payables", "AccountsPayable"),
    _line("total_assets", "TotalAssets"),
    _line("total_liabilities", "TotalLiabilitiesNetMinorityInterest"),
    _line("net_ppe", "NetPPE"),
    _line(
        "goodwill_and_intangibles",
        "GoodwillAndOtherIntangibleAssets",
        "CommonStockEquity - TangibleBookValue",
        absence=_OPTIONAL,
    ),
    _line("total_debt", "TotalDebt", "CurrentDebtAndCapitalLeaseObligation + LongTermDebtAndCapitalLeaseObligation"),
    _line("long_term_debt", "LongTermDebt", absence=_OPTIONAL),
    _line(
        "net_debt",
        "NetDebt",  # the source leaves it out for companies with more cash than debt
        "CurrentDebt + LongTermDebt - CashAndCashEquivalents",
        "total_debt - CapitalLeaseObligations - CashAndCashEquivalents",
        "total_debt - CashAndCashEquivalents",
    ),
    _line("stockholders_equity", "StockholdersEquity", "CommonStockEquity"),
    _line("preferred_equity", "PreferredStockEquity", absence=_NONE),
    _line("minority_interest", "MinorityInterest", absence=_NONE),
    _line("retained_earnings", "RetainedEarnings"),
    _line("invested_capital", "InvestedCapital"),
    _line("tangible_book_value", "TangibleBookValue"),
    _line("ordinary_shares", "OrdinarySharesNumber", "ShareIssued - TreasurySharesNumber"),
    _line("net_loans", "NetLoan", absence=_OPTIONAL),
)
LINES: dict[str, Line] = {line.name: line for line in _DECLARED}

QUOTE_INPUTS: dict[str, str] = {
    "price": "the quoted price per share, in the statements' currency",
    "comparable_price": "the quoted price, where one quoted share is one share of the statements",
    "market_cap": "the market capitalisation, in the statements' currency",
    "quoted_shares": "the shares outstanding that the quote gives",
    "dividends_per_share": "the dividends of twelve months per quoted share, in the statements' currency",
}
PERIOD_INPUTS: dict[str, str] = {"days": "the days of the period: 365 for a year, 91.25 for a quarter"}
PREVIOUS = "previous_"
