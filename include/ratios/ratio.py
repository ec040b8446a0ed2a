"""A ratio is one pure function; its parameter names are the wiring, its docstring is the catalogue's entry."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import ClassVar

import msgspec
import numpy as np

from include.ratios.arithmetic import Amount, AmountLike, amount, representable
from include.ratios.profiles import Profile
from include.ratios.status import Status

_LABELLED = re.compile(r"^ {0,8}(Units|Shape|Source|Note) {1,}(.+(?:\n {8,}\S.*)*)$", re.MULTILINE)


class Category(msgspec.Struct, frozen=True):
    """A family of ratios."""

    name: str


liquidity = Category("Liquidity")
solvency = Category("Solvency")
profitability = Category("Profitability")
efficiency = Category("Efficiency")
valuation = Category("Valuation")
growth_and_scores = Category("Growth & scores")
sector = Category("Sector")


class Ratio:
    """A formula with its name; call it with numbers, arrays or Amounts and get an Amount.

    ``inputs`` are the parameter names, each a line of ``statement.LINES`` or an input of the quote, with
    ``previous_`` in front for the period before. ``formula``, ``summary``, ``unit`` and ``source`` are read
    from the docstring. ``not_for`` and ``only_for`` say to which kind of company it applies.
    """

    LABELS: ClassVar[tuple[str, ...]] = ("Units", "Shape", "Source")

    def __init__(
        self,
        function: Callable[..., Amount],
        title: str,
        category: Category,
        not_for: tuple[Profile, ...],
        only_for: tuple[Profile, ...],
    ) -> None:
        self.function = function
        self.title = title
        self.category = category
        self.not_for = not_for
        self.only_for = only_for
        self.name: str = function.__name__
        self.inputs = tuple(inspect.signature(function).parameters)
        text = inspect.getdoc(function) or ""
        self.__doc__ = text
        self.summary = text.partition("\n")[0].rstrip(".")
        self.formula = _formula(text, self.name)
        labels = {label: " ".join(words.split()) for label, words in _LABELLED.findall(text)}
        self.units, self.shape, self.source = (labels.get(label, "") for label in self.LABELS)
        self.note = labels.get("Note", "")

    def __call__(self, *args: AmountLike, **inputs: AmountLike) -> Amount:
        """The ratio of one stock or of a column of them; missing is NaN, with its reason in the status.

        A number that floats cannot hold is NOT_MEANINGFUL: there is never an infinity.
        """
        with np.errstate(all="ignore"):
            result = self.function(*map(amount, args), **{name: amount(value) for name, value in inputs.items()})
            return representable(result)

    def __repr__(self) -> str:
        return f"<ratio {self.name}>"

    @property
    def unit(self) -> str:
        """What the value is measured in: dimensionless, money, money per share, days, tests passed."""
        return self.units.rpartition("-> ")[2]

    def applies_to(self, kind: Profile) -> Status:
        """OK where the ratio means something for that kind of company, NOT_APPLICABLE_SECTOR where it does not.

        SECTOR_UNKNOWN where too little is known to tell: for a company of no known sector only a ratio for one
        kind of company is withheld, because most companies are of no special kind.
        """
        if kind is Profile.UNKNOWN:
            return Status.SECTOR_UNKNOWN if self.only_for else Status.OK
        answers = {one not in self.not_for and (not self.only_for or one in self.only_for) for one in kind.may_be}
        if len(answers) > 1:
            return Status.SECTOR_UNKNOWN
        return Status.OK if answers.pop() else Status.NOT_APPLICABLE_SECTOR


def ratio(
    title: str, category: Category, *, not_for: tuple[Profile, ...] = (), only_for: tuple[Profile, ...] = ()
) -> Callable[[Callable[..., Amount]], Ratio]:
    """Make a Ratio of a function whose name is the snake_case of ``title``. Raises ValueError if it is not."""

    def declare(function: Callable[..., Amount]) -> Ratio:
        if function.__name__ != snake_case(title):
            raise ValueError(f"the ratio {title!r} must be computed by {snake_case(title)}, not {function.__name__}")
        return Ratio(function, title, category, not_for, only_for)

    return declare


def snake_case(title: str) -> str:
    """``"R&D-to-Revenue Ratio"`` -> ``"r_d_to_revenue_ratio"``: small letters, one _ for all that is between."""
    return re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")


def _formula(text: str, name: str) -> str:
    """The indented block that starts with ``name =``, on one line."""
    lines = iter(text.splitlines())
    for line in lines:
        if line.strip().startswith(f"{name} ="):
            parts = [line.strip()]
            for further in lines:
                if not further.strip():
                    break
                parts.append(further.strip())
            return " ".join(parts).partition("= ")[2]
    return ""
