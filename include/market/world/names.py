"""Symbols and names of generated companies. No name is meant to be anybody's; a few may be by chance."""

from __future__ import annotations

import random
from collections.abc import Iterator

from include.market.world.industries import Industry
from include.market.world.regions import Exchange, WorldRegion

_FIRST = [
    "Abel",
    "Acker",
    "Adria",
    "Alder",
    "Amber",
    "Anker",
    "Arbor",
    "Ardent",
    "Arlo",
    "Astra",
    "Auber",
    "Avala",
    "Banner",
    "Barrow",
    "Basalt",
    "Beacon",
    "Belmar",
    "Birch",
    "Boreal",
    "Bravo",
    "Bright",
    "Brook",
    "Cairn",
    "Calder",
    "Canto",
    "Cedar",
    "Cinder",
    "Clover",
    "Cobalt",
    "Coral",
    "Corvus",
    "Crest",
    "Cygnus",
    "Dalton",
    "Delta",
    "Dover",
    "Drift",
    "Dunmore",
    "Eagle",
    "Ember",
    "Ensign",
    "Epsom",
    "Esker",
    "Fable",
    "Falcon",
    "Farrow",
    "Fenix",
    "Finch",
    "Fjord",
    "Flint",
    "Forge",
    "Garnet",
    "Glade",
    "Granite",
    "Halden",
    "Harbor",
    "Haven",
    "Hazel",
    "Helios",
    "Heron",
    "Highland",
    "Hollow",
    "Horizon",
    "Iber",
    "Indigo",
    "Inlet",
    "Iron",
    "Isar",
    "Ivory",
    "Jasper",
    "Juniper",
    "Kalmar",
    "Keel",
    "Kestrel",
    "Kite",
    "Lagoon",
    "Lark",
    "Laurel",
    "Linden",
    "Loch",
    "Lumen",
    "Lunar",
    "Maple",
    "Marlow",
    "Meridian",
    "Mistral",
    "Mosaic",
    "Nadir",
    "Nimbus",
    "Nordal",
    "Oak",
    "Ocean",
    "Onyx",
    "Opal",
    "Orchid",
    "Orion",
    "Osprey",
    "Pallas",
    "Pearl",
    "Pelham",
    "Pine",
    "Polar",
    "Quartz",
    "Quill",
    "Raven",
    "Redwood",
    "Ridge",
    "Rowan",
    "Saffron",
    "Sable",
    "Selkirk",
    "Sierra",
    "Solace",
    "Spruce",
    "Sterling",
    "Summit",
    "Talon",
    "Tamar",
    "Tempo",
    "Thistle",
    "Tidal",
    "Topaz",
    "Torrent",
    "Umber",
    "Union",
    "Vale",
    "Vector",
    "Velar",
    "Vista",
    "Walden",
    "Warden",
    "Willow",
    "Yarrow",
    "Zenith",
    "Zephyr",
]
_SECOND = {
    "Technology": "Systems Software Logic Micro Data Networks Devices",
    "Communication Services": "Media Telecom Wireless Studios Broadband",
    "Consumer Cyclical": "Retail Motors Brands Stores Leisure",
    "Consumer Defensive": "Foods Beverages Provisions Markets",
    "Energy": "Petroleum Energy Resources Oil",
    "Healthcare": "Therapeutics Pharma Medical Biosciences",
    "Industrials": "Industries Engineering Machinery Logistics",
    "Basic Materials": "Mining Chemicals Metals Minerals",
    "Utilities": "Power Electric Water Utilities",
    "Financial Services": "Financial Capital Holdings",
    "Real Estate": "Properties Estates Land",
}
_BANK, _INSURER = "Bank Bancorp", "Insurance Assurance"
_FORMS = {
    "us": "Inc. Corp. Holdings,_Inc.", "ca": "Inc. Corp. Ltd.", "gb": "plc", "ie": "plc", "de": "AG SE", "at": "AG",
    "ch": "AG", "fr": "SA", "es": "S.A.", "it": "S.p.A.", "nl": "N.V.", "be": "NV", "se": "AB_(publ)", "no": "ASA",
    "dk": "A/S", "fi": "Oyj", "jp": "Co.,_Ltd. Holdings_Inc. Corporation", "br": "S.A.", "mx": "S.A.B._de_C.V.",
    "in": "Limited", "au": "Limited", "nz": "Limited", "kr": "Co.,_Ltd.", "cn": "Co.,_Ltd.", "tw": "Co.,_Ltd.",
    "pl": "S.A.", "pt": "SGPS,_S.A.", "id": "Tbk", "my": "Berhad", "th": "Public_Company_Limited", "tr": "A.S.",
}  # fmt: skip
_DIGITS = {"4digits": 4, "5digits": 5, "6digits": 6}


def company(industry: Industry, region: WorldRegion, draw: random.Random) -> str:
    """A name that sounds like its industry and its country's legal forms; ``&`` occurs, as in life."""
    words = {"bank": _BANK, "insurer": _INSURER}.get(industry.kind, _SECOND[industry.sector])
    first, second = draw.choice(_FIRST), draw.choice(words.split())
    form = draw.choice(_FORMS.get(region.code, "Group").split()).replace("_", " ")
    partner = f" & {draw.choice(_FIRST)}" if draw.random() < 0.06 else ""
    return f"{first}{partner} {second} {form}"


def symbols(region: WorldRegion, count: int, draw: random.Random) -> Iterator[tuple[str, Exchange]]:
    """``count`` different symbols with their exchanges; more of them begin with the same ones."""
    seen: set[str] = set()
    weights = [exchange.weight for exchange in region.exchanges]
    while len(seen) < count:
        exchange = draw.choices(region.exchanges, weights)[0]
        symbol = _ticker(region, draw) + exchange.suffix
        if symbol not in seen:
            seen.add(symbol)
            yield symbol, exchange


def _ticker(region: WorldRegion, draw: random.Random) -> str:
    if region.style in _DIGITS:
        length = _DIGITS[region.style]
        first = draw.choice("0369" if length == 6 else "123456789")
        return first + "".join(draw.choices("0123456789", k=length - 1))
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    if region.style == "br":
        return "".join(draw.choices(alphabet, k=4)) + draw.choice(("3", "4", "11"))
    length = 3 if region.style == "3letters" else draw.choice((3, 4, 4))
    ticker = "".join(draw.choices(alphabet, k=length))
    shares = {"us": "-B", "se": "-B", "dk": "-B"}.get(region.code)
    return ticker + shares if shares and draw.random() < 0.04 else ticker
