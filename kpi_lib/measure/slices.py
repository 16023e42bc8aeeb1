"""Slices: all that a scorecard's notebook is given, one small file for each partner and edition.

The partner edition's slice holds that partner's rows, KPIs that may be shared, and of the others
what it may be shown (`coarse_standings`). What is not in it cannot be shown.
`kpi_lib.pages.scorecard` reads it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import polars as pl

from kpi_lib.audience import AUDIENCES, Audience
from kpi_lib.data.dataset import Dataset
from kpi_lib.engine.scopes import ATTRIBUTES
from kpi_lib.kpis.catalogue import is_comparable
from kpi_lib.kpis.profiles import profile_of
from kpi_lib.measure.active_partners import require_joined
from kpi_lib.measure.audience_rows import partners_of, rows_for
from kpi_lib.measure.coarse_standings import OF_ITS_TYPE
from kpi_lib.measure.comparisons import Compared
from kpi_lib.measure.compute import Results
from kpi_lib.measure.covered_figures import covered_only
from kpi_lib.measure.page_content import (
    Row,
    definition_of,
    history_of_rows,
    run_facts,
    with_coverage,
)
from kpi_lib.measure.reader_languages import languages_of
from kpi_lib.measure.survey_comments import comments_of
from kpi_lib.release import version
from kpi_lib.settings import Settings
from kpi_lib.slices.file import write
from kpi_lib.slices.insight_types import Insights
from kpi_lib.slices.page_types import Dispute, KpiRow, Made, Point, RunFacts
from kpi_lib.slices.scorecard_types import Comment, Partner, Reported, Restated, ScorecardSlice

STAND_INS = {"revenue": "orders"}  # in a period that is too short for the first

InsightsByEdition = Mapping[tuple[str, str], Insights]  # by partner_id and edition
_ByEntity = Mapping[tuple[str, str], Sequence[Row]]  # of a table, by scope and entity


def write_slices(slices: Iterable[ScorecardSlice], folder: Path) -> list[Path]:
    """Write each slice into a folder PARTNER_ID/EDITION; return the folders."""
    written = []
    for slice_ in slices:
        place = folder / slice_.partner.partner_id / slice_.edition
        write(slice_, place)
        written.append(place)
    return written


@dataclass(frozen=True)
class Beside:
    """What slices hold beside a run's figures: what these were held against, and insights.

    `insights`: by partner_id and edition; a slice without any holds figures alone.
    """

    compared: Compared
    insights: InsightsByEdition

    @classmethod
    def nothing(cls) -> Beside:
        """Return what stands beside figures alone: nothing."""
        return cls(Compared.with_nothing(), {})


def build_slices(
    results: Results,
    dataset: Dataset,
    settings: Settings,
    partners: Iterable[str] | None = None,
    beside: Beside | None = None,
) -> Iterator[ScorecardSlice]:
    """Yield the slices, partner by partner, the partner's own edition before the internal one.

    `partners`: only these. A partner that shares nothing has internal editions only. Raises
    CallError for an id that is no partner's.
    """
    results = covered_only(results)
    wanted = results.partners["partner_id"] if partners is None else list(partners)
    require_joined(wanted, results)
    builder = _Builder(results, dataset, settings, beside or Beside.nothing())
    for row in partners_of(results, wanted):
        for audience in row.audiences:
            yield builder.slice_of(row.partner, audience)


@dataclass(frozen=True)
class _Builder:
    """Builds one slice after the other; what they share is worked out once."""

    results: Results
    dataset: Dataset
    settings: Settings
    beside: Beside

    def slice_of(self, partner: Partner, audience: Audience) -> ScorecardSlice:
        """Return the slice of one partner for one audience."""
        own = partner.partner_id
        kpis = [kpi for kpi in self.results.kpis if audience.may_see(kpi.audience)]
        rows = self._rows(own, audience)
        slice_ = ScorecardSlice(
            run=self._run,
            language=self._language(own, audience),
            edition=audience.name,
            partner=partner,
            profile=self._profile(partner, {row.kpi for row in rows}),
            peer_group=self._peer_group(own, audience),
            kpis=rows,
            history=self._history(own, {kpi.id for kpi in kpis}),
            restated=_restated_of_kpis(self._restated.get(own, ()), {kpi.id for kpi in kpis}),
            insights=self.beside.insights.get((own, audience.name)),
            definitions={k.id: definition_of(k, partner.partner_type) for k in kpis},
            made=Made(version(), len(rows)),
        )
        return self._with_internal_parts(slice_) if audience.is_internal else slice_

    def _with_internal_parts(self, slice_: ScorecardSlice) -> ScorecardSlice:
        """Return the slice with what only the company is shown."""
        own = slice_.partner.partner_id
        return replace(
            slice_,
            beside=_beside(self.results, self._by_entity, slice_.partner),
            comments=self._comments.get(own, ()),
            reported=self._reported.get(own, ()),
        )

    def _profile(self, partner: Partner, there: Collection[str]) -> tuple[str, ...]:
        """Return the KPIs that lead the page, of those that have a row there."""
        wanted = profile_of(self.settings.profiles, partner.partner_id, partner.partner_type)
        # A week has no row of revenue: its orders say how much business there was.
        leading = [STAND_INS.get(kpi, kpi) if kpi not in there else kpi for kpi in wanted]
        return tuple(kpi for kpi in dict.fromkeys(leading) if kpi in there)

    def _rows(self, partner_id: str, audience: Audience) -> tuple[KpiRow, ...]:
        """Return the rows of the KPI table, and where a figure is in dispute what was reported."""
        disputes = self._disputes.get(partner_id, {})
        rows = self._rows_by_edition[audience.name].get(partner_id, ())
        rows = with_coverage(rows, self.results)
        return tuple(
            replace(row, dispute=disputes[row.kpi]) if row.kpi in disputes else row for row in rows
        )

    def _history(self, partner_id: str, kpis: Collection[str]) -> dict[str, tuple[Point, ...]]:
        rows = self._history_by_entity.get(("partner", partner_id), [])
        return history_of_rows([row for row in rows if row["kpi"] in kpis], self.results)

    def _language(self, partner_id: str, audience: Audience) -> str:
        """Return the partner's language for its own page; what stays inside is in the company's."""
        if audience.is_internal:
            return self.settings.language
        return self._languages.get(partner_id, self.settings.language)

    def _peer_group(self, partner_id: str, audience: Audience) -> str | None:
        """Return whom the partner is held against: others of its type, or all; None: nobody."""
        if audience.is_internal:
            return OF_ITS_TYPE
        return self.results.coarse_standings.groups.get(partner_id)

    @cached_property
    def _run(self) -> RunFacts:
        return run_facts(self.results, self.dataset, self.settings)

    @cached_property
    def _rows_by_edition(self) -> dict[str, dict[str, tuple[KpiRow, ...]]]:
        return {name: rows_for(of, self.results) for name, of in AUDIENCES.items()}

    @cached_property
    def _by_entity(self) -> _ByEntity:
        return _by_entity(self.results.table)

    @cached_property
    def _history_by_entity(self) -> _ByEntity:
        return _by_entity(self.results.history)

    @cached_property
    def _disputes(self) -> dict[str, dict[str, Dispute]]:
        return self.beside.compared.disputes(str(self.results.calendar.period))

    @cached_property
    def _restated(self) -> Mapping[str, tuple[Restated, ...]]:
        return self.beside.compared.restated()

    @cached_property
    def _reported(self) -> Mapping[str, tuple[Reported, ...]]:
        return self.beside.compared.reported()

    @cached_property
    def _comments(self) -> Mapping[str, tuple[Comment, ...]]:
        return comments_of(self.results, self.dataset)

    @cached_property
    def _languages(self) -> Mapping[str, str]:
        return languages_of(self.settings.folder, self.settings.languages)


def _by_entity(frame: pl.DataFrame) -> _ByEntity:
    groups = frame.partition_by("scope", "entity", as_dict=True, maintain_order=True)
    return {(str(key[0]), str(key[1])): group.to_dicts() for key, group in groups.items()}


def _restated_of_kpis(restated: Iterable[Restated], kpis: Collection[str]) -> tuple[Restated, ...]:
    """Return the restated figures of these KPIs."""
    return tuple(figure for figure in restated if figure.kpi in kpis)


def _beside(
    results: Results, by_entity: _ByEntity, partner: Partner
) -> dict[str, dict[str, float | None]]:
    """Return what stands beside a partner's figures inside the company: no sums of many."""
    kpis = {kpi.id: kpi for kpi in results.kpis}
    own = [(scope, name) for scope in ATTRIBUTES if (name := getattr(partner, scope)) is not None]
    whole = [(scope, scope) for scope in ("portfolio", "company", "direct")]
    return {
        scope: {
            row["kpi"]: row["value"]
            for row in by_entity.get((scope, entity), [])
            if is_comparable(kpis[row["kpi"]], row["denominator"])
            and (scope != "direct" or kpis[row["kpi"]].compare_direct)
        }
        for scope, entity in [*own, *whole]
    }
