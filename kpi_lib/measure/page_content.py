"""What slices of every page are made of: the facts of the run, rows with coverage, definitions."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from kpi_lib.branding import PICTURES
from kpi_lib.data.dataset import Dataset
from kpi_lib.engine.coverage import Coverage
from kpi_lib.engine.kpi import Kpi
from kpi_lib.measure.compute import Results
from kpi_lib.settings import Settings
from kpi_lib.slices.page_types import Company, DataFacts, Definition, KpiRow, Point, RunFacts

Row = Mapping[str, Any]  # of a frame, by column


def run_facts(results: Results, dataset: Dataset, settings: Settings) -> RunFacts:
    """Return what every page of a run is given: the period, the data and the company."""
    calendar = results.calendar
    return RunFacts(
        period=str(calendar.period),
        as_of=calendar.as_of,
        to_date=calendar.to_date,
        year_end=settings.year_end,
        currency=settings.reporting_currency,
        data=_data_facts(dataset, results.coverage),
        company=Company(
            settings.company.name, _as_data_uri(settings.company.logo), settings.company.colour
        ),
    )


def _data_facts(dataset: Dataset, coverage: Coverage) -> DataFacts:
    """Return what a page says of its data: source, days covered, rows left out, fingerprint."""
    prints = "".join(f"{name}:{mark}" for name, mark in sorted(dataset.fingerprints.items()))
    return DataFacts(
        source=dataset.source,
        is_example=dataset.is_example,
        is_synthetic=dataset.is_synthetic,
        first_day=coverage.first_day,
        last_day=coverage.last_day,
        left_out=dict(dataset.left_out),
        fingerprint=hashlib.sha256(prints.encode()).hexdigest()[:12],
    )


def _as_data_uri(logo: Path | None) -> str | None:
    """Return the picture itself: a page asks for nothing, a notebook reads its slice only."""
    if logo is None:
        return None
    kind = PICTURES[logo.suffix.lower()]
    return f"data:{kind};base64,{base64.b64encode(logo.read_bytes()).decode()}"


def with_coverage(rows: Iterable[KpiRow], results: Results) -> tuple[KpiRow, ...]:
    """Return rows of the KPI table, with `covered_from` where the data cover a part of P."""
    return tuple(_with_coverage(row, _covered_from(row.kpi, results)) for row in rows)


def _with_coverage(row: KpiRow, day: date | None) -> KpiRow:
    return row if day is None else replace(row, covered_from=day)


def _covered_from(kpi: str, results: Results) -> date | None:
    """Return the day in the period that a KPI's data begin on; None where they cover it."""
    day = results.since.get(kpi)
    if day is None or results.covers(kpi) or day > results.calendar.as_of:
        return None
    return day


def history_of_rows(rows: Iterable[Row], results: Results) -> dict[str, tuple[Point, ...]]:
    """Return by KPI the history of one entity, oldest first.

    A point that the data cover in part has `covered_from`; those before the data are left out.
    """
    history: dict[str, list[Point]] = {}
    for row in rows:
        if not row["covered"] and row["value"] is None:
            continue
        day = None if row["covered"] else results.since[row["kpi"]]
        point = Point(row["period"], row["value"], row["n"], day)
        history.setdefault(row["kpi"], []).append(point)
    return {kpi: tuple(points) for kpi, points in history.items()}


def definition_of(kpi: Kpi, partner_type: str | None) -> Definition:
    """Return what a page says of a KPI with a partner of that type; None: with all of them."""
    return Definition(
        name=kpi.name,
        family=kpi.family,
        unit=kpi.written_in,
        better=kpi.better,
        accountable=kpi.accountable_for(partner_type),
        audience=kpi.audience,
        cadence=kpi.cadence,
        adds_up=kpi.adds_up,
        definition=kpi.definition,
        tables=tuple(sorted(kpi.needs)),
        benchmark_source=kpi.benchmark.source if kpi.benchmark else None,
    )
