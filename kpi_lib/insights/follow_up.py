"""What a period asked for, kept in its `actions.parquet`, and what became of it a period later."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from kpi_lib.engine.calendar import Calendar
from kpi_lib.engine.kpi import Kpi
from kpi_lib.insights.playbook_faults import IN_TITLES, placeholders
from kpi_lib.insights.shortfall import SIGN, adds_up, at_least, is_same
from kpi_lib.slices.insight_types import Action, FollowUp, Owner, Words
from kpi_lib.slices.page_types import KpiRow

FILE = "actions.parquet"
SCHEMA: dict[str, pl.DataType] = {
    **dict.fromkeys(("partner_id", "edition", "period"), pl.String()),
    "as_of": pl.Date(),
    "currency": pl.String(),
    "place": pl.Int64(),  # 1: the most pressing
    **dict.fromkeys(("rule", "kpi", "unit", "side", "status"), pl.String()),
    **dict.fromkeys(("value", "target", "minimum", "variance"), pl.Float64()),
    **dict.fromkeys(("against", "better"), pl.String()),
    **dict.fromkeys(("reference", "gap", "stake"), pl.Float64()),
    **dict.fromkeys(("owner", "owner_name"), pl.String()),
    "due": pl.Date(),
    "action": pl.String(),  # its texts by language, as JSON: a playbook changes, what was asked not
    "owner_words": pl.String(),
}
MAY_BE_NULL = frozenset(
    {"value", "target", "minimum", "variance", "reference", "gap", "stake", "status", "owner_name"}
)
_OF_AN_ACTION = (
    *("rule", "kpi", "unit", "side", "status", "value", "target", "minimum", "variance"),
    *("against", "better", "reference", "gap", "stake", "due"),
)
NONE, UNREADABLE, READ = "none", "unreadable", "read"  # what there is of the period before


@dataclass(frozen=True)
class Asked:
    """An action of the period before, with the partner's figure of then, in the KPI's unit.

    `as_of`: the last day that counted. `better`, `against` and `reference` as an action has them.
    """

    rule: str
    kpi: str
    action: Words
    owner: Owner
    due: date
    as_of: date
    value: float | None
    against: str
    better: str
    reference: float | None


@dataclass(frozen=True)
class Earlier:
    """What the period before asked of each partner, by its id and edition.

    `state`: none (it left no file), unreadable (a damaged file, or one of something else), read.
    """

    period: str
    state: str = NONE
    asked: Mapping[tuple[str, str], list[Asked]] = field(default_factory=dict)


def actions_table(
    actions: Mapping[tuple[str, str], Sequence[Action]], calendar: Calendar, currency: str
) -> pl.DataFrame:
    """Return what is asked for, one row for each partner, edition and action."""
    common = {"period": str(calendar.period), "as_of": calendar.as_of, "currency": currency}
    rows = [
        {"partner_id": partner, "edition": edition, **common, "place": place, **_record_of(action)}
        for (partner, edition), of_partner in actions.items()
        for place, action in enumerate(of_partner, 1)
    ]
    return pl.DataFrame(rows, schema=SCHEMA)


def _record_of(action: Action) -> dict[str, object]:
    """Return an action as one row of the actions on file, texts by language as JSON."""
    figures = {name: getattr(action, name) for name in _OF_AN_ACTION}
    return figures | {
        "owner": action.owner.role,
        "owner_name": action.owner.name,
        "owner_words": json.dumps(dict(action.owner.words), ensure_ascii=False),
        "action": json.dumps(dict(action.action), ensure_ascii=False),
    }


def read_earlier(folder: Path | None, calendar: Calendar, currency: str) -> Earlier:
    """Return what the period before asked for, given the folder that holds the periods' folders.

    A file that is damaged, of another period (a year end that was moved) or in another currency is
    unreadable: no run stops for it.
    """
    before = calendar.period.previous()
    file = folder / str(before) / FILE if folder else None
    if file is None or not file.exists():
        return Earlier(str(before))
    asked: dict[tuple[str, str], list[Asked]] = {}
    try:
        for row in sorted(_read(file), key=lambda row: row["place"]):
            _require_whole(row)
            this_one = row["period"] == str(before) and before.start <= row["as_of"] <= before.end
            if not this_one or row["currency"] != currency:
                return Earlier(str(before), UNREADABLE)
            asked.setdefault((row["partner_id"], row["edition"]), []).append(_asked_from(row))
    except (OSError, ValueError, TypeError, OverflowError, pa.ArrowException):
        return Earlier(str(before), UNREADABLE)
    return Earlier(str(before), READ, asked)


def _asked_from(row: Mapping[str, Any]) -> Asked:
    """Return what an earlier period asked for, from a row of the actions on file."""
    return Asked(
        rule=row["rule"],
        kpi=row["kpi"],
        action=row["action"],
        owner=Owner(row["owner"], row["owner_words"], row["owner_name"]),
        due=row["due"],
        as_of=row["as_of"],
        value=row["value"],
        against=row["against"],
        better=row["better"],
        reference=row["reference"],
    )


def _read(file: Path) -> list[dict[str, Any]]:
    """Return the rows of the file, by Arrow: Polars may panic over a damaged one."""
    table = pq.read_table(file, columns=list(SCHEMA))
    table = table.cast(pl.DataFrame(schema=SCHEMA).to_arrow().schema)
    words = ("action", "owner_words")
    return [row | {name: _read_words(row[name]) for name in words} for row in table.to_pylist()]


def _read_words(text: str) -> dict[str, str]:
    """Return texts by language from JSON; raise ValueError where it is anything else."""
    words = json.loads(text)
    if not isinstance(words, dict) or not all(isinstance(text, str) for text in words.values()):
        raise ValueError("texts by language were expected")
    return words


def _require_whole(row: Mapping[str, Any]) -> None:
    """Raise ValueError where a row lacks what every one has, or a title asks for what none has."""
    lacking = [name for name in SCHEMA if row[name] is None and name not in MAY_BE_NULL]
    strange = {name for text in row["action"].values() for name in placeholders(text)} - IN_TITLES
    if lacking or strange or row["better"] not in SIGN:
        raise ValueError("no row of actions")


def follow_up(
    asked: Iterable[Asked], rows: Mapping[str, KpiRow], kpis: Mapping[str, Kpi], calendar: Calendar
) -> list[FollowUp]:
    """Return what became of each thing that was asked for, given the partner's rows of now.

    `moved`: better, worse or unchanged; None without a value then and now. `reached`: whether the
    value is where it was asked to be; None where nobody can say. A part of a period says neither of
    a figure that adds up through it: such a figure is held against the same part of the period
    before, and not yet against what was asked for. What is of no KPI of this edition is left out.
    """
    return [
        _follow_up_of(one, rows[one.kpi], _is_partial(one, rows[one.kpi], kpis[one.kpi], calendar))
        for one in asked
        if one.kpi in rows
    ]


def _is_partial(asked: Asked, row: KpiRow, kpi: Kpi, calendar: Calendar) -> bool:
    """Say whether then or now only a part was there of a figure that adds up."""
    if asked.as_of == calendar.period.previous().end and not calendar.to_date:
        return False
    return adds_up(kpi, row)


def _follow_up_of(asked: Asked, row: KpiRow, is_partial: bool) -> FollowUp:
    """Return what became of an action: its figure then and now, better or worse, target reached."""
    now, then = row.value, row.previous if is_partial else asked.value
    return FollowUp(
        rule=asked.rule,
        kpi=asked.kpi,
        action=asked.action,
        owner=asked.owner,
        due=asked.due,
        against=asked.against,
        reference=asked.reference,
        then=then,
        now=now,
        moved=_moved(then, now, SIGN[asked.better]),
        reached=None if is_partial else _reached(asked, now),
    )


def _moved(then: float | None, now: float | None, sign: float) -> str | None:
    """Say whether a figure is `better`, `worse` or `unchanged`; None where one is not known."""
    if then is None or now is None:
        return None
    return "unchanged" if is_same(now, then) else "better" if sign * (now - then) > 0 else "worse"


def _reached(asked: Asked, now: float | None) -> bool | None:
    """Say whether a value is at what was asked for, or there again where none was."""
    if asked.value is None or now is None:
        return None if now is None else True
    sign, reference = SIGN[asked.better], asked.reference
    return None if reference is None else at_least(sign * now, sign * reference)
