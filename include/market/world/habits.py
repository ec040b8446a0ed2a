"""How a company that makes or sells things does business: margins, spending, payment habits."""

from __future__ import annotations

import random

import msgspec

from include.market.world.company import Company


class Habits(msgspec.Struct):
    """How one company does business, per quarter; shares of revenue unless said otherwise."""

    gross_margin: float
    sga: float
    research: float
    capex: float
    inventory: float
    receivables: float
    payables: float
    deferred: float
    growth: float
    season: tuple[float, ...]
    noise: float
    interest: float
    tax: float
    wear: float
    stock_pay: float
    minority: float
    preferred_rate: float
    payout: float
    buybacks: float
    issues_stock: bool


def habits_of(company: Company, draw: random.Random) -> Habits:
    """How ``company`` does business: its industry's ways, with a draw of its own."""
    industry = company.industry
    gross = industry.gross_margin * draw.uniform(0.8, 1.2)
    research = industry.research * draw.uniform(0.5, 1.3) if draw.random() < 0.85 else 0.0
    sga = industry.sga * draw.uniform(0.75, 1.25)
    if company.loss_making:
        sga = gross - research + draw.uniform(0.02, 0.4)
    elif gross - sga - research < 0.03:
        research = min(research, gross * 0.4)
        sga = max(0.01, gross - research - draw.uniform(0.03, 0.2))
    wave = draw.uniform(0.0, 0.12)
    return Habits(
        gross_margin=gross,
        sga=sga,
        research=research,
        capex=industry.capex * draw.uniform(0.6, 1.4),
        inventory=industry.inventory * draw.uniform(0.7, 1.3),
        receivables=draw.uniform(0.1, 0.8),
        payables=draw.uniform(0.3, 0.9),
        deferred=draw.uniform(0.05, 0.6) if draw.random() < 0.5 else 0.0,
        growth=draw.uniform(-0.02, 0.05),
        season=(1 - wave, 1.0, 1 - wave / 2, 1 + 1.5 * wave),
        noise=0.03,
        interest=draw.uniform(0.02, 0.08) / 4,
        tax=draw.uniform(0.15, 0.31),
        wear=draw.uniform(0.06, 0.16) / 4,
        stock_pay=draw.uniform(0.002, 0.03) if draw.random() < 0.6 else 0.0,
        minority=draw.uniform(0.01, 0.1) if draw.random() < 0.25 else 0.0,
        preferred_rate=0.055 / 4 if draw.random() < 0.06 else 0.0,
        payout=draw.uniform(0.8, 1.1) if industry.kind == "reit" and not company.loss_making else company.payout,
        buybacks=draw.uniform(0.05, 0.5) if draw.random() < 0.4 else 0.0,
        issues_stock=company.loss_making and draw.random() < 0.6,
    )
