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
from kpi_lib.measure.audience_rows import partner_rows
from kpi_lib.measure.compute import Results

PAGE = "portfolio"
GROUPS = {"manager": "managers", "branch": "branches"}  # scope -> the folder of its pages
TOPS = (1, 5, 10)  # of how many of the largest partners the share is told
MODELS = (
    "first_touch_revenue",
    "last_touch_revenue",
    "linear_revenue",
    "time_decay_revenue",
    "position_based_revenue",
)
BUSINESS = ("revenue", "orders")  # how much business there was: the first that the period has
# What is told of each partner: KPI, and which columns of its row.
TOLD = {
    "revenue": ("value", "year_ago", "target", "status", "off_track_periods"),
    "orders": ("value", "year_ago"),
    "gross_margin": ("value",),
    "otif_rate": ("value",),
    "health_score": ("value", "year_ago"),
}
COUNTED = ("judged", "off_track", "longest")  # of each partner's measures
# For a file's name, on one system or another; what turns or hides the text after it is left out.
_UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+")
_LONGEST_NAME = 60  # characters, of at most four bytes

Row = dict[str, Any]


@dataclass(frozen=True)
class Whose:
    """Whose partners a page tells of: a scope of the KPI table, an entity of it, and its place.

    `place`: the page's file in the period's folder, without ending.
    """

    scope: str
    entity: str
    place: str

    @property
    def is_whole(self) -> bool:
        """Whether it tells of all partners."""
        return self.scope == "portfolio"


WHOLE = Whose("portfolio", "portfolio", PAGE)


def everybody(results: Results) -> list[Whose]:
    """Return whose pages a run makes: the whole, each manager and each branch of a partner."""
    frame = partner_rows(results.partners)
    told = [WHOLE]
    for scope, folder in GROUPS.items():
        names = frame[scope].drop_nulls().unique().sort().to_list()
        places = file_names(names)
        told += [Whose(scope, name, f"{folder}/{places[name]}") for name in names]
    return told


def file_names(names: Iterable[str]) -> dict[str, str]:
    """Return a file's name for each name: as near to it as every system can hold, and no two alike.

    >>> file_names(["Ann/Bo", "ann?bo", "Łódź"])
    {'Ann/Bo': 'Ann-Bo', 'ann?bo': 'ann-bo (2)', 'Łódź': 'Łódź'}
    """
    told: dict[str, str] = {}
    taken: dict[str, int] = {}
    for name in names:
        plain = _UNFIT.sub("-", _UNSEEN.sub("", name))[:_LONGEST_NAME].strip(". ") or "-"
        number = taken[plain.casefold()] = taken.get(plain.casefold(), 0) + 1
        told[name] = plain if number == 1 else f"{plain} ({number})"
    return told


def partners_of(results: Results, whose: Whose) -> pl.DataFrame:
    """Return a row for each partner that a page may name, with its own columns."""
    frame = partner_rows(results.partners).sort("partner_id")
    return frame if whose.is_whole else frame.filter(pl.col(whose.scope) == whose.entity)


def partner_figures(results: Results) -> dict[str, Row]:
    """Return what is told of each partner, by its id.

    Beside the columns of `TOLD` (revenue, revenue_year_ago, ...): `judged`, how many measures are
    on track, at risk or off track; `off_track`, how many are off track, and `longest`, for how many
    periods the one has been that is so for longest.
    """
    own = results.table.filter(pl.col("scope") == "partner")
    judged = [kpi.id for kpi in results.kpis if results.covers(kpi.id)]
    told: dict[str, Row] = {entity: {} for entity in results.partners["partner_id"]}
    for row in own.filter(pl.col("kpi").is_in(list(TOLD))).iter_rows(named=True):
        for column in _columns_of(row["kpi"], results):
            name = row["kpi"] if column == "value" else f"{row['kpi']}_{column}"
            told[row["entity"]][name] = row[column]
    bad = pl.col("status") == "off_track"
    counts = (
        own.filter(pl.col("status").is_in(HOLDING) & pl.col("kpi").is_in(judged))
        .group_by("entity")
        .agg(
            judged=pl.len(),
            off_track=bad.sum(),
            longest=pl.col("off_track_periods").filter(bad).max().fill_null(0),
        )
    )
    for entity, *figures in counts.iter_rows():
        told[entity] |= dict(zip(COUNTED, figures, strict=True))
    names = [f"{k}_{c}" if c != "value" else k for k, columns in TOLD.items() for c in columns]
    empty = dict.fromkeys(names) | dict.fromkeys(COUNTED, 0)
    return {entity: empty | row for entity, row in told.items()}


def _columns_of(kpi_id: str, results: Results) -> tuple[str, ...]:
    """Return the columns that are told of a KPI; by what the data cover in part nothing is judged.

    Of that there is the value alone, and of a score, which is a judgement, nothing.
    """
    if results.covers(kpi_id):
        return TOLD[kpi_id]
    return () if results.catalogue[kpi_id].family == GOALS else ("value",)


def rows_of(frame: pl.DataFrame, scope: str, entity: str, kpis: Sequence[str]) -> list[Row]:
    """Return the rows of one entity of the KPI table, of these KPIs, in their order."""
    own = frame.filter(
        (pl.col("scope") == scope) & (pl.col("entity") == entity) & pl.col("kpi").is_in(kpis)
    )
    by_kpi = {row["kpi"]: row for row in own.drop("scope", "entity").iter_rows(named=True)}
    return [by_kpi[kpi] for kpi in kpis if kpi in by_kpi]


def roll_ups(table: pl.DataFrame, scope: str, kpis: Sequence[str]) -> list[Row]:
    """Return a row for each entity of a scope: its value and year-ago value by KPI.

    The one with most of the first KPI comes first.
    """
    own = table.filter((pl.col("scope") == scope) & pl.col("kpi").is_in(kpis))
    told: dict[str, Row] = {}
    for row in own.iter_rows(named=True):
        figures = told.setdefault(row["entity"], {"entity": row["entity"], "kpis": {}})
        figures["kpis"][row["kpi"]] = {"value": row["value"], "year_ago": row["year_ago"]}
    return sorted(told.values(), key=lambda row: (-_value(row, kpis[0]), row["entity"]))


def _value(row: Row, kpi: str) -> float:
    return (row["kpis"].get(kpi) or {}).get("value") or 0.0


def movers(partners: Sequence[Row], most: int) -> dict[str, list[Row]]:
    """Return the largest gains and losses of revenue on the year ago, `most` of each."""
    moved = [
        {**row, "moved": row["revenue"] - row["revenue_year_ago"]}
        for row in partners
        if row["revenue"] is not None and row["revenue_year_ago"] is not None
    ]
    ordered = sorted(moved, key=lambda row: (-row["moved"], row["partner_id"]))
    gains = [row for row in ordered if row["moved"] > 0][:most]
    losses = [row for row in reversed(ordered) if row["moved"] < 0][:most]
    return {"gains": gains, "losses": losses}


def concentration(partners: Sequence[Row], total: Mapping[str, Any] | None) -> Row | None:
    """Return how much of the revenue the largest partners bring, now and a year ago.

    `total`: the row of the KPI table of all of them. `top`: the share of the largest 1, 5 and 10.
    `index`: Herfindahl-Hirschman, the sum of the squared shares, 1 where there is one partner
    alone (Hirschman 1964, "The Paternity of an Index"). `curve`: the share of the first, of the
    first two, ... None where there is no revenue to share.
    """
    now, then = (_shares(partners, column, total) for column in ("value", "year_ago"))
    if not now:
        return None
    curve = [sum(now[: n + 1]) for n in range(len(now))]
    return {
        "top": [
            {"partners": n, "now": curve[n - 1], "then": sum(then[:n]) if then else None}
            for n in TOPS
            if n <= len(now)
        ],
        "index": _index(now),
        "index_year_ago": _index(then) if then else None,
        "curve": curve,
    }


def _shares(partners: Sequence[Row], column: str, total: Mapping[str, Any] | None) -> list[float]:
    """Return each partner's share, the largest first; nothing where there is nothing to share."""
    whole = total[column] if total else None
    if not whole or whole <= 0:
        return []
    name = "revenue" if column == "value" else f"revenue_{column}"
    return sorted((row[name] / whole for row in partners if row[name]), reverse=True)


def _index(shares: Sequence[float]) -> float:
    return sum(share**2 for share in shares)


def attributed(table: pl.DataFrame, partners: Sequence[Row], whose: Whose) -> list[Row]:
    """Return what each model of attribution credits to whom, where any credits anything.

    One row a partner, and of the whole one for direct business, without a partner_id; `apart` is
    how far the models are from each other. Where they disagree most comes first.
    """
    names = {row["partner_id"]: row["name"] for row in partners}
    mine = (pl.col("scope") == "partner") & pl.col("entity").is_in(list(names))
    if whose.is_whole:
        mine |= pl.col("scope") == "direct"
    told: dict[tuple[str, str], dict[str, float]] = {}
    for row in table.filter(mine & pl.col("kpi").is_in(MODELS)).iter_rows(named=True):
        if row["value"] is not None:
            told.setdefault((row["scope"], row["entity"]), {})[row["kpi"]] = row["value"]
    rows: list[Row] = [
        {
            "partner_id": entity if scope == "partner" else None,
            "name": names.get(entity),
            "credit": credit,
            "apart": max(credit.values()) - min(credit.values()),
        }
        for (scope, entity), credit in told.items()
        if any(credit.values())
    ]
    return sorted(rows, key=lambda row: (-row["apart"], row["partner_id"] or ""))
