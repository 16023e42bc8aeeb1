"""Terms told of each partner first, and summed over a scope's partners after.

A partner's credit limit, or what it spends in all, is one figure of the partner, not of its rows: a
scope's is the sum over its partners, those without one left out above and below the line.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kpi_lib.engine.terms.base import Constant, Term
from kpi_lib.engine.terms.parts import Rows


@dataclass(frozen=True)
class Latest(Term):
    """A partner's latest value of a column, by day and then by `order`; none where it has no row.

    Nothing is told of roll-ups: `each_partner` sums them.
    """

    rows: Rows  # view "so far"
    of: str
    day: str
    order: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[Term, ...]:
        """Itself."""
        return (self,)

    @property
    def needs(self) -> dict[str, frozenset[str]]:
        """The columns that it reads, by table."""
        return self.rows.needs(frozenset({self.of, self.day, *self.order}))

    @property
    def key(self) -> tuple[str, ...]:
        """What tells this part from others."""
        return (*self.rows.key, "latest", self.of, self.day, *self.order)

    @property
    def words(self) -> str:
        """The figure in words."""
        return f"latest {self.of} of {self.rows.table}"


@dataclass(frozen=True)
class EachPartner(Term):
    """The sum over a scope's partners of a term, of those for which `given` has a value.

    Those that join only later count in the roll-ups too. Direct business has no partners.
    """

    of: Term
    given: Term

    @property
    def made_of(self) -> tuple[Term, ...]:
        """Both."""
        return (self.of, self.given)

    @property
    def behind(self) -> EachPartner:
        """The number of those partners."""
        return replace(self, of=Constant(1.0))


@dataclass(frozen=True)
class Above(Term):
    """1 where the left term lies above the right one, 0 where it does not.

    Equal within 1e-9 is not above; without a right one it says nothing.
    """

    left: Term
    right: Term

    @property
    def made_of(self) -> tuple[Term, ...]:
        """Both."""
        return (self.left, self.right)
