"""What every page is given: the period, the data and the company; and a page of KPIs its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from kpi_lib.audience import Audience, Disclosure, audience_of


@dataclass(frozen=True)
class DataFacts:
    """What the figures were computed from.

    `first_day` and `last_day`: what the data cover, None where they have no day. `left_out`: rows
    that were left out because of faults, by table. `fingerprint`: 12 hexadecimal digits.
    """

    source: str | None = None
    is_example: bool = False
    is_synthetic: bool = False
    first_day: date | None = None
    last_day: date | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)
    fingerprint: str | None = None


@dataclass(frozen=True)
class Company:
    """Whose pages these are, as far as the settings name them; `logo`: a data URI."""

    name: str | None = None
    logo: str | None = None
    colour: str | None = None


@dataclass(frozen=True)
class Made:
    """The release that made a slice, and the number of its KPIs."""

    version: str = ""
    kpis: int = 0


@dataclass(frozen=True, kw_only=True)
class RunFacts:
    """What every page of a run is given: the period, the data and the company.

    `as_of`: the last day that counts; `to_date`: it is not the period's last. `year_end`: the month
    that the company's year ends with, JAN to DEC. `currency`: the code of the reporting currency,
    of all amounts.
    """

    period: str
    as_of: date
    to_date: bool = False
    year_end: str = "DEC"
    currency: str
    data: DataFacts = field(default_factory=DataFacts)
    company: Company = field(default_factory=Company)


@dataclass(frozen=True, kw_only=True)
class PageContent:
    """What any page is given, whatever it is about; `language`: that of the page."""

    run: RunFacts
    language: str = "en"
    made: Made = field(default_factory=Made)


@dataclass(frozen=True)
class Standing:
    """Where a partner stands: of which share of the others it is ahead, and what they have.

    `ahead`: 0 to 1. `q1`, `median`, `q3`: in the KPI's unit. `others`: their number, in internal
    editions. A partner is not given it; what it is given is coarse: `ahead` in tenths, and the
    figures of a group that the partner itself is in.
    """

    ahead: float
    q1: float
    median: float
    q3: float
    others: int | None = None

    @property
    def is_coarse(self) -> bool:
        """Whether it is such as a partner may be shown."""
        return self.others is None


@dataclass(frozen=True)
class Dispute:
    """What a partner reported where that lies too far from our figure.

    `reported`: in the KPI's unit. `difference`: reported less ours, `tolerance`: the relative
    difference that is allowed. `owner`: who answers for the report, `since`: the period since which
    the two are apart.
    """

    reported: float
    difference: float | None
    tolerance: float
    owner: str | None
    since: str


@dataclass(frozen=True, kw_only=True)
class KpiRow:
    """A row of the KPI table: one KPI of one entity in the page's period, in the KPI's unit.

    None: there is no such figure. `missing`: why there is no value. `n`: the cases it stands on.
    `variance`: value less target. `low` and `high`: its 95% interval. `off_track_periods`: how many
    periods running, this one included. `covered_from`: the day from which on the data cover the
    period, None where they cover it whole.
    """

    kpi: str
    period: str = ""
    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    n: float | None = None
    missing: str | None = None
    previous: float | None = None
    year_ago: float | None = None
    baseline: float | None = None
    target: float | None = None
    minimum: float | None = None
    variance: float | None = None
    status: str | None = None
    benchmark: float | None = None
    trend: str | None = None
    standing: Standing | None = None
    off_track_periods: int | None = None
    low: float | None = None
    high: float | None = None
    covered_from: date | None = None
    dispute: Dispute | None = None

    def figure(self, column: str) -> float | None:
        """Return a numeric column by its name, None where there is no figure."""
        value = vars(self)[column]
        return None if value is None else float(value)


@dataclass(frozen=True)
class Point:
    """One period of a KPI's history: its value in the KPI's unit, and the cases it stands on.

    `covered_from`: as in a row of the KPI table.
    """

    period: str
    value: float | None
    n: float | None
    covered_from: date | None = None


@dataclass(frozen=True, kw_only=True)
class Definition:
    """What a page says of a KPI.

    `unit`: ratio, money, days, number, points or years. `better`: higher, lower or neither.
    `accountable`: us, partner or both. `adds_up`: through a period, so that a part shows a part.
    """

    name: str
    family: str
    unit: str
    better: str
    accountable: str
    audience: Disclosure
    cadence: str
    adds_up: bool
    definition: str
    tables: tuple[str, ...] = ()
    benchmark_source: str | None = None


@dataclass(frozen=True, kw_only=True)
class KpiPage(PageContent):
    """A page of KPIs, of one entity: its rows in the catalogue's order, their history by KPI.

    `edition`: for whom it is made. `profile`: the KPIs that lead the page, in order.
    """

    edition: str
    profile: tuple[str, ...] = ()
    kpis: tuple[KpiRow, ...] = ()
    history: Mapping[str, tuple[Point, ...]] = field(default_factory=dict)
    definitions: Mapping[str, Definition] = field(default_factory=dict)

    @property
    def audience(self) -> Audience:
        """Who reads it."""
        return audience_of(self.edition)
