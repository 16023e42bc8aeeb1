"""What earlier runs published of a period, as far as this run can be held against it.

A period's kpis.parquet is what its last run published, but for partners whose pages that run did
not make: they still have those of the run before. So each run, before it replaces the table, keeps
in its hidden folder what was published until then, partner by partner. A run that is stopped leaves
that as it was.
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from kpi_lib.atomic import HIDDEN
from kpi_lib.engine.calendar import Calendar
from kpi_lib.measure.compute import Results
from kpi_lib.measure.kpi_table import write_table
from kpi_lib.measure.restatement import WHO, figures_of, restate
from kpi_lib.periods import Period

TABLE, RECORD, KEPT = "kpis.parquet", "run.json", "published.parquet"
BASIS = {  # what two runs must share before their figures are compared, and how its lack is put
    "currency": "in {}, and this run is in {}",
    "year_end": "with years that end in {}, and this run's end in {}",
    "source": "from {}, and this run reads {}",
}
SCHEMA: dict[str, pl.DataType] = {
    **dict.fromkeys(WHO, pl.String()),
    "value": pl.Float64(),
    **dict.fromkeys(("as_of", *BASIS, "published_at"), pl.String()),
}


@dataclass(frozen=True)
class Basis:
    """What figures are in and from: two runs that differ in it (`BASIS`) cannot be compared."""

    currency: str
    year_end: str
    source: str


@dataclass(frozen=True)
class Published:
    """The figures published of a period (`SCHEMA`), and why more of them are not known."""

    figures: pl.DataFrame
    fault: str | None = None


@dataclass(frozen=True)
class Restated:
    """The figures that differ from what was published, and what could not be compared, and why."""

    figures: pl.DataFrame
    not_compared: tuple[str, ...] = ()


def read_record(folder: Path) -> dict[str, Any]:
    """Return what run.json of a period's folder says, nothing where it is missing or damaged."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def published_in(folder: Path) -> Published:
    """Return what was published in a period's folder; a damaged file is its `fault`, no error."""
    before = _kept(folder)
    if not (folder / TABLE).is_file():
        return before
    record = read_record(folder)
    if not record:
        fault = before.fault or "its last run has not ended, or its record is damaged"
        return before if len(before.figures) else replace(before, fault=fault)
    try:
        last = _last(folder, record)
        not_made = _not_made(record)
    except (KeyError, TypeError, ValueError):
        return replace(before, fault=f"its {RECORD} does not say all that a comparison needs")
    if last is None:
        return replace(before, fault=f"its {TABLE} is not as its last run wrote it")
    return replace(before, figures=_with_those_not_made(last, before.figures, not_made))


def keep(published: Published, folder: Path) -> None:
    """Keep what was published of a period until now, before this run replaces it."""
    if len(published.figures):
        write_table(published.figures, folder / HIDDEN / KEPT)


def restated(results: Results, basis: Basis, out: Path) -> Restated:
    """Return what differs from what runs in `out` published of this period and those before it."""
    ours = asdict(basis)
    published, not_compared = [pl.DataFrame(schema=SCHEMA)], []
    for period, last_day in _compared(results.calendar):
        found = published_in(out / str(period))
        same_days = found.figures.filter(pl.col("as_of") == str(last_day))
        faults = [found.fault] if found.fault else _on_another_basis(found.figures, ours)
        not_compared += [f"{period}: {fault}" for fault in faults]
        published.append(same_days.filter(**ours))
    return Restated(restate(figures_of(results), pl.concat(published)), tuple(not_compared))


def _compared(calendar: Calendar) -> list[tuple[Period, date]]:
    """Return the periods whose figures the run has as they are, each with its last day.

    A run to date cuts the periods before its own too: they are not what was published of them.
    """
    own = (calendar.period, calendar.as_of)
    earlier = [calendar.periods[slot] for slot in calendar.recent[:-1]]
    return [own] if calendar.to_date else [own, *((p, p.end) for p in reversed(earlier))]


def _last(folder: Path, record: dict[str, Any]) -> pl.DataFrame | None:
    """Return the table of a period's last run, None where it is not as it was written."""
    basis = {
        "as_of": str(record["as_of"]),
        "currency": str(record["currency"]),
        "year_end": str(record["year_end"]),
        "source": str(record["data"]["source"]),
        "published_at": datetime.fromisoformat(record["started_at"]).isoformat(),
    }
    content = (folder / TABLE).read_bytes()
    # Polars reads many a damaged file without a word, so it is not asked.
    if hashlib.sha256(content).hexdigest() != record["tables"][TABLE]:
        return None
    table = pl.read_parquet(io.BytesIO(content), columns=[*WHO, "value"])
    return table.with_columns(pl.lit(text).alias(name) for name, text in basis.items())


def _not_made(record: dict[str, Any]) -> set[str]:
    """Return the partners of whom a run did not make every report."""
    reports = [report for report in record["reports"] if report["partner_id"] is not None]
    return {report["partner_id"] for report in reports if report["state"] != "done"}


def _with_those_not_made(
    last: pl.DataFrame, before: pl.DataFrame, not_made: set[str]
) -> pl.DataFrame:
    """Return the last run's figures; of partners that it did not make pages for, those before."""
    mine = (pl.col("scope") == "partner") & pl.col("entity").is_in(list(not_made))
    older = before.filter(mine)
    return pl.concat([last.join(older, on=["scope", "entity"], how="anti"), older])


def _kept(folder: Path) -> Published:
    """Return what was kept when the last run of a period that ended was replaced."""
    none, file = pl.DataFrame(schema=SCHEMA), folder / HIDDEN / KEPT
    if not file.is_file():
        return Published(none)
    try:
        return Published(pl.concat([none, pl.read_parquet(file, glob=False)]))
    except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return Published(none, "what was kept of its earlier runs is damaged")


def _on_another_basis(figures: pl.DataFrame, ours: dict[str, str]) -> list[str]:
    """Return in words what was published that means something else."""
    return [
        "it was published " + words.format(theirs, ours[name])
        for name, words in BASIS.items()
        for theirs in figures[name].unique().sort()
        if theirs != ours[name]
    ]
