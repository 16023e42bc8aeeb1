"""Rows of the KPI table and rules of a playbook, made by hand for a test."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from kpi_lib.audience import audience_of
from kpi_lib.insights.actions import Standing, actions_of
from kpi_lib.insights.playbook import read_playbook
from kpi_lib.insights.playbook_rules import Playbook, Rule
from kpi_lib.kpis.catalogue import catalogue
from kpi_lib.measure.audience_rows import kpi_row
from kpi_lib.settings import Settings, load_settings
from kpi_lib.slices.insight_types import Action
from kpi_lib.slices.page_types import KpiRow
from kpi_lib.slices.scorecard_types import Partner

KPIS = catalogue()
PARTNER = {"partner_id": "a", "name": "Alder", "partner_type": "reseller", "manager": "Jo Doe"}


def row(kpi: str, value: float | None, **figures: Any) -> KpiRow:
    """Return a row as an edition holds it; what is not given is null, the status as it would be."""
    columns = {"kpi": kpi, "period": "2026-Q3", "value": value, "off_track_periods": 0}
    columns |= {"status": "no_data" if value is None else "no_target"} | figures
    if columns.get("target") is not None and value is not None:
        columns["variance"] = value - columns["target"]
    return kpi_row(columns)


def off(kpi: str, value: float, target: float, **figures: Any) -> KpiRow:
    """Return a row that is off track."""
    return row(
        kpi, value, **{"target": target, "status": "off_track", "off_track_periods": 1} | figures
    )


def standing(*rows: KpiRow, **more: Any) -> Standing:
    """Return a partner with these rows, in the internal edition where no other is named."""
    audience = audience_of(more.pop("edition", "internal"))
    kpis = {k: v for k, v in KPIS.items() if audience.may_see(v.audience)}
    partner = Partner(**PARTNER | more.pop("partner", {}))
    shown = {r.kpi: r for r in rows if r.kpi in kpis}
    given = {"as_of": date(2026, 9, 30), "audience": audience} | more
    return Standing(partner=partner, rows=shown, kpis=kpis, **given)


def rule(**more: Any) -> Rule:
    """Return a rule; what is not given is as ordinary as can be."""
    words = {"action": {"en": "Act on {name}"}, "next_step": {"en": "Do something"}}
    return Rule(**{"when": {"status": "off_track"}, "owner": "us", "due_days": 10} | words | more)


def playbook(**rules: Rule) -> Playbook:
    """Return a playbook of these rules, with owners for all of them."""
    roles = ("us", "account_manager", "partner")
    return Playbook(owners={role: {"en": role} for role in roles}, rules=rules)


def acted(where: Standing, **rules: Rule) -> list[Action]:
    """Return the actions of a partner by these rules."""
    return actions_of(where, playbook(**rules).by_kpi(KPIS.values()))


def written(folder: Path, text: str, settings: str = "") -> Settings:
    """Return the settings of a project with this playbook."""
    (folder / "params").mkdir(exist_ok=True)
    (folder / "params" / "playbook.yml").write_text(text, encoding="utf-8")
    (folder / "params" / "project.yml").write_text(settings, encoding="utf-8")
    return load_settings(folder / "params" / "project.yml")


def shipped() -> Playbook:
    """Return the playbook that ships with the project."""
    book = read_playbook(load_settings(Path(__file__).parents[2] / "params" / "project.yml"))
    assert book is not None
    return book
