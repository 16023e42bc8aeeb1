"""One run: a period of a company's data, and all that follows from it, each worked out once.

Every door goes through it: the batch, a preview, `kpi explain`, `kpi compute`, the notebooks and
the outbox. What nobody asks for is not worked out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from kpi_lib.atomic import HIDDEN
from kpi_lib.data.dataset import Dataset, load_dataset
from kpi_lib.engine.calendar import Calendar
from kpi_lib.engine.coverage import Coverage, coverage_of
from kpi_lib.engine.relation import Engine, polars_engine
from kpi_lib.insights.editions import insights_of
from kpi_lib.insights.playbook import read_playbook
from kpi_lib.insights.playbook_rules import Playbook
from kpi_lib.kpis.kpi_ends import facts_of
from kpi_lib.measure.comparisons import Compared
from kpi_lib.measure.compute import (
    Options,
    Results,
    Working,
    compute,
    compute_with_working,
    period_asked,
)
from kpi_lib.measure.published import Basis, Restated, restated
from kpi_lib.measure.reconciliation import reconcile
from kpi_lib.measure.slices import InsightsByEdition
from kpi_lib.models.model_cache import Models
from kpi_lib.periods import Period
from kpi_lib.quality.frames import Quality, measure_quality
from kpi_lib.settings import Settings

if TYPE_CHECKING:
    from kpi_lib.models.fitted import Fitted


@dataclass(frozen=True)
class RunRequest:
    """Which figures are wanted: of which period, up to which day, from which rows.

    `period` None: the last whole quarter of the data. `as_of` None: the period's end.
    `allow_faults`: rows with faults are left out and counted, and stop nothing. `engine`: what
    reads the tables.
    """

    period: str | None = None
    as_of: date | None = None
    allow_faults: bool = False
    engine: Engine = polars_engine


@dataclass(frozen=True, eq=False)
class Run:
    """The figures of one period, and all that follows from them; each part is kept.

    `workspace`: a folder for tables that are staged, which must outlive the run. `reports`: the
    folder that its period's folder is made in; None where it publishes nothing, as `kpi compute`
    or an analyst's notebook. Then no model says anything in its figures, and they are not held
    against what was published. `earlier`: the folder with the reports of earlier periods, in which
    their actions and figures are looked for; None: nowhere.
    """

    settings: Settings
    workspace: Path
    request: RunRequest = RunRequest()
    reports: Path | None = None
    earlier: Path | None = None

    @property
    def folder(self) -> Path:
        """The folder of the period's reports."""
        assert self.reports is not None  # whoever asks makes reports
        return self.reports.resolve() / str(self.period)

    @property
    def hidden(self) -> Path:
        """The folder in it that keeps what a run needs for itself."""
        return self.folder / HIDDEN

    @cached_property
    def playbook(self) -> Playbook | None:
        """The company's playbook; None where it has none."""
        return read_playbook(self.settings)

    @cached_property
    def dataset(self) -> Dataset:
        """The tables, checked; raises ContractError where they break the contract."""
        return load_dataset(
            self.settings,
            allow_faults=self.request.allow_faults,
            workspace=self.workspace,
            kpis=facts_of(self.settings),
        )

    @cached_property
    def coverage(self) -> Coverage:
        """What time the tables cover."""
        return coverage_of(self.dataset, self.settings.covered_from)

    @cached_property
    def period(self) -> Period:
        """The period; raises CallError where it is none, or lies before the data."""
        asked, year_end = self.request.period, self.settings.year_end
        return period_asked(asked, self.dataset, self.coverage, year_end)

    @cached_property
    def calendar(self) -> Calendar:
        """The period with those that it is compared with, each with its last day."""
        return Calendar.around(self.period, self.request.as_of)

    @cached_property
    def models(self) -> Models:
        """The models of a run with reports: kept from an earlier run of its period, or fitted."""
        return Models.of(self.dataset, self.settings, self.calendar, self.hidden)

    @cached_property
    def fitted(self) -> Fitted:
        """The models fitted now, whatever an earlier run kept."""
        from kpi_lib.models.fitted import fit_models  # heavy: few commands need it

        return fit_models(self.dataset, self.settings, self.calendar)

    @cached_property
    def results(self) -> Results:
        """Every KPI of every partner and roll-up, with its comparisons."""
        options = replace(self._options, engine=self.request.engine)
        if self.reports:
            options = replace(options, modelled=self.models.modelled)
        return compute(self.dataset, self.settings, self.period, self.request.as_of, options)

    @cached_property
    def restated(self) -> Restated:
        """What was published of the period and those before it and is another figure now."""
        if self.reports is None or self.earlier is None:
            return Restated(Compared.with_nothing().restatements)
        currency, year_end = self.settings.reporting_currency, self.settings.year_end
        basis = Basis(currency, year_end, self.dataset.source)
        return restated(self.results, basis, self.earlier)

    @cached_property
    def comparisons(self) -> Compared:
        """The figures against what partners reported, and against what was published."""
        reconciled = reconcile(self.results, self.dataset, self.settings.tolerances)
        return Compared(reconciled, self.restated.figures)

    @cached_property
    def insights(self) -> InsightsByEdition:
        """What is said beside the figures, by partner_id and edition.

        With the outlook of the models where the run has reports.
        """
        found = insights_of(self.results, self.settings, self.playbook, self.earlier)
        return self.models.with_outlook(found) if self.reports else found

    @cached_property
    def quality(self) -> Quality:
        """How good the data are that the figures rest on."""
        return measure_quality(self.results, self.dataset)

    def work_out(self, *parts: str) -> None:
        """Work these parts out now, in this order: what is wrong with one is an error here."""
        for part in parts:
            getattr(self, part)

    def results_of(self, *kpis: str) -> Results:
        """Return the figures of these KPIs alone, as no model is asked; they are not kept."""
        only = replace(self._options, only=kpis)
        return compute(self.dataset, self.settings, self.period, self.request.as_of, only)

    def results_in(self, period: Period) -> Results:
        """Return the figures of another period of the same data; they are not kept."""
        return compute(self.dataset, self.settings, period, options=self._options)

    def working_of(self, kpi: str) -> tuple[Results, Working]:
        """Return the figures of a KPI and what they were worked out from, too large to keep."""
        as_of, only = self.request.as_of, replace(self._options, only=[kpi])
        return compute_with_working(self.dataset, self.settings, self.period, as_of, only)

    @property
    def _options(self) -> Options:
        return Options(coverage=self.coverage)


@contextmanager
def open_run(
    settings: Settings,
    request: RunRequest = RunRequest(),
    reports: Path | None = None,
    earlier: Path | None = None,
) -> Iterator[Run]:
    """Lend a run; its staged tables are gone when the block ends."""
    with TemporaryDirectory(prefix="kpi-") as workspace:
        yield Run(settings, Path(workspace), request, reports, earlier)
