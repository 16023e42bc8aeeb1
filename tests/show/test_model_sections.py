"""The pages of the models say which way is used, how it did, and why there is nothing to say."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from kpi_lib.errors import RunError
from kpi_lib.pages.model_report import ChurnModelReport, ModelReport, ValueModelReport
from kpi_lib.show.common.language import speaking
from kpi_lib.show.models import (
    churn_sections,
    churn_words,
    model_charts,
    value_sections,
    value_words,
)
from kpi_lib.show.models.model_page import ChurnPage, ValuePage
from kpi_lib.slices.file import read, write
from kpi_lib.slices.model_types import (
    ChurnModel,
    ChurnReport,
    ChurnSlice,
    ChurnTest,
    Coefficient,
    CoursePoint,
    CustomerAtRisk,
    Parameter,
    PartnerAtRisk,
    PartnerValue,
    PurchaseGroup,
    Tenth,
    ValueModel,
    ValueReport,
    ValueSlice,
    ValueTest,
)
from kpi_lib.slices.page_types import Made, RunFacts

RUN = RunFacts(period="2011-Q3", as_of=date(2011, 9, 30), currency="GBP")
VALUE = ValueModel(
    used="model",
    model="ModifiedBetaGeo",
    k=2,
    identified=True,
    customers=90,
    in_margin=False,
    parameters=(Parameter("r", estimate=0.5, low=0.4, high=0.6),),
    spend=(Parameter("p", estimate=6.25, low=4.0, high=9.0),),
    correlation=0.1,
    tests=(
        ValueTest(
            cut=date(2011, 7, 2),
            customers=90,
            actual=40.0,
            model=44.0,
            rule=60.0,
            model_error=0.41,
            rule_error=0.52,
            covered=0.94,
        ),
    ),
    band=0.1,
    total=90000.0,
    total_low=70000.0,
    total_high=110000.0,
    partners=(
        PartnerValue(
            partner="<b>Alpha</b>", customers=9, purchases=12.0, value=800.0, own_weight=0.4
        ),
    ),
    groups=(PurchaseGroup("0", customers=50, expected=0.2, actual=0.1),),
    course=(
        CoursePoint(date(2011, 8, 1), expected=9.0, actual=8.0),
        CoursePoint(date(2011, 9, 1), expected=19.0, actual=18.0),
    ),
)
SCORED = ChurnTest(
    cut=date(2011, 7, 2), way="logistic", customers=90, auc=0.72, brier=0.2, ece=0.02
)
TENTHS = (
    Tenth(customers=9, expected=0.9, left=0.8, gone=7, money=100.0),
    Tenth(customers=9, expected=0.2, left=0.3, gone=3, money=300.0),
)
CHURN = ChurnModel(
    used="logistic",
    scored=90,
    at_risk=5000.0,
    tests=(SCORED, replace(SCORED, way="own_gap", auc=None)),
    coefficients=(Coefficient("idle", 0.4),),
    tenths=TENTHS[:1],
    customers=(
        CustomerAtRisk(
            customer_id="c1",
            partner=None,
            churn_probability=0.8,
            spend=100.0,
            stake=80.0,
            reasons=("idle", "late"),
        ),
    ),
    partners=(PartnerAtRisk(partner=None, scored=9, spend=100.0, stake=80.0),),
)
PARTS = {
    "cltv": ("verdict", "partners", "tests", "course", "groups", "parameters", "cautions"),
    "churn": ("verdict", "customers", "partners", "tests", "tenths", "coefficients", "cautions"),
}


def value_page(fit: ValueModel | None = VALUE, why: str = "", language: str = "en") -> ValuePage:
    report = ValueReport(horizon_months=36, annual_discount_rate=0.1, why=why, fit=fit)
    return ValuePage(ValueSlice(run=RUN, language=language, made=Made("0"), report=report))


def churn_page(fit: ChurnModel | None = CHURN, why: str = "", language: str = "en") -> ChurnPage:
    report = ChurnReport(horizon_days=90, why=why, fit=fit)
    return ChurnPage(ChurnSlice(run=RUN, language=language, made=Made("0"), report=report))


def report_of(name: str, **about) -> ValueModelReport | ChurnModelReport:
    if name == "cltv":
        return ValueModelReport(value_page(**about))
    return ChurnModelReport(churn_page(**about))


def text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html)).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("name", PARTS)
def test_every_part_has_its_figures_and_none_reads_as_none_or_nan(name):
    report = report_of(name)
    for part in (*PARTS[name], "heading", "made"):
        said = text(getattr(report, part)().html)
        assert not re.search(r"\b(None|nan|NaN)\b", said), part
        assert "nothing to show" not in said, part


def test_the_page_says_that_the_model_lost_and_the_rule_is_used():
    said = text(value_sections.tests(value_page(replace(VALUE, used="rule"))))
    assert "loses to the rule of thumb" in said
    assert "rule is used" in said
    assert "rule is used" in text(churn_sections.tests(churn_page(replace(CHURN, used="own_gap"))))


def test_the_page_says_that_the_model_won():
    assert "misses customers by less" in text(value_sections.tests(value_page()))
    assert "closest to what happened" in text(churn_sections.tests(churn_page()))


def test_untested_is_said_where_there_was_no_earlier_day():
    assert "untested" in text(value_sections.tests(value_page(replace(VALUE, tests=()))))
    assert "untested" in text(churn_sections.tests(churn_page(replace(CHURN, tests=()))))


@pytest.mark.parametrize("name", PARTS)
def test_thin_data_give_a_page_that_says_so(name):
    report = report_of(name, fit=None, why="all orders are of one day")
    for part in PARTS[name]:
        assert "all orders are of one day" in text(getattr(report, part)().html), part


def test_cautions_name_what_is_weak():
    weak = replace(VALUE, identified=False, band=0.4, correlation=-0.5)
    said = " ".join(value_words.cautions(weak, value_page(weak)))
    for phrase in ("weak prior", "missed by 40.0%", "also spends otherwise", "revenue, not margin"):
        assert phrase in said
    poor = replace(CHURN, tests=(replace(SCORED, auc=0.6, ece=0.1),))
    said = " ".join(churn_words.cautions(poor, churn_page(poor)))
    assert "only a little better than chance" in said
    assert "more than 6 points" in said


def test_what_people_wrote_is_escaped_and_reasons_are_words():
    assert "<b>Alpha</b>" not in value_sections.partners(value_page())
    said = text(churn_sections.customers(churn_page()))
    assert "long since the last purchase; late deliveries" in said
    assert "Direct business" in said


def test_the_chart_has_both_courses_and_a_text_that_describes_them():
    axes = model_charts.course(pd.DataFrame(VALUE.course), ("came", "expected"))
    lines = [line.get_ydata().tolist() for line in axes.lines if len(line.get_ydata())]
    assert lines == [[8.0, 18.0], [9.0, 19.0]]
    assert [each.get_text() for each in axes.get_legend().get_texts()] == ["came", "expected"]
    assert "18 purchases came and 19 were expected" in value_sections.course(value_page())


def test_the_title_of_the_course_says_how_far_it_is_off():
    title = value_words.course_title
    assert title(90, 120) == "25.0% fewer purchases came than were expected"
    assert title(120, 100) == "20.0% more purchases came than were expected"
    assert title(100, 101) == "As many purchases came as were expected"
    assert title(0, 0) == "Nothing was expected to come"


def test_calibration_draws_each_tenth_at_what_was_expected_and_what_came():
    axes = model_charts.calibration(pd.DataFrame(TENTHS), ("Expected", "Left"))
    assert axes.collections[0].get_offsets().tolist() == [[0.9, 0.8], [0.2, 0.3]]
    html = churn_sections.tenths(churn_page(replace(CHURN, tenths=TENTHS)))
    assert "within 10 points in every tenth" in html


def test_lift_begins_at_nothing_and_ends_with_all():
    rows = pd.DataFrame(churn_words.cumulated(TENTHS))
    axes = model_charts.lift(rows, ("leavers", "money"), "customers")
    gone, money = (line.get_ydata().tolist() for line in axes.lines[:2])
    assert gone == pytest.approx([0, 0.7, 1])
    assert money == pytest.approx([0, 0.25, 1])
    html = churn_sections.tenths(churn_page(replace(CHURN, tenths=TENTHS)))
    assert "of those who left" in html


def test_the_words_are_german_where_the_page_is():
    with speaking("de"):
        assert "verliert" in value_sections.tests(value_page(replace(VALUE, used="rule")))
    said = text(report_of("churn", language="de").heading().html)
    assert "Kunden, die abzuwandern drohen" in said


def test_every_reason_way_and_parameter_has_words():
    from kpi_lib.models.churn import WAYS

    assert set(churn_words.WAYS) == set(WAYS)
    assert {"r", "alpha", "a", "b", "p", "q", "v"} <= set(value_words.PARAMETERS)


@pytest.mark.parametrize("slice_", [value_page().content, churn_page().content])
def test_a_slice_of_a_model_is_read_back_as_it_was_written(tmp_path, slice_):
    write(slice_, tmp_path)
    assert read(type(slice_), tmp_path) == slice_


def test_a_slice_of_another_page_or_period_is_refused(tmp_path):
    write(value_page().content, tmp_path)
    given = ModelReport.open("cltv", "2011-Q3", slice=str(tmp_path)).given
    assert given.content.report.fit == VALUE
    with pytest.raises(RunError, match="no slice of the kind churn: it says 'cltv'"):
        ModelReport.open("churn", "2011-Q3", slice=str(tmp_path))
    with pytest.raises(RunError, match="period"):
        ModelReport.open("cltv", "2011-Q2", slice=str(tmp_path))


def test_a_page_that_there_is_not_is_refused_with_those_there_are():
    with pytest.raises(RunError, match="There are cltv and churn"):
        ModelReport.open("forecast", "2011-Q3")


def test_a_slice_with_a_figure_that_is_none_is_refused_with_its_place(tmp_path):
    write(value_page().content, tmp_path)
    file = tmp_path / "slice.json"
    raw = json.loads(file.read_text())
    raw["content"]["report"]["fit"]["tests"][0]["model_error"] = None
    file.write_text(json.dumps(raw))
    with pytest.raises(
        RunError, match=r"report\.fit\.tests\.0\.model_error: a number was expected"
    ):
        ModelReport.open("cltv", "2011-Q3", slice=str(tmp_path))


@pytest.mark.parametrize("name", PARTS)
def test_a_page_in_german_is_german_throughout(name):
    report = report_of(name, language="de")
    said = " ".join(
        text(getattr(report, part)().html) for part in (*PARTS[name], "heading", "made")
    )
    assert report.heading().about["lang"] == "de"
    assert {"cltv": "0,410", "churn": "0,720"}[name] in said
    assert not re.search(r"\b(the|and|of|customers)\b", said)


def test_why_there_is_no_score_is_said_in_german():
    why = "only 12 customers have ordered, and 30 are needed"
    said = text(report_of("cltv", fit=None, why=why, language="de").verdict().html)
    assert "nur 12 Kunden haben bestellt, nötig sind 30" in said


def shown(page: ValuePage) -> str:
    parts = (value_sections.heading, value_sections.verdict, value_sections.partners)
    return text("".join(make(page) for make in parts))


def test_without_a_cost_it_is_called_expected_revenue_and_nowhere_a_margin_or_a_value():
    said = shown(value_page())
    assert "What customers will buy" in said
    assert "Expected revenue of customers" in said
    assert " of revenue in the next 36 months" in said
    assert "margin" not in said
    assert "ifetime value" not in said


def test_with_costs_it_is_lifetime_value_in_margin():
    said = shown(value_page(replace(VALUE, in_margin=True)))
    assert "What customers will be worth" in said
    assert "Lifetime value" in said
    assert "of gross margin in the next" in said
