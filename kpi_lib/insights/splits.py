"""Ways to split the change of a figure into the effects of its parts, which add up to it exactly.

A product of parts is split by the logarithmic mean (LMDI-I, additive): a part's effect is
L(now, then) x ln(part now / part then), with L(a, b) = (a - b) / ln(a / b); the order of the parts
does not matter. B. W. Ang, Decomposition analysis for policymaking in energy, Energy Policy 32
(2004) 1131-1139; The LMDI approach to decomposition analysis: a practical guide, Energy Policy 33
(2005) 867-871. Nothing is said where a part is not above 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from kpi_lib.insights.shortfall import is_same
from kpi_lib.slices.insight_types import Effect
from kpi_lib.slices.page_types import KpiRow

ITSELF = "itself"  # the figure that is split, in the place of a KPI

Values = Mapping[str, float]


class Split(Protocol):
    """A way to split a KPI, called `how`."""

    @property
    def kpi(self) -> str:
        """The KPI that is split."""

    @property
    def how(self) -> str:
        """By what it is split, in a word."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The KPIs that it stands on."""

    def effects(self, rows: Mapping[str, KpiRow], against: str) -> list[Effect] | None:
        """Return the effects on the change since the column `against`, None where none can be said.

        All of `needs` have a value then and now.
        """


@dataclass(frozen=True)
class Factor:
    """A part of a product, `times` over `over`; the product is divided by one that `divides`."""

    name: str
    times: tuple[str, ...]
    over: tuple[str, ...] = ()
    divides: bool = False

    def of(self, values: Values) -> float:
        """Return its value; NaN where something under the line is 0."""
        above, below = (math.prod(values[kpi] for kpi in kpis) for kpis in (self.times, self.over))
        return above / below if below else math.nan


@dataclass(frozen=True)
class Product:
    """A KPI that is a product of factors, less `less`; `rest` names what that leaves over."""

    kpi: str
    factors: tuple[Factor, ...]
    less: float = 0.0
    rest: str | None = None
    how: str = "factors"

    @property
    def needs(self) -> tuple[str, ...]:
        """The KPIs that it stands on."""
        named = (kpi for factor in self.factors for kpi in (*factor.times, *factor.over))
        return tuple(dict.fromkeys(kpi for kpi in (self.kpi, *named) if kpi != ITSELF))

    def effects(self, rows: Mapping[str, KpiRow], against: str) -> list[Effect] | None:
        """Return the effect of each factor, and of what is left over."""
        values = [_values(self.needs, rows, column) for column in (against, "value")]
        whole = [of[self.kpi] + self.less for of in values]
        of_both = zip(values, whole, strict=True)
        then, now = ([f.of({**of, ITSELF: it}) for f in self.factors] for of, it in of_both)
        if not all(0 < factor < math.inf for factor in (*then, *now)):
            return None
        made = [self._product(then), self._product(now)]
        mean = log_mean(made[1], made[0])
        logs = [math.log(b / a) for a, b in zip(then, now, strict=True)]
        effects = [
            Effect(f.name, mean * (-log if f.divides else log), a, b)
            for f, log, a, b in zip(self.factors, logs, then, now, strict=True)
        ]
        if all(is_same(product, of) for product, of in zip(made, whole, strict=True)):
            return effects
        # A product that should leave nothing over and does is not the figure that it should be.
        left = [of - product for product, of in zip(made, whole, strict=True)]
        return [*effects, _moved(self.rest, *left)] if self.rest else None

    def _product(self, factors: Sequence[float]) -> float:
        pairs = zip(self.factors, factors, strict=True)
        return math.prod(1 / value if factor.divides else value for factor, value in pairs)


@dataclass(frozen=True)
class Sum:
    """A KPI that is the sum of others, by their names; `rest`: the name of what is left over."""

    kpi: str
    parts: Mapping[str, str]
    rest: str
    how: str = "parts"

    @property
    def needs(self) -> tuple[str, ...]:
        """The KPIs that it stands on."""
        return (self.kpi, *self.parts.values())

    def effects(self, rows: Mapping[str, KpiRow], against: str) -> list[Effect]:
        """Return by how much each part moved, and what is left over."""
        values = [_values(self.needs, rows, column) for column in (against, "value")]
        moved = [_moved(name, *(of[kpi] for of in values)) for name, kpi in self.parts.items()]
        left = [of[self.kpi] - sum(of[kpi] for kpi in self.parts.values()) for of in values]
        return moved if is_same(*left) else [*moved, _moved(self.rest, *left)]


@dataclass(frozen=True)
class Customers:
    """Revenue by whom it came from, on the year: customers of a year ago, and others.

    The two retentions hold what last year's customers bought then and buy now, and how much of
    what they bought then is left.
    """

    kpi: str = "revenue"
    how: str = "customers"
    needs: tuple[str, ...] = ("revenue",)

    def effects(self, rows: Mapping[str, KpiRow], against: str) -> list[Effect] | None:
        """Return what last year's customers buy less and more, and what others buy."""
        net, gross = rows.get("revenue_retention"), rows.get("gross_revenue_retention")
        if against != "year_ago" or not net or not gross or not net.denominator:
            return None
        then, kept, now = net.denominator, gross.numerator, net.numerator
        was, is_ = rows["revenue"].year_ago, rows["revenue"].value
        if kept is None or now is None or was is None or is_ is None:
            return None
        return [
            _moved("bought_less", then, kept),
            Effect("bought_more", now - kept, None, None),
            _moved("others", was - then, is_ - now),
        ]


def log_mean(a: float, b: float) -> float:
    """Return the logarithmic mean of two numbers above 0.

    >>> round(log_mean(2.0, 1.0), 4), log_mean(3.0, 3.0)
    (1.4427, 3.0)
    """
    log = math.log(a / b)
    return (a - b) / log if log else a


def _moved(part: str, then: float, now: float) -> Effect:
    return Effect(part, now - then, then, now)


def _values(kpis: tuple[str, ...], rows: Mapping[str, KpiRow], column: str) -> dict[str, float]:
    figures = ((kpi, rows[kpi].figure(column)) for kpi in kpis)
    return {kpi: figure for kpi, figure in figures if figure is not None}
