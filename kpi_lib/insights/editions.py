"""All that is told beside a partner's figures, for each of its editions: what the slices carry."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from kpi_lib import paths
from kpi_lib.insights.actions import Action, Standing, actions_of
from kpi_lib.insights.drivers import drivers_of
from kpi_lib.insights.follow_up import Asked, Earlier, actions_table, follow_up, read_earlier
from kpi_lib.insights.manager_notes import read_notes
from kpi_lib.insights.playbook import read_playbook
from kpi_lib.insights.playbook_rules import Playbook, RulesByKpi
from kpi_lib.insights.went_well import went_well
from kpi_lib.measure.compute import Results
from kpi_lib.measure.slices import (
    EDITIONS,
    edition_rows,
    editions_of,
    may_show,
    partner_rows,
)
from kpi_lib.settings import Settings

Told = dict[str, Any]  # of one partner and edition, as plain values
Key = tuple[str, str]  # partner_id and edition


def insights_of(
    results: Results, settings: Settings, book: Playbook | None, earlier: Path | None = None
) -> dict[Key, Told]:
    """Return what to say of each partner in each of its editions, by (partner_id, edition).

    Each holds `note`, the account manager's words as Markdown, `has_playbook`, `actions`,
    `went_well`, `drivers`, `follow_up`, and `earlier`: the period before and what there is of it.
    `book` None: there is no playbook, so no action. `earlier`: the folder with the periods'
    folders; None: nothing was asked for before. Raises SettingsError where a note is wrong.
    """
    partners = set(results.partners["partner_id"])
    notes = read_notes(settings, str(results.calendar.period), partners)
    before = read_earlier(earlier, results.calendar, settings.reporting_currency)
    rows = {edition: edition_rows(results, edition) for edition in EDITIONS}
    rules = book.by_kpi(results.kpis) if book else None
    seen = {e: {k.id: k for k in results.kpis if may_show(k, e)} for e in EDITIONS}
    weights = {str(family): weight for family, weight in settings.weights.items()}
    told = {}
    for partner in partner_rows(results.partners).to_dicts():
        for edition in editions_of(partner):
            key = (partner["partner_id"], edition)
            standing = Standing(
                partner=partner,
                # Nothing of what this edition may not show can be reached from here on, nor
                # anything that cannot be judged: what the data cover a part of only.
                rows={
                    row["kpi"]: row
                    for row in rows[edition].get(partner["partner_id"], [])
                    if results.covers(row["kpi"])
                },
                kpis=seen[edition],
                as_of=results.calendar.as_of,
                to_date=results.calendar.to_date,
                is_internal=edition == "internal",
                weights=weights,
            )
            asked = before.asked.get(key, [])
            became = follow_up(asked, standing.rows, standing.kpis, results.calendar)
            told[key] = _told(standing, rules, became, before)
            told[key]["note"] = notes.get(partner["partner_id"])
    return told


def tell(results: Results, settings: Settings) -> dict[Key, Told]:
    """Return the same with the project's own playbook and reports, for an analyst's notebook."""
    return insights_of(results, settings, read_playbook(settings), paths.reports())


def actions_asked(told: Mapping[Key, Told], results: Results, settings: Settings) -> pl.DataFrame:
    """Return the table of all actions, for the period after to look at."""
    actions: dict[Key, list[Action]] = {key: of["actions"] for key, of in told.items()}
    return actions_table(actions, results.calendar, settings.reporting_currency)


def _told(
    standing: Standing, rules: RulesByKpi | None, became: list[Asked], before: Earlier
) -> Told:
    actions = actions_of(standing, rules) if rules else []
    asked = [action["kpi"] for action in actions]
    return {
        "has_playbook": rules is not None,
        "actions": actions,
        "went_well": [] if standing.has_left else went_well(standing, asked),
        "drivers": drivers_of(standing.rows, asked),
        "follow_up": became,
        "earlier": {"period": before.period, "state": before.state},
    }
