"""What kind of company it is, as far as it decides which ratios mean something."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from include.contracts.fundamentals import Statement


class Profile(StrEnum):
    """A sector profile, from the sector and industry that the source gives."""

    GENERAL = "general"
    BANK = "bank"
    INSURER = "insurer"
    FINANCIAL = "financial"  # brokers, exchanges, asset managers, lenders without deposits
    REIT = "reit"
    REAL_ESTATE = "real_estate"
    SOME_FINANCIAL = "some_financial"  # the sector is known, the industry is not: it may be a bank
    SOME_REAL_ESTATE = "some_real_estate"  # likewise: it may be a REIT
    UNCLASSIFIED = "unclassified"  # the sector is unknown, and nothing current is told apart: it may be a bank
    UNKNOWN = "unknown"

    @property
    def may_be(self) -> tuple[Profile, ...]:
        """The kinds of company that one of this profile may turn out to be."""
        return _MAY_BE.get(self, (self,))


_MAY_BE = {
    Profile.SOME_FINANCIAL: (Profile.BANK, Profile.INSURER, Profile.FINANCIAL),
    Profile.SOME_REAL_ESTATE: (Profile.REIT, Profile.REAL_ESTATE),
    Profile.UNCLASSIFIED: (
        Profile.GENERAL,
        Profile.BANK,
        Profile.INSURER,
        Profile.FINANCIAL,
        Profile.REIT,
        Profile.REAL_ESTATE,
    ),
}


BANK = Profile.BANK
INSURER = Profile.INSURER
FINANCIAL = Profile.FINANCIAL
REIT = Profile.REIT
REAL_ESTATE = Profile.REAL_ESTATE


def profile(sector: str | None, industry: str | None) -> Profile:
    """The profile of a company by its source's words, such as "Financial Services", "Banks - Regional".

    An industry decides before a sector, because it says more; without either it is UNKNOWN.
    """
    words = (industry or "").lower()
    if words.startswith("banks") or words in ("bank", "savings & cooperative banks"):
        return Profile.BANK
    # A broker of insurance carries no risk of its own: no premiums, no claims.
    if words.startswith("insurance") and "broker" not in words:
        return Profile.INSURER
    if words.startswith("reit"):
        return Profile.REIT
    if not sector:
        return Profile.UNKNOWN
    some, one = _SECTORS.get(sector.lower(), (Profile.GENERAL, Profile.GENERAL))
    return one if words else some


def is_unclassified(statements: Iterable[Statement]) -> bool:
    """Whether balance sheets are there and none of them tells current assets or liabilities from others.

    Banks and insurers report so, and many property companies; a manufacturer hardly ever does.
    """
    sheets = [one.lines for one in statements if "TotalAssets" in one.lines]
    return bool(sheets) and not any("CurrentAssets" in lines or "CurrentLiabilities" in lines for lines in sheets)


# By sector: the profile without an industry, and the one of an industry that nothing above is.
_SECTORS = {
    "financial services": (Profile.SOME_FINANCIAL, Profile.FINANCIAL),
    "financial": (Profile.SOME_FINANCIAL, Profile.FINANCIAL),
    "financials": (Profile.SOME_FINANCIAL, Profile.FINANCIAL),
    "real estate": (Profile.SOME_REAL_ESTATE, Profile.REAL_ESTATE),
}
