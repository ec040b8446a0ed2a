"""Sectors by the screener's filters, also of a source that does not filter as it should."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from yfinance import EquityQuery

from include.contracts.quotes import Quote
from include.errors import Transient
from include.scrapers.sectors import described

NOW = datetime(2026, 11, 20, tzinfo=UTC)
BAND = 40
COMPANIES = {
    "JPM": ("Financial Services", "Banks—Diversified"),
    "KEY": ("Financial Services", "Banks—Regional"),
    "ALL": ("Financial Services", "Insurance—Property & Casualty"),
    "AON": ("Financial Services", "Insurance Brokers"),
    "O": ("Real Estate", "REIT—Retail"),
    "CBRE": ("Real Estate", "Real Estate Services"),
    "MSFT": ("Technology", "Software—Infrastructure"),
}


class Source:
    """A source of these companies; it filters only by the fields that it ``knows``, and finds all without one."""

    def __init__(self, *knows: str, companies: Mapping[str, tuple[str, str]] = COMPANIES) -> None:
        self._knows = knows
        self._companies = companies
        self.questions = 0

    def __call__(self, query: EquityQuery) -> list[Quote]:
        self.questions += 1
        wanted = query.to_dict()
        alternatives = wanted["operands"] if wanted["operator"] == "OR" else [wanted]
        asked = [one["operands"] for one in alternatives]
        return [Quote(s, "us", NOW) for s, of in self._companies.items() if any(self._has(of, *one) for one in asked)]

    def _has(self, of: tuple[str, str], field: str, value: str) -> bool:
        return field not in self._knows or of[("sector", "industry").index(field)] == value


def labels(source: Source, announced: int = BAND) -> dict[str, tuple[str | None, str | None]]:
    return {quote.symbol: (quote.sector, quote.industry) for quote in described(source, "us ..", announced)}


def test_banks_insurers_and_trusts_are_told_from_the_rest_of_their_sectors() -> None:
    assert labels(Source("sector", "industry")) == {
        "JPM": ("Financial Services", "Banks"),
        "KEY": ("Financial Services", "Banks"),
        "ALL": ("Financial Services", "Insurance"),
        "AON": ("Financial Services", "Financial Services, other"),
        "O": ("Real Estate", "REIT"),
        "CBRE": ("Real Estate", "Real Estate, other"),
        "MSFT": ("Technology", None),
    }


def test_no_question_follows_when_every_stock_has_its_sector() -> None:
    source = Source("sector", "industry", companies={f"B{n}": COMPANIES["JPM"] for n in range(20)})

    assert len(labels(source, announced=20)) == 20
    assert source.questions == 3  # the sector, its banks, its insurers


def test_a_handful_of_stocks_is_not_worth_the_questions() -> None:
    source = Source("sector", "industry")

    assert labels(source, announced=7) == {}
    assert source.questions == 0


def test_a_source_that_does_not_filter_labels_nobody(caplog: pytest.LogCaptureFixture) -> None:
    assert labels(Source()) == {}
    assert "does not filter" in caplog.text


def test_a_source_that_filters_by_sector_alone_labels_nobody_by_a_guess() -> None:
    assert labels(Source("sector")) == {}  # its answer for banks holds shops


def test_without_a_hit_by_industry_the_sector_alone_is_known() -> None:
    renamed = {symbol: (sector, f"other words for {industry}") for symbol, (sector, industry) in COMPANIES.items()}

    assert labels(Source("sector", "industry", companies=renamed))["JPM"] == ("Financial Services", None)


def test_what_was_found_before_a_failure_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    source = Source("sector", "industry")

    def failing(query: EquityQuery) -> list[Quote]:
        if source.questions == 3:
            raise Transient("500 to the screener; it is asked again later")
        return source(query)

    assert {quote.symbol for quote in described(failing, "us ..", BAND)} == {"JPM", "KEY", "ALL", "AON"}
    assert "500 to the screener" in caplog.text


def test_a_limited_rate_is_not_swallowed() -> None:
    def limited(query: EquityQuery) -> list[Quote]:
        raise Transient("429", source="yahoo")

    with pytest.raises(Transient, match="429"):
        described(limited, "us ..", BAND)
