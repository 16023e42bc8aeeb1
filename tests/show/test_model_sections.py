"""The pages of the models say which way is used, how it did, and why there is nothing to say."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from kpi_lib.errors import RunError
from kpi_lib.pages.model_report import ModelReport
from kpi_lib.show.common.language import speaking
from kpi_lib.show.common.untyped_page import UntypedPage
from kpi_lib.show.models import model_charts
from kpi_lib.show.models import model_sections as models
from kpi_lib.show.models import model_words as words
from kpi_lib.slices.untyped import write_untyped

COMMON = {
    "period": "2011-Q3",
    "as_of": "2011-09-30",
    "year_end": "DEC",
    "currency": "GBP",
    "made": {"version": "0"},
    "data": {},
    "company": {"name": None, "logo": None, "colour": None},
}
SETTINGS = {"horizon_days": 90, "threshold": 0.5, "horizon_months": 36, "rate": 0.1}
TEST = {
    "cut": "2011-07-02",
    "customers": 90,
    "actual": 40.0,
    "model": 44.0,
    "rule": 60.0,
    "model_error": 0.41,
    "rule_error": 0.52,
    "covered": 0.94,
}
VALUE = {
    **SETTINGS,
    "why": "",
    "used": "model",
    "model": "ModifiedBetaGeo",
    "k": 2,
    "identified": True,
    "customers": 90,
    "in_margin": False,
    "parameters": [{"parameter": "r", "estimate": 0.5, "low": 0.4, "high": 0.6}],
    "spend": [{"parameter": "p", "estimate": 6.25, "low": 4.0, "high": 9.0}],
    "correlation": 0.1,
    "tests": [TEST],
    "band": 0.1,
    "total": 90000.0,
    "total_low": 70000.0,
    "total_high": 110000.0,
    "partners": [
        {
            "partner": "<b>Alpha</b>",
            "direct": False,
            "customers": 9,
            "purchases": 12.0,
            "value": 800.0,
            "own_weight": 0.4,
        }
    ],
    "groups": [{"group": "0", "customers": 50, "expected": 0.2, "actual": 0.1}],
    "course": [
        {"day": "2011-08-01", "expected": 9.0, "actual": 8.0},
        {"day": "2011-09-01", "expected": 19.0, "actual": 18.0},
    ],
}
SCORED = {"auc": 0.72, "brier": 0.2, "ece": 0.02, "customers": 90, "left": 40, "cut": "2011-07-02"}
CHURN = {
    **SETTINGS,
    "why": "",
    "used": "logistic",
    "scored": 90,
    "at_risk": 5000.0,
    "tests": [{"way": "logistic", **SCORED}, {"way": "own_gap", **SCORED, "auc": None}],
    "coefficients": [{"feature": "idle", "coefficient": 0.4}],
    "tenths": [
        {
            "customers": 9,
            "expected": 0.9,
            "left": 0.8,
            "gone": 7,
            "money": 100.0,
            "all_money": 120.0,
        }
    ],
    "customers": [
        {
            "customer_id": "c1",
            "partner": "",
            "chance": 0.8,
            "spend": 100.0,
            "stake": 80.0,
            "reasons": ["idle", "late"],
        }
    ],
    "partners": [{"partner": "", "direct": True, "scored": 9, "spend": 100.0, "stake": 80.0}],
}
TENTHS = [
    {"customers": 9, "expected": 0.9, "left": 0.8, "gone": 7, "money": 100.0, "all_money": 120.0},
    {"customers": 9, "expected": 0.2, "left": 0.3, "gone": 3, "money": 300.0, "all_money": 900.0},
]
PARTS = {
    "cltv": ("verdict", "partners", "tests", "course", "groups", "parameters", "cautions"),
    "churn": ("verdict", "customers", "partners", "tests", "tenths", "coefficients", "cautions"),
}


def page(name: str, **told) -> UntypedPage:
    whole = {"cltv": VALUE, "churn": CHURN}[name]
    return UntypedPage.of({**COMMON, "page": name, "told": {**whole, **told}})


def text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html)).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("name", PARTS)
def test_every_part_has_its_figures_and_none_reads_as_none_or_nan(name):
    report = ModelReport(page(name))
    for part in (*PARTS[name], "heading", "made"):
        said = text(getattr(report, part)().html)
        assert not re.search(r"\b(None|nan|NaN)\b", said), part
        assert "nothing to show" not in said, part


def test_the_page_says_that_the_model_lost_and_the_rule_is_used():
    said = text(models.used(page("cltv", used="rule")))
    assert "loses to the rule of thumb" in said
    assert "rule is used" in said
    assert "rule is used" in text(models.used(page("churn", used="own_gap")))


def test_the_page_says_that_the_model_won():
    assert "misses customers by less" in text(models.used(page("cltv")))
    assert "closest to what happened" in text(models.used(page("churn")))


def test_untested_is_said_where_there_was_no_earlier_day():
    for name in PARTS:
        assert "untested" in text(models.used(page(name, tests=[])))


@pytest.mark.parametrize("name", PARTS)
def test_thin_data_give_a_page_that_says_so(name):
    thin = {**COMMON, "page": name, "told": {**SETTINGS, "why": "all orders are of one day"}}
    report = ModelReport(UntypedPage.of(thin))
    for part in PARTS[name]:
        assert "all orders are of one day" in text(getattr(report, part)().html), part


def test_cautions_name_what_is_weak():
    weak = page("cltv", identified=False, band=0.4, correlation=-0.5)
    said = " ".join(words.value_cautions(weak.raw["told"], weak))
    for phrase in ("weak prior", "missed by 40.0%", "also spends otherwise", "revenue, not margin"):
        assert phrase in said
    poor = [{"way": "logistic", **SCORED, "auc": 0.6, "ece": 0.1}]
    bad = page("churn", tests=poor)
    said = " ".join(words.churn_cautions(bad.raw["told"], bad))
    assert "only a little better than chance" in said
    assert "more than 6 points" in said


def test_what_people_wrote_is_escaped_and_reasons_are_words():
    assert "<b>Alpha</b>" not in models.partners(page("cltv"))
    said = text(models.customers(page("churn")))
    assert "long since the last purchase; late deliveries" in said
    assert "Direct business" in said


def test_the_chart_has_both_courses_and_a_text_that_tells_them():
    axes = model_charts.course(pd.DataFrame(VALUE["course"]), ("came", "expected"))
    lines = [line.get_ydata().tolist() for line in axes.lines if len(line.get_ydata())]
    assert lines == [[8.0, 18.0], [9.0, 19.0]]
    assert [each.get_text() for each in axes.get_legend().get_texts()] == ["came", "expected"]
    assert "18 purchases came and 19 were expected" in models.course(page("cltv"))


def test_the_title_of_the_course_says_how_far_it_is_off():
    assert words.course_title(90, 120) == "25.0% fewer purchases came than were expected"
    assert words.course_title(120, 100) == "20.0% more purchases came than were expected"
    assert words.course_title(100, 101) == "As many purchases came as were expected"
    assert words.course_title(0, 0) == "Nothing was expected to come"


def test_calibration_draws_each_tenth_where_it_was_told_and_where_it_came():
    axes = model_charts.calibration(pd.DataFrame(TENTHS), ("Expected", "Left"))
    assert axes.collections[0].get_offsets().tolist() == [[0.9, 0.8], [0.2, 0.3]]
    assert "within 10 points in every tenth" in models.tenths(page("churn", tenths=TENTHS))


def test_lift_begins_at_nothing_and_ends_with_all():
    rows = pd.DataFrame(models.cumulated(TENTHS))
    axes = model_charts.lift(rows, ("leavers", "money"), "customers")
    gone, money = (line.get_ydata().tolist() for line in axes.lines[:2])
    assert gone == pytest.approx([0, 0.7, 1])
    assert money == pytest.approx([0, 0.25, 1])
    assert "of those who left" in models.tenths(page("churn", tenths=TENTHS))


def test_the_words_are_german_where_the_page_is():
    with speaking("de"):
        assert "verliert" in models.used(page("cltv", used="rule"))
        assert words.title(page("churn")) == "Kunden, die abzuwandern drohen"


@pytest.mark.parametrize("name", PARTS)
def test_every_reason_way_and_parameter_has_words(name):
    from kpi_lib.models.churn import WAYS

    assert set(words.WAYS) == set(WAYS)
    assert {"r", "alpha", "a", "b", "p", "q", "v"} <= set(words.PARAMETERS)


def test_a_slice_of_another_page_or_period_is_refused(tmp_path):
    write_untyped({**COMMON, "page": "cltv", "told": VALUE}, tmp_path)
    assert ModelReport.open("cltv", "2011-Q3", slice=str(tmp_path)).given.raw["page"] == "cltv"
    with pytest.raises(RunError, match="page"):
        ModelReport.open("churn", "2011-Q3", slice=str(tmp_path))
    with pytest.raises(RunError, match="period"):
        ModelReport.open("cltv", "2011-Q2", slice=str(tmp_path))


@pytest.mark.parametrize("name", PARTS)
def test_a_page_in_german_is_german_throughout(name):
    raw = page(name).raw | {"language": "de"}
    report = ModelReport(UntypedPage.of(raw))
    said = " ".join(
        text(getattr(report, part)().html) for part in (*PARTS[name], "heading", "made")
    )
    assert report.heading().about["lang"] == "de"
    assert {"cltv": "0,410", "churn": "0,720"}[name] in said
    assert not re.search(r"\b(the|and|of|customers)\b", said)


def test_why_there_is_no_score_is_told_in_german():
    why = "only 12 customers have ordered, and 30 are needed"
    raw = {**COMMON, "page": "cltv", "told": {**SETTINGS, "why": why}, "language": "de"}
    said = text(ModelReport(UntypedPage.of(raw)).verdict().html)
    assert "nur 12 Kunden haben bestellt, nötig sind 30" in said


def test_without_a_cost_it_is_called_expected_revenue_and_nowhere_a_margin_or_a_value():
    card = UntypedPage.of(COMMON | {"page": "cltv", "told": VALUE})
    page = "".join((models.heading(card), models.verdict(card), models.partners(card)))
    told = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "What customers will buy" in told
    assert "Expected revenue of customers" in told
    assert " of revenue in the next 36 months" in told
    assert "margin" not in told
    assert "ifetime value" not in told


def test_with_costs_it_is_lifetime_value_in_margin():
    card = UntypedPage.of(COMMON | {"page": "cltv", "told": VALUE | {"in_margin": True}})
    page = "".join((models.heading(card), models.verdict(card), models.partners(card)))
    assert "What customers will be worth" in page
    assert "Lifetime value" in page
    assert "of gross margin in the next" in page
