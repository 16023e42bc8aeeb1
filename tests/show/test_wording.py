"""Sentences say what the figures say, and read as English."""

import pytest

from kpi_lib.periods import Period
from kpi_lib.show.common import data_notes, period_words, wording
from kpi_lib.show.common import missing_reasons as reasons
from kpi_lib.show.common.language import speaking
from kpi_lib.show.scorecard import sections as parts
from kpi_lib.show.scorecard import verdict
from tests import given


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def sentence(raw):
    return plain(verdict.sentence(given.card_of(raw)))


@pytest.mark.parametrize(
    ("period", "name"),
    [
        ("2011", "2011"),
        ("2011-H2", "H2 2011"),
        ("2011-Q3", "Q3 2011"),
        ("2011-09", "September 2011"),
        ("2011-W37", "week 37 of 2011"),
    ],
)
def test_a_period_has_a_name_that_people_say(period, name):
    assert plain(period_words.period_name(Period.parse(period))) == name


def test_the_verdict_leads_with_the_first_figure_and_the_targets():
    assert sentence(given.rich()) == (
        "Joint revenue came to £64,322 in Q3 2011, up 23.0% on the year; "
        "2 of 7 measures held against a target are on track, and 1 stands on too few cases to say."
    )


def test_without_targets_the_verdict_counts_what_is_better_than_a_year_ago():
    assert sentence(given.no_targets_no_peers()).endswith(
        "12 of 16 measures are better than a year ago."
    )


def test_a_measure_that_has_not_moved_is_counted_but_is_not_better():
    raw = given.no_targets_no_peers()
    better = next(k for k in raw["kpis"] if k["kpi"] == "revenue")
    better["year_ago"] = better["value"]
    assert sentence(raw).endswith("11 of 16 measures are better than a year ago.")


@pytest.mark.parametrize(
    ("better", "words"),
    [(1.0, "all 16 measures are better"), (-1.0, "none of the 16 measures are better")],
)
def test_all_and_none_are_said_as_words(better, words):
    raw = given.no_targets_no_peers()
    for row in raw["kpis"]:
        lower = given.KPIS[row["kpi"]][3] == "lower"
        if row["year_ago"] is not None:
            row["value"] = row["year_ago"] + (better if not lower else -better)
    assert words in sentence(raw)


def test_of_a_partner_without_orders_the_day_of_the_last_is_shown():
    assert sentence(given.tiny()) == (
        "Lithuania placed no orders in Q3 2011; the last were in Q2 2011, for £312."
    )


def test_a_partner_that_never_ordered_is_told_just_that():
    raw = given.tiny()
    for point in raw["history"]["revenue"]:
        point["value"] = 0
    assert sentence(raw) == "Lithuania placed no orders in Q3 2011."


def test_a_partner_that_just_joined_is_compared_with_nothing():
    assert sentence(given.new()).endswith(
        "South Africa joined on 15 August 2011, so there is no earlier period to compare with."
    )
    raw = given.tiny()
    raw["partner"]["joined_on"] = "2011-08-15"
    assert (
        sentence(raw) == "Lithuania placed no orders in Q3 2011, having joined on 15 August 2011."
    )


def test_a_partner_without_a_single_figure_gets_a_sentence_too():
    raw = given.with_values(given.rich(), {}, "there is no table orders")
    assert sentence(raw) == ("Germany: there are no figures for this partner in this period yet.")


def test_without_revenue_the_profile_leads():
    raw = given.with_values(given.rich(), {"otif_rate": [0.9] * 8}, "there is no table orders")
    assert sentence(raw).startswith("On time, in full (OTIF) stood at 90.0% in Q3 2011")


def test_a_half_finished_period_is_marked():
    card = given.card_of(given.to_date())
    assert "(up to 15 August 2011)" in plain(verdict.sentence(card))
    assert "Q3 2011 is not over" in plain(data_notes.unfinished(card))


@pytest.mark.parametrize(
    ("last_day", "mark"),
    [
        ("2011-09-24", ""),  # a week without a row at the end says nothing
        (
            "2011-09-23",
            "The data end on 23 September 2011, before Q3 2011 does: what came later is in no "
            "figure, and targets are those of the whole period.",
        ),
        ("2011-12-09", ""),
    ],
)
def test_a_period_whose_end_the_data_do_not_reach_is_marked(last_day, mark):
    raw = given.rich()
    raw["data"]["last_day"] = last_day
    card = given.card_of(raw)
    assert plain(data_notes.unfinished(card)) == mark
    page = plain(str(parts.verdict(card)))
    assert (mark in page, "unfinished" in page) == (True, bool(mark))


def test_a_title_says_the_message():
    card = given.card_of(given.rich())
    assert plain(wording.trend_title(card.measures["revenue"], card)) == (
        "Joint revenue came to £64,322 in Q3 2011, up 23.0% on the year: the highest of 7 quarters"
    )
    assert plain(wording.trend_title(card.measures["otif_rate"], card)).endswith(
        "the lowest of 7 quarters"
    )
    assert wording.trend_title(card.measures["partner_nps"], card).startswith(
        "Partner NPS: no value"
    )


def test_an_alternative_text_holds_the_figures_of_the_chart():
    card = given.card_of(given.rich())
    alt = plain(wording.chart_alt(card.measures["revenue"], card, "Bar chart"))
    assert "Q4 2009 (covered in part, from 1 December 2009) to Q3 2011: from £41,200" in alt
    assert "to £64,322" in alt
    assert "lowest £38,110 in Q1 2010, highest £64,322 in Q3 2011" in alt


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("there is no table compliance_checks", "no data on compliance checks"),
        ("there is no column orders.project_id", "no data on the project of orders"),
        (
            "there is no column orders.cost, orders.market_id; there is no table costs",
            "no data on the cost and market of orders and costs",
        ),
        ("nothing to divide by: the denominator is 0", reasons.NOTHING),
        (None, reasons.NOTHING),
        ("nothing to compare with in the earlier period",) * 2,
    ],
)
def test_a_reason_needs_no_knowledge_of_tables(missing, words):
    raw = given.rich()
    raw["kpis"][0]["missing"] = missing
    assert wording.reason(given.card_of(raw).measures["revenue"]) == words


def test_a_target_is_said_with_the_distance_to_it():
    card = given.card_of(given.rich())
    lines = {k: plain(wording.target_line(m, card) or "") for k, m in card.measures.items()}
    assert lines["revenue"] == "Target £60,000: 7.2% above"
    assert lines["otif_rate"] == "Target 95.0%: 3.8 points below"
    assert lines["orders"] == ""
    raw = given.rich()
    raw["kpis"][0] |= {"value": 60000.0}
    raw["kpis"][1] |= {"value": None, "target": 0.1}
    card = given.card_of(raw)
    assert wording.target_line(card.measures["revenue"], card) == "Target £60,000: met exactly"
    assert wording.target_line(card.measures["revenue_growth"], card) == "Target +10.0%"


def test_the_notes_say_what_the_data_cover_and_lack():
    notes = [plain(note) for note in data_notes.data_notes(given.card_of(given.to_date()))]
    assert "The data end before the period does: nothing after 10 August 2011 is counted." in notes
    assert "3 rows of orders were left out because of faults." in notes
    assert "1 row of customers was left out because of faults." in notes
    assert "Q4 2009 is covered in part only: the data begin on 1 December 2009." in notes


def test_synthetic_data_and_a_partnership_that_ended_are_said():
    raw = given.rich()
    raw["data"] |= {"is_example": False, "is_synthetic": True, "first_day": None}
    raw["partner"]["left_on"] = "2011-09-01"
    notes = [plain(note) for note in data_notes.data_notes(given.card_of(raw))]
    assert data_notes.SYNTHETIC in notes
    assert "Source: Online Retail II, invoices of a wholesaler." in notes
    assert "The partnership with Germany ended on 1 September 2011." in notes


def test_measures_without_data_are_named_for_the_profile_and_counted_for_the_rest():
    raw = given.with_values(
        given.rich(targets=False),
        {"revenue": [1.0] * 8, "orders": [1] * 8},
        "there is no table deliveries",
    )
    assert data_notes.without_value(given.card_of(raw))[0].endswith(
        "11 further measures that need data that are not there."
    )
    raw["edition"] = "internal"
    (grouped,) = [t for t in data_notes.without_value(given.card_of(raw)) if "deliveries" in t]
    assert grouped.endswith("(no data on deliveries).")


def test_the_parts_of_a_value_are_shown():
    raw = given.rich()
    raw["kpis"][0] |= {"benchmark": 70000.0}
    raw["definitions"]["revenue"]["benchmark_source"] = "a study"
    card = given.card_of(raw)
    made = " ".join(data_notes.made_of(card.measures["otif_rate"], card))
    assert plain(made).startswith("310.1 / 340 in Q3 2011. n = 340. 95% interval:")
    assert made.endswith("Moved by us.")
    assert "A published claim: £70,000 (a study)." in data_notes.made_of(
        card.measures["revenue"], card
    )
    assert data_notes.made_of(card.measures["partner_nps"], card)[0].startswith("Not available")


def test_a_run_is_summed_up_in_a_sentence():
    assert data_notes.run_sentence(40, 80, 0) == "80 reports of 40 partners: all done."
    assert data_notes.run_sentence(1, 1, 0, 0, 2) == (
        "1 report of 1 partner; 2 pages of the whole run failed."
    )
    assert data_notes.run_sentence(40, 80, 1) == "80 reports of 40 partners; 1 partner failed."


@pytest.mark.parametrize(
    ("held", "words"),
    [
        pytest.param({"revenue": "on_track"}, "better than a year ago.", id="one says little"),
        pytest.param(
            {"revenue": "on_track", "otif_rate": "on_track"},
            "; both measures held against a target are on track.",
            id="both",
        ),
        pytest.param(
            {"revenue": "on_track", "otif_rate": "at_risk", "dso_days": "off_track"},
            "; 1 of 3 measures held against a target is on track.",
            id="one of three",
        ),
        pytest.param(
            {"revenue": "on_track", "otif_rate": "unsure", "dso_days": "unsure"},
            "; 1 of 3 measures held against a target is on track, "
            "and 2 stand on too few cases to say.",
            id="most on too few cases",
        ),
    ],
)
def test_targets_are_counted_where_there_are_some(held, words):
    raw = given.no_targets_no_peers()
    for row in raw["kpis"]:
        row["status"] = held.get(row["kpi"], "no_target")
    assert sentence(raw).endswith(words)


def test_too_few_comparisons_are_not_counted():
    raw = given.with_values(given.rich(targets=False), {"revenue": [9.0] * 8}, "no orders")
    assert sentence(raw) == "Joint revenue came to £9.00 in Q3 2011, unchanged on the year."
    for point in raw["history"]["revenue"]:
        point["value"] = 9.0
    assert wording.trend_title(given.card_of(raw).measures["revenue"], given.card_of(raw)).endswith(
        "year"
    )


def test_a_week_that_the_year_before_lacks_has_no_name_there():
    raw = given.rich() | {"period": "2020-W53"}
    assert wording.year_ago_name(given.card_of(raw)) == "A year ago"


@pytest.mark.parametrize(
    ("edition", "said"),
    [("partner", "Moved by you, the partner."), ("internal", "Moved by the partner.")],
)
def test_who_moves_a_measure_is_said_to_the_one_who_reads(edition, said):
    raw = given.rich(edition)
    raw["definitions"]["orders"]["accountable"] = "partner"
    card = given.card_of(raw)
    assert data_notes.made_of(card.measures["orders"], card)[-1] == said


@pytest.mark.parametrize(
    ("period", "as_of", "said"),
    [
        ("2011-W37", "2011-09-18", "week 37 of 2011"),
        ("2011-09", "2011-09-30", "September 2011"),
        ("2011-H1", "2011-06-30", "H1 2011"),
        ("2011", "2011-12-31", "2011"),
        ("2011-Q3", "2011-09-14", "Q3 2011 to 14 September"),
    ],
)
def test_the_title_of_a_page_names_its_period_and_the_day_that_it_goes_up_to(period, as_of, said):
    raw = given.rich() | {"period": period, "as_of": as_of, "to_date": "Q" in period}
    assert plain(period_words.period_title(given.card_of(raw))) == said


def test_below_a_chart_weeks_are_short():
    week = Period.parse("2011-W37")
    assert plain(period_words.period_name(week, short=True)) == "W37 2011"
    with speaking("de"):
        assert plain(period_words.period_name(week, short=True)) == "KW37 2011"
