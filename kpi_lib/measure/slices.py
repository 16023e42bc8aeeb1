"""Slices: all that a notebook is given, one small file for each partner and edition.

The partner edition's slice holds that partner's rows, KPIs that may be shared, and of the others
what it may be told (`coarse_standings`). What is not in it cannot be shown.
`kpi_lib.pages.scorecard` reads it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from kpi_lib.branding import PICTURES
from kpi_lib.data.dataset import Dataset
from kpi_lib.engine.coverage import Coverage
from kpi_lib.engine.kpi import Kpi
from kpi_lib.engine.scopes import ATTRIBUTES
from kpi_lib.kpis.catalogue import is_comparable
from kpi_lib.kpis.profiles import profile_of
from kpi_lib.measure.active_partners import require_joined
from kpi_lib.measure.coarse_standings import OF_ITS_TYPE
from kpi_lib.measure.comparisons import Compared, Told
from kpi_lib.measure.compute import Results
from kpi_lib.measure.covered_figures import as_told
from kpi_lib.measure.peers import COLUMNS as PEER_COLUMNS
from kpi_lib.measure.reader_languages import languages_of
from kpi_lib.measure.survey_comments import comments_of
from kpi_lib.release import version
from kpi_lib.settings import Settings

EDITIONS = ("partner", "internal")
FILE = "slice.json"
PARTNER_COLUMNS = (
    *("partner_id", "name", "partner_type", "tier", "segment", "region"),
    *("industry", "branch", "manager", "joined_on", "left_on", "sharing"),
)
STAND_INS = {"revenue": "orders"}  # in a period that is too short for the first

Slice = dict[str, Any]
Insights = Mapping[tuple[str, str], Slice]  # by partner_id and edition


def write_slices(
    results: Results,
    dataset: Dataset,
    settings: Settings,
    folder: Path,
    partners: Iterable[str] | None = None,
    compared: Compared | None = None,
    insights: Insights | None = None,
) -> list[Path]:
    """Write a folder PARTNER_ID/EDITION with its slice for each partner; return the folders.

    A partner that shares nothing gets the internal edition only. `partners`: only these.
    `compared`: what the figures were held against. `insights`: what is told beside the figures,
    by partner_id and edition.
    """
    written = []
    for slice_ in build_slices(results, dataset, settings, partners, compared, insights):
        place = folder / slice_["partner"]["partner_id"] / slice_["edition"]
        write_slice(slice_, place)
        written.append(place)
    return written


def write_slice(slice_: Slice, folder: Path) -> None:
    """Write one slice as the only file of its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(slice_, ensure_ascii=False, allow_nan=False, sort_keys=True, indent=1)
    (folder / FILE).write_text(text, encoding="utf-8")


def build_slices(
    results: Results,
    dataset: Dataset,
    settings: Settings,
    partners: Iterable[str] | None = None,
    compared: Compared | None = None,
    insights: Insights | None = None,
) -> Iterator[Slice]:
    """Yield the slices, partner by partner, the partner's own edition before the internal one."""
    results = as_told(results)
    wanted = results.partners["partner_id"] if partners is None else list(partners)
    require_joined(wanted, results)
    listed = _partners(results, wanted)
    compared = compared or Compared.with_nothing()
    disputes, restated = compared.disputes(str(results.calendar.period)), compared.restated()
    shared_by_all = of_the_run(results, dataset, settings)
    by_entity, history = _by_entity(results.table), _by_entity(results.history)
    rows_of = {edition: edition_rows(results, edition) for edition in EDITIONS}
    comments, reported = comments_of(results, dataset), compared.reported()
    languages = languages_of(settings)
    for partner in listed:
        beside = _beside(results, by_entity, partner)
        for edition in editions_of(partner):
            kpis = {k.id: k for k in results.kpis if may_show(k, edition)}
            mine = ("partner", partner["partner_id"])
            rows = rows_of[edition].get(partner["partner_id"], [])
            yield {
                **shared_by_all,
                "language": _language(settings, languages, partner, edition),
                "edition": edition,
                "partner": {k: v for k, v in partner.items() if k != "sharing"},
                "profile": _profile(settings, partner, rows),
                "peer_group": _peer_group(results, partner, edition),
                "kpis": _kpis(rows, results, disputes.get(partner["partner_id"], {})),
                "history": history_of_rows(
                    [r for r in history.get(mine, []) if r["kpi"] in kpis], results
                ),
                "restated": _restated(restated.get(partner["partner_id"]), kpis),
                **(_inside(partner, beside, comments, reported) if edition == "internal" else {}),
                "insights": (insights or {}).get((partner["partner_id"], edition), {}),
                "definitions": {
                    k.id: definition_of(k, partner["partner_type"]) for k in kpis.values()
                },
                "made": {"version": version(), "kpis": len(rows)},
            }


def _language(
    settings: Settings, languages: Mapping[str, str], partner: Slice, edition: str
) -> str:
    """Return the partner's language for its own page; what stays inside is in the company's."""
    if edition == "internal":
        return settings.language
    return languages.get(partner["partner_id"], settings.language)


def _partners(results: Results, wanted: Iterable[str]) -> list[Slice]:
    """Return a row for each of the partners of that id, in order of it."""
    frame = partner_rows(results.partners)
    return frame.filter(pl.col("partner_id").is_in(list(wanted))).sort("partner_id").to_dicts()


def partner_rows(partners: pl.DataFrame) -> pl.DataFrame:
    """Return the partners' own columns, dates as ISO text, nulls where a column is absent."""
    frame = partners.with_columns(
        [
            pl.lit(None, dtype=pl.String).alias(c)
            for c in PARTNER_COLUMNS
            if c not in partners.columns
        ]
    )
    days = [pl.col(c).cast(pl.Date).dt.to_string("iso") for c in ("joined_on", "left_on")]
    return frame.select(PARTNER_COLUMNS).with_columns(days)


def of_the_run(results: Results, dataset: Dataset, settings: Settings) -> Slice:
    """Return what every page of a run is given: the period, the data and the company."""
    calendar = results.calendar
    period = calendar.period
    return {
        "period": str(period),
        "cadence": period.cadence,
        "start": str(period.start),
        "end": str(period.end),
        "as_of": str(calendar.as_of),
        "to_date": calendar.to_date,
        "year_end": settings.year_end,
        "currency": settings.reporting_currency,
        "language": settings.language,
        "data": _data(dataset, results.coverage),
        "company": {
            "name": settings.company.name,
            "logo": _as_data_uri(settings.company.logo),
            "colour": settings.company.colour,
        },
    }


def _data(dataset: Dataset, coverage: Coverage) -> Slice:
    prints = "".join(f"{name}:{mark}" for name, mark in sorted(dataset.fingerprints.items()))
    return {
        "source": dataset.source,
        "is_example": dataset.is_example,
        "is_synthetic": dataset.is_synthetic,
        "first_day": None if coverage.first_day is None else str(coverage.first_day),
        "last_day": None if coverage.last_day is None else str(coverage.last_day),
        "left_out": dict(dataset.left_out),
        "fingerprint": hashlib.sha256(prints.encode()).hexdigest()[:12],
    }


def _as_data_uri(logo: Path | None) -> str | None:
    """Return the picture itself: a page asks for nothing, a notebook reads its slice only."""
    if logo is None:
        return None
    kind = PICTURES[logo.suffix.lower()]
    return f"data:{kind};base64,{base64.b64encode(logo.read_bytes()).decode()}"


def editions_of(partner: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the editions that are made for a partner; one that shares nothing is given none."""
    return EDITIONS if partner["sharing"] != "none" else EDITIONS[1:]


def may_show(kpi: Kpi, edition: str) -> bool:
    """Say whether an edition may show a KPI; nothing internal is given to a partner."""
    return edition == "internal" or kpi.audience == "shared"


def edition_rows(results: Results, edition: str) -> dict[str, list[Slice]]:
    """Return by partner_id the rows of the KPI table as an edition may hold them.

    KPIs that it may show, in the catalogue's order, and instead of the columns of peers `standing`,
    null where there is none: how many of the others the partner is `ahead` of, and q1, median and
    q3. The internal edition is given them exactly and the number of `others`, the partner edition
    what is in `coarse_standings`.
    """
    shown = [kpi.id for kpi in results.kpis if may_show(kpi, edition)]
    rows = results.table.filter(pl.col("scope") == "partner", pl.col("kpi").is_in(shown))
    if edition == "internal":
        exact = dict(zip(("ahead", "others", "q1", "median", "q3"), PEER_COLUMNS, strict=True))
        rows = rows.with_columns(**{name: pl.col(column) for name, column in exact.items()})
        figures = list(exact)
    else:
        coarse = results.coarse_standings.frame
        figures = [name for name in coarse.columns if name not in ("entity", "kpi")]
        rows = rows.join(coarse, on=["entity", "kpi"], how="left", maintain_order="left")
    standing = pl.when(pl.col("ahead").is_not_null()).then(pl.struct(figures))
    rows = rows.with_columns(standing=standing).drop(*PEER_COLUMNS, *figures)
    return {entity: of_partner for (_, entity), of_partner in _by_entity(rows).items()}


def _peer_group(results: Results, partner: Slice, edition: str) -> str | None:
    """Return whom the partner is held against: the others of its type, or all; None: nobody."""
    if edition == "internal":
        return OF_ITS_TYPE
    return results.coarse_standings.groups.get(partner["partner_id"])


def _by_entity(frame: pl.DataFrame) -> dict[tuple[str, str], list[Slice]]:
    groups = frame.partition_by("scope", "entity", as_dict=True, maintain_order=True)
    return {(str(key[0]), str(key[1])): group.to_dicts() for key, group in groups.items()}


def _profile(settings: Settings, partner: Slice, rows: list[Slice]) -> list[str]:
    there = {row["kpi"] for row in rows}
    wanted = profile_of(settings, partner["partner_id"], partner["partner_type"])
    # A week has no row of revenue: its orders say how much business there was.
    told = [STAND_INS.get(kpi, kpi) if kpi not in there else kpi for kpi in wanted]
    return [kpi for kpi in dict.fromkeys(told) if kpi in there]


def _inside(
    partner: Slice,
    beside: Slice,
    comments: Mapping[str, list[Slice]],
    reported: Mapping[str, list[Slice]],
) -> Slice:
    """Return what only the internal edition is given."""
    own = partner["partner_id"]
    return {
        "beside": beside,
        "comments": comments.get(own, []),
        "reported": reported.get(own, []),
    }


def _kpis(rows: list[Slice], results: Results, disputes: Mapping[str, Told]) -> list[Slice]:
    """Return the rows of the KPI table, and where a figure is in dispute what the partner said."""
    own = [{k: v for k, v in row.items() if k not in ("scope", "entity")} for row in rows]
    return [
        row | ({"dispute": disputes[row["kpi"]]} if row["kpi"] in disputes else {})
        for row in with_coverage(own, results)
    ]


def with_coverage(rows: list[Slice], results: Results) -> list[Slice]:
    """Return rows of the KPI table, with `covered_from` where the data cover a part of P."""
    return [row | _covered_from(row["kpi"], results) for row in rows]


def _covered_from(kpi: str, results: Results) -> Slice:
    day = results.since.get(kpi)
    if day is None or results.covers(kpi) or day > results.calendar.as_of:
        return {}
    return {"covered_from": str(day)}


def _restated(told: pl.DataFrame | None, kpis: Collection[str]) -> list[Slice]:
    return [] if told is None else told.filter(pl.col("kpi").is_in(list(kpis))).to_dicts()


def history_of_rows(rows: list[Slice], results: Results) -> dict[str, list[Slice]]:
    """Return by KPI the course of one entity: period, value and n of each, oldest first.

    One that the data cover in part has `covered_from`; those before the data are left out.
    """
    history: dict[str, list[Slice]] = {}
    for row in rows:
        point = {"period": row["period"], "value": row["value"], "n": row["n"]}
        if not row["covered"]:
            if row["value"] is None:
                continue
            point["covered_from"] = str(results.since[row["kpi"]])
        history.setdefault(row["kpi"], []).append(point)
    return history


def _beside(
    results: Results, by_entity: dict[tuple[str, str], list[Slice]], partner: Slice
) -> dict[str, dict[str, float | None]]:
    """Return what stands beside a partner's figures inside the company: no sums of many."""
    kpis = {kpi.id: kpi for kpi in results.kpis}
    own = [(scope, partner[scope]) for scope in ATTRIBUTES if partner[scope] is not None]
    whole = [(scope, scope) for scope in ("portfolio", "company", "direct")]
    return {
        scope: {
            row["kpi"]: row["value"]
            for row in by_entity.get((scope, entity), [])
            if is_comparable(kpis[row["kpi"]], row["denominator"])
            and (scope != "direct" or kpis[row["kpi"]].compare_direct)
        }
        for scope, entity in [*own, *whole]
    }


def definition_of(kpi: Kpi, partner_type: str | None) -> Slice:
    """Return what a page says of a KPI with a partner of that type; None: with all of them."""
    return {
        "name": kpi.name,
        "family": kpi.family,
        "unit": kpi.written_in,
        "better": kpi.better,
        "accountable": kpi.accountable_for(partner_type),
        "audience": kpi.audience,
        "cadence": kpi.cadence,
        "adds_up": kpi.adds_up,
        "definition": kpi.definition,
        "tables": sorted(kpi.needs),
        "benchmark_source": kpi.benchmark.source if kpi.benchmark else None,
    }
