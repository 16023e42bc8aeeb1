"""The models of a run, fitted or taken from the run before: neither data nor code changed since.

What is kept lies in the hidden folder of the period: the figures, the customers, what the pages are
given, and the key that says from what it was made.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import polars as pl

from kpi_lib import paths
from kpi_lib.atomic import remove_folder, swap_folder
from kpi_lib.audience import audience_of
from kpi_lib.data.dataset import Dataset, of_unchanged_data
from kpi_lib.engine.calendar import Calendar
from kpi_lib.engine.model_figures import ModelFigures
from kpi_lib.measure.slices import InsightsByEdition
from kpi_lib.settings import Settings
from kpi_lib.slices.json_form import build, plain
from kpi_lib.slices.model_types import ModelReports
from kpi_lib.slices.outlook_types import Outlook, Outlooks

FOLDER, KEY, REPORTS, CUSTOMERS = "models", "key.txt", "reports.json", "customers.parquet"
OUTLOOK, WHY, FORECAST = "outlook.json", "why.json", "forecast.parquet"
NO_OUTLOOK = Outlook(why="it has left, or has not sold in a whole period yet")
LIBRARIES = ("numpy", "scipy", "scikit-learn", "statsmodels", "polars", "pandas")
CODE = ("models", "btyd", "kpis", "measure", "engine", "data", "slices")  # what makes what is kept


@dataclass(frozen=True)
class Models:
    """What the models of a run say: figures of KPIs, one row per customer, what pages show.

    `reports`: of lifetime value and of churn. `forecast`: a row for each partner and period to
    come. `outlooks`: the same as the internal pages are given it.
    """

    key: str
    modelled: ModelFigures
    customers: pl.DataFrame
    reports: ModelReports
    forecast: pl.DataFrame
    outlooks: Outlooks

    @classmethod
    def of(cls, dataset: Dataset, settings: Settings, calendar: Calendar, hidden: Path) -> Models:
        """Return the models of a run: those kept in `hidden` where nothing changed, else fitted."""
        key = _cache_key(dataset, settings, calendar)
        return _read_kept(hidden / FOLDER, key) or _fit_all(dataset, settings, calendar, key)

    def with_outlook(self, insights: InsightsByEdition) -> InsightsByEdition:
        """Return each partner's insights with its outlook, in internal editions alone."""
        return {
            (partner_id, edition): replace(of, outlook=self._outlook_of(partner_id))
            if audience_of(edition).is_internal
            else of
            for (partner_id, edition), of in insights.items()
        }

    def _outlook_of(self, partner_id: str) -> Outlook:
        return self.outlooks.partners.get(partner_id, NO_OUTLOOK)

    def keep(self, hidden: Path) -> None:
        """Write everything into the hidden folder of the period, whole or not at all."""
        fresh = hidden / f"{FOLDER}.new"
        remove_folder(fresh, hidden / "aside")
        fresh.mkdir(parents=True)
        for kpi, rows in self.modelled.rows.items():
            rows.write_parquet(fresh / f"{kpi}.kpi.parquet")
        self.customers.write_parquet(fresh / CUSTOMERS)
        self.forecast.write_parquet(fresh / FORECAST)
        contents = {REPORTS: self.reports, OUTLOOK: self.outlooks, WHY: self.modelled.why}
        for name, content in contents.items():
            text = json.dumps(content, default=plain, allow_nan=False)
            (fresh / name).write_text(text, encoding="utf-8")
        (fresh / KEY).write_text(self.key, encoding="utf-8")
        swap_folder(fresh, hidden / FOLDER, hidden / "aside")


@of_unchanged_data
def _fit_all(dataset: Dataset, settings: Settings, calendar: Calendar, key: str) -> Models:
    """Fit all models now; return them with their reports, under the key they are kept by."""
    from kpi_lib.models.fitted import fit_models
    from kpi_lib.models.model_slices import model_reports
    from kpi_lib.models.outlook import outlook_of

    fitted = fit_models(dataset, settings, calendar)
    partners = dataset.tables["partners"].select("partner_id", "name").collect()
    reports = model_reports(fitted, settings, dict(partners.iter_rows()))
    outlook = outlook_of(dataset, settings, calendar, fitted.history)
    return Models(
        key, fitted.modelled, fitted.customers, reports, outlook.forecast, outlook.outlooks
    )


def _read_kept(folder: Path, key: str) -> Models | None:
    """Return what an earlier run kept under the same key, or None."""
    try:
        if (folder / KEY).read_text(encoding="utf-8") != key:
            return None
        reports, outlook, why = (
            json.loads((folder / name).read_text(encoding="utf-8"))
            for name in (REPORTS, OUTLOOK, WHY)
        )
        files = sorted(folder.glob("*.kpi.parquet"))
        rows = {
            file.name.removesuffix(".kpi.parquet"): pl.read_parquet(file, glob=False)
            for file in files
        }
        tables = [pl.read_parquet(folder / name, glob=False) for name in (CUSTOMERS, FORECAST)]
        return Models(
            key=key,
            modelled=ModelFigures(rows, why),
            customers=tables[0],
            reports=build(ModelReports, reports),
            forecast=tables[1],
            outlooks=build(Outlooks, outlook),
        )
    except (OSError, ValueError, pl.exceptions.PolarsError):
        return None


def _cache_key(dataset: Dataset, settings: Settings, calendar: Calendar) -> str:
    """Return what the models are made from: data, settings, day and code, as one hash."""
    made_from = {
        "data": dict(sorted(dataset.fingerprints.items())),
        "left_out": dict(sorted(dataset.left_out.items())),
        "settings": [
            settings.models.model_dump(),
            settings.clv_horizon_months,
            settings.reporting_currency,
            settings.year_end,
            {table: str(day) for table, day in settings.covered_from.items()},
        ],
        "until": [str(calendar.period), str(calendar.as_of)],
        "code": fingerprint(code_of(*CODE)),
        "libraries": {name: version(name) for name in LIBRARIES},
    }
    return hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()


def code_of(*rooms: str) -> Iterator[Path]:
    """Return the files of the package below these rooms, of all where none is named."""
    folders = [paths.package() / room for room in rooms] or [paths.package()]
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            if file.suffix in (".py", ".css", ".html", ".po") and file.is_file():
                yield file


def fingerprint(files: Iterator[Path] | list[Path]) -> str:
    """Return one short text for the content of files, in their order."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
