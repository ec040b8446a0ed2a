"""Trying again: exponential backoff with full jitter, pure but for two injected functions.

The waits of one task together never pass its wait budget, whatever a source wishes.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from include.errors import ConfigurationError, Transient

T = TypeVar("T")


@dataclass(frozen=True)
class Retry:
    """How often and how long a Transient failure is tried again.

    ``jitter(a, b)`` draws from [a, b]. Raises ConfigurationError when the backoff alone could pass the budget.
    """

    jitter: Callable[[float, float], float] = random.uniform
    attempts: int = 8
    base_s: float = 0.5
    cap_s: float = 30.0
    budget_s: float = 120.0

    def __post_init__(self) -> None:
        if self.worst_case_s > self.budget_s:
            raise ConfigurationError(
                f"{self.attempts} attempts may wait {self.worst_case_s:g} s together, more than TASK_WAIT_BUDGET_S="
                f"{self.budget_s:g}: allow fewer attempts (TASK_ATTEMPTS) or a larger budget"
            )

    @property
    def worst_case_s(self) -> float:
        """The longest that all waits together can take without a ``Retry-After``; with one, the budget bounds them."""
        return sum(self._ceiling_s(number) for number in range(1, self.attempts))

    def run(
        self, work: Callable[[int], T], sleep: Callable[[float], None], between: Callable[[int, Transient], None]
    ) -> T:
        """``work(1)``, and after a Transient ``work(2)`` and so on; raises the last Transient when no more is allowed.

        ``sleep`` waits that many seconds, or raises to give up; ``between`` is told of every failure
        that is tried again.
        """
        waited_s = 0.0
        number = 1
        while True:
            try:
                return work(number)
            except Transient as error:
                wait_s = max(self.jitter(0.0, self._ceiling_s(number)), error.retry_after_s or 0.0)
                if number >= self.attempts or waited_s + wait_s > self.budget_s:
                    raise
                between(number, error)
                sleep(wait_s)
                waited_s += wait_s
                number += 1

    def _ceiling_s(self, number: int) -> float:
        return float(min(self.cap_s, self.base_s * 2 ** (number - 1)))
