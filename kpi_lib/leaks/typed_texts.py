"""What of a slice a person typed or configured, and what is left: only that explains a page.

A note, an action of the playbook, the company's name: whatever stands in them may be somebody
else's, so it excuses neither a name nor a figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

ACTION_TEXTS = ("action", "next_step")  # texts by language, as the playbook has them
ACTIONS = ("actions", "follow_up")


@dataclass(frozen=True)
class Typed:
    """A text that somebody typed; `place`: where; `is_for_all`: not for this partner alone."""

    place: str
    text: str
    is_for_all: bool = False


def typed_in(raw: Mapping[str, Any]) -> Iterator[Typed]:
    """Yield every typed text of a slice."""
    insights = raw.get("insights") or {}
    if insights.get("note"):
        partner_id = raw["partner"]["partner_id"]
        yield Typed(f"notes/{partner_id}/{raw.get('period')}.md", insights["note"])
    for kind in ACTIONS:
        for action in insights.get(kind) or ():
            yield from _of_action(action)
    if company := (raw.get("company") or {}).get("name"):
        yield Typed("the settings, company.name", company, is_for_all=True)
    if source := (raw.get("data") or {}).get("source"):
        yield Typed("the name of the data's source", source, is_for_all=True)
    for row in raw["kpis"]:
        if owner := (row.get("dispute") or {}).get("owner"):
            yield Typed(f"the owner of the figure that was reported for {row['kpi']}", owner)


def _of_action(action: Mapping[str, Any]) -> Iterator[Typed]:
    place = f"the playbook, rule {action.get('rule')}"
    texts = [action.get(name) or {} for name in ACTION_TEXTS]
    texts.append((action.get("owner") or {}).get("words") or {})
    for by_language in texts:
        for text in by_language.values():
            yield Typed(place, text, is_for_all=True)


def computed_in(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the slice without what was typed: its figures, and words of the data and of ours."""
    insights = dict(raw.get("insights") or {})
    insights.pop("note", None)
    for kind in ACTIONS:
        if insights.get(kind):
            insights[kind] = [_untyped(action) for action in insights[kind]]
    return {
        **raw,
        "insights": insights,
        "company": {},
        "data": {k: v for k, v in (raw.get("data") or {}).items() if k != "source"},
        "kpis": [_row(row) for row in raw["kpis"]],
    }


def _untyped(action: Mapping[str, Any]) -> dict[str, Any]:
    owner = {k: v for k, v in (action.get("owner") or {}).items() if k != "words"}
    return {k: v for k, v in action.items() if k not in ACTION_TEXTS} | {"owner": owner}


def _row(row: Mapping[str, Any]) -> Mapping[str, Any]:
    if not row.get("dispute"):
        return row
    return {**row, "dispute": {k: v for k, v in row["dispute"].items() if k != "owner"}}
