"""Recorded stocks among the generated ones: listed in their region, by their own quotes."""

from __future__ import annotations

from collections.abc import Iterator

from include.market.world.company import Company, region_of
from include.market.world.industries import INDUSTRIES, Industry
from include.market.yahoo.recorded import Answer, Recorded


def companies(recorded: Recorded) -> Iterator[Company]:
    """A company for every recorded stock whose price, exchange and market cap are known."""
    for symbol, quote in recorded.quotes.items():
        regions = region_of(symbol)
        needed = ("marketCap", "sharesOutstanding", "regularMarketPrice", "exchange", "financialCurrency", "longName")
        if regions and quote.get("quoteType") == "EQUITY" and all(quote.get(name) for name in needed):
            yield _company(symbol, quote, recorded.modules[symbol].get("assetProfile") or {})


def _company(symbol: str, quote: Answer, profile: Answer) -> Company:
    region = region_of(symbol)[0]
    exchange = next((e for e in region.exchanges if e.code == quote["exchange"]), region.exchanges[0])
    return Company(
        symbol=symbol,
        name=quote["longName"],
        region=region,
        exchange=exchange,
        industry=_industry(profile),
        price=quote["regularMarketPrice"],
        worth=quote["marketCap"],
        shares=quote["sharesOutstanding"],
        listed_shares=quote["sharesOutstanding"],
        listed_without_shares=False,
        financial_currency=quote["financialCurrency"],
        statement_shares=quote["sharesOutstanding"],
        fiscal_month=12,
        fiscal_saturday=False,
        cadence="quarterly",
        payout=0.0,
        loss_making=False,
        negative_equity=False,
        mixed_currency=False,
        years=4,
    )


def _industry(profile: Answer) -> Industry:
    name, sector = profile.get("industry", "Conglomerates"), profile.get("sector", "Industrials")
    known = (industry for industry in INDUSTRIES if industry.name == name)
    return next(known, Industry(sector, name, "industrial", 0))
