"""What of a slice a person typed or configured, and what is left: only that explains a page.

A note, an action of the playbook, the company's name: whatever stands in them may be somebody
else's, so it excuses neither a name nor a figure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from kpi_lib.slices.insight_types import Action, FollowUp, Insights, Words
from kpi_lib.slices.page_types import Company, KpiRow
from kpi_lib.slices.scorecard_types import ScorecardSlice


@dataclass(frozen=True)
class Typed:
    """A text that somebody typed; `place`: where; `is_for_all`: not for this partner alone."""

    place: str
    text: str
    is_for_all: bool = False


def typed_in(slice_: ScorecardSlice) -> Iterator[Typed]:
    """Yield every typed text of a slice."""
    insights, run = slice_.insights, slice_.run
    if insights is not None:
        yield from _typed_in_insights(
            insights, f"notes/{slice_.partner.partner_id}/{run.period}.md"
        )
    if run.company.name:
        yield Typed("the settings, company.name", run.company.name, is_for_all=True)
    if run.data.source:
        yield Typed("the name of the data's source", run.data.source, is_for_all=True)
    for row in slice_.kpis:
        if row.dispute and row.dispute.owner:
            place = f"the owner of the figure that was reported for {row.kpi}"
            yield Typed(place, row.dispute.owner)


def _typed_in_insights(insights: Insights, place_of_note: str) -> Iterator[Typed]:
    """Yield what a person typed: the note, and the playbook's texts."""
    if insights.note:
        yield Typed(place_of_note, insights.note)
    for action in insights.actions:
        place = f"the playbook, rule {action.rule}"
        yield from _typed_in_words(place, action.action, action.next_step, action.owner.words)
    for asked in insights.follow_up:
        yield from _typed_in_words(
            f"the playbook, rule {asked.rule}", asked.action, asked.owner.words
        )


def _typed_in_words(place: str, *texts: Words) -> Iterator[Typed]:
    """Yield each language's text as one that is typed for all partners."""
    for by_language in texts:
        for text in by_language.values():
            yield Typed(place, text, is_for_all=True)


def computed_in(slice_: ScorecardSlice) -> ScorecardSlice:
    """Return the slice without what was typed: its figures, and words of the data and of ours."""
    run = replace(slice_.run, company=Company(), data=replace(slice_.run.data, source=None))
    insights = _computed_insights(slice_.insights) if slice_.insights else None
    rows = tuple(_computed_row(row) for row in slice_.kpis)
    return replace(slice_, run=run, insights=insights, kpis=rows)


def _computed_insights(insights: Insights) -> Insights:
    """Return the insights without what a person typed."""
    return replace(
        insights,
        note="",
        actions=tuple(_computed_action(action) for action in insights.actions),
        follow_up=tuple(_computed_follow_up(asked) for asked in insights.follow_up),
    )


def _computed_action(action: Action) -> Action:
    return replace(action, action={}, next_step={}, owner=replace(action.owner, words={}))


def _computed_follow_up(asked: FollowUp) -> FollowUp:
    return replace(asked, action={}, owner=replace(asked.owner, words={}))


def _computed_row(row: KpiRow) -> KpiRow:
    return replace(row, dispute=replace(row.dispute, owner=None)) if row.dispute else row
