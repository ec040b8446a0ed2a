"""Companies made up for tests, with round numbers; amounts are in one currency unless said otherwise."""

from __future__ import annotations

from datetime import UTC, date, datetime

from include.contracts.fundamentals import ExchangeRate, Fundamentals, PeriodType, Statement
from include.contracts.quotes import Quote
from include.ratios.stock import StockInput

OBSERVED_AT = datetime(2025, 3, 3, 21, 0, tzinfo=UTC)

THIS_YEAR: dict[str, float] = {
    # Balance sheet: 2000 of assets are financed by 1180 of liabilities, 20 of minorities and 800 of equity.
    "CurrentAssets": 600,
    "CashAndCashEquivalents": 150,
    "OtherShortTermInvestments": 50,
    "CashCashEquivalentsAndShortTermInvestments": 200,
    "AccountsReceivable": 120,
    "Inventory": 180,
    "NetPPE": 700,
    "GoodwillAndOtherIntangibleAssets": 200,
    "TotalAssets": 2000,
    "CurrentLiabilities": 400,
    "AccountsPayable": 100,
    "TotalDebt": 500,
    "LongTermDebt": 400,
    "NetDebt": 350,
    "TotalLiabilitiesNetMinorityInterest": 1180,
    "MinorityInterest": 20,
    "StockholdersEquity": 800,
    "PreferredStockEquity": 50,
    "RetainedEarnings": 450,
    "InvestedCapital": 1300,
    "TangibleBookValue": 600,
    "OrdinarySharesNumber": 100,
    # Income
    "TotalRevenue": 3000,
    "CostOfRevenue": 1800,
    "TotalExpenses": 2620,
    "OperatingExpense": 820,
    "SellingGeneralAndAdministration": 600,
    "ResearchAndDevelopment": 90,
    "OperatingIncome": 380,
    "EBIT": 410,
    "EBITDA": 530,
    "InterestExpense": 30,
    "PretaxIncome": 380,
    "TaxProvision": 95,
    "TaxRateForCalcs": 0.25,
    "NetIncome": 285,
    "PreferredStockDividends": 10,
    "NetIncomeCommonStockholders": 275,
    "DilutedAverageShares": 110,
    "DilutedEPS": 2.5,
    # Cash flow, with the source's signs
    "OperatingCashFlow": 450,
    "CapitalExpenditure": -160,
    "FreeCashFlow": 290,
    "CashDividendsPaid": -85,
    "CommonStockDividendPaid": -75,
    "RepaymentOfDebt": -70,
    "RepurchaseOfCapitalStock": -60,
    "IssuanceOfCapitalStock": 15,
    "DepreciationAndAmortization": 120,
    "StockBasedCompensation": 45,
}
YEAR_BEFORE: dict[str, float] = {
    "CurrentAssets": 500,
    "AccountsReceivable": 100,
    "Inventory": 160,
    "NetPPE": 650,
    "GoodwillAndOtherIntangibleAssets": 200,
    "TotalAssets": 1800,
    "CurrentLiabilities": 380,
    "AccountsPayable": 90,
    "LongTermDebt": 420,
    "StockholdersEquity": 700,
    "InvestedCapital": 1200,
    "OrdinarySharesNumber": 102,
    "TotalRevenue": 2500,
    "CostOfRevenue": 1550,
    "OperatingIncome": 320,
    "NetIncome": 220,
    "PreferredStockDividends": 10,
    "DilutedAverageShares": 112,
    "DilutedEPS": 1.875,
    "FreeCashFlow": 250,
    "OperatingCashFlow": 400,
}
BANK_LINES: dict[str, float] = {
    "NetInterestIncome": 57,
    "SellingGeneralAndAdministration": 600,
    "OccupancyAndEquipment": 240,
    "OtherNonInterestExpense": 360,
    "NetLoan": 1200,
}
QUOTE = Quote(
    symbol="MADE",
    region="us",
    observed_at=OBSERVED_AT,
    currency="USD",
    financial_currency="USD",
    price=50.0,
    price_at=OBSERVED_AT,
    market_cap=5000.0,
    shares_outstanding=100.0,
    trailing_dividend_per_share=0.8,
    sector="Technology",
    industry="Software - Application",
)


def statement(
    period_type: PeriodType, end: str, lines: dict[str, float], currency: str | None = "USD", **more: object
) -> Statement:
    """One reported statement."""
    return Statement(period_type, date.fromisoformat(end), currency, {k: float(v) for k, v in lines.items()}, **more)


def stock(*statements: Statement, quote: Quote | None = QUOTE, **more: object) -> StockInput:
    """A stock with these statements."""
    return StockInput(Fundamentals("MADE", OBSERVED_AT, statements), quote, **more)


def two_years(this: dict[str, float] = THIS_YEAR, before: dict[str, float] = YEAR_BEFORE) -> tuple[Statement, ...]:
    """Fiscal 2023 and 2024."""
    return statement("annual", "2023-12-31", before), statement("annual", "2024-12-31", this)


def rates(*triples: tuple[str, str, float]) -> dict[tuple[str, str], ExchangeRate]:
    """Exchange rates by (currency, quoted_in)."""
    return {(a, b): ExchangeRate(a, b, rate, OBSERVED_AT) for a, b, rate in triples}
