"""What kind of company it is, as far as it decides which ratios mean something."""

from __future__ import annotations

from enum import StrEnum


class Profile(StrEnum):
    """A sector profile, from the sector and industry that the source gives."""

    GENERAL = "general"
    BANK = "bank"
    INSURER = "insurer"
    FINANCIAL = "financial"  # brokers, exchanges, asset managers, lenders without deposits
    REIT = "reit"
    REAL_ESTATE = "real_estate"
    UNKNOWN = "unknown"


BANK = Profile.BANK
INSURER = Profile.INSURER
FINANCIAL = Profile.FINANCIAL
REIT = Profile.REIT
REAL_ESTATE = Profile.REAL_ESTATE
UNKNOWN = Profile.UNKNOWN


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
    return _SECTORS.get((sector or "").lower(), Profile.GENERAL) if sector else Profile.UNKNOWN


_SECTORS = {
    "financial services": Profile.FINANCIAL,
    "financial": Profile.FINANCIAL,
    "financials": Profile.FINANCIAL,
    "real estate": Profile.REAL_ESTATE,
}
