"""Companies of the generated market: who they are, where they are listed, what is odd about them."""

from __future__ import annotations

import random
from typing import Literal

import msgspec

from include.market.world import names
from include.market.world.industries import INDUSTRIES, Industry
from include.market.world.rates import PER_DOLLAR
from include.market.world.regions import REGIONS, Exchange, WorldRegion

Cadence = Literal["quarterly", "half-yearly", "yearly"]


class Company(msgspec.Struct, frozen=True):
    """One listed company. ``price`` is in ``region.currency`` (pence), ``worth`` in its major unit.

    ``listed_shares`` are those of this class of shares, fewer than ``shares``, which ``worth`` counts, in a
    few companies. ``listed_without_shares``: the source knows neither its shares nor its market cap.
    ``statement_shares`` are the ordinary shares behind the listed ones, several per ADR. ``cadence`` is
    how often it reports; ``fiscal_month`` ends its year, on the last Saturday of it if
    ``fiscal_saturday``; ``years`` is how many annual periods the source has of it.
    """

    symbol: str
    name: str
    region: WorldRegion
    exchange: Exchange
    industry: Industry
    price: float
    worth: int
    shares: int
    listed_shares: int
    listed_without_shares: bool
    financial_currency: str
    statement_shares: int
    fiscal_month: int
    fiscal_saturday: bool
    cadence: Cadence
    payout: float
    loss_making: bool
    negative_equity: bool
    mixed_currency: bool
    years: int

    @property
    def market_cap(self) -> int | None:
        """The market cap in ``region.major``, as far as the source knows it."""
        return None if self.listed_without_shares else self.worth

    @property
    def seed(self) -> str:
        """What its statements are drawn from, with the market's own seed."""
        return f"{self.region.code}:{self.symbol}"


_FISCAL_MONTHS = {"jp": 3, "in": 3, "gb": None, "au": 6, "nz": 6, "za": 6, "pk": 6, "eg": 6}
_HALF_YEARLY = {"gb": 0.6, "au": 0.7, "nz": 0.7, "hk": 0.5, "za": 0.7, "sg": 0.5, "ie": 0.6, "fr": 0.3, "cn": 0.0}
_ADR_HOMES = ("CNY", "EUR", "BRL", "JPY", "GBP", "TWD", "INR", "ZAR")
_DEFAULT_HALF_YEARLY = 0.06
_YEARLY_ONLY = 0.04


def generate(region: WorldRegion, count: int, seed: int) -> list[Company]:
    """``count`` companies of ``region``, the same ones for the same seed, whatever the other regions."""
    symbols = names.symbols(region, count, random.Random(f"{seed}:{region.code}:symbols"))
    return [
        _company(region, exchange, symbol, random.Random(f"{seed}:{region.code}:{symbol}"))
        for symbol, exchange in symbols
    ]


def _company(region: WorldRegion, exchange: Exchange, symbol: str, draw: random.Random) -> Company:
    industry = draw.choices(INDUSTRIES, [i.weight for i in INDUSTRIES])[0]
    price, shares = _price_and_shares(region, draw)
    worth = round(price * shares / region.minor_per_major)
    adr = region.code == "us" and draw.random() < 0.06
    currency = _financial_currency(region, adr, draw)
    loss_making = draw.random() < (0.75 if industry.name == "Biotechnology" else 0.14)
    return Company(
        symbol=symbol,
        name=names.company(industry, region, draw) + (" ADR" if adr else ""),
        region=region,
        exchange=exchange,
        industry=industry,
        price=price,
        worth=worth,
        shares=shares,
        listed_shares=round(shares * draw.uniform(0.3, 0.7)) if draw.random() < 0.04 else shares,
        listed_without_shares=draw.random() < 0.01,
        financial_currency=currency,
        statement_shares=shares * draw.choice((1, 2, 4, 8, 10)) if adr else shares,
        fiscal_month=_fiscal_month(region, draw),
        fiscal_saturday=region.code in ("us", "ca", "gb") and draw.random() < 0.08,
        cadence=_cadence(region, draw),
        payout=0.0 if loss_making or draw.random() < 0.35 else round(draw.uniform(0.1, 0.7), 2),
        loss_making=loss_making,
        negative_equity=industry.kind == "industrial" and draw.random() < 0.04,
        mixed_currency=currency != region.major and draw.random() < 0.3,
        years=draw.choices((5, 4, 3, 2), (35, 55, 6, 4))[0],
    )


def _price_and_shares(region: WorldRegion, draw: random.Random) -> tuple[float, int]:
    """A price in the listing's currency, and shares for a market cap of 20 million to 3 trillion dollars."""
    dollars = min(max(draw.lognormvariate(3.0, 1.1), 0.4), 900.0)
    major = dollars * PER_DOLLAR[region.major]
    price = round(major * region.minor_per_major, 2 if major < 10_000 else 0)
    capital = min(max(draw.lognormvariate(20.9, 2.0), 2e7), 3e12)
    return price, max(1_000_000, round(capital / dollars / 100) * 100)


def _financial_currency(region: WorldRegion, adr: bool, draw: random.Random) -> str:
    if adr:
        return draw.choice(_ADR_HOMES)
    foreign = {"hk": ("CNY", 0.5), "gb": ("USD", 0.12), "ca": ("USD", 0.15), "sg": ("USD", 0.1), "il": ("USD", 0.15)}
    currency, share = foreign.get(region.code, ("USD" if region.code != "us" else "CAD", 0.03))
    return currency if draw.random() < share else region.major


def _fiscal_month(region: WorldRegion, draw: random.Random) -> int:
    usual = _FISCAL_MONTHS.get(region.code, 12)
    if usual is not None and draw.random() < 0.75:
        return usual
    return draw.choice((12, 12, 3, 6, 9, 1, 2, 5, 10, 11))


def _cadence(region: WorldRegion, draw: random.Random) -> Cadence:
    chance = draw.random()
    if chance < _YEARLY_ONLY:
        return "yearly"
    return "half-yearly" if chance < _YEARLY_ONLY + _HALF_YEARLY.get(region.code, _DEFAULT_HALF_YEARLY) else "quarterly"


def region_of(symbol: str) -> list[WorldRegion]:
    """The regions that may list ``symbol``, by its suffix (``.F`` is Frankfurt's and Fukuoka's)."""
    suffix = symbol[symbol.rindex(".") :] if "." in symbol else ""
    return _BY_SUFFIX.get(suffix, [])


_BY_SUFFIX: dict[str, list[WorldRegion]] = {}
for _region in REGIONS.values():
    for _exchange in _region.exchanges:
        _regions = _BY_SUFFIX.setdefault(_exchange.suffix, [])
        if _region not in _regions:
            _regions.append(_region)
