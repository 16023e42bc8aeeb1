"""Counting back: over how many days, from the last, was issued what is owed now."""

from __future__ import annotations

from dataclasses import dataclass

from kpi_lib.engine.terms.base import Term
from kpi_lib.engine.terms.parts import Part, Rows

MONTHS_BACK = 24


@dataclass(frozen=True)
class MonthsBack(Term):
    """A sum month by month: of the last day's calendar month so far, and of those before it."""

    flow: Part

    @property
    def parts(self) -> tuple[Term, ...]:
        """Itself."""
        return (self,)

    @property
    def needs(self) -> dict[str, frozenset[str]]:
        """The columns that it reads, by table."""
        return self.flow.needs

    @property
    def rows(self) -> Rows:
        """The rows that are summed."""
        return self.flow.rows

    @property
    def key(self) -> tuple[str, ...]:
        """What tells this part from others."""
        return (*self.flow.key, "months back")


@dataclass(frozen=True)
class CountBack(Term):
    """The days over which the latest flow adds up to a balance.

    From the month of the last day that counts backwards, each month's flow is taken off the balance
    and its days added, the last month pro rata; a month without a flow adds its days. A balance of
    0 or less is 0 days; there is no value where 24 months do not use it up.
    """

    balance: Term
    months: MonthsBack

    @property
    def made_of(self) -> tuple[Term, ...]:
        """The balance, and the months."""
        return (self.balance, self.months)

    @property
    def words(self) -> str:
        """The term in words."""
        return f"days over which {self.months.flow.rows.table} add up to the balance"

    @property
    def adds_across(self) -> bool:
        """It does not: it is a length of time."""
        return False
