"""The figures of many partners side by side: of the whole company, a manager or a branch.

Every figure is a row of the KPI table, or a sum, a share or a difference of such rows; of partners'
figures only amounts are ever added up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from kpi_lib.kpis.goals import FAMILY as GOALS
from kpi_lib.kpis.goals import HOLDING
from kpi_lib.measure.audience_rows import partner_rows, partners_of
from kpi_lib.measure.compute import Results
from kpi_lib.slices.portfolio_types import (
    Concentration,
    Credited,
    Figure,
    Mover,
    Movers,
    PartnerFigures,
    PortfolioPartner,
    RollUp,
    Scope,
    TopShare,
)
from kpi_lib.slices.scorecard_types import Partner

PAGE = "portfolio"
GROUPS = {
    "manager": "managers",
    "branch": "branches",
}  # scope -> the folder of its pages
_SCOPES: dict[str, Scope] = {"manager": "manager", "branch": "branch"}
TOPS = (1, 5, 10)  # of how many of the largest partners the share is shown
MODELS = (
    "first_touch_revenue",
    "last_touch_revenue",
    "linear_revenue",
    "time_decay_revenue",
    "position_based_revenue",
)
BUSINESS = ("revenue", "orders")  # how much business there was: the first that the period has
# What a page shows of each partner: KPI, and which columns of its row.
COLUMNS = {
    "revenue": ("value", "year_ago", "target", "status", "off_track_periods"),
    "orders": ("value", "year_ago"),
    "gross_margin": ("value",),
    "otif_rate": ("value",),
    "health_score": ("value", "year_ago"),
}
# For a file's name, on one system or another; what turns or hides the text after it is left out.
_UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+")
_LONGEST_NAME = 60  # characters, of at most four bytes

Row = dict[str, Any]


@dataclass(frozen=True)
class Whose:
    """Whose partners a page is about: a scope of the KPI table, an entity of it, and its place.

    `place`: the page's file in the period's folder, without ending.
    """

    scope: Scope
    entity: str
    place: str

    @property
    def is_whole(self) -> bool:
        """Whether it is about all partners."""
        return self.scope == "portfolio"


WHOLE = Whose("portfolio", "portfolio", PAGE)


def portfolios_of_run(results: Results) -> list[Whose]:
    """Return whose pages a run makes: the whole, each manager and each branch of a partner."""
    frame = partner_rows(results.partners)
    pages = [WHOLE]
    for scope, folder in GROUPS.items():
        names = frame[scope].drop_nulls().unique().sort().to_list()
        places = file_names(names)
        pages += [Whose(_SCOPES[scope], name, f"{folder}/{places[name]}") for name in names]
    return pages


def file_names(names: Iterable[str]) -> dict[str, str]:
    """Return a file's name for each name: as near to it as every system can hold, and no two alike.

    >>> file_names(["Ann/Bo", "ann?bo", "Łódź"])
    {'Ann/Bo': 'Ann-Bo', 'ann?bo': 'ann-bo (2)', 'Łódź': 'Łódź'}
    """
    found: dict[str, str] = {}
    taken: dict[str, int] = {}
    for name in names:
        plain = _UNFIT.sub("-", _UNSEEN.sub("", name))[:_LONGEST_NAME].strip(". ") or "-"
        number = taken[plain.casefold()] = taken.get(plain.casefold(), 0) + 1
        found[name] = plain if number == 1 else f"{plain} ({number})"
    return found


def partners_of_page(results: Results, whose: Whose) -> list[Partner]:
    """Return the partners that a page may name, in order of their ids."""
    partners = [row.partner for row in partners_of(results)]
    if whose.is_whole:
        return partners
    return [partner for partner in partners if getattr(partner, whose.scope) == whose.entity]


def partner_figures(results: Results) -> dict[str, PartnerFigures]:
    """Return what a page shows of each partner, by its id."""
    own = results.table.filter(pl.col("scope") == "partner")
    figures: dict[str, Row] = {entity: {} for entity in results.partners["partner_id"]}
    for row in own.filter(pl.col("kpi").is_in(list(COLUMNS))).iter_rows(named=True):
        for column in _columns_of(row["kpi"], results):
            name = row["kpi"] if column == "value" else f"{row['kpi']}_{column}"
            figures[row["entity"]][name] = row[column]
    for row in _judged(own, results).iter_rows(named=True):
        figures[row.pop("entity")] |= row
    return {entity: PartnerFigures(**row) for entity, row in figures.items()}


def _judged(own: pl.DataFrame, results: Results) -> pl.DataFrame:
    """Return a row for each partner with measures that are held against a target.

    entity, judged (how many), off_track (how many of them), longest (periods in a row that the one
    which is so for longest has been off track, 0 where none is).
    """
    judged = [kpi.id for kpi in results.kpis if results.covers(kpi.id)]
    bad = pl.col("status") == "off_track"
    return (
        own.filter(pl.col("status").is_in(HOLDING) & pl.col("kpi").is_in(judged))
        .group_by("entity")
        .agg(
            judged=pl.len(),
            off_track=bad.sum(),
            longest=pl.col("off_track_periods").filter(bad).max().fill_null(0),
        )
    )


def _columns_of(kpi_id: str, results: Results) -> tuple[str, ...]:
    """Return the columns that are shown of a KPI; by what the data cover in part nothing is judged.

    Of that there is the value alone, and of a score, which is a judgement, nothing.
    """
    if results.covers(kpi_id):
        return COLUMNS[kpi_id]
    return () if results.catalogue[kpi_id].family == GOALS else ("value",)


def rows_of(frame: pl.DataFrame, scope: str, entity: str, kpis: Sequence[str]) -> list[Row]:
    """Return the rows of one entity of the KPI table, of these KPIs, in their order."""
    own = frame.filter(
        (pl.col("scope") == scope) & (pl.col("entity") == entity) & pl.col("kpi").is_in(kpis)
    )
    by_kpi = {row["kpi"]: row for row in own.drop("scope", "entity").iter_rows(named=True)}
    return [by_kpi[kpi] for kpi in kpis if kpi in by_kpi]


def roll_ups(table: pl.DataFrame, scope: str, kpis: Sequence[str]) -> tuple[RollUp, ...]:
    """Return a roll-up for each entity of a scope, the one with most of the first KPI first."""
    own = table.filter((pl.col("scope") == scope) & pl.col("kpi").is_in(kpis))
    found: dict[str, dict[str, Figure]] = {}
    for row in own.iter_rows(named=True):
        figures = found.setdefault(row["entity"], {})
        figures[row["kpi"]] = Figure(row["value"], row["year_ago"])
    rows = [RollUp(entity, figures) for entity, figures in found.items()]
    return tuple(sorted(rows, key=lambda row: (-_value(row, kpis[0]), row.entity)))


def _value(row: RollUp, kpi: str) -> float:
    return row.kpis.get(kpi, Figure()).value or 0.0


def movers(partners: Sequence[PortfolioPartner], most: int) -> Movers:
    """Return the largest gains and losses of revenue on the year ago, `most` of each."""
    moved = [mover for partner in partners if (mover := _mover_of(partner)) is not None]
    ordered = sorted(moved, key=lambda row: (-row.moved, row.partner_id))
    gains = [row for row in ordered if row.moved > 0][:most]
    losses = [row for row in reversed(ordered) if row.moved < 0][:most]
    return Movers(tuple(gains), tuple(losses))


def _mover_of(partner: PortfolioPartner) -> Mover | None:
    """Return a partner's revenue now and a year ago; None where one of them is not known."""
    now, then = partner.figures.revenue, partner.figures.revenue_year_ago
    if now is None or then is None:
        return None
    return Mover(partner.partner_id, partner.name, now, then, now - then)


def concentration(
    partners: Sequence[PortfolioPartner], total: Figure | None
) -> Concentration | None:
    """Return how much of the revenue the largest partners bring, now and a year ago.

    `total`: the revenue of all of them. The index is Herfindahl-Hirschman's (Hirschman 1964, "The
    Paternity of an Index"), 1 where there is one partner alone. None where there is no revenue.
    """
    figures, total = [partner.figures for partner in partners], total or Figure()
    now = _shares([of.revenue for of in figures], total.value)
    then = _shares([of.revenue_year_ago for of in figures], total.year_ago)
    if not now:
        return None
    curve = tuple(sum(now[: n + 1]) for n in range(len(now)))
    return Concentration(
        top=tuple(
            TopShare(n, curve[n - 1], sum(then[:n]) if then else None)
            for n in TOPS
            if n <= len(now)
        ),
        index=_index(now),
        index_year_ago=_index(then) if then else None,
        curve=curve,
    )


def _shares(amounts: Iterable[float | None], total: float | None) -> list[float]:
    """Return each amount's share, the largest first; nothing where there is nothing to share."""
    if not total or total <= 0:
        return []
    return sorted((amount / total for amount in amounts if amount), reverse=True)


def _index(shares: Sequence[float]) -> float:
    return sum(share**2 for share in shares)


def attributed(
    table: pl.DataFrame, partners: Sequence[PortfolioPartner], whose: Whose
) -> list[Credited]:
    """Return what each model of attribution credits to whom, where any credits anything.

    One row a partner, and of the whole one for direct business, without a partner_id. Where the
    models disagree most comes first.
    """
    names = {partner.partner_id: partner.name for partner in partners}
    mine = (pl.col("scope") == "partner") & pl.col("entity").is_in(list(names))
    if whose.is_whole:
        mine |= pl.col("scope") == "direct"
    credits: dict[str | None, dict[str, float]] = {}
    for row in table.filter(mine & pl.col("kpi").is_in(MODELS)).iter_rows(named=True):
        if row["value"] is not None:
            partner_id = row["entity"] if row["scope"] == "partner" else None
            credits.setdefault(partner_id, {})[row["kpi"]] = row["value"]
    rows = [
        Credited(partner_id, _name_of(partner_id, names), credit, _apart(credit))
        for partner_id, credit in credits.items()
        if any(credit.values())
    ]
    return sorted(rows, key=lambda row: (-row.apart, row.partner_id or ""))


def _name_of(partner_id: str | None, names: Mapping[str, str]) -> str | None:
    return None if partner_id is None else names.get(partner_id)


def _apart(credit: Mapping[str, float]) -> float:
    return max(credit.values()) - min(credit.values())
