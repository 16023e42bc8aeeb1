"""Random companies as the engine sees them, in memory, and the results for them."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path

import polars as pl

from kpi_lib.data.dataset import Dataset, load_dataset
from kpi_lib.engine.relation import Engine, polars_engine
from kpi_lib.kpis.kpi_ends import facts_of
from kpi_lib.measure.compute import Options, Results, compute
from kpi_lib.periods import Period
from kpi_lib.settings import Settings
from tests.independent.generate import call, generate, write_folder

Tables = Mapping[str, pl.DataFrame]

# Seeds whose call asks for a whole quarter; of the first three, every KPI has a value somewhere.
WHOLE_PERIODS = (98, 429, 325, 7, 152)


@dataclass(frozen=True)
class Company:
    """Typed tables, and the period that is asked for."""

    seed: int
    is_whole: bool
    period: Period
    as_of: date | None
    tables: Tables = field(repr=False)
    dataset: Dataset = field(repr=False)
    settings: Settings = field(repr=False)

    def results_of(
        self,
        tables: Tables | None = None,
        period: Period | None = None,
        engine: Engine = polars_engine,
    ) -> Results:
        """Return the results for these tables instead, of another whole period, by an engine."""
        frames = {name: frame.lazy() for name, frame in (tables or self.tables).items()}
        dataset = replace(self.dataset, tables=frames)
        as_of = self.as_of if period is None else None
        return compute(dataset, self.settings, period or self.period, as_of, Options(engine))

    def with_tables(self, **changed: pl.DataFrame) -> dict[str, pl.DataFrame]:
        """Return the tables with some of them in other words."""
        return {**self.tables, **changed}

    @cached_property
    def table(self) -> pl.DataFrame:
        """The KPI table."""
        return self.results_of().table

    @property
    def last_day(self) -> date:
        """The last day that counts."""
        return self.as_of or self.period.end


@lru_cache(maxsize=4)
def whole_company(seed: int) -> Company:
    """Return a company that has every table and every column, and a quarter of it."""
    return _company(seed, is_whole=True)


def awkward_company(seed: int) -> Company:
    """Return a company that lacks some of it, and any period."""
    return _company(seed, is_whole=False)


def settings_of(asked: Mapping[str, object], folder: Path) -> Settings:
    """Return the settings of a folder of tables that say what is asked for."""
    said = {name: asked[name] for name in ("year_end", "covered_from") if name in asked}
    return Settings(data=str(folder), reporting_currency="EUR", **said)


def _company(seed: int, *, is_whole: bool) -> Company:
    rows = generate(seed, with_other_tables=True, whole=is_whole)
    asked = call(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_folder(rows, folder / "data")
        settings = settings_of(asked, folder / "data")
        dataset = load_dataset(settings, workspace=folder / "staged", kpis=facts_of(settings))
        tables = {name: frame.collect() for name, frame in dataset.tables.items()}
    dataset = replace(dataset, files=())  # its tables are kept, its files are gone
    period = Period.parse(str(asked["period"]), settings.year_end)
    return Company(seed, is_whole, period, asked["as_of"], tables, dataset, settings)
