"""Which trades may not set a price: the conditions under which they were made.

Alpaca's rule for its own minute bars, which follows the consolidated tapes: such a trade counts in the
volume and in the number of trades, and never as open, high, low or close. Two of the vendor's
conditions are treated otherwise. "T" (outside regular hours) sets a price here, or there would be no bars before
the opening and after the close; "B" sets none here, although on the tape of Nasdaq's stocks it
may: a tick does not say which tape it is of.
"""

from __future__ import annotations

SETS_NO_PRICE = frozenset(
    {
        "4",  # derivatively priced
        "7",  # qualified contingent trade
        "9",  # corrected consolidated close
        "B",  # average price trade
        "C",  # cash sale
        "G",  # bunched sold trade
        "H",  # price variation trade
        "I",  # odd lot
        "M",  # market centre's official close
        "N",  # next day
        "P",  # prior reference price
        "Q",  # market centre's official open
        "R",  # seller
        "U",  # out of sequence, outside regular hours
        "V",  # contingent trade
        "W",  # average price trade
        "Z",  # out of sequence, reported late
    }
)
