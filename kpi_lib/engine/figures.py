"""The figures of a KPI in every entity and period, and why there is none where there is none."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from kpi_lib.data.contract import TABLES
from kpi_lib.engine.coverage import ALWAYS
from kpi_lib.engine.cube import Cube
from kpi_lib.engine.equality import divide

if TYPE_CHECKING:
    from kpi_lib.engine.kpi import Kpi

Z = 1.959964  # the normal law's two-sided 95 % point


@dataclass(frozen=True)
class Figures:
    """Arrays of entities x periods, NaN where there is none; `why` says why P has no value.

    `grows`: whether a figure adds up through its period, so that to date its target is paced.
    `shown`: the entities that have a row, all of its scopes by default. `since`: the day from which
    the data cover the KPI; a value of a period that begins before it is of a part of it, or of
    nothing.
    """

    value: np.ndarray
    numerator: np.ndarray
    denominator: np.ndarray
    n: np.ndarray
    low: np.ndarray
    high: np.ndarray
    why: np.ndarray = field(repr=False)
    grows: np.ndarray | bool = False
    shown: np.ndarray | bool = True
    since: date = ALWAYS


@dataclass(frozen=True)
class Fraction:
    """What stands above and below the line, arrays of entities x periods, and what is taken off.

    Without a denominator the value is the numerator alone. `zero`: where it is 0 whatever stands
    below the line. `n`: how many rows are behind it; None where a count says nothing.
    """

    numerator: np.ndarray
    denominator: np.ndarray | None = None
    n: np.ndarray | None = None
    minus: float = 0.0
    zero: np.ndarray | bool = False

    @property
    def value(self) -> np.ndarray:
        """The value, NaN where there is none."""
        if self.denominator is None:
            return self.numerator - self.minus
        quotient = divide(self.numerator, self.denominator)
        return np.where(self.zero, 0.0, quotient) - self.minus


def figures_of(cube: Cube, kpi: Kpi, of: Fraction, nothing: str) -> Figures:
    """Return value and what it is made of, blank wherever there is no value, and why there is none.

    `nothing`: why, where the rows would speak of it.
    """
    blank, value = np.full(cube.shape, np.nan), of.value
    has = ~np.isnan(value)
    return Figures(
        value=value,
        numerator=np.where(has, of.numerator, np.nan),
        denominator=blank if of.denominator is None else np.where(has, of.denominator, np.nan),
        n=blank if of.n is None else np.where(has, of.n, np.nan),
        low=blank,
        high=blank,
        why=_reasons(cube, kpi, has[:, cube.calendar.now], nothing),
    )


def _reasons(cube: Cube, kpi: Kpi, has: np.ndarray, nothing: str) -> np.ndarray:
    """Return for each entity why P has no value, None where it has one."""
    why = np.full(has.shape, nothing, dtype=object)
    why[has] = None
    calendar = cube.calendar
    if calendar.period.year_ago() is None and "a year ago" in nothing:
        why[~has] = f"the year before {calendar.period} has no such week"
    for table in _tables_of_rows(kpi):
        silent = ~has & ~cube.applies(table)
        if cube.scanner.relations.names_partners(table):
            why[silent] = f"the rows of {table} are all a partner's"
        else:
            why[~has if kpi.formula.by_partner else silent] = (
                f"there is no column {table}.partner_id"
            )
    return why


def _tables_of_rows(kpi: Kpi) -> list[str]:
    """Return the tables whose rows name a partner, or should; targets name it otherwise."""
    counted = kpi.formula.counted_tables
    named = [
        table
        for table in (kpi.needs if counted is None else counted)
        if "partner_id" in TABLES[table].columns
    ]
    return named or [table for table in kpi.needs if "entity" not in TABLES[table].columns]


def with_interval(figures: Figures, ends: tuple[np.ndarray, np.ndarray]) -> Figures:
    """Return the figures with the ends of their interval."""
    return replace(figures, low=ends[0], high=ends[1])


def wilson(share: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of the 95 % interval of a share of n, both 0 to 1, NaN where the share is.

    Wilson, E. B. (1927), Probable inference, the law of succession, and statistical inference,
    Journal of the American Statistical Association 22, 209-212.
    """
    spread = Z**2 / n
    centre = (share + spread / 2) / (1 + spread)
    half = Z / (1 + spread) * np.sqrt(share * (1 - share) / n + spread / (4 * n))
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)  # rounding aside


def no_figures(cube: Cube, reason: str) -> Figures:
    """Return that there is no value anywhere, for that reason."""
    blank = np.full(cube.shape, np.nan)
    why = np.full(cube.shape[0], reason, dtype=object)
    return Figures(blank, blank, blank, blank, blank, blank, why)
