"""Rows behind the goals: KPIs and where they stand, objectives and how far they have come."""

from __future__ import annotations

import polars as pl

from kpi_lib.engine.terms.attainment import Objectives, Score, WithStatus
from kpi_lib.evidence.place import Place
from kpi_lib.evidence.shares import ADDS, Counted, counted
from kpi_lib.kpis.goals import FAMILY
from kpi_lib.measure.second_stage import course_of

STANDING = ("kpi", "value", "target", "minimum", "variance", "status")


def of_statuses(part: WithStatus, place: Place) -> Counted:
    """Return the entity's own KPIs that have one of the statuses."""
    told = _standing(place).filter(pl.col("status").is_in(part.statuses))
    return Counted("kpis", told.with_columns(pl.lit(1.0).alias(ADDS)))


def of_score(part: Score, place: Place) -> Counted:
    """Return the KPIs that a score is made of: attainment (0 to 1) and the weight of the family.

    Each adds 100 x its attainment x its family's part of all weights / the family's KPIs.
    """
    book = place.working.book
    reached = {kpi: float(of[place.index]) for (s, kpi), of in book.entered.items() if s == part}
    attainment = pl.col("kpi").replace_strict(reached, default=None, return_dtype=pl.Float64)
    weight = pl.col("family").replace_strict(book.weights, default=1.0, return_dtype=pl.Float64)
    told = _standing(place).with_columns(attainment=attainment.fill_nan(None), weight=weight)
    told = told.drop_nulls("attainment")
    weights = told.group_by("family").agg(pl.col("weight").first())["weight"].sum()
    of_family = pl.col("attainment") / pl.len().over("family")
    return Counted(
        "kpis", told.with_columns((100 * of_family * pl.col("weight") / weights).alias(ADDS))
    )


def _standing(place: Place) -> pl.DataFrame:
    """Return the entity's KPIs with value, target and status, all but the goals."""
    families = {kpi.id: kpi.family for kpi in place.results.kpis}
    own = place.results.table.filter(scope=place.scope, entity=place.entity).select(*STANDING)
    family = pl.col("kpi").replace_strict(families, return_dtype=pl.String)
    return own.with_columns(family=family).filter(pl.col("family") != FAMILY)


def of_objectives(part: Objectives, place: Place) -> Counted:
    """Return the objectives that run and whose KPI has a value, or those of them on course.

    Beside each: its KPI's value, its progress, and the share of its time that has passed.
    """
    rows = place.rows(part.rows).filter(pl.col("kpi").is_in(list(place.working.book.values)))
    told = [_judged(part, place, of_kpi) for of_kpi in rows.partition_by("kpi")]
    return counted(part.rows, pl.concat(told) if told else rows.with_columns(pl.lit(0).alias(ADDS)))


def _judged(part: Objectives, place: Place, rows: pl.DataFrame) -> pl.DataFrame:
    values, higher = place.working.book.values[str(rows["kpi"][0])]
    own = [place.entities.index_of("partner", partner) for partner in rows["partner_id"]]
    course = course_of(rows, values[own], higher, place.working.cube.calendar)
    told = rows.with_columns(
        value=values[own, place.slot],
        progress=course.progress[:, place.slot],
        time_passed=course.time_passed[:, place.slot],
    )
    counts = course.judged if part.which == "all" else course.on_course
    return told.filter(counts[:, place.slot]).with_columns(pl.lit(1.0).alias(ADDS))
