"""Arithmetic on amounts that know why they are missing.

The status of a result comes from its inputs, never from the result: in IEEE arithmetic a price divided by
(income / 0 shares) is a harmless-looking 0.0.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from include.ratios.status import Status

Values: TypeAlias = NDArray[np.float64]
Statuses: TypeAlias = NDArray[np.uint8]

# Looked up once: on Python 3.11 an enum's member costs as much as the arithmetic of a whole column.
_STALE = int(Status.STALE)
_MISSING = np.uint8(Status.MISSING_INPUT)
_OK = np.uint8(Status.OK)


class Amount:
    """A number, or a column of them, each with its status.

    Where the status is neither OK nor STALE the value is NaN. ``+``, ``-`` and ``*`` work with amounts and
    plain numbers, and the graver status wins. There is no ``/`` on purpose: ``quotient`` makes every formula
    say what a denominator of zero or below means.
    """

    __array_ufunc__ = None  # `array * amount` is ours to answer, not numpy's
    __slots__ = ("status", "value")

    def __init__(self, value: Values, status: Statuses) -> None:
        self.value = value
        self.status = status

    def __add__(self, other: AmountLike) -> Amount:
        that = amount(other)
        return Amount(self.value + that.value, np.maximum(self.status, that.status))

    def __sub__(self, other: AmountLike) -> Amount:
        that = amount(other)
        return Amount(self.value - that.value, np.maximum(self.status, that.status))

    def __mul__(self, other: AmountLike) -> Amount:
        that = amount(other)
        return Amount(self.value * that.value, np.maximum(self.status, that.status))

    def __rsub__(self, other: AmountLike) -> Amount:
        return amount(other) - self

    __radd__ = __add__
    __rmul__ = __mul__

    def __neg__(self) -> Amount:
        return Amount(-self.value, self.status)

    def __float__(self) -> float:
        return float(self.value)

    def __repr__(self) -> str:
        names = [Status(code).name for code in np.atleast_1d(self.status).tolist()]
        return f"Amount({np.atleast_1d(self.value).tolist()}, {names})"

    @property
    def known(self) -> NDArray[np.bool_]:
        """Where there is a number."""
        return self.status <= _STALE

    def refused(self, where: Any, status: Status) -> Amount:
        """The same, but without a number and with at least ``status`` where ``where`` holds."""
        return Amount(
            np.where(where, np.nan, self.value), np.where(where, np.maximum(self.status, np.uint8(status)), self.status)
        )


AmountLike: TypeAlias = Amount | ArrayLike


def amount(value: AmountLike) -> Amount:
    """A plain number or array as an Amount; NaN and infinities are MISSING_INPUT."""
    if isinstance(value, Amount):
        return value
    values = np.asarray(value, dtype=np.float64)
    finite = np.isfinite(values)
    return Amount(np.where(finite, values, np.nan), np.where(finite, _OK, _MISSING))


def quotient(
    numerator: AmountLike,
    denominator: AmountLike,
    *,
    zero: Status = Status.ZERO_DENOMINATOR,
    negative: Status = Status.NEGATIVE_DENOMINATOR,
) -> Amount:
    """``numerator / denominator`` where the denominator is positive; elsewhere the status says why not."""
    above, below = amount(numerator), positive(denominator, zero=zero, negative=negative)
    return Amount(above.value / below.value, np.maximum(above.status, below.status))


def positive(
    value: AmountLike,
    *,
    zero: Status = Status.ZERO_DENOMINATOR,
    negative: Status = Status.NEGATIVE_DENOMINATOR,
) -> Amount:
    """``value`` where it is above zero; elsewhere the status says why not."""
    given = amount(value)
    if not somewhere(given.value <= 0):
        return given
    return given.refused(given.value == 0, zero).refused(given.value < 0, negative)


def representable(given: Amount) -> Amount:
    """``given``, NOT_MEANINGFUL where it is a number that floats cannot hold: there is never an infinity."""
    overflown = given.known & ~np.isfinite(given.value)
    return given.refused(overflown, Status.NOT_MEANINGFUL) if somewhere(overflown) else given


def somewhere(where: Any) -> bool:
    """Whether ``where`` holds anywhere: on the few periods of one stock five times as fast as ``where.any()``."""
    return bool(np.count_nonzero(where))


def average(now: AmountLike, before: AmountLike) -> Amount:
    """The mean of two balance-sheet dates."""
    return (amount(now) + amount(before)) * 0.5


def growth(now: AmountLike, before: AmountLike) -> Amount:
    """``now / before - 1`` from a positive base; out of or into what is below zero is NOT_MEANINGFUL as a rate."""
    given, base = amount(now), amount(before)
    turned = np.sign(given.value) * np.sign(base.value) < 0
    return quotient(given.refused(turned, Status.NOT_MEANINGFUL), base) - 1.0


def square_root(value: AmountLike) -> Amount:
    """The square root; NOT_MEANINGFUL below zero."""
    given = amount(value)
    given = given.refused(given.value < 0, Status.NOT_MEANINGFUL)
    return Amount(np.sqrt(given.value), given.status)


def instead(preferred: Amount, other: Amount, *, of: Status) -> Amount:
    """``other`` wherever ``preferred`` has status ``of`` and ``other`` is not missing, else ``preferred``."""
    taken = (preferred.status == of) & (other.status != Status.MISSING_INPUT)
    return Amount(np.where(taken, other.value, preferred.value), np.where(taken, other.status, preferred.status))


def sum_of_reported(*parts: Amount) -> Amount:
    """The sum of those parts that are reported; NOT_REPORTED where none is. Any other reason stays."""
    absent = [part.status == Status.NOT_REPORTED for part in parts]
    none = np.logical_and.reduce(absent)
    value = np.add.reduce([np.where(gone, 0.0, part.value) for gone, part in zip(absent, parts, strict=True)])
    status = np.maximum.reduce(
        [np.where(gone, np.uint8(0), part.status) for gone, part in zip(absent, parts, strict=True)]
    )
    return Amount(value, status).refused(none, Status.NOT_REPORTED)


def above(one: AmountLike, other: AmountLike) -> Amount:
    """1 where ``one`` is above ``other``, 0 where it is not, NaN with the reason where either is unknown."""
    difference = amount(one) - other
    return Amount(np.where(difference.known, np.where(difference.value > 0, 1.0, 0.0), np.nan), difference.status)
