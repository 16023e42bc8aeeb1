"""The slice of the page of data quality: what there is, what is not, and what that costs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal

from kpi_lib.slices.page_types import PageContent

MonthState = Literal["rows", "thin", "missing", "none"]
TableState = Literal["current", "late", "empty", "undated", "standing", "short"]


@dataclass(frozen=True)
class MeasureCounts:
    """How many KPIs there are, and how many have no value for any partner, or for some of them."""

    all: int
    for_nobody: int
    for_some: int


@dataclass(frozen=True)
class FigureCounts:
    """How many figures the partners' scorecards could hold, and how many have a value."""

    all: int
    there: int


@dataclass(frozen=True)
class RegularityRules:
    """What is called late, missing and thin; shares are 0 to 1, `thin_from` is rows a month."""

    usual_share: float
    long_pauses: int
    long_days: int
    fewest_days: int
    thin_share: float
    thin_months: int
    thin_from: int


@dataclass(frozen=True)
class TableMonth:
    """One month (2011-08) of a table: its rows and state, None before the table's first row."""

    month: str
    rows: int | None
    state: MonthState | None


@dataclass(frozen=True, kw_only=True)
class TableQuality:
    """One table that is there, up to the day of the figures.

    `partners`: those with rows, None where the table names none. `days_behind`: from its last day
    to that of the figures. `months`: those that are drawn; `missing` and `thin`: of all (2011-08).
    """

    table: str
    rows: int
    partners: int | None
    state: TableState
    first_day: date | None = None
    last_day: date | None = None
    days_behind: int | None = None
    usual_pause_days: int | None = None
    months: tuple[TableMonth, ...] = ()
    missing: tuple[str, ...] = ()
    thin: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """What the check found of one kind in a column, in how many rows; `column` may be empty."""

    table: str
    column: str
    kind: str
    severity: Literal["fault", "warning"]
    rows: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Absence:
    """A table, or a column of one (None: the table), that is not there.

    `kpis`: the names of those that it takes away, `alone`: how many of them lack nothing else.
    """

    kind: Literal["table", "column"]
    table: str
    column: str | None
    owner_is: str | None
    owner: str | None
    kpis: tuple[str, ...]
    alone: int


@dataclass(frozen=True)
class AssumedColumn:
    """A column that is read as empty or as its default, and the names of the KPIs that do so."""

    table: str
    column: str
    kpis: tuple[str, ...]


@dataclass(frozen=True)
class SomePartners:
    """How many partners, and the names of the first few."""

    count: int
    names: tuple[str, ...]


@dataclass(frozen=True)
class SilentTable:
    """A table without rows of some partners: KPIs that then have no value, and that are 0."""

    table: str
    partners: SomePartners
    kpis: tuple[str, ...]
    zeros: tuple[str, ...]


@dataclass(frozen=True)
class Unmeasured:
    """KPIs by name that the same partners have nothing to measure by, and why."""

    kpis: tuple[str, ...]
    why: str
    partners: SomePartners


@dataclass(frozen=True)
class Unreported:
    """A figure that a partner has not reported yet: KPI and partner by name, and who owes it."""

    kpi: str
    partner: str | None
    owner_is: str | None
    owner: str | None


@dataclass(frozen=True, kw_only=True)
class DataOwner:
    """What one owner answers for: gaps, partners and KPIs concerned, and reports that are due.

    `kpis`: lost for all, `of_some`: for some partners. `zeros`: KPIs that are 0 for want of rows.
    """

    owner_is: str
    owner: str | None
    gaps: int
    partners: int
    kpis: int
    of_some: int
    zeros: int
    reports: int


@dataclass(frozen=True, kw_only=True)
class QualitySlice(PageContent):
    """All that the page of data quality may know; of many partners it names the first few.

    `partners`: how many there are. `findings`: worst first. `absences`: the costliest first.
    """

    KIND: ClassVar[str] = "data_quality"
    VERSION: ClassVar[int] = 2

    partners: int
    kpis: MeasureCounts
    figures: FigureCounts
    rules: RegularityRules
    tables: tuple[TableQuality, ...] = ()
    findings: tuple[Finding, ...] = ()
    absences: tuple[Absence, ...] = ()
    assumed: tuple[AssumedColumn, ...] = ()
    silent: tuple[SilentTable, ...] = ()
    unmeasured: tuple[Unmeasured, ...] = ()
    unreported: tuple[Unreported, ...] = ()
    owners: tuple[DataOwner, ...] = ()
