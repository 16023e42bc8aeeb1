"""What a portfolio page is given: roll-ups, and the partners that it may name.

The page of the whole company names them all. That of a manager or a branch is given the rows of its
own partners and its own roll-up: no other partner, no direct business, no total of the company.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from kpi_lib.audience import INTERNAL
from kpi_lib.data.dataset import Dataset
from kpi_lib.insights.exceptions import exceptions_of
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
    Whose,
    attributed,
    concentration,
    movers,
    partner_figures,
    partners_of_page,
    portfolios_of_run,
    roll_ups,
    rows_of,
)
from kpi_lib.measure.slices import Beside, InsightsByEdition
from kpi_lib.release import version
from kpi_lib.settings import Settings
from kpi_lib.slices.insight_types import Action
from kpi_lib.slices.page_types import KpiRow, Made, Point
from kpi_lib.slices.portfolio_types import (
    Actions,
    Attribution,
    Business,
    DisputedFigure,
    Disputes,
    Exceptions,
    Figure,
    OffTrack,
    OwnerActions,
    PartnerAction,
    PartnerFigures,
    PortfolioPartner,
    PortfolioSlice,
    RestatedCount,
    RollUp,
    Unit,
    Whole,
)
from kpi_lib.slices.scorecard_types import Partner

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
WHOLES = ("direct", "company")


@dataclass(frozen=True)
class Company:
    """What all portfolio pages of a run are made from, worked out once.

    `figures`: of each partner, by its id. `exceptions`: of all partners, the most at stake first.
    """

    results: Results
    dataset: Dataset
    settings: Settings
    beside: Beside
    figures: Mapping[str, PartnerFigures]
    exceptions: Sequence[OffTrack]

    @classmethod
    def of(
        cls,
        results: Results,
        dataset: Dataset,
        settings: Settings,
        book: Playbook | None,
        beside: Beside,
    ) -> Company:
        """Return the company of a run; `book`: the playbook, None where there is none."""
        results = covered_only(results)
        figures, exceptions = partner_figures(results), exceptions_of(results, book)
        return cls(results, dataset, settings, beside, figures, exceptions)

    @property
    def business(self) -> str:
        """The KPI that says how much business there was: of BUSINESS the first with rows."""
        there = {kpi.id for kpi in self.results.kpis}
        return next((kpi for kpi in BUSINESS if kpi in there), BUSINESS[0])


def portfolio_slices(company: Company) -> Iterator[tuple[Whose, PortfolioSlice]]:
    """Yield the slice of each page: the whole company's, each manager's, each branch's."""
    for whose in portfolios_of_run(company.results):
        yield whose, portfolio_slice(company, whose)


def portfolio_slice(company: Company, whose: Whose) -> PortfolioSlice:
    """Return the slice of one page."""
    return _Builder.of(company, whose).slice()


@dataclass(frozen=True)
class _Builder:
    """Builds the slice of one page; `direct`: the KPIs that are held against direct business."""

    company: Company
    whose: Whose
    partners: tuple[PortfolioPartner, ...]
    direct: tuple[str, ...]
    rows: tuple[KpiRow, ...]

    @classmethod
    def of(cls, company: Company, whose: Whose) -> _Builder:
        """Return the builder of a page, with its partners and rows."""
        results = company.results
        direct = [kpi.id for kpi in results.kpis if kpi.compare_direct] if whose.is_whole else []
        shown = {*LEAD, *SALES, *FINANCE, *AGEING, *direct}
        kpis = [kpi.id for kpi in results.kpis if kpi.id in shown]
        rows = map(kpi_row, rows_of(results.table, whose.scope, whose.entity, kpis))
        partners = _partners(company, whose)
        return cls(company, whose, partners, tuple(direct), with_coverage(tuple(rows), results))

    @property
    def names(self) -> dict[str, str]:
        """The names of the partners of the page, by their ids."""
        return {partner.partner_id: partner.name for partner in self.partners}

    @property
    def kpis(self) -> list[str]:
        """The KPIs that have a row."""
        return [row.kpi for row in self.rows]

    @property
    def broken_down(self) -> tuple[str, ...]:
        """The KPIs that are broken down by type and region."""
        return (self.company.business, *BREAKDOWN)

    def slice(self) -> PortfolioSlice:
        """Return the slice."""
        company, names = self.company, self.names
        return PortfolioSlice(
            run=run_facts(company.results, company.dataset, company.settings),
            language=company.settings.language,
            edition=INTERNAL.name,
            page=self.whose.place,
            scope=self.whose.scope,
            entity=self.whose.entity,
            profile=self._profile(),
            kpis=self.rows,
            definitions={k: definition_of(company.results.catalogue[k], None) for k in self.kpis},
            history=self._history(),
            sections={"sales": SALES, "finance": FINANCE, "direct": self.direct},
            beside=self._figures_beside(),
            rules=RULES,
            partners=self.partners,
            bringing_in_talk=_business(self.partners),
            exceptions=_exceptions([e for e in company.exceptions if e.partner_id in names]),
            movers=movers(self.partners, MOVERS),
            concentration=concentration(self.partners, self._revenue()),
            attribution=_attribution(self),
            by=self._roll_ups(),
            breakdown=self.broken_down,
            units=self._units(),
            actions=_actions(company.beside.insights, names),
            disputes=_disputes(company, names),
            restated=_restated(company.beside.compared, names),
            made=Made(version(), len(self.rows)),
        )

    def _profile(self) -> tuple[str, ...]:
        leading = dict.fromkeys((self.company.business, *LEAD))
        return tuple(kpi for kpi in leading if kpi in self.kpis)

    def _history(self) -> dict[str, tuple[Point, ...]]:
        """Return the course of each KPI of this page over the periods, by its id."""
        results, whose = self.company.results, self.whose
        own = (pl.col("scope") == whose.scope) & (pl.col("entity") == whose.entity)
        rows = results.history.filter(own & pl.col("kpi").is_in(self.kpis))
        return history_of_rows(rows.to_dicts(), results)

    def _figures_beside(self) -> dict[str, Whole]:
        """Return direct business and the company by scope, on the page of all partners alone."""
        if not self.whose.is_whole:
            return {}
        return {scope: _whole(self.company.results, scope, self.kpis) for scope in WHOLES}

    def _revenue(self) -> Figure | None:
        """Return the revenue of the page's partners together."""
        found = (Figure(row.value, row.year_ago) for row in self.rows if row.kpi == "revenue")
        return next(found, None)

    def _roll_ups(self) -> dict[str, tuple[RollUp, ...]]:
        """Return the roll-ups by type and by region, on the page of all partners alone."""
        if not self.whose.is_whole:
            return {}
        return {
            scope: roll_ups(self.company.results.table, scope, self.broken_down) for scope in BY
        }

    def _units(self) -> dict[str, Unit]:
        """Return name and unit of the KPIs that the page breaks down, by their id."""
        named = {*self.broken_down, *MODELS}
        kpis = [kpi for kpi in self.company.results.kpis if kpi.id in named]
        return {kpi.id: Unit(kpi.name, kpi.written_in) for kpi in kpis}


def _partners(company: Company, whose: Whose) -> tuple[PortfolioPartner, ...]:
    """Return the partners that the page may name, the one with most business first."""
    partners = [
        _portfolio_partner(one, company) for one in partners_of_page(company.results, whose)
    ]

    def business(partner: PortfolioPartner) -> float:
        return partner.figures.business(company.business).value or 0.0

    return tuple(sorted(partners, key=lambda one: (-business(one), one.partner_id)))


def _portfolio_partner(partner: Partner, company: Company) -> PortfolioPartner:
    """Return a partner as the portfolio shows it: its figures, and what is advised about it."""
    figures, left_on = company.figures[partner.partner_id], partner.left_on
    has_left = left_on is not None and left_on <= company.results.calendar.as_of
    stance, why = stance_of(figures, has_left=has_left)
    return PortfolioPartner(
        partner_id=partner.partner_id,
        name=partner.name or partner.partner_id,
        partner_type=partner.partner_type,
        region=partner.region,
        manager=partner.manager,
        left_on=left_on,
        has_left=has_left,
        figures=figures,
        stance=stance,
        why=why,
    )


def _business(partners: Sequence[PortfolioPartner]) -> Business:
    """Return how many that need a talk have more sales than returns, and what these come to."""
    amounts = [one.figures.revenue or 0.0 for one in partners if one.stance == TALK]
    bringing = [amount for amount in amounts if amount > 0]
    return Business(len(bringing), sum(bringing))


def _exceptions(found: Sequence[OffTrack]) -> Exceptions:
    partners = {one.partner_id for one in found}
    return Exceptions(tuple(found[:EXCEPTIONS]), len(found), len(partners))


def _attribution(page: _Builder) -> Attribution:
    """Return the partners about whom the models disagree most, and direct business after them."""
    credit = attributed(page.company.results.table, page.partners, page.whose)
    theirs = [row for row in credit if row.partner_id]
    direct = [row for row in credit if not row.partner_id]
    rows = (*theirs[:CREDITED], *direct)
    return Attribution(MODELS, rows, max(len(theirs) - CREDITED, 0))


def _whole(results: Results, scope: str, kpis: Sequence[str]) -> Whole:
    """Return the figures of direct business or of the company, and the history of its revenue."""
    rows = rows_of(results.table, scope, scope, kpis)
    revenue = results.history.filter(pl.col("scope") == scope, pl.col("kpi") == "revenue")
    history = history_of_rows(revenue.to_dicts(), results)
    figures = {row["kpi"]: Figure(row["value"], row["year_ago"]) for row in rows}
    return Whole(figures, history.get("revenue", ()))


def _actions(insights: InsightsByEdition, names: Mapping[str, str]) -> Actions:
    """Return what the playbook asks of whom, and the actions with the most at stake."""
    asked = [(partner, action) for partner in names for action in _actions_on(insights, partner)]
    asked.sort(key=lambda pair: (-round(pair[1].stake or 0.0, 2), pair[1].due, pair[0]))
    owners = _owners(asked)
    return Actions(
        count=len(asked),
        owners=owners[:OWNERS],
        further_owners=max(len(owners) - OWNERS, 0),
        first=tuple(
            PartnerAction(
                partner_id=partner,
                partner=names[partner],
                kpi=action.kpi,
                name=action.name,
                stake=action.stake,
                due=action.due,
                action=action.action,
                owner=action.owner,
            )
            for partner, action in asked[:ACTIONS]
        ),
    )


def _actions_on(insights: InsightsByEdition, partner_id: str) -> Sequence[Action]:
    found = insights.get((partner_id, INTERNAL.name))
    return found.actions if found else ()


def _owners(asked: Sequence[tuple[str, Action]]) -> tuple[OwnerActions, ...]:
    """Return how many actions each owner has, with how many partners, and the first due day.

    A partner who owes something is one of "the partners"; a colleague is named.
    """
    groups: dict[tuple[str, str | None], list[tuple[str, Action]]] = {}
    for partner, action in asked:
        owner = action.owner
        name = None if owner.role == "partner" else owner.name
        groups.setdefault((owner.role, name), []).append((partner, action))
    rows = [
        OwnerActions(
            words=group[0][1].owner.words,
            name=name,
            count=len(group),
            partners=len({partner for partner, _ in group}),
            due=min(action.due for _, action in group),
        )
        for (_, name), group in groups.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.count, row.name or "", row.due)))


def _disputes(company: Company, names: Mapping[str, str]) -> Disputes:
    """Return which figures of this period partners report otherwise, the largest gap first."""
    kpis = company.results.catalogue
    period = str(company.results.calendar.period)
    own = company.beside.compared.disputed().filter(
        pl.col("partner_id").is_in(list(names)) & (pl.col("period") == period)
    )
    rows = sorted(own.to_dicts(), key=lambda row: (-abs(row["relative"] or 0.0), row["kpi"]))
    first = tuple(
        DisputedFigure(
            partner_id=row["partner_id"],
            partner=names[row["partner_id"]],
            name=kpis[row["kpi"]].name if row["kpi"] in kpis else row["kpi"],
            unit=kpis[row["kpi"]].written_in if row["kpi"] in kpis else "number",
            ours=row["ours"],
            reported=row["reported"],
            owner=row["owner"],
        )
        for row in rows[:DISPUTES]
    )
    return Disputes(first, len(rows))


def _restated(compared: Compared, names: Mapping[str, str]) -> RestatedCount:
    """Return how many published figures of these partners have changed, and of how many."""
    changed = {partner: len(rows) for partner, rows in compared.restated().items()}
    own = [changed[partner] for partner in names if partner in changed]
    return RestatedCount(sum(own), len(own))
