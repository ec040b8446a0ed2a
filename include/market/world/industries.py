"""Sectors and industries of the generated market, with how a typical company of each does business."""

from __future__ import annotations

from typing import Literal

import msgspec

Kind = Literal["industrial", "bank", "insurer", "reit"]


class Industry(msgspec.Struct, frozen=True):
    """One industry; shares are of revenue unless said otherwise.

    ``gross_margin``, ``sga``, ``research``, ``capex`` of revenue; ``inventory`` of a quarter's costs;
    ``leverage`` is debt over capital; ``sales_multiple`` is market cap over yearly revenue.
    """

    sector: str
    name: str
    kind: Kind
    weight: int
    gross_margin: float = 0.35
    sga: float = 0.16
    research: float = 0.0
    capex: float = 0.05
    inventory: float = 0.5
    leverage: float = 0.35
    sales_multiple: float = 1.5


INDUSTRIES: tuple[Industry, ...] = (
    Industry("Technology", "Software - Application", "industrial", 7, 0.70, 0.38, 0.18, 0.02, 0.0, 0.15, 5.0),
    Industry("Technology", "Semiconductors", "industrial", 5, 0.50, 0.10, 0.18, 0.10, 0.9, 0.2, 4.5),
    Industry("Technology", "Information Technology Services", "industrial", 4, 0.30, 0.15, 0.01, 0.02, 0.0, 0.2, 1.6),
    Industry("Technology", "Electronic Components", "industrial", 4, 0.27, 0.11, 0.05, 0.06, 0.9, 0.25, 1.3),
    Industry("Communication Services", "Telecom Services", "industrial", 4, 0.52, 0.24, 0.0, 0.16, 0.1, 0.55, 1.4),
    Industry("Communication Services", "Entertainment", "industrial", 3, 0.38, 0.24, 0.02, 0.04, 0.1, 0.3, 1.9),
    Industry("Consumer Cyclical", "Specialty Retail", "industrial", 6, 0.36, 0.29, 0.0, 0.04, 1.1, 0.45, 0.8),
    Industry("Consumer Cyclical", "Auto Parts", "industrial", 4, 0.19, 0.09, 0.04, 0.06, 0.6, 0.35, 0.6),
    Industry("Consumer Cyclical", "Restaurants", "industrial", 4, 0.32, 0.18, 0.0, 0.08, 0.1, 0.6, 1.7),
    Industry("Consumer Defensive", "Packaged Foods", "industrial", 5, 0.30, 0.19, 0.01, 0.04, 0.8, 0.4, 1.2),
    Industry("Consumer Defensive", "Grocery Stores", "industrial", 2, 0.25, 0.21, 0.0, 0.04, 0.4, 0.4, 0.4),
    Industry("Energy", "Oil & Gas E&P", "industrial", 4, 0.45, 0.07, 0.0, 0.25, 0.2, 0.3, 1.8),
    Industry("Energy", "Oil & Gas Integrated", "industrial", 2, 0.24, 0.06, 0.0, 0.08, 0.5, 0.25, 0.9),
    Industry("Healthcare", "Biotechnology", "industrial", 7, 0.60, 0.55, 0.70, 0.03, 0.4, 0.2, 9.0),
    Industry("Healthcare", "Medical Devices", "industrial", 4, 0.55, 0.32, 0.09, 0.05, 1.2, 0.25, 3.2),
    Industry(
        "Healthcare", "Drug Manufacturers - Specialty & Generic", "industrial", 4, 0.52, 0.27, 0.09, 0.06, 1.3, 0.3, 2.4
    ),
    Industry("Industrials", "Specialty Industrial Machinery", "industrial", 6, 0.33, 0.20, 0.03, 0.03, 0.8, 0.3, 1.6),
    Industry("Industrials", "Engineering & Construction", "industrial", 4, 0.15, 0.08, 0.0, 0.02, 0.3, 0.3, 0.7),
    Industry("Industrials", "Airlines", "industrial", 2, 0.22, 0.12, 0.0, 0.12, 0.1, 0.7, 0.6),
    Industry("Basic Materials", "Specialty Chemicals", "industrial", 4, 0.29, 0.15, 0.02, 0.06, 0.7, 0.3, 1.3),
    Industry("Basic Materials", "Gold", "industrial", 4, 0.34, 0.07, 0.0, 0.18, 0.5, 0.15, 2.6),
    Industry("Utilities", "Utilities - Regulated Electric", "industrial", 4, 0.42, 0.14, 0.0, 0.26, 0.1, 0.58, 1.8),
    Industry("Financial Services", "Banks - Regional", "bank", 7, sales_multiple=2.6),
    Industry("Financial Services", "Banks - Diversified", "bank", 3, sales_multiple=2.3),
    Industry("Financial Services", "Insurance - Life", "insurer", 2, sales_multiple=0.9),
    Industry("Financial Services", "Insurance - Property & Casualty", "insurer", 3, sales_multiple=1.1),
    Industry(
        "Financial Services", "Financial Data & Stock Exchanges", "industrial", 1, 0.70, 0.25, 0.04, 0.03, 0.0, 0.3, 6.0
    ),
    Industry("Real Estate", "REIT - Retail", "reit", 2, 0.68, 0.09, 0.0, 0.12, 0.0, 0.5, 6.0),
    Industry("Real Estate", "REIT - Office", "reit", 2, 0.62, 0.10, 0.0, 0.14, 0.0, 0.55, 5.0),
    Industry("Real Estate", "Real Estate - Development", "industrial", 3, 0.26, 0.09, 0.0, 0.02, 4.0, 0.5, 1.1),
)
