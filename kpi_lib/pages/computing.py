"""What an analyst's notebooks open where no run has made it: slices as a run writes them.

Each function writes the slices of some pages into an empty folder, laid out as a run lays out its
own: PARTNER_ID/EDITION and `_run`/PAGE. `step` is called with each step in words as it begins.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kpi_lib import paths
from kpi_lib.insights.portfolio_contents import Company, portfolio_slices
from kpi_lib.measure.page_content import run_facts
from kpi_lib.measure.slices import Beside, build_slices, write_slices
from kpi_lib.models.model_slices import model_reports
from kpi_lib.quality.quality_slice import PAGE as DATA_QUALITY
from kpi_lib.quality.quality_slice import quality_slice
from kpi_lib.release import version
from kpi_lib.run import Run
from kpi_lib.slices.file import write
from kpi_lib.slices.model_types import model_slices
from kpi_lib.slices.page_types import Made, PageContent

Step = Callable[[str], None]


def write_figures(run: Run, folder: Path, step: Step) -> None:
    """Write the slices of all partners, and the portfolios of all, of managers and of branches."""
    _compute(run, step)
    step("Comparing and explaining them")
    results, dataset, settings = run.results, run.dataset, run.settings
    beside = Beside(run.comparisons, run.insights)
    write_slices(build_slices(results, dataset, settings, beside=beside), folder)
    company = Company.of(results, dataset, settings, run.playbook, beside)
    for whose, slice_ in portfolio_slices(company):
        write(slice_, folder / paths.RUN_PAGES / whose.place)


def write_quality(run: Run, folder: Path, step: Step) -> None:
    """Write the slice of data quality."""
    _compute(run, step)
    step("Looking for gaps")
    slice_ = quality_slice(run.quality, run.results, run.dataset, run.settings)
    write(slice_, folder / paths.RUN_PAGES / DATA_QUALITY)


def write_models(run: Run, folder: Path, step: Step) -> None:
    """Write the slices of the models, which are fitted now."""
    step("Checking the data")
    results = run.results_of("revenue")
    names = dict(results.partners.select("partner_id", "name").iter_rows())
    step("Fitting the models")
    facts = run_facts(results, run.dataset, run.settings)
    page = PageContent(run=facts, language=run.settings.language, made=Made(version()))
    for slice_ in model_slices(model_reports(run.fitted, run.settings, names), page):
        write(slice_, folder / paths.RUN_PAGES / slice_.KIND)


def _compute(run: Run, step: Step) -> None:
    """Work out the figures, in the steps that take their time."""
    step("Checking the data")
    run.work_out("dataset")
    step("Computing the figures")
    run.work_out("results")
