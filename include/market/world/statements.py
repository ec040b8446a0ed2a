"""What of a company's books is published: which periods, which lines, in which currency, and what is missing."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from include.market.world import financial, industrial
from include.market.world.calendar import QUARTERS, ends_a_year, quarter_ends
from include.market.world.company import Company
from include.market.world.industrial import Lines, Quarter
from include.market.world.lines import flow_lines, stock_lines
from include.market.world.rates import PER_DOLLAR

_SHOWN_QUARTERS = 5
_SHOWN_HALVES = 4
_FULL_YEARS = 4
# Of the fifth year Yahoo shows hardly anything.
_LINES_OF_FIFTH_YEAR = ("TotalRevenue", "NetIncome", "OperatingIncome", "RetainedEarnings", "OrdinarySharesNumber")
# Lines that a company may leave out without its statements falling apart.
_MAY_LACK = (
    "GrossProfit", "CostOfRevenue", "ReconciledCostOfRevenue", "EBIT", "InterestExpense", "AccountsPayable",
    "InterestPaidSupplementalData", "RetainedEarnings", "TangibleBookValue", "DilutedEPS", "DilutedAverageShares",
    "SellingGeneralAndAdministration", "TaxRateForCalcs", "CapitalExpenditure", "RepaymentOfDebt", "NetPPE",
)  # fmt: skip
_REIT_LACKS = ("CurrentAssets", "CurrentLiabilities", "WorkingCapital", "Inventory")


class Column(msgspec.Struct, frozen=True):
    """One published period: ``span`` as Yahoo names it (12M, 6M, 3M, TTM)."""

    end: date
    span: str
    lines: Lines


class Books(msgspec.Struct, frozen=True):
    """Everything published of one company, oldest first, in ``currency``.

    ``second_currency`` is what the lines in ``lines_in_second`` are reported in. ``latest_net_income``
    (of the last four quarters, for common stockholders) and ``latest_equity`` are what quotes need.
    """

    currency: str
    annual: tuple[Column, ...]
    quarterly: tuple[Column, ...]
    trailing: tuple[Column, ...]
    second_currency: str | None
    lines_in_second: frozenset[str]
    latest_net_income: float
    latest_equity: float
    latest_revenue: float
    dividends: float


def books(company: Company, seed: int, today: date) -> Books:
    """The books of a company as they are published by ``today``; the same seed and day, the same books."""
    draw = random.Random(f"{seed}:{company.seed}:books")
    unit, revenue = _scale(company, draw)
    reported = today - timedelta(days=draw.randint(25, 75))
    ends = quarter_ends(company.fiscal_month, company.fiscal_saturday, reported, QUARTERS * (company.years + 1))
    since = next(i for i, end in enumerate(ends) if ends_a_year(end, company.fiscal_month)) + 1
    ends = ends[since:] if len(ends) - since >= QUARTERS * company.years else ends
    source = financial if company.industry.kind in ("bank", "insurer") else industrial
    made = source.quarters(company, revenue, len(ends), draw)
    published = _Publication(company, unit, ends, made, _lacking(company, draw))
    return published.books(draw)


def _scale(company: Company, draw: random.Random) -> tuple[int, float]:
    """The unit that the company reports in, and its yearly revenue in that unit."""
    rate = PER_DOLLAR[company.financial_currency] / PER_DOLLAR[company.region.major]
    yearly = company.worth * rate / (company.industry.sales_multiple * draw.uniform(0.5, 2.0))
    unit = 1_000_000 if yearly > 2e10 else 1000 if yearly > 2e6 else 1
    return unit, yearly / unit


def _lacking(company: Company, draw: random.Random) -> frozenset[str]:
    count = draw.choices((0, 1, 2, 4), (60, 22, 12, 6))[0]
    lacking = set(draw.sample(_MAY_LACK, count))
    if company.industry.kind == "reit" and draw.random() < 0.7:
        lacking.update(_REIT_LACKS)
    if company.industry.kind in ("bank", "insurer"):
        lacking.discard("NetPPE")
    return frozenset(lacking)


class _Publication:
    def __init__(
        self, company: Company, unit: int, ends: Sequence[date], made: Sequence[Quarter], lacking: frozenset[str]
    ) -> None:
        self._company, self._unit, self._ends, self._made, self._lacking = company, unit, ends, made, lacking

    def books(self, draw: random.Random) -> Books:
        """Columns of every frequency, by the company's cadence."""
        company, last = self._company, len(self._ends)
        year_ends = [i + 1 for i, end in enumerate(self._ends) if ends_a_year(end, company.fiscal_month)]
        annual = [self._column(i - QUARTERS, i, "12M") for i in year_ends if i >= QUARTERS][-company.years :]
        if len(annual) > _FULL_YEARS:
            annual[0] = self._faded(annual[0])
        # What a company has not reported yet is in no year of it: half-years end the year of who reports those.
        halves = [i for i in range(2, last + 1) if (last - i) % 2 == (last - year_ends[-1]) % 2]
        reported = halves[-1] if company.cadence == "half-yearly" else last
        latest = self._column(reported - QUARTERS, reported, "TTM")
        quarterly: list[Column] = []
        if company.cadence == "quarterly":
            quarterly = [self._column(i - 1, i, "3M") for i in range(max(1, last - _SHOWN_QUARTERS + 1), last + 1)]
        elif company.cadence == "half-yearly":
            quarterly = [self._column(i - 2, i, "6M") for i in halves[-_SHOWN_HALVES:]]
        second = "USD" if company.mixed_currency and company.financial_currency != "USD" else None
        return Books(
            currency=company.financial_currency,
            annual=tuple(annual),
            quarterly=tuple(quarterly),
            trailing=() if company.cadence == "yearly" else (self._trailing(latest),),
            second_currency=second,
            lines_in_second=frozenset(draw.sample(("DilutedEPS", "BasicEPS", "DividendPerShare"), 2)),
            latest_net_income=latest.lines["NetIncomeCommonStockholders"],
            latest_equity=latest.lines["CommonStockEquity"],
            latest_revenue=latest.lines["TotalRevenue"],
            dividends=abs(latest.lines.get("CommonStockDividendPaid", 0.0)),
        )

    def _column(self, begin: int, end: int, span: str) -> Column:
        kind, quarters = self._company.industry.kind, self._made[begin:end]
        names = set().union(*(quarter.flows for quarter in quarters))
        flows = {name: sum(quarter.flows.get(name, 0) for quarter in quarters) for name in names - {"begin"}}
        last = quarters[-1]
        amounts = flow_lines(flows, kind) | {
            "BeginningCashPosition": quarters[0].flows["begin"],
            "EndCashPosition": last.stocks["cash"],
        }
        lines = {name: amount * self._unit for name, amount in (amounts | stock_lines(last.stocks, kind)).items()}
        lines |= _per_share(lines, quarters) | _rates(lines)
        return Column(self._ends[end - 1], span, {k: v for k, v in lines.items() if k not in self._lacking})

    def _trailing(self, column: Column) -> Column:
        """Trailing columns exist of flows only."""
        balance = set(stock_lines(self._made[-1].stocks, self._company.industry.kind)) | _SHARE_LINES
        return Column(column.end, column.span, {k: v for k, v in column.lines.items() if k not in balance})

    def _faded(self, column: Column) -> Column:
        kept = {name: column.lines[name] for name in _LINES_OF_FIFTH_YEAR if name in column.lines}
        return Column(column.end, column.span, kept)


_SHARE_LINES = frozenset({"OrdinarySharesNumber", "ShareIssued", "TreasurySharesNumber"})


def _per_share(lines: Lines, quarters: Sequence[Quarter]) -> Lines:
    average = round(sum(quarter.shares for quarter in quarters) / len(quarters))
    diluted = round(average * 1.012)
    shares = quarters[-1].shares
    common = lines["NetIncomeCommonStockholders"]
    paid = -lines.get("CommonStockDividendPaid", 0.0)
    per_share = {
        "BasicAverageShares": average,
        "DilutedAverageShares": diluted,
        "BasicEPS": round(common / average, 2),
        "DilutedEPS": round(common / diluted, 2),
        "OrdinarySharesNumber": shares,
        "ShareIssued": shares,
    }
    return per_share | ({"DividendPerShare": round(paid / average, 4)} if paid else {})


def _rates(lines: Lines) -> Lines:
    pretax, tax = lines["PretaxIncome"], lines["TaxProvision"]
    rate = round(tax / pretax, 6) if pretax > 0 else 0.21
    unusual = lines.get("TotalUnusualItems", 0)
    return {"TaxRateForCalcs": rate, "TaxEffectOfUnusualItems": round(unusual * rate, 2)}
