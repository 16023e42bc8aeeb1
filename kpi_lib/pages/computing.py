"""What an analyst's notebooks open where no run has made it: slices as a run writes them.

Each function computes the slices of some pages by the project's own settings and writes them into
an empty folder, laid out as a run lays out its own: PARTNER_ID/EDITION and `_run`/PAGE.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from kpi_lib import paths
from kpi_lib.data.dataset import Dataset, load_dataset
from kpi_lib.insights.editions import project_insights
from kpi_lib.insights.playbook import read_playbook
from kpi_lib.insights.portfolio_contents import Company, portfolio_slices
from kpi_lib.kpis.kpi_ends import facts_of
from kpi_lib.measure.comparisons import Compared
from kpi_lib.measure.compute import Results, compute, compute_asked, period_asked
from kpi_lib.measure.page_content import run_facts
from kpi_lib.measure.reconciliation import reconcile
from kpi_lib.measure.slices import Beside, write_slices
from kpi_lib.models.fitted import fit_models
from kpi_lib.models.model_slices import tell as tell_of_models
from kpi_lib.quality.frames import measure_quality
from kpi_lib.quality.quality_slice import PAGE as DATA_QUALITY
from kpi_lib.quality.quality_slice import quality_slice
from kpi_lib.release import version
from kpi_lib.settings import Settings
from kpi_lib.slices.file import write
from kpi_lib.slices.untyped import untyped_run, write_untyped


@dataclass(frozen=True)
class Asked:
    """What is to be computed: by which settings, of which period, up to which day.

    `period` empty: the last whole quarter; `as_of` None: the period's end. `workspace`: for tables
    that are staged. `step` is told of each step as it begins.
    """

    settings: Settings
    period: str
    as_of: date | None
    workspace: Path
    step: Callable[[str], None]

    def data(self, *, allow_faults: bool = False) -> Dataset:
        """Return the tables, checked."""
        self.step("Checking the data")
        return load_dataset(
            self.settings,
            allow_faults=allow_faults,
            workspace=self.workspace,
            kpis=facts_of(self.settings),
        )

    def figures(self, dataset: Dataset) -> Results:
        """Return the figures of every entity."""
        self.step("Computing the figures")
        return compute_asked(self.settings, dataset, self.period or None, self.as_of)


def write_figures(asked: Asked, folder: Path) -> None:
    """Write the slices of all partners, and the portfolios of all, of managers and of branches."""
    settings, dataset = asked.settings, asked.data()
    results = asked.figures(dataset)
    asked.step("Comparing and explaining them")
    nothing = Compared.with_nothing()  # whoever computes for herself has published nothing
    compared = replace(nothing, reconciliation=reconcile(results, dataset, settings))
    insights, book = project_insights(results, settings), read_playbook(settings)
    write_slices(results, dataset, settings, folder, Beside(compared, insights))
    company = Company.of(results, dataset, settings, book, compared, insights)
    for whose, slice_ in portfolio_slices(company):
        write(slice_, folder / paths.RUN_PAGES / whose.place)


def write_quality(asked: Asked, folder: Path) -> None:
    """Write the slice of data quality; rows with faults are left out, which it is about."""
    dataset = asked.data(allow_faults=True)
    results = asked.figures(dataset)
    asked.step("Looking for gaps")
    quality = measure_quality(results, dataset)
    slice_ = quality_slice(quality, results, dataset, asked.settings)
    write(slice_, folder / paths.RUN_PAGES / DATA_QUALITY)


def write_models(asked: Asked, folder: Path) -> None:
    """Write the slices of the models, which are fitted now."""
    settings, dataset = asked.settings, asked.data()
    period = period_asked(settings, dataset, asked.period or None)
    results = compute(dataset, settings, period, asked.as_of, only=["revenue"])
    names = dict(results.partners.select("partner_id", "name").iter_rows())
    asked.step("Fitting the models")
    pages = tell_of_models(fit_models(dataset, settings, results.calendar), settings, names)
    common = untyped_run(run_facts(results, dataset, settings), settings.language)
    common |= {"made": {"version": version()}}
    for page, told in pages.items():
        write_untyped({**common, "page": page, "told": told}, folder / paths.RUN_PAGES / page)
