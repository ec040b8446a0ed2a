"""Why a ratio has no number: every computed value carries one of these."""

from __future__ import annotations

from enum import IntEnum


class Status(IntEnum):
    """A value's status. Where several reasons meet, the one that stands later here is told.

    Only OK and STALE go with a number.
    """

    OK = 0
    STALE = 1
    MISSING_PRIOR_PERIOD = 2
    MISSING_INPUT = 3
    NOT_REPORTED = 4
    PERIOD_MISMATCH = 5
    SHARE_BASIS_UNVERIFIED = 6
    CURRENCY_UNRESOLVED = 7
    NO_PRICE_FOR_PERIOD = 8
    ZERO_DENOMINATOR = 9
    NEGATIVE_DENOMINATOR = 10
    NO_DEBT = 11
    NO_DEBT_COST = 12
    NOT_MEANINGFUL = 13
    SECTOR_UNKNOWN = 14
    NOT_APPLICABLE_SECTOR = 15

    @property
    def meaning(self) -> str:
        """One sentence for people."""
        return _MEANINGS[self]


_MEANINGS = {
    Status.OK: "computed from reported figures",
    Status.STALE: "the price is older than the last trading session; the value uses it all the same",
    Status.MISSING_PRIOR_PERIOD: "the period to compare or average with was not reported",
    Status.MISSING_INPUT: "a figure that the formula needs is missing",
    Status.NOT_REPORTED: "the company does not report this line; that is not the same as zero",
    Status.PERIOD_MISMATCH: "the figures do not cover periods that fit together",
    Status.SHARE_BASIS_UNVERIFIED: "market cap and price times shares disagree by more than 5 %, or cannot be compared",
    Status.CURRENCY_UNRESOLVED: "two currencies meet and no exchange rate between them is known",
    Status.NO_PRICE_FOR_PERIOD: "prices are known for the latest period only",
    Status.ZERO_DENOMINATOR: "the denominator is zero",
    Status.NEGATIVE_DENOMINATOR: "the denominator is negative, so that the ratio would mislead",
    Status.NO_DEBT: "there is no debt to cover",
    Status.NO_DEBT_COST: "there is no interest to cover",
    Status.NOT_MEANINGFUL: "a change of sign, a wrong sign or a number out of range makes the ratio meaningless",
    Status.SECTOR_UNKNOWN: "the sector is unknown, and the ratio means something for some kinds of company only",
    Status.NOT_APPLICABLE_SECTOR: "the ratio means nothing for this kind of company",
}
