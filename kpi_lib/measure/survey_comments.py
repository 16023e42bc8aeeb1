"""What people said of a partner in a period: the comments of its surveys, by topic."""

from __future__ import annotations

import polars as pl

from kpi_lib.data.dataset import Dataset
from kpi_lib.measure.compute import Results
from kpi_lib.slices.scorecard_types import Comment

MOST = 3  # comments of a topic: the newest
NEEDED = ("partner_id", "responded_on", "comment")
SHOWN = ("topic", "respondent", "instrument", "score", "responded_on", "comment")


def comments_of(results: Results, dataset: Dataset) -> dict[str, tuple[Comment, ...]]:
    """Return by partner_id the newest comments of each topic in the run's period, newest first.

    The topic with most comments stands first. Empty without surveys or comments.
    """
    surveys = dataset.tables.get("surveys")
    if surveys is None or not set(NEEDED) <= set(surveys.collect_schema().names()):
        return {}
    calendar = results.calendar
    said = _with_all_columns(surveys).filter(
        pl.col("partner_id").is_not_null(),
        pl.col("comment").str.strip_chars() != "",
        pl.col("responded_on").is_between(calendar.period.start, calendar.as_of),
    )
    newest = said.sort("responded_on", "comment", descending=True)
    counted = newest.with_columns(
        of_topic=pl.len().over("partner_id", "topic"),
        place=pl.int_range(pl.len()).over("partner_id", "topic"),
    )
    kept = counted.filter(pl.col("place") < MOST).collect()
    ordered = kept.sort("of_topic", "topic", "place", descending=[True, False, False])
    days = pl.col("responded_on").cast(pl.Date)
    rows = ordered.select("partner_id", *SHOWN, "of_topic").with_columns(days)
    comments: dict[str, list[Comment]] = {}
    for row in rows.iter_rows(named=True):
        comments.setdefault(row.pop("partner_id"), []).append(Comment(**row))
    return {partner_id: tuple(of_partner) for partner_id, of_partner in comments.items()}


def _with_all_columns(surveys: pl.LazyFrame) -> pl.LazyFrame:
    """Return the surveys with every column that is shown, empty where the data have none."""
    there = surveys.collect_schema().names()
    absent = [pl.lit(None, pl.String).alias(name) for name in SHOWN if name not in there]
    return surveys.with_columns(absent).with_columns(pl.col("score").cast(pl.Float64))
