"""What a period asked for, kept in its `actions.parquet`, and what became of it a period later."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from kpi_lib.engine.calendar import Calendar
from kpi_lib.engine.kpi import Kpi
from kpi_lib.insights.actions import Action
from kpi_lib.insights.playbook_faults import IN_TITLES, placeholders
from kpi_lib.insights.shortfall import SIGN, Row, adds_up, at_least, is_same

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
NONE, UNREADABLE, READ = "none", "unreadable", "read"  # what there is of the period before

Asked = dict[str, Any]


@dataclass(frozen=True)
class Earlier:
    """What the period before asked of each partner, by its id and edition.

    `state`: none (it left no file), unreadable (a damaged file, or one of something else), read.
    """

    period: str
    state: str = NONE
    asked: Mapping[tuple[str, str], list[Row]] = field(default_factory=dict)


def actions_table(
    actions: Mapping[tuple[str, str], list[Action]], calendar: Calendar, currency: str
) -> pl.DataFrame:
    """Return what is asked for, one row for each partner, edition and action."""
    common = {"period": str(calendar.period), "as_of": calendar.as_of, "currency": currency}
    rows = [
        {"partner_id": partner, "edition": edition, **common, "place": place, **_flat(action)}
        for (partner, edition), of_partner in actions.items()
        for place, action in enumerate(of_partner, 1)
    ]
    return pl.DataFrame(rows, schema={**SCHEMA, "due": pl.String()}).with_columns(
        pl.col("due").str.to_date()
    )


def _flat(action: Action) -> Row:
    owner = action["owner"]
    told = {name: action[name] for name in SCHEMA if name in action}
    return told | {
        "owner": owner["role"],
        "owner_name": owner["name"],
        "owner_words": json.dumps(owner["words"], ensure_ascii=False),
        "action": json.dumps(action["action"], ensure_ascii=False),
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
    asked: dict[tuple[str, str], list[Row]] = {}
    try:
        for row in sorted(_read(file), key=lambda told: told["place"]):
            _require_whole(row)
            this_one = row["period"] == str(before) and before.start <= row["as_of"] <= before.end
            if not this_one or row["currency"] != currency:
                return Earlier(str(before), UNREADABLE)
            asked.setdefault((row["partner_id"], row["edition"]), []).append(row)
    except (OSError, ValueError, TypeError, OverflowError, pa.ArrowException):
        return Earlier(str(before), UNREADABLE)
    return Earlier(str(before), READ, asked)


def _read(file: Path) -> list[Row]:
    """Return the rows of the file, by Arrow: Polars may panic over a damaged one."""
    table = pq.read_table(file, columns=list(SCHEMA))
    table = table.cast(pl.DataFrame(schema=SCHEMA).to_arrow().schema)
    words = ("action", "owner_words")
    return [told | {name: _words(told[name]) for name in words} for told in table.to_pylist()]


def _words(text: str) -> dict[str, str]:
    words = json.loads(text)
    if not isinstance(words, dict) or not all(isinstance(text, str) for text in words.values()):
        raise ValueError("texts by language were expected")
    return words


def _require_whole(row: Row) -> None:
    """Raise ValueError where a row lacks what every one has, or a title asks for what none has."""
    lacking = [name for name in SCHEMA if row[name] is None and name not in MAY_BE_NULL]
    strange = {name for text in row["action"].values() for name in placeholders(text)} - IN_TITLES
    if lacking or strange or row["better"] not in SIGN:
        raise ValueError("no row of actions")


def follow_up(
    asked: Iterable[Row], rows: Mapping[str, Row], kpis: Mapping[str, Kpi], calendar: Calendar
) -> list[Asked]:
    """Return what became of each thing that was asked for, given the partner's rows of now.

    `moved`: better, worse or unchanged; None without a value then and now. `reached`: whether the
    value is where it was asked to be; None where nobody can say. A part of a period says neither of
    a figure that adds up through it: such a figure is held against the same part of the period
    before, and not yet against what was asked for. What is of no KPI of this edition is left out.
    """
    end = calendar.period.previous().end
    return [
        _became(row, rows[row["kpi"]], _is_partial(row, end, rows, kpis, calendar))
        for row in asked
        if row["kpi"] in rows
    ]


def _is_partial(
    asked: Row, end: date, rows: Mapping[str, Row], kpis: Mapping[str, Kpi], calendar: Calendar
) -> bool:
    """Say whether then or now only a part was there of a figure that adds up."""
    if asked["as_of"] == end and not calendar.to_date:
        return False
    return adds_up(kpis[asked["kpi"]], rows[asked["kpi"]])


def _became(asked: Row, row: Row, is_partial: bool) -> Asked:
    now, then = row["value"], row["previous"] if is_partial else asked["value"]
    return {
        "rule": asked["rule"],
        "kpi": asked["kpi"],
        "action": asked["action"],
        "owner": {
            "role": asked["owner"],
            "words": asked["owner_words"],
            "name": asked["owner_name"],
        },
        "due": asked["due"].isoformat(),
        "against": asked["against"],
        "reference": asked["reference"],
        "then": then,
        "now": now,
        "moved": _moved(then, now, SIGN[asked["better"]]),
        "reached": None if is_partial else _reached(asked, now),
    }


def _moved(then: float | None, now: float | None, sign: float) -> str | None:
    if then is None or now is None:
        return None
    return "unchanged" if is_same(now, then) else "better" if sign * (now - then) > 0 else "worse"


def _reached(asked: Row, now: float | None) -> bool | None:
    """Say whether a value is at what was asked for, or there again where none was."""
    if asked["value"] is None or now is None:
        return None if now is None else True
    sign, reference = SIGN[asked["better"]], asked["reference"]
    return None if reference is None else at_least(sign * now, sign * reference)
