"""At most three actions for a partner: where its figures fall short, and what the playbook says.

Everything an action holds is a figure of the partner's rows of the KPI table or a word of the
playbook; show/ writes the one into the other.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import TypeVar

from kpi_lib.audience import PARTNER, Audience
from kpi_lib.engine.kpi import Kpi
from kpi_lib.insights.playbook_rules import NAMED, Rule, RulesByKpi
from kpi_lib.insights.shortfall import Gap, adds_up, gap_of, is_thin
from kpi_lib.insights.stake import at_stake, marked_first
from kpi_lib.slices.insight_types import Action, Owner
from kpi_lib.slices.page_types import KpiRow
from kpi_lib.slices.scorecard_types import Partner

MOST = 3
PRIORITY = {"high": 0, "normal": 1, "low": 2}
SEVERITY = {"off_track": 0, "at_risk": 1}

T = TypeVar("T")


@dataclass(frozen=True)
class Standing:
    """One partner as one edition may see it: its rows by KPI, and what stands beside them.

    `kpis`: those of the edition, in the catalogue's order; nothing of another can be reached from
    here. `as_of`: the last day that counts; `to_date`: it is not the period's last.
    `audience`: of the edition. `weights`: of the families, 1 where they name none.
    """

    partner: Partner
    rows: Mapping[str, KpiRow]
    kpis: Mapping[str, Kpi]
    as_of: date
    audience: Audience
    to_date: bool = False
    weights: Mapping[str, float] | None = None

    def side(self, kpi: Kpi) -> str:
        """Return who answers for a KPI with this partner: us, partner or both."""
        return kpi.accountable_for(self.partner.partner_type)

    @property
    def has_left(self) -> bool:
        """Whether the partnership was over on the last day that counts."""
        left = self.partner.left_on
        return left is not None and left <= self.as_of


def actions_of(standing: Standing, book: RulesByKpi) -> list[Action]:
    """Return at most three actions, the most pressing first, of different families where it can be.

    The order: the rule's priority; the money at stake, more before less, and known before unknown;
    off track before at risk before the rest; more periods off track; the weight of the family; the
    catalogue's order. A KPI asks for one action, and no action stands on a page twice; a rule does
    so only where nothing else is asked for. A partner that has left is asked for nothing. Money
    that two of them speak of is at stake once, with the first.
    """
    if standing.has_left:
        return []
    found = [list(_actions(kpi, standing, book)) for kpi in standing.kpis.values()]
    found = [of_kpi for of_kpi in found if of_kpi]
    asked = _asked_once(found, standing)
    if len(asked) < MOST:
        asked += _asked_again(found, asked, standing)
    chosen = of_different_families(asked, lambda action: _family(action, standing))
    return [a if is_first else _without_stake(a) for a, is_first in marked_first(chosen, _money)]


def _asked_once(found: list[list[Action]], standing: Standing) -> list[Action]:
    """Return one action of each KPI, the most pressing first, and of no rule a second.

    `found`: what each KPI could ask for, by its first rule and by those after it. What a more
    pressing KPI asks for already, another does not ask for again: the next of its rules speaks.
    """
    asked = []
    while found:
        found = sorted(found, key=lambda of_kpi: _rank_of_action(of_kpi[0], standing))
        first = found.pop(0)[0]
        asked.append(first)
        left = ([a for a in of_kpi if not _is_same(a, first)] for of_kpi in found)
        found = [of_kpi for of_kpi in left if of_kpi]
    return asked


def _asked_again(
    found: list[list[Action]], asked: list[Action], standing: Standing
) -> list[Action]:
    """Return what KPIs of other families ask for by the same rules, where it is called otherwise.

    `found`: as in `_asked_once`, which returned `asked`.
    """
    kpis, titles = {action.kpi for action in asked}, [_title(action) for action in asked]
    firsts = [of_kpi[0] for of_kpi in found if of_kpi[0].kpi not in kpis]
    ranked = sorted(firsts, key=lambda action: _rank_of_action(action, standing))
    places = first_of_each([*asked, *ranked], lambda a: (a.rule, _family(a, standing)))
    return [action for action in places if action in ranked and _title(action) not in titles]


def _is_same(one: Action, other: Action) -> bool:
    return one.rule == other.rule or _title(one) == _title(other)


def _title(action: Action) -> dict[str, str]:
    """Return what an action is called, by language; some are called after their KPI."""
    return {code: text.replace("{name}", action.name) for code, text in action.action.items()}


def _money(action: Action) -> str | None:
    """Return the money that an action speaks of."""
    return action.reckoning.of if action.reckoning else None


def _without_stake(action: Action) -> Action:
    """Return an action whose money, if it has any, an action before it speaks of already."""
    return replace(action, reckoning=None)


def first_of_each(ranked: Iterable[T], kind: Callable[[T], Hashable]) -> list[T]:
    """Return the first item of each kind, in the order given."""
    first: dict[Hashable, T] = {}
    for one in ranked:
        first.setdefault(kind(one), one)
    return list(first.values())


def of_different_families(ranked: list[T], family: Callable[[T], str], most: int = MOST) -> list[T]:
    """Return the first of the ranked in their order, one of each family before a second of any."""
    leading = first_of_each(ranked, family)
    rest = [one for one in ranked if one not in leading]
    return sorted((leading + rest)[:most], key=ranked.index)


def _rank_of_action(action: Action, standing: Standing) -> tuple[float, ...]:
    """Return what actions are sorted by, the most pressing first: priority, stake, status, ..."""
    stake, weights = action.stake, standing.weights or {}
    return (
        PRIORITY[action.priority],
        # In cents: sums of another engine may differ in the last bit, and must not change places.
        0.0 if stake is None else -round(stake, 2),
        SEVERITY.get(action.status or "", len(SEVERITY)),
        -(action.off_track_periods or 0),
        -weights.get(_family(action, standing), 1.0),
        list(standing.kpis).index(action.kpi),
    )


def _family(action: Action, standing: Standing) -> str:
    return standing.kpis[action.kpi].family


def _actions(kpi: Kpi, standing: Standing, book: RulesByKpi) -> Iterator[Action]:
    """Yield what each rule that holds for a KPI asks for, in the order of the playbook."""
    row = standing.rows.get(kpi.id)
    if row is None:
        return
    for name, rule in book.rules.get(kpi.id, ()):
        gap = _gap(rule, row, kpi, standing)
        if gap:
            known = _action_with_figures(kpi, gap, standing)
            known = partial(known, rule=name, owner=_owner(rule.owner, standing, book))
            yield _action(known, rule, kpi, gap, standing)


def _gap(rule: Rule, row: KpiRow, kpi: Kpi, standing: Standing) -> Gap | None:
    """Return the gap of the first case of a rule that holds, None where none does."""
    if not _is_meant(rule, kpi, standing):
        return None
    gaps = (gap_of(when, row, kpi.better) for when in rule.cases_of_when.values())
    return next((gap for gap in gaps if gap and _is_sound(gap, rule, kpi, standing)), None)


def _is_sound(gap: Gap, rule: Rule, kpi: Kpi, standing: Standing) -> bool:
    """Say whether a gap stands on enough; a part of a period cannot find a sum of it too small."""
    row = standing.rows[kpi.id]
    # Targets are paced, and earlier periods cut on that day; these two are for the whole.
    whole = gap.against in ("limit", "benchmark") and gap.better == "higher"
    is_early = standing.to_date and whole and adds_up(kpi, row)
    return not is_early and not is_thin(gap, row, rule.cases, kpi.unit)


def _is_meant(rule: Rule, kpi: Kpi, standing: Standing) -> bool:
    may = standing.audience.may_see(rule.edition)
    return may and (not rule.side or standing.side(kpi) in rule.side)


def _action(known: partial[Action], rule: Rule, kpi: Kpi, gap: Gap, standing: Standing) -> Action:
    """Return the action that a rule asks for; `known`: it with its name, owner and figures."""
    return known(
        reckoning=at_stake(rule.stake, kpi, gap, standing.rows, standing.kpis),
        priority=rule.priority,
        for_partner=PARTNER.may_see(rule.edition) and PARTNER.may_see(kpi.audience),
        action=dict(rule.action),
        next_step=dict(rule.next_step),
        due=due_after(standing.as_of, rule.due_days),
    )


def _action_with_figures(kpi: Kpi, gap: Gap, standing: Standing) -> partial[Action]:
    """Return an action that has the figures it stands on, and waits for what its rule says."""
    row = standing.rows[kpi.id]
    return partial(
        Action,
        kpi=kpi.id,
        name=kpi.name,
        unit=kpi.written_in,
        better=gap.better,
        side=standing.side(kpi),
        value=row.value,
        target=row.target,
        minimum=row.minimum,
        variance=row.variance,
        status=row.status,
        off_track_periods=row.off_track_periods,
        trend=row.trend,
        n=row.n,
        against=gap.against,
        reference=gap.reference,
        gap=gap.size,
    )


def _owner(role: str, standing: Standing, book: RulesByKpi) -> Owner:
    """Return a role, its words, and who holds it with this partner, where the data say so."""
    name = getattr(standing.partner, NAMED[role]) if role in NAMED else None
    return Owner(role, dict(book.owners[role]), name)


def due_after(day: date, days: int) -> date:
    """Return the day so many days later; of a weekend, the Monday after it.

    >>> due_after(date(2011, 9, 30), 14), due_after(date(2011, 9, 30), 15)
    (datetime.date(2011, 10, 14), datetime.date(2011, 10, 17))
    """
    due = day + timedelta(days=days)
    weekday = due.isoweekday()
    return due + timedelta(days=8 - weekday if weekday > 5 else 0)
