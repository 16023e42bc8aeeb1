"""What a run's pages are held against: its tables, and the tables of the periods before."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from kpi_lib.engine.coverage import ALWAYS, covers
from kpi_lib.engine.formula import Modelled
from kpi_lib.engine.kpi import Kpi
from kpi_lib.measure.compute import Results
from kpi_lib.periods import Period
from kpi_lib.slices.file import read
from kpi_lib.slices.model_types import ChurnSlice, ValueSlice
from kpi_lib.slices.portfolio_types import PortfolioSlice
from kpi_lib.slices.quality_types import QualitySlice
from kpi_lib.slices.scorecard_types import ScorecardSlice
from tests.claims.pages import plain
from tests.claims.templates import Words

Row = Mapping[str, Any]
WANTED = {"higher": 1, "lower": -1}
LAST = 8  # periods of a course
OF_PAGES = {"managers": "manager", "branches": "branch"}
OF_MODELS = {kind.KIND: kind for kind in (ValueSlice, ChurnSlice)}
KINDS = {QualitySlice.KIND: QualitySlice, **OF_MODELS}  # other pages of a run are portfolios


@dataclass(frozen=True)
class Whose:
    """Whom a page is about: scope and entity of the KPI table, and the edition."""

    scope: str
    entity: str
    edition: str
    page: str


@dataclass
class Facts:
    """The tables of a run; `compute`: the figures of any period, for courses."""

    folder: Path
    language: str
    params: Path
    compute: Callable[[Period], Results]
    tally: Tally = field(default_factory=lambda: Tally())
    _computed: dict[str, dict[tuple[str, str, str], Row]] = field(default_factory=dict)
    _tables: dict[str, pl.DataFrame] = field(default_factory=dict)
    _given: dict[Whose, Row] = field(default_factory=dict)

    @cached_property
    def run(self) -> Row:
        """What the run says of itself."""
        return dict(json.loads((self.folder / "run.json").read_text()))

    @property
    def period(self) -> Period:
        """The period of the run."""
        return Period.parse(self.run["period"], self.run["year_end"])

    @property
    def as_of(self) -> date:
        """The last day that counts."""
        return date.fromisoformat(self.run["as_of"])

    @cached_property
    def now(self) -> Results:
        """The figures of the period, computed again."""
        return self.compute(self.period)

    @cached_property
    def kpis(self) -> dict[tuple[str, str, str], Row]:
        """The KPI table of the run: a row by scope, entity and KPI."""
        return by_entity(self.table("kpis"))

    def table(self, name: str) -> pl.DataFrame:
        """Return a table of the run."""
        if name not in self._tables:
            self._tables[name] = pl.read_parquet(self.folder / f"{name}.parquet")
        return self._tables[name]

    def row(self, whose: Whose, kpi: str) -> Row:
        """Return the row of a KPI on a page; raise KeyError where the table has none."""
        return self.kpis[whose.scope, whose.entity, kpi]

    def earlier(self, whose: Whose, kpi: str, period: str) -> float | None:
        """Return the value of a KPI in a period, from the KPI table of that period."""
        if period == str(self.period):
            return self.row(whose, kpi)["value"]
        if period not in self.course:
            raise LookupError(f"{period} is none of the last {LAST} periods")
        if period not in self._computed:
            results = self.compute(Period.parse(period, self.run["year_end"]))
            self._computed[period] = by_entity(results.table)
        row = self._computed[period].get((whose.scope, whose.entity, kpi))
        return None if row is None else row["value"]

    @cached_property
    def course(self) -> list[str]:
        """The periods of a course, the latest first."""
        periods = [self.period]
        for _ in range(LAST - 1):
            periods.append(periods[-1].previous())
        return [str(period) for period in periods]

    @cached_property
    def definitions(self) -> Mapping[str, Kpi]:
        """Every KPI there is, by id."""
        return self.now.catalogue

    @cached_property
    def partners(self) -> dict[str, Row]:
        """The partners by id, with their own columns."""
        days = pl.col("joined_on", "left_on").cast(pl.Int32).cast(pl.Date)
        rows = self.now.partners.with_columns(days)
        return {row["partner_id"]: row for row in rows.to_dicts()}

    @cached_property
    def words(self) -> Words:
        """The names of the company's measures and partners in the language of the pages."""
        plainly = Words(self.language, {}, {})
        measures = {
            plainly.in_language(kpi.name)[0]: kpi_id for kpi_id, kpi in self.definitions.items()
        }
        partners = {
            plain(str(row.get("name") or partner_id)): partner_id
            for partner_id, row in self.partners.items()
        }
        return Words(self.language, measures, partners)

    @cached_property
    def actions(self) -> list[dict[str, Any]]:
        """The actions of the run, their texts in the language of the pages."""
        rows = self.table("actions").to_dicts()
        return [
            row | {name: json.loads(row[name])[self.language] for name in ("action", "owner_words")}
            for row in rows
        ]

    @cached_property
    def playbook(self) -> dict[str, Row]:
        """The rules of the playbook by name."""
        return dict(yaml.safe_load((self.params / "playbook.yml").read_text())["rules"])

    def table_names(self, table: str) -> set[str]:
        """Return how a page may call a table of the data."""
        return {table, table.replace("_", " "), *self.words.in_language(table.replace("_", " "))}

    def given(self, whose: Whose) -> Row:
        """Return what a page was given, for what stands in no table of the run."""
        if whose not in self._given:
            self._given[whose] = self._read_given(whose)
        return self._given[whose]

    def _read_given(self, whose: Whose) -> Row:
        is_partner = whose.scope == "partner"
        place = f"{whose.entity}/{whose.edition}" if is_partner else f"_run/{whose.page}"
        folder = self.folder / ".run" / "slices" / place
        kind = ScorecardSlice if is_partner else KINDS.get(whose.page, PortfolioSlice)
        slice_ = dict(json.loads(json.dumps(asdict(read(kind, folder)), default=str)))
        if whose.page in OF_MODELS:
            return slice_["report"] | (slice_["report"]["fit"] or {})
        return slice_ | slice_["run"]

    def whose(self, page: Path) -> Whose:
        """Return whom a page of the run is about."""
        place = page.relative_to(self.folder)
        name = str(place.with_suffix(""))
        if place.parts[0] == "partners":
            report = next(r for r in self.run["reports"] if r["page"] == name)
            return Whose("partner", report["partner_id"], report["edition"], name)
        if place.parts[0] in OF_PAGES:
            return Whose(OF_PAGES[place.parts[0]], place.stem, "internal", name)
        return Whose("portfolio", "portfolio", "internal", name)

    def theirs(self, whose: Whose) -> list[str]:
        """Return the partners that a page tells of."""
        if whose.scope == "partner":
            return [whose.entity]
        if whose.scope == "portfolio":
            return list(self.partners)
        return [name for name, row in self.partners.items() if row[whose.scope] == whose.entity]

    # --- partners, and how much of them the data cover --------------------------------------------

    def partner(self, whose: Whose) -> Row:
        """Return the columns of a page's partner."""
        return self.partners[whose.entity]

    @property
    def first_day(self) -> date:
        """The first day of the data."""
        return date.fromisoformat(self.run["data"]["first_day"])

    def has_left_before(self, partner_id: str) -> bool:
        """Say whether a partner left before the period."""
        left = self.partners.get(partner_id, {}).get("left_on")
        return left is not None and left < self.period.start

    def was_there(self, whose: Whose, period: Period) -> bool:
        """Say whether a page's partner had joined by the end of a period."""
        if whose.scope != "partner":
            return True
        joined = self.partner(whose)["joined_on"]
        return joined is None or joined <= period.end

    def covers(self, kpi: str, period: Period) -> bool:
        """Say whether the data cover all of a period for a KPI."""
        return covers(self.now.since.get(kpi, ALWAYS), period)

    def is_modelled(self, kpi: str) -> bool:
        """Say whether a model tells a KPI: the tables of other periods are computed without."""
        return isinstance(self.definitions[kpi].formula, Modelled)

    # --- what a page shows ------------------------------------------------------------------------

    def kpis_of(self, whose: Whose) -> list[str]:
        """Return the KPIs that a page may show."""
        kpis = [kpi for scope, who, kpi in self.kpis if (scope, who) == (whose.scope, whose.entity)]
        if whose.edition == "internal":
            return kpis
        return [kpi for kpi in kpis if self.definitions[kpi].audience == "shared"]

    def shown_to(self, whose: Whose, side: str = "") -> list[Row]:
        """Return the rows with a value that a page may show; `side`: of whom they ask."""
        return [
            self.judged(self.row(whose, kpi), whose)
            for kpi in self.kpis_of(whose)
            if self.row(whose, kpi)["value"] is not None
            and (not side or self.answers(whose, kpi) == side)
        ]

    def answers(self, whose: Whose, kpi: str) -> str:
        """Return who answers for a KPI with a page's partner: us, partner or both."""
        return self.definitions[kpi].accountable_for(self.partner(whose).get("partner_type"))

    def judged(self, row: Row, whose: Whose) -> Row:
        """Return a row without status where nothing may be judged by it."""
        left = (
            self.partners.get(whose.entity, {}).get("left_on") if whose.scope == "partner" else None
        )
        ends = left is not None and left <= self.as_of and self.definitions[row["kpi"]].adds_up
        if ends or self.has_left_before(whose.entity) or not self.covers(row["kpi"], self.period):
            return {**row, "status": "no_target"}
        return row

    def can_be_better(self, row: Row) -> bool:
        """Say whether a row is held against a year ago, and one of both is better."""
        kpi = self.definitions[row["kpi"]]
        is_growth = "growth" in kpi.id or "increase" in kpi.id
        passes = kpi.unit == "years"  # by itself
        return row["year_ago"] is not None and kpi.better in WANTED and not is_growth and not passes

    def is_better(self, row: Row) -> bool:
        """Say whether a row is better than a year ago."""
        wanted = WANTED[self.definitions[row["kpi"]].better]
        return bool((row["value"] - row["year_ago"]) * wanted > 0)

    # --- actions, reported figures, forecasts -----------------------------------------------------

    def actions_of(self, whose: Whose) -> list[dict[str, Any]]:
        """Return the actions of a page."""
        wanted = (whose.entity, whose.edition)
        return [a for a in self.actions if (a["partner_id"], a["edition"]) == wanted]

    def titled(self, action: Row) -> str:
        """Return an action's title as a page says it."""
        name = self.partners[action["partner_id"]].get("name") or action["partner_id"]
        kpi = self.words.in_language(self.definitions[action["kpi"]].name)[0]
        return plain(str(action["action"]).format(partner=name, name=kpi))

    def titles_of(self, whose: Whose) -> dict[str, dict[str, Any]]:
        """Return the actions of a page by title."""
        return {self.titled(action): action for action in self.actions_of(whose)}

    def disputed(self, whose: Whose, kpi: str) -> Row:
        """Return the row of the reconciliation that a dispute of a page is about."""
        rows = self.table("reconciliation").filter(
            partner_id=whose.entity, kpi=kpi, period=str(self.period)
        )
        return rows.to_dicts()[0]

    def forecast(self, whose: Whose, period: str) -> Row:
        """Return the forecast of a page's partner, or of all of them, for a period."""
        who = whose.entity if whose.scope == "partner" else None
        rows = self.table("forecast").filter(
            pl.col("partner_id").eq_missing(pl.lit(who)), period=period
        )
        return rows.to_dicts()[0]

    def outlook(self, whose: Whose) -> Row:
        """Return what a page was given of the outlook: no table of the run holds it all."""
        given = self.given(whose)
        if whose.scope == "partner":
            return dict(given["insights"]["outlook"])
        return dict(given["outlook"]["whole"])

    def standing(self, whose: Whose, kpi: str) -> Row:
        """Return what a partner was shown of the others: coarse, and in no table."""
        rows = self.given(whose)["kpis"]
        return dict(next(row for row in rows if row["kpi"] == kpi)["standing"])


@dataclass
class Tally:
    """What was read: how many passages, figures, claims by message; what is untrue or unclaimed."""

    passages: int = 0
    figures: int = 0
    cells: int = 0
    claims: Counter[str] = field(default_factory=Counter)
    untrue: list[str] = field(default_factory=list)
    unclaimed: list[str] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)


def by_entity(table: pl.DataFrame) -> dict[tuple[str, str, str], Row]:
    """Return the rows of a KPI table by scope, entity and KPI."""
    return {(row["scope"], row["entity"], row["kpi"]): row for row in table.to_dicts()}
