"""The insights of a partner's figures, for each of its editions: what the slices carry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from kpi_lib import paths
from kpi_lib.audience import AUDIENCES, Audience
from kpi_lib.insights.actions import Standing, actions_of
from kpi_lib.insights.drivers import drivers_of
from kpi_lib.insights.follow_up import Earlier, actions_table, follow_up, read_earlier
from kpi_lib.insights.manager_notes import read_notes
from kpi_lib.insights.playbook import read_playbook
from kpi_lib.insights.playbook_rules import Playbook, RulesByKpi
from kpi_lib.insights.went_well import went_well
from kpi_lib.measure.audience_rows import partners_of, rows_for
from kpi_lib.measure.compute import Results
from kpi_lib.settings import Settings
from kpi_lib.slices.insight_types import Insights
from kpi_lib.slices.page_types import KpiRow
from kpi_lib.slices.scorecard_types import Partner

Key = tuple[str, str]  # partner_id and edition


def insights_of(
    results: Results, settings: Settings, book: Playbook | None, earlier: Path | None = None
) -> dict[Key, Insights]:
    """Return what to say of each partner in each of its editions, by (partner_id, edition).

    `book` None: there is no playbook, so no action. `earlier`: the folder with the periods'
    folders; None: nothing was asked for before. Raises SettingsError where a note is wrong.
    """
    partners = partners_of(results)
    there = {row.partner.partner_id for row in partners}
    analyst = _Analyst(
        results,
        rules=book.by_kpi(results.kpis) if book else None,
        notes=read_notes(settings.folder, str(results.calendar.period), there),
        before=read_earlier(earlier, results.calendar, settings.reporting_currency),
        weights={str(family): weight for family, weight in settings.weights.items()},
        rows={audience.name: rows_for(audience, results) for audience in AUDIENCES.values()},
    )
    return {
        (row.partner.partner_id, audience.name): analyst.insights(row.partner, audience)
        for row in partners
        for audience in row.audiences
    }


def project_insights(results: Results, settings: Settings) -> dict[Key, Insights]:
    """Return the same with the project's own playbook and reports, for an analyst's notebook."""
    return insights_of(results, settings, read_playbook(settings), paths.reports())


def actions_asked(
    insights: Mapping[Key, Insights], results: Results, currency: str
) -> pl.DataFrame:
    """Return the table of all actions, for the period after to look at."""
    actions = {key: of.actions for key, of in insights.items()}
    return actions_table(actions, results.calendar, currency)


@dataclass(frozen=True)
class _Analyst:
    """Works out the insights of one partner and audience after the other.

    `notes`: by partner_id. `before`: what the period before asked for. `rows`: by edition and
    partner_id.
    """

    results: Results
    rules: RulesByKpi | None
    notes: Mapping[str, str]
    before: Earlier
    weights: Mapping[str, float]
    rows: Mapping[str, Mapping[str, tuple[KpiRow, ...]]]

    def insights(self, partner: Partner, audience: Audience) -> Insights:
        """Return what to say of a partner to an audience."""
        standing = self._standing(partner, audience)
        actions = actions_of(standing, self.rules) if self.rules else []
        asked = [action.kpi for action in actions]
        earlier = self.before.asked.get((partner.partner_id, audience.name), [])
        became = follow_up(earlier, standing.rows, standing.kpis, self.results.calendar)
        return Insights(
            has_playbook=self.rules is not None,
            actions=tuple(actions),
            went_well=() if standing.has_left else tuple(went_well(standing, asked)),
            drivers=tuple(drivers_of(standing.rows, asked)),
            follow_up=tuple(became),
            earlier=self.before.state,
            note=self.notes.get(partner.partner_id, ""),
        )

    def _standing(self, partner: Partner, audience: Audience) -> Standing:
        """Return the partner's figures.

        Nothing of what this edition may not show can be reached from there on, nor anything that
        cannot be judged: what the data cover a part of only.
        """
        results, rows = self.results, self.rows[audience.name].get(partner.partner_id, ())
        return Standing(
            partner=partner,
            rows={row.kpi: row for row in rows if results.covers(row.kpi)},
            kpis={kpi.id: kpi for kpi in results.kpis if audience.may_see(kpi.audience)},
            as_of=results.calendar.as_of,
            to_date=results.calendar.to_date,
            audience=audience,
            weights=self.weights,
        )
