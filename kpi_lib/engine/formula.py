"""The words a KPI is declared in, and what they make: numerator over denominator, less a number.

    sales = rows("orders", when="ordered_on").where(field("status").is_in("completed", "returned"))
    Formula(sales.sum("amount"), per=sales.count())

What the parts cannot say is said by a pandas function of one table (`FromRows`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kpi_lib.engine.calendar import Lag
from kpi_lib.engine.cell import Cell
from kpi_lib.engine.cube import Cube
from kpi_lib.engine.custom import Answer, FromRows, Span
from kpi_lib.engine.declaration import Declaration
from kpi_lib.engine.equality import SMALLEST
from kpi_lib.engine.figures import Figures, Fraction, figures_of, wilson, with_interval
from kpi_lib.engine.lookup import Lookup
from kpi_lib.engine.modelled import Modelled
from kpi_lib.engine.observed import Observed
from kpi_lib.engine.rows import Rows, rows, rows_ever, rows_so_far
from kpi_lib.engine.selection import Needs, Selection, joined
from kpi_lib.engine.shares import Share
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
    from kpi_lib.engine.kpi import Kpi

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

Z_OF_NPS = 1.96  # as the field writes it
ADDED_OF_NPS = 3  # answers


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
    def counted_tables(self) -> tuple[str, ...]:
        """The tables whose rows are counted; what is only looked up need not say whose it is."""
        return tuple(dict.fromkeys(table for part in self.parts for table in part.rows.owners))

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

    def figures(self, kpi: Kpi, cube: Cube) -> Figures:
        """Return numerator over denominator, with an interval where it is a share or an NPS."""
        unknown = ~self._base_covered(kpi, cube)
        nothing = self.otherwise or "nothing to measure it by in this period"
        if self.growth:
            nothing = f"nothing to compare with in {self._base}"
        if unknown[cube.calendar.now]:
            since = cube.coverage.since_when(kpi.tables)
            nothing = f"{self._base} is not covered by the data: they begin on {since}"
        figures = figures_of(cube, kpi, self._fraction(cube, unknown), nothing)
        if self.share:
            return with_interval(figures, wilson(figures.value, figures.n))
        if self.nps:
            return with_interval(figures, self._nps_interval(figures, cube))
        return figures

    def _fraction(self, cube: Cube, unknown: np.ndarray) -> Fraction:
        """Return numerator and denominator; `unknown`: the periods whose base is not covered."""
        settled, count = self.zero_below, self.n
        below = None if self.per is None else self.per.figures(cube)
        n = below  # often what stands below the line is the count itself
        if count is not self.per:
            n = None if count is None else count.figures(cube)
        return Fraction(
            numerator=np.where(unknown, np.nan, self.value.figures(cube)),
            denominator=below,
            n=n,
            minus=self.minus,
            zero=False if settled is None else settled.figures(cube) <= -SMALLEST,
        )

    def _base_covered(self, kpi: Kpi, cube: Cube) -> np.ndarray:
        """Return for each period whether the data cover the earlier ones that it stands on."""
        covered = cube.covered(cube.coverage.since_when(kpi.tables))
        known = np.ones(len(covered), dtype=bool)
        for lag in self.lags:
            base = cube.calendar.neighbour(lag)
            known &= np.where(base >= 0, covered[base], True)  # without one there is no value
        return known

    @property
    def _base(self) -> str:
        """The words for the period that a growth, a retention or a difference stands on."""
        return "the period before" if "previous" in self.lags else "the same period a year ago"

    def _nps_interval(self, figures: Figures, cube: Cube) -> tuple[np.ndarray, np.ndarray]:
        """Return the 95 % interval of a net promoter score: adjusted Wald, for few answers.

        Three answers are added, a quarter of them promoters, a quarter detractors; of the shares a
        of promoters and d of detractors the variance is a + d - (a - d)^2. Rocks, B. (2016),
        Interval estimation for the net promoter score, The American Statistician 70, 365-372.
        """
        promoters, detractors = (part.figures(cube) for part in self.parts[:2])
        answers = figures.n + ADDED_OF_NPS
        a, d = ((side + ADDED_OF_NPS / 4) / answers for side in (promoters, detractors))
        half = 100 * Z_OF_NPS * np.sqrt((a + d - (a - d) ** 2) / answers)
        centre = 100 * (a - d)
        return np.maximum(centre - half, -100), np.minimum(centre + half, 100)

    def rows_behind(self, cell: Cell) -> Iterator[Share]:
        """Yield the rows behind both terms."""
        yield from self.value.rows_behind(cell, "numerator")
        if self.per is not None:
            yield from self.per.rows_behind(cell, "denominator")

    def zeroed_by(self, cell: Cell) -> NamedFigure | None:
        """Return the term below 0 that makes the value 0, with its figure; None where none does."""
        if self.zero_below is None or not (figure := self.zero_below.at(cell)) <= -SMALLEST:
            return None
        return self.zero_below.in_short(), figure

    def equation(self, cell: Cell) -> Iterator[str | NamedFigure]:
        """Yield the formula as it is read, with its figures: value, over per, less a number."""
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
