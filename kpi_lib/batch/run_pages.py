"""The pages of a run itself, beside those of its partners: what each is given, and its job.

A further page is a further line of `NOTEBOOKS` and a further function of `MAKERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from kpi_lib import paths
from kpi_lib.audience import INTERNAL
from kpi_lib.batch.jobs import Job, Page
from kpi_lib.batch.parameters import require_declared
from kpi_lib.insights.portfolio_contents import Company, portfolio_slices
from kpi_lib.insights.portfolio_outlook import portfolio_outlook
from kpi_lib.measure.page_content import run_facts
from kpi_lib.measure.portfolio_rows import GROUPS
from kpi_lib.measure.portfolio_rows import PAGE as PORTFOLIO
from kpi_lib.measure.slices import Beside
from kpi_lib.quality.frames import write_quality
from kpi_lib.quality.quality_slice import PAGE as DATA_QUALITY
from kpi_lib.quality.quality_slice import quality_slice
from kpi_lib.release import version
from kpi_lib.run import Run
from kpi_lib.slices.file import Slice, read, write
from kpi_lib.slices.model_types import PAGES as OF_MODELS
from kpi_lib.slices.model_types import model_slices
from kpi_lib.slices.page_types import Made, PageContent
from kpi_lib.slices.portfolio_types import PortfolioSlice, Reports

SKIPPED = OF_MODELS  # where neither data nor code changed
NOTEBOOKS = {  # what each is given
    f"{PORTFOLIO}.ipynb": ("period", "as_of", "manager", "branch", "slice"),
    **{f"{page}.ipynb": ("period", "as_of", "slice") for page in (DATA_QUALITY, *OF_MODELS)},
}


@dataclass(frozen=True)
class WantedPage:
    """One page to make: what it is, its notebook, and the slice that it is given."""

    page: Page
    notebook: str
    slice: Slice
    parameters: Mapping[str, str] = field(default_factory=dict)  # beside those that all are given


def require_notebooks() -> None:
    """Raise RunError where a notebook does not declare what it would be given."""
    for name, parameters in NOTEBOOKS.items():
        require_declared(paths.notebook(name), [dict.fromkeys(parameters, "")])


def write_pages(run: Run, slices: Path, final: Path, shut: tuple[Path, ...]) -> list[Job]:
    """Write the slice of every page of the run below `slices`; return a job for each.

    `final`: where the slices will lie when the jobs are run.
    """
    jobs = []
    for wanted in (wanted for make in MAKERS for wanted in make(run)):
        place = Path(paths.RUN_PAGES) / wanted.page.place
        write(wanted.slice, slices / place)
        calendar = run.calendar
        parameters = {
            "period": str(calendar.period),
            "as_of": str(calendar.as_of) if calendar.to_date else "",
            **wanted.parameters,
        }
        notebook = paths.notebook(wanted.notebook)
        jobs.append(Job(wanted.page, notebook, parameters, final / place, shut=shut))
    return jobs


def add_reports(jobs: Iterable[Job], folder: Path) -> None:
    """Write into the portfolios' slices whose reports stand in the period's folder, whose failed.

    So no page links to what is not there, and it says what failed.
    """
    for job in jobs:
        if job.notebook.name == f"{PORTFOLIO}.ipynb":
            slice_ = read(PortfolioSlice, job.slice_folder)
            ids = [partner.partner_id for partner in slice_.partners]
            pages = {i: Page(i, INTERNAL.name).place for i in ids}
            there = [i for i in ids if (folder / f"{pages[i]}.html").is_file()]
            failed = [i for i in ids if (folder / "failed" / i).is_dir()]
            reports = Reports(tuple(there), tuple(failed))
            write(replace(slice_, reports=reports), job.slice_folder)


def _portfolio_pages(run: Run) -> Iterator[WantedPage]:
    """Yield the page of all partners, and one of each manager and branch, as wanted."""
    beside = Beside(run.comparisons, run.insights)
    company = Company.of(run.results, run.dataset, run.settings, run.playbook, beside)
    for whose, slice_ in portfolio_slices(company):
        group, _, name = whose.place.rpartition("/")
        names = {partner.partner_id: partner.name for partner in slice_.partners}
        outlook = portfolio_outlook(run.models.outlooks, names, is_whole=whose.is_whole)
        slice_ = replace(slice_, outlook=outlook)
        entity = {scope: whose.entity if scope == whose.scope else "" for scope in GROUPS}
        yield WantedPage(Page(name, group=group), f"{PORTFOLIO}.ipynb", slice_, entity)


def _data_quality_page(run: Run) -> Iterator[WantedPage]:
    """Yield the page of data quality, once that is measured and kept as data."""
    write_quality(run.quality, run.hidden / "quality")
    slice_ = quality_slice(run.quality, run.results, run.dataset, run.settings)
    yield WantedPage(Page(DATA_QUALITY), f"{DATA_QUALITY}.ipynb", slice_)


def _model_pages(run: Run) -> Iterator[WantedPage]:
    """Yield the page of each model, as one that is wanted."""
    facts = run_facts(run.results, run.dataset, run.settings)
    page = PageContent(run=facts, language=run.settings.language, made=Made(version()))
    for slice_ in model_slices(run.models.reports, page):
        yield WantedPage(Page(slice_.KIND), f"{slice_.KIND}.ipynb", slice_)


MAKERS: tuple[Callable[[Run], Iterator[WantedPage]], ...] = (
    _portfolio_pages,
    _data_quality_page,
    _model_pages,
)
