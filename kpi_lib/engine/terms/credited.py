"""Won deals: what a model credits to a scope for them, and those that it had a hand in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from kpi_lib.engine.terms.base import Term
from kpi_lib.engine.terms.parts import Rows

Model = Literal["first_touch", "last_touch", "linear", "time_decay", "position_based"]


@dataclass(frozen=True)
class Credited(Term):
    """The amounts of deals that a model credits to a scope."""

    rows: Rows
    model: Model

    @property
    def parts(self) -> tuple[Term, ...]:
        """Itself: a credited amount stands on no number of rows."""
        return (self,)

    @property
    def adds_up(self) -> bool:
        """Whether it grows through a period: it does."""
        return True

    @property
    def needs(self) -> dict[str, frozenset[str]]:
        """The columns that it reads, by table."""
        return self.rows.needs(frozenset({"deal_id", "closed_on", "amount"}))

    @property
    def key(self) -> tuple[str, ...]:
        """What tells this part from others."""
        return (*self.rows.key, "credited", self.model)

    @property
    def words(self) -> str:
        """The amount in words."""
        return f"amount of won deals, credited by {self.model.replace('_', ' ')}"


@dataclass(frozen=True)
class Influenced(Term):
    """The deals that a scope sourced or touched, each once: their amount, or their number."""

    rows: Rows
    reduce: Literal["sum", "count"] = "sum"

    @property
    def parts(self) -> tuple[Term, ...]:
        """Itself and the number of deals."""
        return (self, self.behind)

    @property
    def behind(self) -> Influenced:
        """The number of deals."""
        return replace(self, reduce="count")

    @property
    def adds_up(self) -> bool:
        """Whether it grows through a period: it does."""
        return True

    @property
    def needs(self) -> dict[str, frozenset[str]]:
        """The columns that it reads, by table."""
        return self.rows.needs(frozenset({"deal_id", "closed_on", "amount"}))

    @property
    def key(self) -> tuple[str, ...]:
        """What tells this part from others."""
        return (*self.rows.key, "influenced", self.reduce)

    @property
    def words(self) -> str:
        """The figure in words."""
        return "amount of the won deals that it sourced or touched"
