"""What a portfolio page is given: roll-ups, and the partners that it may name.

The page of the whole company names them all. That of a manager or a branch is given the rows of its
own partners and its own roll-up: no other partner, no direct business, no total of the company.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from kpi_lib.audience import INTERNAL
from kpi_lib.data.dataset import Dataset
from kpi_lib.insights.exceptions import Exception_, exceptions_of
from kpi_lib.insights.investment import RULES, TALK, stance_of
from kpi_lib.insights.playbook_rules import Playbook
from kpi_lib.measure.audience_rows import kpi_row
from kpi_lib.measure.comparisons import Compared
from kpi_lib.measure.compute import Results
from kpi_lib.measure.covered_figures import covered_only
from kpi_lib.measure.page_content import definition_of, history_of_rows, run_facts, with_coverage
from kpi_lib.measure.portfolio_rows import (
    BUSINESS,
    MODELS,
    Row,
    Whose,
    attributed,
    concentration,
    everybody,
    movers,
    partner_figures,
    partners_of,
    roll_ups,
    rows_of,
)
from kpi_lib.measure.slices import InsightsByEdition
from kpi_lib.release import version
from kpi_lib.settings import Settings
from kpi_lib.slices.insights import Action
from kpi_lib.slices.json_form import deep_plain
from kpi_lib.slices.untyped import untyped_run

Slice = dict[str, Any]
EXCEPTIONS, MOVERS, CREDITED = 15, 5, 10  # that a page lists, of many
OWNERS, ACTIONS, DISPUTES = 20, 10, 6
LEAD = (
    *("revenue", "gross_margin", "otif_rate", "active_partners", "revenue_share", "win_rate"),
    *("overdue_rate", "margin_roi", "partner_nps", "orders", "active_customers"),
)
SALES = (
    *("leads", "qualified_leads", "lead_qualification_rate", "lead_conversion_rate"),
    *("deal_registrations", "deals_won", "win_rate", "sales_cycle_days", "pipeline_value"),
    *("new_customers", "active_customers", "market_penetration", "market_share"),
    *("brand_awareness", "co_marketing_participation", "mdf_participation", "mdf_claimed"),
)
FINANCE = (
    *("revenue", "gross_margin", "program_cost", "roi", "margin_roi", "cac", "cac_reduction"),
    *("cost_savings", "operational_savings", "receivables", "overdue_balance", "overdue_rate"),
    *("dso_days", "on_time_payment_rate", "over_limit"),
)
AGEING = ("overdue_1_30", "overdue_31_60", "overdue_61_90", "overdue_over_90")
BREAKDOWN = ("gross_margin", "otif_rate", "win_rate", "overdue_rate", "partner_nps")
BY = ("partner_type", "region")


@dataclass(frozen=True)
class Company:
    """What all portfolio pages of a run are made from, worked out once."""

    results: Results
    dataset: Dataset
    settings: Settings
    compared: Compared
    insights: InsightsByEdition
    figures: Mapping[str, Row]
    exceptions: Sequence[Exception_]

    @classmethod
    def of(
        cls,
        results: Results,
        dataset: Dataset,
        settings: Settings,
        book: Playbook | None,
        compared: Compared,
        insights: InsightsByEdition,
    ) -> Company:
        """Return it of a run; `book`: the playbook, None where there is none."""
        results = covered_only(results)
        figures, told = partner_figures(results), exceptions_of(results, book)
        return cls(results, dataset, settings, compared, insights, figures, told)


def portfolio_slices(company: Company) -> Iterator[tuple[Whose, Slice]]:
    """Yield the slice of each page: the whole company's, each manager's, each branch's."""
    for whose in everybody(company.results):
        yield whose, portfolio_slice(company, whose)


def portfolio_slice(company: Company, whose: Whose) -> Slice:
    """Return the slice of one page."""
    results = company.results
    partners = _partners(company, whose)
    mine = {row["partner_id"]: row["name"] for row in partners}
    direct = [k.id for k in results.kpis if k.compare_direct] if whose.is_whole else []
    shown = [k for k in results.kpis if k.id in {*LEAD, *SALES, *FINANCE, *AGEING, *direct}]
    rows = rows_of(results.table, whose.scope, whose.entity, [k.id for k in shown])
    kpis = with_coverage(map(kpi_row, rows), results)
    by_kpi = {row["kpi"]: row for row in rows}
    credit = attributed(results.table, partners, whose)
    bad = [one for one in company.exceptions if one["partner_id"] in mine]
    business = _business(results)
    broken_down = (business, *BREAKDOWN)
    return {
        **untyped_run(
            run_facts(results, company.dataset, company.settings), company.settings.language
        ),
        "page": whose.place,
        "scope": whose.scope,
        "entity": whose.entity,
        "edition": "internal",
        "profile": [k for k in dict.fromkeys((business, *LEAD)) if k in by_kpi],
        "kpis": deep_plain(kpis),
        "definitions": {
            kpi.id: deep_plain(definition_of(kpi, None)) for kpi in shown if kpi.id in by_kpi
        },
        "history": _history(results, whose, list(by_kpi)),
        "sections": {"sales": SALES, "finance": FINANCE, "direct": direct},
        "beside": _beside(results, list(by_kpi)) if whose.is_whole else {},
        "rules": RULES,
        "partners": partners,
        "bringing_in_talk": _bringing([row for row in partners if row["stance"] == TALK]),
        "exceptions": {
            "rows": [one | {"partner": mine[one["partner_id"]]} for one in bad[:EXCEPTIONS]],
            "count": len(bad),
            "partners": len({one["partner_id"] for one in bad}),
        },
        "movers": movers(partners, MOVERS),
        "concentration": concentration(partners, by_kpi.get("revenue")),
        "attribution": _attribution(credit),
        "by": {scope: roll_ups(results.table, scope, broken_down) for scope in BY}
        if whose.is_whole
        else {},
        "breakdown": broken_down,
        "units": {
            k.id: [k.name, k.written_in] for k in results.kpis if k.id in {*broken_down, *MODELS}
        },
        "actions": _actions(company.insights, mine),
        "disputes": _disputes(company, mine),
        "restated": _restated(company.compared, mine),
        "made": {"version": version(), "kpis": len(rows)},
    }


def _partners(company: Company, whose: Whose) -> list[Row]:
    """Return a row for each partner that the page may name, the one with most business first."""
    as_of, business = company.results.calendar.as_of.isoformat(), _business(company.results)
    told = []
    for partner in partners_of(company.results, whose).to_dicts():
        columns = ("partner_id", "name", "partner_type", "region", "manager", "left_on")
        row = {name: partner[name] for name in columns} | company.figures[partner["partner_id"]]
        row["name"] = row["name"] or row["partner_id"]
        row["has_left"] = partner["left_on"] is not None and partner["left_on"] <= as_of
        row["stance"], row["why"] = stance_of(row)
        told.append(row)
    return sorted(told, key=lambda row: (-(row[business] or 0.0), row["partner_id"]))


def _business(results: Results) -> str:
    """Return the KPI that says how much business there was: of BUSINESS the first with rows."""
    there = {kpi.id for kpi in results.kpis}
    return next((kpi for kpi in BUSINESS if kpi in there), BUSINESS[0])


def _bringing(partners: Sequence[Row]) -> Slice:
    """Return how many of the partners have more sales than returns, and what these come to."""
    amounts = [row["revenue"] for row in partners if (row["revenue"] or 0.0) > 0]
    return {"partners": len(amounts), "revenue": sum(amounts)}


def _attribution(credit: Sequence[Row]) -> Slice:
    """Return the partners about whom the models disagree most, and direct business after them."""
    theirs = [row for row in credit if row["partner_id"]]
    direct = [row for row in credit if not row["partner_id"]]
    return {
        "models": MODELS,
        "rows": theirs[:CREDITED] + direct,
        "further": max(len(theirs) - CREDITED, 0),
    }


def _history(results: Results, whose: Whose, kpis: Sequence[str]) -> Slice:
    own = (pl.col("scope") == whose.scope) & (pl.col("entity") == whose.entity)
    told = results.history.filter(own & pl.col("kpi").is_in(kpis))
    return _plain(history_of_rows(told.to_dicts(), results))


def _beside(results: Results, kpis: Sequence[str]) -> dict[str, Slice]:
    """Return direct business and the company: value and year ago by KPI, the course of revenue."""
    told: dict[str, Slice] = {}
    for scope in ("direct", "company"):
        rows = rows_of(results.table, scope, scope, kpis)
        revenue = results.history.filter(pl.col("scope") == scope, pl.col("kpi") == "revenue")
        told[scope] = {
            "kpis": {r["kpi"]: {"value": r["value"], "year_ago": r["year_ago"]} for r in rows},
            "history": _plain(history_of_rows(revenue.to_dicts(), results)),
        }
    return told


def _actions(insights: InsightsByEdition, mine: Mapping[str, str]) -> Slice:
    """Return what the playbook asks of whom, and the actions with the most at stake."""
    told = [(partner, action) for partner in mine for action in _actions_on(insights, partner)]
    told.sort(key=lambda pair: (-round(pair[1].stake or 0.0, 2), pair[1].due, pair[0]))
    columns = ("kpi", "name", "stake", "due", "action", "owner")
    owners = _owners(told)
    return {
        "count": len(told),
        "owners": owners[:OWNERS],
        "further_owners": max(len(owners) - OWNERS, 0),
        "first": [
            {"partner_id": partner, "partner": mine[partner]}
            | {c: deep_plain(getattr(action, c)) for c in columns}
            for partner, action in told[:ACTIONS]
        ],
    }


def _actions_on(insights: InsightsByEdition, partner_id: str) -> Sequence[Action]:
    found = insights.get((partner_id, INTERNAL.name))
    return found.actions if found else ()


def _plain(history: object) -> Slice:
    described = deep_plain(history)
    assert isinstance(described, dict)
    return described


def _owners(told: Iterable[tuple[str, Action]]) -> list[Slice]:
    """Return how many actions each owner has, with how many partners, and the first due day.

    A partner who owes something is one of "the partners"; a colleague is told by name.
    """
    groups: dict[tuple[str, str | None], list[tuple[str, Action]]] = {}
    for partner, action in told:
        owner = action.owner
        name = None if owner.role == "partner" else owner.name
        groups.setdefault((owner.role, name), []).append((partner, action))
    rows = [
        {
            "words": dict(group[0][1].owner.words),
            "name": name,
            "count": len(group),
            "partners": len({partner for partner, _ in group}),
            "due": min(action.due for _, action in group).isoformat(),
        }
        for (_, name), group in groups.items()
    ]
    return sorted(rows, key=lambda row: (-row["count"], row["name"] or "", row["due"]))


def _disputes(company: Company, mine: Mapping[str, str]) -> Slice:
    """Return which figures of this period partners report otherwise, the largest gap first."""
    kpis = company.results.catalogue
    period = str(company.results.calendar.period)
    own = company.compared.disputed().filter(
        pl.col("partner_id").is_in(list(mine)) & (pl.col("period") == period)
    )
    rows = sorted(own.to_dicts(), key=lambda row: (-abs(row["relative"] or 0.0), row["kpi"]))
    told = [
        {
            "partner_id": row["partner_id"],
            "partner": mine[row["partner_id"]],
            "name": kpis[row["kpi"]].name if row["kpi"] in kpis else row["kpi"],
            "unit": kpis[row["kpi"]].written_in if row["kpi"] in kpis else "number",
            "ours": row["ours"],
            "reported": row["reported"],
            "owner": row["owner"],
        }
        for row in rows[:DISPUTES]
    ]
    return {"rows": told, "count": len(rows)}


def _restated(compared: Compared, mine: Mapping[str, str]) -> Slice:
    """Return how many published figures of these partners have changed, and of how many."""
    changed = {partner: len(rows) for partner, rows in compared.restated().items()}
    own = [changed[partner] for partner in mine if partner in changed]
    return {"figures": sum(own), "partners": len(own)}
