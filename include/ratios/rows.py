"""The rows of statements as the source names them: what each measures, and what one request asks for."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import msgspec

from include.contracts.fundamentals import PeriodType

Part = Literal["balance", "income", "cash_flow"]


class Kind(StrEnum):
    """What a row measures, which decides how it is summed over time and whether it is converted."""

    BALANCE = "balance"  # money at a date: never summed
    FLOW = "flow"  # money over a period: four quarters sum to a year
    PER_SHARE = "per_share"  # money per share over a period: summed like a flow, a year's EPS is its quarters'
    SHARES_AT = "shares_at"  # a share count at a date: never summed, never converted
    SHARES_OVER = "shares_over"  # an average share count over a period: averaged, never summed or converted
    RATE = "rate"  # dimensionless over a period: neither summed nor converted


class Row(msgspec.Struct, frozen=True):
    """A row as the source names it, without its period prefix."""

    name: str
    part: Part
    kind: Kind

    @property
    def is_money(self) -> bool:
        """Whether its value changes with the currency."""
        return self.kind in (Kind.BALANCE, Kind.FLOW, Kind.PER_SHARE)


def _rows(part: Part, **names: str) -> list[Row]:
    return [Row(name, part, Kind(kind)) for kind, text in names.items() for name in text.split()]


ROWS: tuple[Row, ...] = (
    *_rows(
        "balance",
        balance="""CurrentAssets CurrentLiabilities CashAndCashEquivalents OtherShortTermInvestments
        CashCashEquivalentsAndShortTermInvestments AccountsReceivable Receivables Inventory AccountsPayable
        TotalAssets TotalDebt CurrentDebtAndCapitalLeaseObligation LongTermDebtAndCapitalLeaseObligation
        CurrentDebt LongTermDebt CapitalLeaseObligations NetDebt StockholdersEquity CommonStockEquity
        PreferredStockEquity MinorityInterest RetainedEarnings TotalLiabilitiesNetMinorityInterest
        InvestedCapital GoodwillAndOtherIntangibleAssets TangibleBookValue NetPPE NetLoan""",
        shares_at="OrdinarySharesNumber ShareIssued TreasurySharesNumber",
    ),
    *_rows(
        "income",
        flow="""TotalRevenue OperatingRevenue CostOfRevenue ReconciledCostOfRevenue GrossProfit TotalExpenses
        OperatingExpense OperatingIncome EBIT EBITDA PretaxIncome InterestExpense InterestExpenseNonOperating
        TaxProvision NetIncome NetIncomeCommonStockholders PreferredStockDividends ReconciledDepreciation
        ResearchAndDevelopment SellingGeneralAndAdministration NetInterestIncome OccupancyAndEquipment
        OtherNonInterestExpense NetPolicyholderBenefitsAndClaims GainOnSaleOfPPE""",
        per_share="DilutedEPS",
        shares_over="DilutedAverageShares",
        rate="TaxRateForCalcs",
    ),
    *_rows(
        "cash_flow",
        flow="""OperatingCashFlow FreeCashFlow CapitalExpenditure CashDividendsPaid CommonStockDividendPaid
        RepaymentOfDebt RepurchaseOfCapitalStock IssuanceOfCapitalStock DepreciationAndAmortization
        DepreciationAmortizationDepletion InterestPaidSupplementalData StockBasedCompensation""",
    ),
)
ROW_INDEX: dict[str, int] = {row.name: index for index, row in enumerate(ROWS)}

_PARTS: dict[PeriodType, tuple[Part, ...]] = {
    "annual": ("balance", "income", "cash_flow"),
    "quarterly": ("balance", "income", "cash_flow"),
    "trailing": ("income", "cash_flow"),  # a balance sheet has a date, not a span
}
TYPES: tuple[str, ...] = tuple(
    period_type + row.name for period_type, parts in _PARTS.items() for row in ROWS if row.part in parts
)
"""Every type that one fundamentals request must name, as the source spells it (``annualTotalRevenue``)."""
