"""The parts of the page of data quality: what they say, also where there is nothing to tell."""

from __future__ import annotations

import base64
import copy
import re

import pytest
from bs4 import BeautifulSoup

from kpi_lib.show.quality import quality_sections as quality
from kpi_lib.show.quality import quality_words as words
from kpi_lib.show.scorecard.tables import NOTHING
from kpi_lib.slices.quality_types import TableMonth, TableQuality
from tests import given_quality as given

PARTS = ("heading", "verdict", "owners", "tables", "late", "faults", "gaps", "silent",
         "unmeasured", "notes")  # fmt: skip


@pytest.fixture
def poor():
    return given.page(given.poor())


@pytest.fixture
def whole():
    return given.page(given.whole())


def text(html) -> str:
    """What a person reads, blanks made plain."""
    plain = BeautifulSoup(html, "html.parser").get_text(" ")
    return re.sub(r"\s+", " ", plain.replace("\N{NO-BREAK SPACE}", " "))


def rows(html) -> list[list[str]]:
    """The table's body, a list of cells a row, each without its label."""
    soup = BeautifulSoup(html, "html.parser")
    for label in soup.select(".label"):
        label.decompose()
    found = [row.find_all(["th", "td"]) for row in soup.select("tbody tr")]
    return [[" ".join(cell.get_text(" ").split()) for cell in row] for row in found]


@pytest.mark.parametrize("part", PARTS)
def test_whatever_the_data_say_is_text(poor, part):
    html = getattr(quality, part)(poor)
    assert "<script" not in html
    assert "<i>" not in html
    assert "<b>" not in html


def test_the_verdict_says_what_is_missing_and_what_that_costs(poor):
    assert text(quality.verdict(poor)).strip() == (
        "Of 127 measures, 15 have no value for anybody, because 1 table and 1 column are not "
        "there, and 9 have no value for some of the 40 partners; 1 table is late (deliveries); "
        "the check found 1,205 faults and 12 warnings, and 1,205 rows were left out."
    )


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({}, "Every one of 127 measures has a value for the 40 partners; no table is "
                     "late; the check found no fault.", id="all well"),
        pytest.param({"partners": 0}, "There are no partners in this period yet.", id="nobody"),
        pytest.param(
            {"kpis": {"all": 127, "for_nobody": 0, "for_some": 1}, "partners": 1},
            "Of 127 measures, 1 has no value for the one partner; no table is late; the "
            "check found no fault.",
            id="one of one",
        ),
        pytest.param(
            {"kpis": {"all": 9, "for_nobody": 1, "for_some": 0},
             "absences": [given.gap("table", "deals", None, ["Deals won"], 1)]},
            "Of 9 measures, 1 has no value for anybody, because 1 table is not there; no table is "
            "late; the check found no fault.",
            id="one table",
        ),
    ],
)  # fmt: skip
def test_the_verdict_of_other_data(change, expected):
    assert words.verdict(given.page(given.whole() | change)) == expected


def test_the_head_says_how_much_there_is(poor):
    shown = text(quality.heading(poor))
    assert "Data quality Q3 2011" in shown
    assert "Figures with a value 4,840 of 4,840" in shown
    assert "Internal: it names partners and owners" in shown


def test_a_run_to_date_says_so():
    to_date = given.to_date(given.whole())
    assert "is not over" in quality.verdict(given.page(to_date))


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("owners", words.NO_OWNERS),
        ("late", words.ALL_IN_TIME),
        ("faults", words.NOTHING_FOUND),
        ("gaps", words.ALL_THERE),
        ("silent", words.NOBODY_SILENT),
        ("unmeasured", words.ALL_MEASURED),
    ],
)
def test_where_there_is_nothing_to_tell_it_is_said_in_words(whole, part, expected):
    html = getattr(quality, part)(whole)
    assert expected in text(html)
    assert "<table" not in html


def test_every_table_has_its_age_in_words_and_its_months_as_a_picture_with_a_text(poor):
    by_table = {row[0]: row[1:] for row in rows(quality.tables(poor))}
    assert by_table["orders"][:3] == ["41,791", "40", "1 December 2009 to 30 September 2011"]
    states = {name: cells[3] for name, cells in by_table.items()}
    assert states == {
        "partners": "○ Holds until it changes",
        "orders": "◆ 1 month missing and 1 month thin",
        "deliveries": "■ Late: 62 days",
        "targets": "○ Has no date",
        "invoices": "■ No rows",
        "leads": "○ Too few days to tell",
    }
    assert by_table["targets"][1:3] == [NOTHING, NOTHING]
    pictures = BeautifulSoup(quality.tables(poor), "html.parser").find_all("img")
    alts = [picture["alt"].replace("\N{NO-BREAK SPACE}", " ") for picture in pictures]
    assert alts[0] == (
        "Rows of orders a month, October 2009 to September 2011: 100 at most; "
        "missing: May 2010; thin: July 2011"
    )
    assert len(alts) == 3, "a table without a rhythm has no months to show"


def test_missing_and_thin_months_are_drawn_otherwise_than_by_colour_alone(poor):
    (_, deliveries, _) = BeautifulSoup(quality.tables(poor), "html.parser").find_all("img")
    svg = base64.b64decode(deliveries["src"].partition(",")[2]).decode()
    assert svg.count("<rect") == 24
    assert svg.count('fill="#fff" stroke=') == 2


def test_a_table_that_was_silent_for_all_months_drawn_says_so():
    months = tuple(TableMonth(name, None, None) for name in given.MONTHS)
    row = TableQuality(table="surveys", rows=3, partners=1, state="short", months=months)
    assert words.months_alt(row) == "Rows of surveys a month: none in the months drawn"


def test_what_is_late_missing_or_thin_is_shown_with_the_rule(poor):
    shown = text(quality.late(poor))
    for line in (
        "deliveries ends 62 days before the day of the figures; its usual pause is 4 days.",
        "deliveries has no rows in August 2011 to September 2011.",
        "orders has no rows in May 2010.",
        "orders has unusually few rows in July 2011.",
        "95% of the pauses",
        "beyond 2 usual ones and 7 days",
        "less than 25% of the median of the 6 months before it, where that is 8 rows or more",
    ):
        assert line in shown


def test_faults_are_counted_with_examples_and_what_was_left_out(poor):
    html = quality.faults(poor)
    assert rows(html) == [
        ["orders.amount", "not a number", "■ 1,204 rows, fault", "row 3: <b>x</b>"],
        ["deals", "too many fields", "■ 1 row, fault", "row 9: 7 fields"],
        ["leads.created_on", "after the partner left", "◆ 12 rows, warning", "\N{EN DASH}"],
    ]
    assert "1,205 rows of orders were left out because of faults." in text(html)


def test_gaps_name_the_measures_they_take_and_the_rest_is_shown_in_a_line(poor):
    html = quality.gaps(poor)
    assert rows(html) == [
        ["deals", "18", "9", "Measure 0; Measure 1; Measure 2; Measure 3; 14 more"],
        ["orders.cost", "1", "1", "Gross margin"],
    ]
    assert "no measure of this period needs it: fx_rates and partners.tier." in text(html)
    assert "its default what is not there: orders.status (2 measures)." in text(html)


def test_partners_without_rows_are_named_as_far_as_there_is_room(poor):
    assert rows(quality.silent(poor)) == [
        ["customers", f"8 of 40: {given.HOSTILE}, Hong Kong and 6 more", NOTHING, "New customers"]
    ]


def test_what_had_nothing_to_measure_by_is_shown_with_the_reason(poor):
    assert rows(quality.unmeasured(poor)) == [
        [
            "On time, in full (OTIF); Order errors",
            "1 of 40: Bermuda",
            "<i>nothing</i> to measure it by in this period",
        ]
    ]


def test_owners_are_called_by_what_they_are(poor):
    html = quality.owners(poor)
    assert rows(html) == [
        ["Owner of the data", "2", "40", "15", "0", "0", "0"],
        ["<i>Ann</i>, account manager", "1", "8", "0", "0", "1", "0"],
        ["Branch North", "1", "1", "0", "1", "0", "0"],
        ["Bo, for reported figures", "0", "2", "0", "0", "0", "2"],
    ]
    assert (
        f"Not reported yet, by Bo, for reported figures: Joint revenue of {given.HOSTILE} and "
        "Orders of Bermuda."
    ) in text(html)


def test_of_five_measures_all_are_named_and_of_six_four():
    names = [f"m{n}" for n in range(6)]
    assert words.kpis(names[:5]) == "m0; m1; m2; m3; m4"
    assert words.kpis(names) == "m0; m1; m2; m3; 2 more"


def test_figures_have_their_column_beside_them_for_narrow_screens(poor):
    for part in ("owners", "tables", "faults", "gaps", "silent", "unmeasured"):
        soup = BeautifulSoup(getattr(quality, part)(poor), "html.parser")
        cells = soup.select("tbody td")
        assert cells, part
        assert all(cell.select_one(".label") for cell in cells), part


def test_the_same_slice_gives_the_same_page(poor):
    again = given.page(copy.deepcopy(given.poor()))
    assert [getattr(quality, p)(poor) for p in PARTS] == [getattr(quality, p)(again) for p in PARTS]
