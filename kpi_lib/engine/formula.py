"""The words a KPI is declared in, and what they make: numerator over denominator, less a number.

    sales = rows("orders", when="ordered_on").where(field("status").is_in("completed", "returned"))
    Formula(sales.sum("amount"), per=sales.count())

What the parts cannot say is said by a pandas function of one table (`FromRows`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import polars as pl

from kpi_lib.engine.calendar import Lag
from kpi_lib.engine.cell import Cell
from kpi_lib.engine.equality import SMALLEST
from kpi_lib.engine.fields import field
from kpi_lib.engine.lookup import Lookup
from kpi_lib.engine.rows import Rows, rows, rows_ever, rows_so_far
from kpi_lib.engine.selection import Needs, Selection, joined
from kpi_lib.engine.shares import ADDS, SIDES, Share, counted
from kpi_lib.engine.terms.additive import Part
from kpi_lib.engine.terms.by_scope import ByScope
from kpi_lib.engine.terms.each_partner import EachPartner
from kpi_lib.engine.terms.firsts import Firsts
from kpi_lib.engine.terms.gaps import Gaps
from kpi_lib.engine.terms.groups import YEAR_AGO, GroupPart, Groups
from kpi_lib.engine.terms.lagged import Lagged, previous, year_ago
from kpi_lib.engine.terms.length import Length
from kpi_lib.engine.terms.median import Median
from kpi_lib.engine.terms.of_scope import Of, of_company, of_direct
from kpi_lib.engine.terms.sum_of_known import SumOfKnown
from kpi_lib.engine.terms.target import TargetOf
from kpi_lib.engine.terms.term import Arithmetic, Constant, CountedTerm, Floored, NamedFigure, Term

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "YEAR_AGO",
    "Answer",
    "Arithmetic",
    "ByScope",
    "Constant",
    "CountedTerm",
    "Firsts",
    "Floored",
    "Formula",
    "FromRows",
    "Gaps",
    "GroupPart",
    "Groups",
    "Lag",
    "Lagged",
    "Length",
    "Lookup",
    "Median",
    "Modelled",
    "Needs",
    "Observed",
    "Of",
    "Part",
    "Rows",
    "Selection",
    "Span",
    "SumOfKnown",
    "TargetOf",
    "Term",
    "growth",
    "joined",
    "of_company",
    "of_direct",
    "previous",
    "rows",
    "rows_ever",
    "rows_so_far",
    "year_ago",
]

Answer = tuple[float | None, float | None, int | None]
Model = Literal["cltv", "churn"]


@dataclass(frozen=True)
class Span:
    """The period as a function of rows sees it: its first day, its last, the last that counts."""

    start: pd.Timestamp
    end: pd.Timestamp
    as_of: pd.Timestamp


class Declaration(ABC):
    """What a KPI's figures come from, and what follows from it for all that show them."""

    @abstractmethod
    def in_words(self) -> tuple[str, str | None]:
        """Return what stands above the line, and below it where anything does."""

    @abstractmethod
    def is_comparable(self, denominator: float | None) -> bool:
        """Say whether a partner's figure can stand beside that of many: a ratio, and no sum.

        `denominator`: that of the figure, None where it has none.
        """

    def rows_behind(self, cell: Cell) -> Iterator[Share]:
        """Yield the rows behind its numerator and its denominator in a cell; by default none."""
        yield from ()

    @property
    def adds_up(self) -> bool:
        """Whether it grows through a period, so that to date its target is paced."""
        return False

    @property
    def optional(self) -> frozenset[str]:
        """The tables that may be missing: it is as if they had no rows then."""
        return frozenset()


@dataclass(frozen=True)
class FromRows(Declaration):
    """A KPI that the terms cannot say: a pandas function of one table's rows.

    `function(rows, span)` is called for each scope and period with the scope's rows as they were
    known on `span.as_of` (columns as in the contract, dates as timestamps, amounts as floats) and
    returns numerator, denominator (None: the value is the numerator alone) and n. A numerator of
    None says that there is no value. Slower than terms: it is called once a scope and a period.
    """

    table: str
    columns: tuple[str, ...]
    function: Callable[[pd.DataFrame, Span], Answer]
    divides: bool = True

    @property
    def needs(self) -> Needs:
        """The columns that it reads, by table."""
        return {self.table: frozenset(self.columns)}

    def in_words(self) -> tuple[str, str | None]:
        """Return that the function makes both."""
        source = f"that {self.function.__name__} makes of the rows of {self.table}"
        return f"numerator {source}", f"denominator {source}"

    def is_comparable(self, denominator: float | None) -> bool:
        """Say whether it divides."""
        return self.divides

    def rows_behind(self, cell: Cell) -> Iterator[Share]:
        """Yield the rows that the function is given: what it makes of them only it can say."""
        given = rows_so_far(self.table)
        frame = cell.rows(given).with_columns(pl.lit(None).alias(ADDS))
        yield Share("numerator", cell, counted(given, frame))


@dataclass(frozen=True)
class Observed(Declaration):
    """What was observed of a measure: numerators over denominators, or the plain sum.

    Rows without a denominator are left out where one of the period has one.
    """

    measure: str
    industry: str | None  # whose partners have a row though nothing was observed

    @property
    def rows(self) -> Rows:
        """The rows of the measure in the period."""
        return rows("observations", when="observed_on").where(field("measure") == self.measure)

    @property
    def needs(self) -> dict[str, frozenset[str]]:
        """The columns that it reads, by table."""
        return self.rows.needs(frozenset({"numerator", "denominator"}))

    def in_words(self) -> tuple[str, str | None]:
        """Return the sums of both."""
        of = f"over observations of {self.measure}"
        return f"sum of numerator {of}", f"sum of denominator {of}"

    def is_comparable(self, denominator: float | None) -> bool:
        """Say whether the figure has a denominator: a measure does not say it before."""
        return denominator is not None

    def rows_behind(self, cell: Cell) -> Iterator[Share]:
        """Yield what was observed; where a row has a denominator, those without are left out."""
        observed = counted(self.rows, cell.rows(self.rows))
        frame = observed.rows
        if "denominator" not in frame.columns or frame["denominator"].is_null().all():
            plain = frame.with_columns(pl.col("numerator").alias(ADDS))
            yield Share("numerator", cell, replace(observed, rows=plain))
            return
        divided = frame.drop_nulls("denominator")
        for side in SIDES:
            adds = divided.with_columns(pl.col(side).alias(ADDS))
            yield Share(side, cell, replace(observed, rows=adds))


@dataclass(frozen=True)
class Modelled(Declaration):
    """A KPI that a model fills, once a period, of all customers; nothing else can compute it.

    `value` and `per` say what is above and below the line; `share` that customers are counted of
    customers, which has an interval. `needs`: the columns that the model stands on, by table, and
    those that the KPI reads beside it.
    """

    model: Model
    needs: Needs
    value: str
    per: str | None = None
    share: bool = False

    @property
    def divides(self) -> bool:
        """Whether it is a mean or a share, and no sum."""
        return self.per is not None

    def in_words(self) -> tuple[str, str | None]:
        """Return what the model says that they are."""
        return self.value, self.per

    def is_comparable(self, denominator: float | None) -> bool:
        """Say whether it divides."""
        return self.divides


@dataclass(frozen=True)
class Formula(Declaration):
    """What a KPI's value is: `value`, over `per` where there is one, less `minus`.

    `n` is the `row_count`: by default that of the denominator (or the sum); none where `counts`
    is false. `paced`: to date its target is, though it is no sum. `growth` says
    that the denominator is an earlier period's figure, on which nothing can be said where it is
    not above zero. `share` says that the numerator counts rows of the denominator, and `nps` that
    it is promoters less detractors: both have an interval. `zero_below`: where that term lies below
    0 the value is 0, whatever stands below the line.
    """

    value: Term
    per: Term | None = None
    minus: float = 0.0
    counts: bool = True
    growth: bool = False
    share: bool = False
    nps: bool = False
    row_count: Term | None = None
    paced: bool = False
    otherwise: str = ""
    zero_below: Term | None = None

    @property
    def terms(self) -> tuple[Term, ...]:
        """The terms that it is made of."""
        return tuple(t for t in (self.value, self.per, self.row_count) if t is not None)

    @property
    def parts(self) -> tuple[CountedTerm, ...]:
        """Every part that has to be counted."""
        return tuple(part for term in self.terms for part in term.parts)

    @property
    def needs(self) -> Needs:
        """The columns that it reads, by table; of the optional tables too."""
        return joined(*(term.needs for term in self.terms))

    @property
    def optional(self) -> frozenset[str]:
        """The tables that may be missing: it is as if they had no rows then."""
        of_rows = [(part.rows.optional_tables, part.needs) for part in self.parts]
        needed = {table for may_miss, needs in of_rows for table in needs.keys() - may_miss}
        return frozenset().union(*(may_miss for may_miss, _ in of_rows)) - needed

    @property
    def lags(self) -> frozenset[Lag]:
        """The earlier periods on which it stands as its base."""
        return frozenset().union(*(term.lags for term in self.terms))

    @property
    def by_partner(self) -> bool:
        """Whether the company's figure too is counted only from rows that say whose they are."""
        each = any(isinstance(term, EachPartner) for term in (self.value, self.per))
        return each or any(part.rows.named for part in self.parts)

    @property
    def n(self) -> Term | None:
        """The term of the count behind it."""
        if not self.counts or self.row_count is not None:
            return self.row_count
        return self.value.row_count if self.per is None else self.per.row_count

    @property
    def adds_up(self) -> bool:
        """Whether it grows through a period, so that to date its target is paced."""
        return self.paced or self.is_sum_of_period

    @property
    def is_sum_of_period(self) -> bool:
        """Whether it is a sum or a count of the period, the more the longer that is."""
        return self.per is None and self.value.adds_up

    @property
    def adds_across(self) -> bool:
        """Whether it grows with the number of partners: a sum, a sum a week, a share of the whole.

        A ratio of two sums does not.
        """
        return self.value.adds_across and (self.per is None or not self.per.adds_across)

    def in_words(self) -> tuple[str, str | None]:
        """Return both terms in words."""
        return self.value.in_words(), None if self.per is None else self.per.in_words()

    def is_comparable(self, denominator: float | None) -> bool:
        """Say whether it does not grow with the number of partners."""
        return not self.adds_across

    def rows_behind(self, cell: Cell) -> Iterator[Share]:
        """Yield the rows behind both terms."""
        yield from self.value.rows_behind(cell, "numerator")
        if self.per is not None:
            yield from self.per.rows_behind(cell, "denominator")

    def settled(self, cell: Cell) -> NamedFigure | None:
        """Return the term whose lying below 0 settles the value at 0; None where none does."""
        if self.zero_below is None or not (figure := self.zero_below.at(cell)) <= -SMALLEST:
            return None
        return self.zero_below.in_short(), figure

    def equation(self, cell: Cell) -> Iterator[str | NamedFigure]:
        """Yield it as it is read, with its figures: value, over per, less a number."""
        value = list(self.value.equation(cell, self.per))
        if self.per is None and value[0] == "(":
            value = value[1:-1]  # nothing follows that brackets would keep apart
        yield from value
        if self.per is not None:
            yield "/"
            yield from self.per.equation(cell)
        if self.minus:
            yield f"- {self.minus:g}"


def growth(term: Term, base: Term) -> Formula:
    """Return how far a term lies above its base, as a fraction of the base."""
    return Formula(term, per=base, minus=1.0, growth=True)
