"""Our ratios of recorded statements beside figures that the companies and the source itself published."""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest

from include.contracts.fundamentals import Fundamentals, RatioRow
from include.contracts.quotes import Quote
from include.ratios.compute import compute
from include.ratios.stock import StockInput
from include.scrapers.fundamentals import read

RECORDINGS = os.environ.get("STOCKS_RECORDINGS")
pytestmark = pytest.mark.skipif(not RECORDINGS, reason="STOCKS_RECORDINGS names no folder of recorded answers")

SEEN_AT = datetime(2025, 6, 16, tzinfo=UTC)

# The figures as printed, so that they are compared to the digits that were printed.
PUBLISHED = [
    # Apple Inc., Form 10-K for fiscal 2024, items 7 and 8
    ("AAPL", "AAPL-all-annual", "2024-09-30", "gross_margin", 0.462, 3),
    ("AAPL", "AAPL-all-annual", "2023-09-30", "gross_margin", 0.441, 3),
    ("AAPL", "AAPL-all-annual", "2022-09-30", "gross_margin", 0.433, 3),
    ("AAPL", "AAPL-all-annual", "2024-09-30", "effective_tax_rate", 0.241, 3),
    ("AAPL", "AAPL-all-annual", "2023-09-30", "effective_tax_rate", 0.147, 3),
    ("AAPL", "AAPL-all-annual", "2024-09-30", "earnings_per_share", 6.08, 2),
    ("AAPL", "AAPL-all-annual", "2023-09-30", "earnings_per_share", 6.13, 2),
    ("AAPL", "AAPL-all-annual", "2022-09-30", "earnings_per_share", 6.11, 2),
    ("AAPL", "AAPL-all-annual", "2024-09-30", "r_d_to_revenue_ratio", 0.08, 2),
    ("AAPL", "AAPL-all-annual", "2024-09-30", "sga_to_revenue_ratio", 0.07, 2),
    ("AAPL", "AAPL-all-annual", "2024-09-30", "revenue_growth", 0.02, 2),
    ("AAPL", "AAPL-all-annual", "2023-09-30", "revenue_growth", -0.03, 2),
    # Toyota Motor Corporation, Financial Summary FY2025 and FY2024 (years to March)
    ("7203.T", "rs-timeseries_income_statement_annual_7203.T", "2024-03-31", "operating_margin", 0.119, 3),
    ("7203.T", "rs-timeseries_income_statement_annual_7203.T", "2025-03-31", "operating_margin", 0.100, 3),
    ("7203.T", "rs-timeseries_income_statement_annual_7203.T", "2024-03-31", "revenue_growth", 0.214, 3),
    ("7203.T", "rs-timeseries_income_statement_annual_7203.T", "2025-03-31", "revenue_growth", 0.065, 3),
    # Tesco PLC, preliminary results 2024/25: statutory revenue up 2.5 %; its year ends on the last day of February
    ("TSCO.L", "rs-timeseries_income_statement_annual_TSCO.L", "2025-02-28", "revenue_growth", 0.025, 3),
]


@pytest.mark.parametrize(("symbol", "file", "period_end", "name", "expected", "digits"), PUBLISHED)
def test_a_ratio_equals_what_the_company_published(
    symbol: str, file: str, period_end: str, name: str, expected: float, digits: int
) -> None:
    rows = compute([StockInput(statements(symbol, file))])
    row = next(one for one in rows if one.period_end == date.fromisoformat(period_end))

    assert round(row.values[name], digits) == expected


def test_valuation_equals_the_sources_own_figures() -> None:
    # Apple on 14 February 2025: its own page gave these for the quarter that ended in December.
    theirs = json_body("quote", "2025-AAPL")["quoteResponse"]["result"][0]
    row = trailing_of_apple(theirs)

    assert row.values["book_value_per_share"] == pytest.approx(theirs["bookValue"], rel=1e-3)
    assert row.values["price_to_book"] == pytest.approx(theirs["priceToBook"], rel=1e-3)
    assert row.values["market_cap"] == pytest.approx(theirs["marketCap"], rel=1e-3)
    # It adds up four quarters' earnings per share; we divide a year's earnings by the mean of its share counts.
    assert row.values["earnings_per_share"] == pytest.approx(theirs["epsTrailingTwelveMonths"], rel=1e-2)
    assert row.values["price_to_earnings"] == pytest.approx(theirs["trailingPE"], rel=1e-2)


def test_the_sources_book_multiple_of_a_depositary_receipt_mixes_two_currencies() -> None:
    # Why we convert: 124.73 dollars over 409.85 yuan is 0.30, which it gives as the price-to-book of BABA.
    theirs = json_body("quote", "2025-AAPL-BABA")["quoteResponse"]["result"][1]

    assert (theirs["currency"], theirs["financialCurrency"]) == ("USD", "CNY")
    assert theirs["priceToBook"] == pytest.approx(theirs["regularMarketPrice"] / theirs["bookValue"], rel=1e-4)


def trailing_of_apple(theirs: dict[str, float]) -> RatioRow:
    annual, quarterly = (statements("AAPL", f"AAPL-all-{frequency}") for frequency in ("annual", "quarterly"))
    together = msgspec.structs.replace(annual, statements=annual.statements + quarterly.statements)
    quote = Quote(
        symbol="AAPL",
        region="us",
        observed_at=SEEN_AT,
        currency="USD",
        financial_currency="USD",
        price=theirs["regularMarketPrice"],
        market_cap=theirs["marketCap"],
        shares_outstanding=theirs["sharesOutstanding"],
        sector="Technology",
        industry="Consumer Electronics",
    )
    row = compute([StockInput(together, quote)])[-1]
    assert (row.period_type, row.period_end) == ("trailing", date(2024, 12, 31))
    return row


def statements(symbol: str, file: str) -> Fundamentals:
    return read(symbol, json.dumps(json_body("timeseries", file)).encode(), SEEN_AT)


def json_body(folder: str, file: str) -> dict:
    recorded = json.loads((Path(RECORDINGS or "") / "yahoo" / folder / f"{file}.json").read_text())
    body = recorded.get("body", recorded)
    return json.loads(body) if isinstance(body, str) else body
