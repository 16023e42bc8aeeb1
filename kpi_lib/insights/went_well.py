"""What went well: figures that are better than was agreed, than before, or than they used to be."""

from __future__ import annotations

from collections.abc import Collection, Hashable

from kpi_lib.engine.kpi import Kpi
from kpi_lib.insights.actions import Standing, first_of_each, of_different_families
from kpi_lib.insights.playbook_rules import When
from kpi_lib.insights.shortfall import Gap, gap_of, is_thin
from kpi_lib.slices.insight_types import GoodNews, Reason

NOTABLE = 0.05  # a twentieth better than a year ago is worth a line, less is an ordinary quarter
CASES = 10  # a rate of fewer says too little, as in a rule of the playbook
# What makes a figure good news, by the name of the reason, the strongest first.
REASONS = {
    "target": When(status=("on_track",)),
    "trend": When(trend="improving"),
    "year_ago": When(ahead_of_year_ago=NOTABLE),
}


def went_well(standing: Standing, asked: Collection[str] = ()) -> list[GoodNews]:
    """Return at most three KPIs that went well, each with every reason: the best first.

    `asked`: KPIs that something is asked for; what needs attention has not gone well as well.

    The order: a target reached, then a trend, then better than a year ago; further above the
    target, or than a year ago, before less; the catalogue's order. What misses its target, is below
    0, or only passes by itself (years) is no good news, and the same news stands once.
    """
    order = list(standing.kpis)

    def rank(news: GoodNews) -> tuple[float, ...]:
        there = {reason.reason for reason in news.reasons}
        lead = max(reason.ahead or 0.0 for reason in news.reasons)
        return (*(name not in there for name in REASONS), -round(lead, 9), order.index(news.kpi))

    others = (kpi for kpi in standing.kpis.values() if kpi.id not in asked)
    found = [news for kpi in others if (news := _good_news(kpi, standing))]
    ranked = first_of_each(sorted(found, key=rank), _twin_key)
    return of_different_families(ranked, lambda news: standing.kpis[news.kpi].family)


def _twin_key(news: GoodNews) -> Hashable:
    """Return what is the same of two news that say one thing: orders, and orders a month."""
    ahead = [(r.reason, r.ahead and round(r.ahead, 9)) for r in news.reasons]
    return tuple(ahead) if any(share for _, share in ahead) else (news.kpi,)


def _good_news(kpi: Kpi, standing: Standing) -> GoodNews | None:
    """Return what went well with a KPI and why, or None."""
    row = standing.rows.get(kpi.id)
    if row is None or kpi.better == "neither" or kpi.unit == "years":
        return None
    if row.value is None or row.value < 0 or row.status in ("at_risk", "off_track"):
        return None
    reasons = [
        _reason(name, gap)
        for name, when in REASONS.items()
        if (gap := gap_of(when, row, kpi.better))
        and not is_thin(gap, row, CASES, kpi.unit)
        and (name == "target" or not _is_change(kpi))
    ]
    if not reasons:
        return None
    return GoodNews(kpi.id, row.value, tuple(reasons))


def _reason(name: str, gap: Gap) -> Reason:
    """Return a reason, what the value is held against, and how far ahead it is as a share of it."""
    ahead = gap.size / abs(gap.reference) if gap.size and gap.reference else None
    return Reason(name, gap.reference, ahead)


def _is_change(kpi: Kpi) -> bool:
    """Say whether a value is a change itself: of that only a target says what is good."""
    return any(word in kpi.id for word in ("growth", "increase", "reduction"))
