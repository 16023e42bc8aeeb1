"""What people said: of the period, of the partner, the newest of each topic."""

from __future__ import annotations

from datetime import date

import polars as pl

from kpi_lib.measure.survey_comments import MOST, comments_of
from kpi_lib.testing.tables_in_text import dataset_of, results_of

ROWS = {"partners": "a 2020-01-01 | b 2020-01-01", "orders": "a c1 07-01 10"}
SURVEYS = {
    "partner_id": ["a", "a", "a", "a", "a", "b", "a", "a", None],
    "responded_on": [
        *("2026-07-01", "2026-07-02", "2026-07-03", "2026-07-04", "2026-08-01"),
        *("2026-07-01", "2026-06-30", "2026-07-09", "2026-07-09"),
    ],
    "topic": ["service"] * 4 + ["product", "service", "service", "service", "service"],
    "comment": ["one", "two", "three", "four", "nice", "of b", "too early", "  ", "of nobody"],
    "respondent": ["partner"] * 9,
    "instrument": ["nps"] * 9,
    "score": [1, 2, 3, 4, 5, 6, 7, 8, 9],
}


def comments(without: str = "") -> dict:
    frame = pl.LazyFrame(SURVEYS).with_columns(pl.col("responded_on").str.to_date())
    dataset = dataset_of(**ROWS)
    tables = {**dataset.tables, "surveys": frame.drop(without) if without else frame}
    object.__setattr__(dataset, "tables", tables)
    return comments_of(results_of(**ROWS), dataset)


def test_the_newest_of_each_topic_are_shown_and_all_are_counted():
    shown = comments()["a"]
    assert [row.comment for row in shown] == ["four", "three", "two", "nice"]
    assert [row.of_topic for row in shown] == [4, 4, 4, 1]
    assert shown[0].responded_on == date(2026, 7, 4)
    assert len([row for row in shown if row.topic == "service"]) == MOST


def test_nobody_is_told_of_anothers_comments_and_other_periods_do_not_count():
    assert [row.comment for row in comments()["b"]] == ["of b"]
    assert "too early" not in str(comments())
    assert "of nobody" not in str(comments())


def test_without_comments_there_are_none_and_without_topics_they_have_none():
    assert comments(without="comment") == {}
    assert {row.topic for row in comments(without="topic")["a"]} == {None}
    assert comments_of(results_of(**ROWS), dataset_of(**ROWS)) == {}
