"""Numbers that know why they are missing."""

from __future__ import annotations

import math

import numpy as np
import pytest

from include.ratios.arithmetic import Amount, amount, average, instead, positive, quotient, square_root, sum_of_reported
from include.ratios.status import Status


def reason(status: Status) -> Amount:
    return amount(1.0).refused(True, status)


def test_plain_numbers_become_amounts_and_missing_ones_say_so() -> None:
    column = amount([1.0, math.nan, math.inf])

    assert column.status.tolist() == [Status.OK, Status.MISSING_INPUT, Status.MISSING_INPUT]
    assert column.known.tolist() == [True, False, False]
    assert amount(column) is column


def test_the_graver_of_two_statuses_wins_whatever_the_order() -> None:
    one, other = reason(Status.MISSING_INPUT), reason(Status.CURRENCY_UNRESOLVED)

    for both in (one + other, other + one, one - other, other * one, quotient(one, other), quotient(other, one)):
        assert both.status == Status.CURRENCY_UNRESOLVED
        assert math.isnan(float(both))


def test_operators_take_plain_numbers_on_either_side() -> None:
    two = amount(2.0)

    assert [float(x) for x in (two + 1, 1 + two, two - 1, 1 - two, two * 3, 3 * two, -two)] == [3, 3, 1, -1, 6, 6, -2]
    assert (np.array([1.0, 2.0]) * amount([3.0, 4.0])).value.tolist() == [3.0, 8.0]


def test_there_is_no_division_that_does_not_say_what_zero_means() -> None:
    with pytest.raises(TypeError):
        amount(1.0) / amount(0.0)  # type: ignore[operator]


def test_a_stale_number_stays_a_number_and_stays_stale() -> None:
    stale = Amount(np.float64(4.0), np.uint8(Status.STALE))

    assert float(quotient(stale, 2.0)) == 2.0
    assert quotient(stale, 2.0).status == Status.STALE
    assert quotient(stale, 0.0).status == Status.ZERO_DENOMINATOR


def test_an_average_needs_both_of_its_dates() -> None:
    assert float(average(1.0, 3.0)) == 2.0
    assert average(1.0, reason(Status.MISSING_PRIOR_PERIOD)).status == Status.MISSING_PRIOR_PERIOD


def test_positive_refuses_zero_and_below() -> None:
    assert positive([1.0, 0.0, -0.0, -1.0]).status.tolist() == [
        Status.OK,
        Status.ZERO_DENOMINATOR,
        Status.ZERO_DENOMINATOR,
        Status.NEGATIVE_DENOMINATOR,
    ]


def test_a_root_of_a_negative_number_is_not_meaningful() -> None:
    assert square_root([4.0, -4.0]).status.tolist() == [Status.OK, Status.NOT_MEANINGFUL]
    assert square_root(4.0).value == 2.0


def test_a_second_choice_steps_in_for_one_reason_only() -> None:
    unverified, missing = reason(Status.SHARE_BASIS_UNVERIFIED), reason(Status.MISSING_INPUT)
    of = Status.SHARE_BASIS_UNVERIFIED

    assert float(instead(unverified, amount(2.0), of=of)) == 2.0
    assert instead(missing, amount(2.0), of=of).status == Status.MISSING_INPUT
    assert instead(unverified, missing, of=of).status == Status.SHARE_BASIS_UNVERIFIED


def test_what_is_not_reported_is_left_out_of_a_sum_but_what_is_missing_is_not() -> None:
    unreported, missing = reason(Status.NOT_REPORTED), reason(Status.MISSING_INPUT)

    assert float(sum_of_reported(amount(2.0), unreported)) == 2.0
    assert sum_of_reported(unreported, unreported).status == Status.NOT_REPORTED
    assert sum_of_reported(amount(2.0), missing).status == Status.MISSING_INPUT
