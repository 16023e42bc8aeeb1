"""Groups by their last day: an order is judged once, in the period of its last promised day."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kpi_lib.engine.fields import Field
from kpi_lib.engine.terms.base import Term
from kpi_lib.engine.terms.parts import Rows


@dataclass(frozen=True)
class ByLastDay(Term):
    """The groups (orders) whose last `day` among a scope's rows lies in the period.

    `kept`: only those all of whose rows hold `keeps`. A group counts no longer where the day in the
    column `void_since` has come.
    """

    rows: Rows  # view "ever"
    by: str
    day: str
    keeps: Field
    void_since: str
    kept: bool = False

    @property
    def parts(self) -> tuple[Term, ...]:
        """Itself."""
        return (self,)

    @property
    def behind(self) -> ByLastDay:
        """Itself: it is a count."""
        return self

    def that_keep(self) -> ByLastDay:
        """Count only the groups all of whose rows hold `keeps`."""
        return replace(self, kept=True)

    @property
    def needs(self) -> dict[str, frozenset[str]]:
        """The columns that it reads, by table."""
        read = self.keeps.columns | {self.by, self.day, self.void_since}
        return self.rows.needs(frozenset(read))

    @property
    def key(self) -> tuple[str, ...]:
        """What tells this part from others."""
        return (*self.group_key, "kept" if self.kept else "all")

    @property
    def group_key(self) -> tuple[str, ...]:
        """What tells its groups from others: parts of the same are counted together."""
        texts = (self.keeps.text, self.void_since)
        return (*self.rows.key, "by last day", self.by, self.day, *texts)

    @property
    def words(self) -> str:
        """The count in words."""
        told = f"number of {self.by} whose last {self.day} lies in the period"
        return f"{told}, with {self.keeps.text} in every row" if self.kept else told
